# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer owes, movement by movement: one account per currency, with a balance after each line.

Amounts are integers in minor units of the account's currency; above zero the customer owes more, below zero less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .ageing import BUCKETS, get_bucket


@dataclass(frozen=True)
class Entry:
    """One movement: an invoice, a credit note, a payment. ``kind`` is told as it is; ``source`` is the id it comes from."""

    day: date
    document: str
    text: str
    kind: str
    amount: int
    currency: int
    source: int = 0


@dataclass(frozen=True)
class OpenItem:
    """A document not settled by ``until``: ``days_late`` after its due date, 0 when it is not due."""

    day: date
    due: date
    document: str
    amount: int
    open: int
    currency: int

    def get_days_late(self, until: date) -> int:
        """Whole days; what we owe the customer is never late."""
        return max((until - self.due).days, 0) if self.open > 0 else 0


@dataclass(frozen=True)
class Account:
    """The account of one currency. ``balances`` are those after each of ``entries``."""

    currency: int
    opening: int
    entries: tuple[Entry, ...]
    balances: tuple[int, ...]
    open_items: tuple[OpenItem, ...]
    buckets: Mapping[str, int]

    @property
    def billed(self) -> int:
        return sum(entry.amount for entry in self.entries if entry.amount > 0)

    @property
    def settled(self) -> int:
        return -sum(entry.amount for entry in self.entries if entry.amount < 0)

    @property
    def closing(self) -> int:
        return self.opening + sum(entry.amount for entry in self.entries)

    @property
    def overdue(self) -> int:
        return sum(amount for bucket, amount in self.buckets.items() if bucket != "not_due")


def build(openings: Mapping[int, int], entries: Iterable[Entry], open_items: Iterable[OpenItem], until: date) -> tuple[Account, ...]:
    """The accounts of a customer, in the order of their currencies; those without any movement or balance are left out.

    :param openings: currency → balance before the first entry
    :param entries: movements of the period, sorted by day
    :param open_items: what is open at the end of ``until``

    >>> sold = Entry(date(2026, 3, 2), "INV/1", "", "invoice", 10000, 7)
    >>> paid = Entry(date(2026, 3, 9), "BNK/1", "", "receipt", -4000, 7)
    >>> rest = OpenItem(date(2026, 3, 2), date(2026, 3, 2), "INV/1", 10000, 6000, 7)
    >>> [account] = build({7: 500, 3: 0}, [sold, paid], [rest], date(2026, 4, 5))
    >>> account.opening, account.balances, account.closing, account.billed, account.settled
    (500, (10500, 6500), 6500, 10000, 4000)
    >>> account.buckets["d60"], account.overdue
    (6000, 6000)
    """
    entries, open_items = list(entries), list(open_items)
    currencies = sorted({entry.currency for entry in entries} | {key for key, amount in openings.items() if amount})
    currencies += sorted({item.currency for item in open_items} - set(currencies))
    return tuple(
        _build_one(
            currency,
            openings.get(currency, 0),
            tuple(entry for entry in entries if entry.currency == currency),
            tuple(item for item in open_items if item.currency == currency),
            until,
        )
        for currency in currencies
    )


def _build_one(currency: int, opening: int, entries: tuple[Entry, ...], open_items: tuple[OpenItem, ...], until: date) -> Account:
    balances, balance = [], opening
    for entry in entries:
        balance += entry.amount
        balances.append(balance)
    buckets = dict.fromkeys(BUCKETS, 0)
    for item in open_items:
        buckets[get_bucket(item.get_days_late(until))] += item.open
    return Account(currency, opening, entries, tuple(balances), open_items, buckets)
