# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the matcher is given, and what each fact is worth.

Every fact leaves a doubt; independent facts multiply their doubts, and confidence is what remains to 1. So a
number and the exact amount leave 0.05 × 0.2 = 0.01, a confidence of 99 %; a name alone is never enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Optional

from .proposal import Proposal, Reason

#: Code of a reason → the doubt it leaves.
DOUBTS = {
    # who pays
    "account": 0.1,
    "partner": 0.1,
    "name": 0.1,
    "name_core": 0.15,
    "pinyin": 0.15,
    "name_part": 0.25,
    "name_memo": 0.25,
    "name_like": 0.4,
    "contact": 0.5,
    # what is paid
    "number": 0.05,
    "number_cut": 0.2,
    "number_end": 0.25,
    "number_short": 0.4,
    "number_near": 0.4,
    # how much
    "amount_unique": 0.15,
    "amount": 0.2,
    "amount_named": 0.1,
    "amount_all": 0.15,
    "amount_sum": 0.25,
    "amount_rate": 0.3,
    "amount_fee": 0.5,
    "amount_part": 1.0,
    "amount_over": 1.0,
}
#: A payer known this well (or better) is not somebody else.
KNOWN_PAYER = 0.15
#: Who pays and what is paid are both guessed, or something speaks against it: even at best a person decides.
GUESS = 0.5
#: A second explanation with less than this times the doubt of the best is its rival.
RIVAL = 4.0
#: Nothing is certain.
HIGHEST = 0.999


@dataclass(frozen=True)
class OpenItem:
    """A receivable that is not paid yet. ``amount``: what is open, minor units, > 0; ``date``: when it is due, as a day's
    number, and ``issued``, when it was written (0: not known); ``references``: the numbers people may write for it (invoice,
    order, contract, the customer's own)."""

    id: int
    partner: int
    amount: int
    references: tuple[str, ...] = ()
    date: int = 0
    issued: int = 0


@dataclass(frozen=True)
class Customer:
    """A commercial partner, with or without open items: the names it goes by, its people's, its bank accounts."""

    id: int
    names: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Payment:
    """Money that came in, as the bank tells it. ``amount`` and ``fee_limit`` (what a bank may have kept) in minor units;
    ``date`` as a day's number (0: not known).

    ``partner``: the customer, if that is already known; nobody else is considered then. ``sure_from``: the confidence
    from which it is booked without asking. ``refused``: sets of items a person did not want it booked on.
    """

    id: int
    amount: int
    memo: str = ""
    payer: str = ""
    account: str = ""
    partner: Optional[int] = None
    fee_limit: int = 0
    sure_from: float = 0.96
    refused: frozenset[frozenset[int]] = frozenset()
    date: int = 0


@dataclass
class Explanation:
    """One way to understand a payment, with the doubt that is left."""

    partner: int
    parts: tuple[tuple[int, int], ...]
    reasons: list[Reason] = field(default_factory=list)
    fee: int = 0
    advance: int = 0
    #: Product of the doubts its reasons leave
    product: float = 1.0
    #: What speaks against it leaves this doubt, however much speaks for it
    least: float = 1 - HIGHEST

    def add(self, reasons: Iterable[Reason]) -> Explanation:
        for reason in reasons:
            self.reasons.append(reason)
            self.product *= DOUBTS[reason.code]
        return self

    def but(self, reason: Optional[Reason] = None, doubt: float = GUESS) -> Explanation:
        self.reasons += [reason] if reason else []
        self.least = max(self.least, doubt)
        return self

    @property
    def doubt(self) -> float:
        return max(self.product, self.least)

    @property
    def confidence(self) -> float:
        return round(1 - self.doubt, 3)

    @property
    def items(self) -> frozenset[int]:
        return frozenset(item for item, _paid in self.parts)

    @property
    def named(self) -> bool:
        """Whether the payment says itself what it pays."""
        return "number" in self.codes

    @property
    def numbered(self) -> bool:
        """Whether at least a scrap of a number on the payment speaks for it."""
        return any(code.startswith("number") for code in self.codes)

    @property
    def codes(self) -> set[str]:
        return {reason.code for reason in self.reasons}

    def to_proposal(self, payment: int) -> Proposal:
        return Proposal(payment, self.partner, self.parts, self.fee, self.confidence, tuple(self.reasons), self.advance)
