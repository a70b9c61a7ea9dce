# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What can be extended without code: the description an addon gives of each of its models."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Tuple


@dataclass(frozen=True)
class NoCodeModel:
    """A model to whose forms managers add fields, and on whose records their automations run.

    Views are external ids; those of addons that are not installed are left out. ``domain`` says which of its
    records are meant; ``stage``, ``tags`` and ``currency`` are names of fields ("": it has none). ``watched`` are fields
    nobody edits, whose change may start an automation all the same, since whoever writes them runs these.
    """

    model: str
    label: str
    form: str
    lists: Tuple[str, ...] = ()
    searches: Tuple[str, ...] = ()
    domain: Tuple[Any, ...] = ()
    stage: str = ""
    tags: str = ""
    currency: str = ""
    watched: Tuple[str, ...] = ()


def technical_name(label: str, number: int) -> str:
    """The column's name for a label in any language, unique by the number.

    >>> technical_name("VIP level (2026)", 7)
    'x_vip_level_2026_7'
    >>> technical_name("客户等级", 8)
    'x_field_8'
    >>> len(technical_name("a" * 200, 9)) < 63
    True
    """
    ascii_label = "".join(char if char.isascii() and char.isalnum() else " " for char in label.lower())
    words: List[str] = ascii_label.split()
    return "x_%s_%d" % ("_".join(words)[:40].strip("_") or "field", number)
