# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What speaks against an explanation, however much speaks for it: then a person decides."""

from __future__ import annotations

from collections.abc import Iterator

from .account import Account
from .clues import Clues
from .evidence import GUESS, Explanation, Payment
from .proposal import Reason
from .subsets import round_chance

#: Doubt of one that fits, but for a word or a round amount: likely, and not certain
LIKELY = 0.15
#: Chance below this is none.
NO_CHANCE = 0.015
#: Banks charge whole amounts, or half ones, by tariff: multiples of this many minor units, at most this part of a payment.
FEE_STEP, FEE_SHARE = 50, 0.1

Objection = tuple[Reason, float]


class Objections:
    """Of one payment and one customer. ``known``: the payment most likely comes from this customer."""

    def __init__(self, account: Account, payment: Payment, clues: Clues, known: bool) -> None:
        self.account, self.payment, self.clues, self.known = account, payment, clues, known

    def to(self, found: Explanation) -> Iterator[Objection]:
        """(reason, the doubt it leaves) of all that speaks against ``found``."""
        yield from self.beside_amount(found)
        if found.fee:
            yield from self._fee(found)
        if not found.numbered and not found.codes & {"amount_part", "amount_over"}:
            yield from self._unnamed(found)

    def beside_amount(self, found: Explanation) -> Iterator[Objection]:
        """What speaks against it, whatever the amount."""
        yield from self._payer()
        yield from self._other_numbers(found)

    def _payer(self) -> Iterator[Objection]:
        payers = self.clues.payers
        if payers and self.account.partner not in payers:
            codes = {reason.code for payer in payers for reason in self.clues.who[payer]}
            if "account" in codes:
                yield Reason("against_account"), GUESS
            else:
                yield Reason("against_name", (("name", self.payment.payer),)), GUESS

    def _other_numbers(self, found: Explanation) -> Iterator[Objection]:
        """The payment names something else."""
        elsewhere = {number for item, number in self.clues.whole.items() if item not in found.items}
        numbered = {self.clues.whole[item] for item in found.items if item in self.clues.whole}
        own = self.clues.whole.keys() & self.account.open.keys()
        slipped = "number_near" in found.codes and self.known and not own
        if elsewhere - numbered and not numbered and not slipped:
            yield Reason("against_number", (("numbers", ", ".join(sorted(elsewhere))),)), GUESS
        elif self.clues.unknown and not found.numbered:
            yield Reason("against_unknown", (("numbers", ", ".join(self.clues.unknown)),)), GUESS

    def _fee(self, found: Explanation) -> Iterator[Objection]:
        """A difference that is hardly a bank's fee."""
        odd = found.fee % FEE_STEP and not found.named
        if odd or found.fee > self.payment.amount * FEE_SHARE or self.clues.partly:
            yield Reason("against_fee"), LIKELY

    def _unnamed(self, found: Explanation) -> Iterator[Objection]:
        """Nothing but the amount says what it pays: that may be chance."""
        day = self.payment.date
        if self.clues.partly:
            yield Reason("against_word", (("word", self.clues.partly),)), LIKELY
        ends = self.clues.cut.keys() & self.account.open.keys() - found.items
        if ends:
            yield Reason("against_end"), LIKELY
        if day and any(self.account.items[item].issued > day for item in found.items):
            yield Reason("against_date"), GUESS
        chance = round_chance(self.payment.amount + found.fee, self.account.open.values(), len(found.items))
        if day and len(found.items) == 1:
            chance *= self.account.nearness(min(found.items), day)
        larger = any(due > self.payment.amount for due in self.account.open.values())
        if larger and chance > NO_CHANCE:
            yield Reason("against_round"), LIKELY
