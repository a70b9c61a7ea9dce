# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Payload → values of a lead, by the lines of a channel's mapping."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Iterable, Union

from . import clean
from .path import find, place

Value = Union[str, float, int, bool, datetime]

#: kind of a target → how a value becomes one; "" and None are no values
CONVERTERS: dict[str, Callable[[Any], Value | None]] = {
    "line": clean.line,
    "text": clean.text,
    "note": clean.text,
    "phone": lambda value: clean.line(value, 40),
    "email": clean.email,
    "url": clean.url,
    "float": clean.number,
    "integer": lambda value: None if clean.number(value) is None else int(clean.number(value) or 0),
    "boolean": lambda value: clean.line(value, 10).lower() in ("1", "true", "yes", "y", "on", "是", "有"),
    "datetime": clean.moment,
}


@dataclass(frozen=True)
class Line:
    """What to take from a payload, and where it goes.

    :param path: see :mod:`path`
    :param target: name of the field
    :param kind: a key of :data:`CONVERTERS`; a ``note`` is added to the notes under its label
    """

    path: str
    target: str
    kind: str = "line"
    label: str = ""


@dataclass
class Mapped:
    """What a payload says: values by target, and notes for which no field is meant."""

    values: dict[str, Value] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def apply(lines: Iterable[Line], data: Any) -> Mapped:
    """Take the values; the first line with a value for a target wins. What cannot be read becomes a note.

    >>> apply([Line("tel", "phone", "phone"), Line("msg", "", "note", "留言")], {"tel": 13800000000, "msg": "hi"})
    Mapped(values={'phone': '13800000000'}, notes=['留言: hi'])
    """
    found = Mapped()
    for entry in lines:
        raw = find(data, entry.path)
        if raw is None or entry.target in found.values:
            continue
        # an object is no name and no number, whatever it holds
        value = None if isinstance(raw, dict) else CONVERTERS[entry.kind](raw)
        if value is None or value == "" or entry.kind == "note":
            shown = clean.text(raw, 4000)
            if shown:
                found.notes.append("%s: %s" % (entry.label, shown) if entry.label else shown)
        else:
            found.values[entry.target] = value
    return found


def example(lines: Iterable[Line], values: dict[str, Any]) -> dict[str, Any]:
    """A payload that the lines read as ``values`` (by target).

    >>> example([Line("data.phone", "phone", "phone")], {"phone": "13800000000"})
    {'data': {'phone': '13800000000'}}
    """
    payload: dict[str, Any] = {}
    for entry in lines:
        if entry.target in values:
            place(payload, entry.path, values[entry.target])
    return payload
