# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Text with merge fields, as authors of contracts write it: ``Party A: {{ customer.name }}``.

A field is a name of a fixed list, nothing else: no expression is ever evaluated. A field whose value is a table stands on
a line of its own. Everything is plain text; whoever shows it escapes it.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Collection, Iterator, List, Mapping, Sequence, Tuple, Union

_SLOT = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; columns named in ``numbers`` (from 0) are right-aligned."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Collection[int] = ()


Value = Union[str, Table]
#: A paragraph of text, or a table
Block = Union[str, Table]


class UnknownField(ValueError):
    """The text names a field that is not there; ``name`` is what it says between the braces."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class OpenBrace(ValueError):
    """Braces that are opened and never closed, or the other way round; ``near`` is the text around."""

    def __init__(self, near: str) -> None:
        super().__init__(near)
        self.near = near


def names(text: str) -> List[str]:
    """The fields a text names, in order, each once.

    :raise OpenBrace: where braces do not match

    >>> names("{{ customer.name }} pays {{amount.total}} to {{ company.name }}, says {{ customer.name }}.")
    ['customer.name', 'amount.total', 'company.name']
    >>> names("{{ customer.name")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    OpenBrace: {{ customer.name
    """
    rest = _SLOT.sub("", text)
    for brace in ("{{", "}}"):
        place = rest.find(brace)
        if place >= 0:
            raise OpenBrace(rest[max(place - 10, 0) : place + 20])
    return list(dict.fromkeys(_SLOT.findall(text)))


def check(text: str, known: Collection[str]) -> None:
    """
    :raise UnknownField: for the first field that is not in ``known``
    :raise OpenBrace: where braces do not match

    >>> check("{{ customer.name }}", {"customer.name"})
    >>> check("{{ customer.password }}", {"customer.name"})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    UnknownField: customer.password
    >>> check("{{ customer.__class__ }}", {"customer.__class__"})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    UnknownField: customer.__class__
    """
    for name in names(text):
        if name not in known or not _NAME.fullmatch(name):
            raise UnknownField(name)


def fill(text: str, values: Mapping[str, Value]) -> List[Block]:
    """The paragraphs and tables of a text with its fields filled in; empty lines are left out.

    A value is never read for braces again. A table within a line of text stands after that line.

    :raise UnknownField, OpenBrace: as :func:`check`

    >>> fill("Pay {{ sum }}.\\n\\nGoods:\\n{{ goods }}", {"sum": "1 {{ x }}", "goods": Table(["a"], [["1"]])})
    ['Pay 1 {{ x }}.', 'Goods:', Table(head=['a'], rows=[['1']], numbers=())]
    """
    check(text, values.keys())
    return [block for line in text.splitlines() for block in _fill_line(line, values)]


def _fill_line(line: str, values: Mapping[str, Value]) -> Iterator[Block]:
    tables: List[Table] = []

    def replace(match: re.Match[str]) -> str:
        value = values[match.group(1)]
        if isinstance(value, Table):
            tables.append(value)
            return ""
        return value

    filled = _SLOT.sub(replace, line).strip()
    if filled:
        yield filled
    yield from tables


def similar(name: str, known: Collection[str]) -> Tuple[str, ...]:
    """Known fields of the same thing, to name in a message: at most five.

    >>> similar("customer.nam", ["customer.name", "customer.address", "amount.total"])
    ('customer.address', 'customer.name')
    """
    thing = name.split(".")[0]
    return tuple(sorted(each for each in known if each.split(".")[0] == thing)[:5])
