# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What changed between two versions of a quotation: lines added, removed, changed.

A line is the same line in both versions when it has the same key (the order line it was); one that was deleted and
entered again is recognised by its product. Nothing else is guessed.
"""
from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Mapping, Optional, Sequence

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"

#: What makes two states of a line differ; name and unit are texts, the rest amounts
COMPARED = ("name", "quantity", "unit", "price", "discount", "subtotal")


@dataclass(frozen=True)
class Line:
    """A line as the customer got it. ``price`` is per unit, ``discount`` in percent, ``subtotal`` without tax."""

    key: int
    product: int
    name: str
    quantity: float
    unit: str
    price: float
    discount: float
    subtotal: float


@dataclass(frozen=True)
class Change:
    """What became of one line. ``old`` is empty for an added line, ``new`` for a removed one."""

    kind: str
    old: Optional[Line]
    new: Optional[Line]
    names: tuple[str, ...] = ()


def read(content: Mapping[str, Any]) -> list[Line]:
    """The lines of a snapshot as it is kept: a mapping whose ``lines`` are mappings; what else they hold is left.

    >>> read({"lines": [dict(key=1, product=7, name="Pump", quantity=2, unit="Units", price=5, discount=0, subtotal=10, x=0)]})
    [Line(key=1, product=7, name='Pump', quantity=2, unit='Units', price=5, discount=0, subtotal=10)]
    >>> read({})
    []
    """
    names = [field.name for field in fields(Line)]
    return [Line(*(line[name] for name in names)) for line in content.get("lines", ())]


def compare(old: Sequence[Line], new: Sequence[Line]) -> list[Change]:
    """Every line of both versions once: those of ``new`` in their order, then those that are gone.

    >>> pump = Line(1, 7, "Pump", 2, "Units", 500.0, 0.0, 1000.0)
    >>> valve, hose = Line(2, 8, "Valve", 1, "Units", 80.0, 0.0, 80.0), Line(3, 9, "Hose", 1, "Units", 5.0, 0.0, 5.0)
    >>> cheaper = Line(1, 7, "Pump", 2, "Units", 450.0, 0.0, 900.0)
    >>> [(change.kind, change.names) for change in compare([pump, valve], [cheaper, hose])]
    [('changed', ('price', 'subtotal')), ('added', ()), ('removed', ())]
    >>> again = Line(9, 8, "Valve", 1, "Units", 80.0, 0.0, 80.0)
    >>> [change.kind for change in compare([valve], [again])]
    ['same']
    """
    partners = _pair(old, new)
    changes = [_judge(partners.get(index), line) for index, line in enumerate(new)]
    kept = {id(line) for line in partners.values()}
    return changes + [Change(REMOVED, line, None) for line in old if id(line) not in kept]


def _pair(old: Sequence[Line], new: Sequence[Line]) -> dict[int, Line]:
    """{index in ``new``: the line of ``old`` it was}: by key first, what is left by product, first come first served."""
    by_key = {line.key: line for line in old}
    pairs = {index: by_key[line.key] for index, line in enumerate(new) if line.key in by_key}
    taken = {id(line) for line in pairs.values()}
    left: dict[int, list[Line]] = {}
    for line in old:
        if id(line) not in taken and line.product:
            left.setdefault(line.product, []).append(line)
    for index, line in enumerate(new):
        if index not in pairs and left.get(line.product):
            pairs[index] = left[line.product].pop(0)
    return pairs


def _judge(old: Optional[Line], new: Line) -> Change:
    if old is None:
        return Change(ADDED, None, new)
    names = tuple(name for name in COMPARED if _differs(getattr(old, name), getattr(new, name)))
    return Change(CHANGED if names else SAME, old, new, names)


def _differs(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return one != str(other)
    return bool(abs(one - other) > 1e-6)
