# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which of a customer's open items sum to an amount, and whether that can be chance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import comb, gcd
from typing import Optional

#: Items looked at: two halves of this many make 2 × 2^(n/2) sums, however many answers there are.
MAX_ITEMS = 20


def round_chance(amount: int, amounts: Collection[int], size: int) -> float:
    """How many sets of ``size`` of these amounts would make ``amount`` by mere chance, if people pay round amounts.

    Who pays a part, or ahead, pays a round amount, and meets the sum of round items by chance; one that is not round
    nobody hits.

    >>> owed = [200_000, 500_000, 123_456]
    >>> round(round_chance(200_000, owed, 1), 2), round(round_chance(123_456, owed, 1), 2)
    (0.24, 0.0)
    """
    step = 1
    while amount % (10 * step) == 0:
        step *= 10
    like = sum(each % step == 0 for each in amounts)
    return min(1.0, comb(like, size) * step / sum(amounts))


class SubsetSums:
    """All sums of some items, laid out once for many questions.

    A sum is found by meeting in the middle: every sum of one half is looked up in the other.
    """

    def __init__(self, amounts: Sequence[int]) -> None:
        self.amounts = tuple(amounts[:MAX_ITEMS])
        middle = len(self.amounts) // 2
        self._left = self._sums(self.amounts[:middle])
        self._right = self._sums(self.amounts[middle:])
        self._middle = middle
        self._total = sum(self.amounts)
        self._step = gcd(*self.amounts) if len(self.amounts) > 1 else 1

    @staticmethod
    def _sums(amounts: Sequence[int]) -> dict[int, list[int]]:
        """{sum: bit sets of items that make it}, at most two each: more than one answer is no answer."""
        found: dict[int, list[int]] = {0: [0]}
        for bit, amount in enumerate(amounts):
            for total, masks in [(total, tuple(masks)) for total, masks in found.items()]:
                sums = found.setdefault(total + amount, [])
                sums += [mask | 1 << bit for mask in masks][: 2 - len(sums)]
        return found

    def find(self, amount: int) -> Optional[tuple[int, ...]]:
        """Positions of the only two or more items that sum to ``amount``; None if there are none, or several ways.

        >>> SubsetSums([500, 300, 1200, 70]).find(1270), SubsetSums([500, 300, 800, 10]).find(810)
        ((2, 3), None)
        """
        answers: list[int] = []
        for total, masks in self._left.items():
            for right in self._right.get(amount - total, ()) if total <= amount else ():
                answers += [left | right << self._middle for left in masks]
                if len(answers) > 1:
                    return None
        items = tuple(at for at in range(len(self.amounts)) if answers and answers[0] >> at & 1)
        return items if len(items) > 1 else None

    def chance(self, size: int) -> float:
        """How many sets of ``size`` items would sum to any given amount by mere chance.

        >>> SubsetSums([50_011, 30_007, 120_013]).chance(2) < 0.0001, SubsetSums([100, 200, 300, 400]).chance(2)
        (True, 0.6)
        """
        return min(1.0, comb(len(self.amounts), size) * self._step / max(self._total, 1))
