# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""OCA's module and translation checks, that zh_CN is complete, and that translated texts know the reader's language:
``python -m erplib.lint`` in the tools' environment.
"""

import ast
import subprocess
import sys
from pathlib import Path

import polib

from erplib.layout import ROOT, SUITE

#: Style of the XML header and attributes, and readme generation, are not what we check.
DISABLED = ",".join(
    (
        "csv-duplicate-record-id",  # lines of a one2many have none
        "missing-readme",
        "xml-header-missing",
        "xml-header-wrong",
        "xml-id-position-first",
        "xml-tag-position",
        "xml-view-dangerous-replace-low-priority",
    )
)


def untranslated(folder=ROOT / "addons"):
    """Messages of a template without a translation, as (addon, text) pairs.

    A message may be the same in Chinese (a name, a unit); a translation file says so by repeating it.
    """
    for name in SUITE:
        template, translation = folder / name / "i18n" / f"{name}.pot", folder / name / "i18n" / "zh_CN.po"
        if not template.exists() or not translation.exists():
            yield name, f"{template.name} or {translation.name} is missing"
            continue
        known = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(translation))}
        for entry in polib.pofile(str(template)):
            found = known.get((entry.msgctxt, entry.msgid))
            if not found or not found.msgstr or found.fuzzy or found.obsolete:
                yield name, entry.msgid[:80]


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def without_language(source):
    """Lines of Python ``source`` with a call of ``_`` in a function, lambda or comprehension that does not see ``self``.

    Odoo takes the language of ``self`` in the frame that calls ``_``. A comprehension or lambda is a frame of its own:
    without ``self`` in it, the text comes in the language of the request, and in a job or a mail in English.

    >>> without_language("def name(self):\\n    return [_('Version %d', one) for one in self]")
    [2]
    """
    return sorted(set(_calls_without(ast.parse(source), True)))


def _calls_without(node, knows):
    if not knows and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
        yield node.lineno
    inside = _parts_inside(node)
    for part in ast.iter_child_nodes(node):
        if part not in inside and not isinstance(part, ast.comprehension):
            yield from _calls_without(part, knows)
    if isinstance(node, COMPREHENSIONS):  # what it goes through is asked for outside
        yield from _calls_without(node.generators[0].iter, knows)
    if inside:
        knows = _has_self(node, inside)
        for part in inside:
            yield from _calls_without(part, knows)


def _parts_inside(node):
    """What of ``node`` runs in a frame of its own."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.body
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, COMPREHENSIONS):
        first, *others = node.generators
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [first.target, *first.ifs, *(part for one in others for part in ast.iter_child_nodes(one)), *results]
    return []


def _has_self(node, inside):
    arguments = () if isinstance(node, COMPREHENSIONS) else ast.walk(node.args)
    names = (part.id for one in inside for part in ast.walk(one) if isinstance(part, ast.Name))
    return "self" in names or any(isinstance(part, ast.arg) and part.arg == "self" for part in arguments)


def main():
    tools = Path(sys.executable).parent
    addons = [str(ROOT / "addons" / name) for name in SUITE]
    failed = subprocess.call([tools / "oca-checks-odoo-module", f"--disable={DISABLED}", *addons])
    translations = [path for addon in addons for path in Path(addon).glob("i18n/*.po*")]
    failed |= bool(translations) and subprocess.call([tools / "oca-checks-po", "--disable=po-pretty-format", *translations])
    for path in (path for addon in addons for path in sorted(Path(addon).rglob("*.py")) if "tests" not in path.parts):
        for line in without_language(path.read_text()):
            print(f"{path}:{line}: _() does not know the reader's language here: call it where self is")
            failed = 1
    for name, text in untranslated():
        print(f"{name}: not translated to zh_CN: {text}")
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
