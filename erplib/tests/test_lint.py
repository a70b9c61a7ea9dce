# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The check that ``_()`` is called where Odoo finds the reader's language."""

import pytest

from erplib.lint import without_language

SEEN = {
    "in a method": "return _('a')",
    "what is gone through": "return [one for one in _('a b').split()]",
    "self in the same comprehension": "return [_('a %s', self.name) for one in lines]",
    "self in a condition": "return {one: _('a') for one in lines if one in self}",
    "a lambda's own self": "return lines.mapped(lambda self: _('a'))",
    "an argument's default": "return lambda text=_('a'): text",
    "another function's": "return [other._('a') for other in lines]",
}
UNSEEN = {
    "list": "return [_('a') for one in self]",
    "set": "return {_('a') for one in lines}",
    "dict": "return {one: _('a') for one in lines}",
    "generator": "return any(_('a') == one for one in lines)",
    "second loop": "return [two for one in lines for two in _('a b').split()]",
    "lambda": "return lines.mapped(lambda line: _('a'))",
    "inner function": "def describe(line):\n        return _('a')\n    return describe",
    "below one that sees": "return [self.tell(lambda: _('a')) for one in lines]",
}


@pytest.mark.parametrize("body", SEEN.values(), ids=list(SEEN))
def test_self_is_there(body):
    assert without_language(f"def method(self, lines):\n    {body}\n") == []


@pytest.mark.parametrize("body", UNSEEN.values(), ids=list(UNSEEN))
def test_self_is_not_there(body):
    [line] = without_language(f"def method(self, lines):\n    {body}\n")
    assert line in (2, 3)
