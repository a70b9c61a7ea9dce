# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How far records have come: from those that stand in each stage to those that reached it."""

from typing import NamedTuple, Sequence


class Step(NamedTuple):
    """``reached``: records in this stage or a later one; ``share`` of the first step, 0…1."""

    reached: float
    share: float


def get_steps(standing: Sequence[float]) -> "list[Step]":
    """One step per stage, in the order of the stages.

    500 deals stand in the first stage, 400 in the second, 100 in the last: all have reached the first.

    >>> [(step.reached, step.share) for step in get_steps([500, 400, 100])]
    [(1000, 1.0), (500, 0.5), (100, 0.1)]
    >>> get_steps([0, 0])
    [Step(reached=0, share=0.0), Step(reached=0, share=0.0)]
    """
    total = sum(standing)
    steps = []
    reached = total
    for number in standing:
        steps.append(Step(reached, reached / total if total else 0.0))
        reached -= number
    return steps
