# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What one customer owes, as payments are placed on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .evidence import OpenItem
from .subsets import SubsetSums


class Account:
    """What one customer has open, oldest first: {item: minor units}. Changes as payments are placed."""

    def __init__(self, partner: int, items: Iterable[OpenItem]) -> None:
        self.partner = partner
        self.items = {item.id: item for item in items}
        self.open = {item.id: item.amount for item in self.items.values()}
        self._sums: Optional[SubsetSums] = None

    def pay(self, item: int, amount: int) -> None:
        self.open[item] -= amount
        if not self.open[item]:
            del self.open[item]
        self._sums = None

    @property
    def sums(self) -> SubsetSums:
        if self._sums is None:
            self._sums = SubsetSums(list(self.open.values()))
        return self._sums

    def nearness(self, item: int, day: int) -> float:
        """Which part of the open items is due as near to a day as this one: 1 / their number for the nearest.

        >>> account = Account(7, [OpenItem(1, 7, 100, date=10), OpenItem(2, 7, 100, date=40), OpenItem(3, 7, 100, date=70)])
        >>> account.nearness(2, 41) == 1 / 3, account.nearness(1, 41)
        (True, 1.0)
        """
        distance = abs(self.items[item].date - day)
        return sum(abs(self.items[each].date - day) <= distance for each in self.open) / len(self.open)
