# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The ways in which one customer's open items explain a payment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from .account import Account
from .clues import Clues, Reader
from .evidence import DOUBTS, GUESS, Explanation, Payment
from .objections import LIKELY, Objections
from .proposal import Reason

#: Guessing which items a payment of a known customer is for takes a payer known this well.
GUESSING_PAYER = 0.25
#: A sum that fits by chance is found this much more often than its chance says: many payments are tried on many amounts.
MANY_TRIALS = 4.0
#: Who pays this part more than he owes has most likely paid what he owes.
LITTLE = 0.1


class Explainer:
    """All explanations of a payment by one customer's items; those that fit surely make the guesses unnecessary."""

    def __init__(self, reader: Reader, account: Account, payment: Payment, clues: Clues, unique: bool) -> None:
        """:param unique: no other customer has an item of this amount"""
        self.reader, self.account, self.payment, self.clues, self.unique = reader, account, payment, clues, unique
        self.who = clues.who.get(account.partner, [])
        self.known = min((DOUBTS[reason.code] for reason in self.who), default=1.0)
        self.objections = Objections(account, payment, clues, self.known <= GUESSING_PAYER)

    def explain(self) -> list[Explanation]:
        exact = self._allowed([*self._single(), *self._listed()])
        found = exact or self._allowed(self._sums()) or self._allowed(self._with_fee())
        found += self._allowed(self._named_parts(bool(exact)))
        return [self._weighed(each) for each in found or self._allowed([*self._too_much(), *self._oldest()])]

    def _allowed(self, found: Iterable[Explanation]) -> list[Explanation]:
        return [each for each in found if each.items not in self.payment.refused]

    def _weighed(self, found: Explanation) -> Explanation:
        """With who pays, and with what speaks against it."""
        found.add(self.who)
        for reason, doubt in self.objections.to(found):
            found.but(reason, doubt)
        if not self.who and not found.numbered:
            found.but()
        return found

    def _new(self, items: Collection[int], reasons: Sequence[Reason], fee: int = 0) -> Explanation:
        parts = tuple((item, self.account.open[item]) for item in items)
        return Explanation(self.account.partner, parts, fee=fee).add(reasons)

    def _single(self) -> Iterator[Explanation]:
        amount = Reason("amount_unique" if self.unique else "amount")
        for item, due in self.account.open.items():
            if due == self.payment.amount:
                yield self._new([item], [*self.reader.number_of(item, self.clues), amount])

    def _named(self) -> list[int]:
        return [item for item in self.account.open if item in self.clues.whole]

    def _number(self, items: Collection[int]) -> Reason:
        """One reason for several numbers, as sure as the least sure of them."""
        found = [reason for item in items for reason in self.reader.number_of(item, self.clues)]
        code = max((reason.code for reason in found), key=lambda code: DOUBTS[code], default="number_short")
        numbers = dict.fromkeys(value for reason in found for _name, value in reason.values)
        return Reason(code, (("numbers", ", ".join(numbers)),))

    def _lists(self) -> Iterator[list[int]]:
        """Sets of items the payment may name, the surest first."""
        named = self._named()
        yield named
        yield [item for item in self.account.open if item in self.clues.whole or item in self.clues.cut]
        yield [item for item in self.account.open if self.reader.in_list(item, self.clues)]

    def _listed(self) -> Iterator[Explanation]:
        for items in self._lists():
            if len(items) > 1 and sum(map(self.account.open.__getitem__, items)) == self.payment.amount:
                yield self._new(items, [self._number(items), Reason("amount_named", (("count", str(len(items))),))])
                return

    def _sums(self) -> Iterator[Explanation]:
        """Several items, not all of them named: those named and some others, everything open, or the only set that fits."""
        if self.known > GUESSING_PAYER and not self._named():
            return
        items = list(self.account.open)
        if len(items) > 1 and sum(self.account.open.values()) == self.payment.amount:
            yield self._summed(items, "amount_all", 0.0)
            return
        sums = self.account.sums
        chosen = sums.find(self.payment.amount) if self.payment.amount < sum(sums.amounts) else None
        if chosen:
            yield self._summed([items[at] for at in chosen], "amount_sum", sums.chance(len(chosen)))

    def _summed(self, items: list[int], code: str, chance: float) -> Explanation:
        named = [item for item in items if item in self.clues.whole]
        found = self._new(items, [self._number(named)] if named else [])
        return found.add([Reason(code, (("count", str(len(items))),))]).but(doubt=min(1.0, chance * MANY_TRIALS))

    def _with_fee(self) -> Iterator[Explanation]:
        for items in [*([item] for item in self.account.open), *list(self._lists())[:1]]:
            fee = sum(map(self.account.open.__getitem__, items)) - self.payment.amount
            if items and 0 < fee <= self.payment.fee_limit:
                number = [self._number(items)] if any(self.reader.number_of(item, self.clues) for item in items) else []
                yield self._new(items, [*number, Reason("amount_fee")], fee)

    def _named_parts(self, exact: bool) -> Iterator[Explanation]:
        """A part of an item that is named, unless something else fits exactly: then a person decides."""
        named = self._named() or [item for item in self.account.open if self.clues.cut.get(item, 0) >= 6]
        if len(named) != 1 or self.account.open[named[0]] <= self.payment.amount:
            return
        fee = self.account.open[named[0]] - self.payment.amount
        if not exact and fee <= self.payment.fee_limit:
            return
        parts = ((named[0], self.payment.amount),)
        found = Explanation(self.account.partner, parts).add([*self.reader.number_of(named[0], self.clues), Reason("amount_part")])
        yield found.but() if exact else found

    def _too_much(self) -> Iterator[Explanation]:
        """More than what is named, or a little more than all that is owed: what is left over stays the customer's advance."""
        items = self._named() or (list(self.account.open) if self.known <= GUESSING_PAYER else [])
        over = self.payment.amount - sum(map(self.account.open.__getitem__, items))
        named = [item for item in items if item in self.clues.whole]
        if items and over > 0 and (named or over <= self.payment.amount * LITTLE):
            found = self._new(items, [*([self._number(named)] if named else []), Reason("amount_over")])
            found.advance = over
            yield found.but(doubt=LIKELY if named else GUESS)

    def _oldest(self) -> Iterator[Explanation]:
        """A guess for a person to look at: the customer pays what is oldest."""
        if self.known > GUESSING_PAYER or self.payment.amount >= sum(self.account.open.values()):
            return
        left, parts = self.payment.amount, []
        for item, due in self.account.open.items():
            if left:
                parts.append((item, min(left, due)))
                left -= parts[-1][1]
        found = Explanation(self.account.partner, tuple(parts)).add([Reason("amount_part")])
        yield found.but(Reason("guess"), GUESS if len(self.account.open) > 1 else GUESS * 0.6)
