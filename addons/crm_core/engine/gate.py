# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Stage gates: which gates lie on a deal's way, what counts as filled in, and what to say of a move that fails.

A gate stands at the entry of a stage. Whoever jumps over stages passes the gates of all of them; going back is free.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Sequence


@dataclass(frozen=True, order=True)
class Step:
    """A stage of a pipeline; stages stand in the order of their sequence, then of their id."""

    sequence: int
    id: int


def path(stages: Iterable[Step], origin: Optional[Step], target: Step) -> list[Step]:
    """The stages a deal enters when it goes from ``origin`` to ``target``, in order; empty when it goes back or stays.

    Without ``origin`` (a new deal) it begins in the first stage, whose gate nobody passes.

    >>> new, offer, won = Step(1, 10), Step(2, 11), Step(3, 12)
    >>> path([won, new, offer], new, won) == [offer, won]
    True
    >>> path([new, offer, won], won, new), path([new, offer, won], None, new)
    ([], [])
    """
    ordered = sorted({*stages, target})
    start = ordered[0] if origin is None else origin
    return [step for step in ordered if start < step <= target]


def is_filled(value: Any) -> bool:
    """Whether a field's value counts as filled in: not empty, not blank, not zero.

    >>> [is_filled(value) for value in (False, None, "", "  ", 0, 0.0, [], ())]
    [False, False, False, False, False, False, False, False]
    >>> [is_filled(value) for value in (True, "x", 1, -0.5, [3])]
    [True, True, True, True, True]
    """
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def changed(granted: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Names of the facts that are no longer what they were, sorted. Amounts are compared to the cent.

    >>> changed({"revenue": 100.0, "partner": 7}, {"revenue": 100.001, "partner": 8})
    ['partner']
    """
    return sorted(
        name for name in {*granted, *present} if _comparable(granted.get(name)) != _comparable(present.get(name))
    )


def _comparable(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    return value or None


@dataclass(frozen=True)
class Finding:
    """What became of one requirement for one deal; ``text`` says what is missing and what to do."""

    done: bool
    text: str = ""


def tell(title: str, moves: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The message of a move that fails: every deal with everything that is missing.

    >>> print(tell("Not yet possible:", [("Deal A → Won", ["Budget is empty", "Contract: no file yet"])]))
    Not yet possible:
    <BLANKLINE>
    Deal A → Won
      • Budget is empty
      • Contract: no file yet
    """
    blocks = ["\n".join([name, *("  • " + text for text in texts)]) for name, texts in moves]
    return "\n\n".join([title, *blocks])
