# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Money that was paid in one currency and reached an account in another: what it was worth on the day, nearly.

The bank's rate is not the rate of the day, so an amount that fits proves little: a number on the payment or a payer who is
known has to say the same, and a person decides, however well it fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Optional

from .account import Account
from .clues import Clues, Reader
from .evidence import DOUBTS, KNOWN_PAYER, Customer, Explanation, OpenItem, Payment
from .names import Parse
from .objections import LIKELY, Objections
from .proposal import Proposal, Reason

#: A bank's rate differs from the rate of the day by this part of the amount at most.
SPREAD = 0.02
#: Doubt of what only payer and amount speak for
UNNAMED = 0.3


class ExchangeMatcher:
    """The open items of one company in one currency, for payments in another: amounts and fee limits of these are given
    at the rate of the day, in minor units of the items' currency."""

    def __init__(self, items: Iterable[OpenItem], customers: Iterable[Customer], parse: Parse) -> None:
        items = sorted(items, key=lambda item: (item.date, item.id))
        self._reader = Reader(items, customers, parse)
        self._partner = {item.id: item.partner for item in items}
        grouped: defaultdict[int, list[OpenItem]] = defaultdict(list)
        for item in items:
            grouped[item.partner].append(item)
        self._accounts = {partner: Account(partner, owed) for partner, owed in grouped.items()}

    def propose(self, payments: Iterable[Payment]) -> list[Proposal]:
        """At most one proposal per payment, never a certain one.

        >>> matcher = ExchangeMatcher([OpenItem(1, 7, 100_000, ("INV/2026/0001",))], [], lambda name: None)
        >>> [found] = matcher.propose([Payment(1, 99_310, "INV/2026/0001")])
        >>> found.parts, found.amount, found.confidence, [reason.code for reason in found.reasons]
        (((1, 100000),), 100000, 0.85, ['number', 'amount_rate'])
        """
        found = {payment.id: self._best(payment) for payment in payments}
        claims: defaultdict[int, list[int]] = defaultdict(list)
        for key, each in found.items():
            for item in each.items if each else ():
                claims[item].append(key)
        for key in {key for keys in claims.values() if len(keys) > 1 for key in keys}:
            each = found[key]
            if each:
                each.but(Reason("contested"))
        return [each.to_proposal(key) for key, each in sorted(found.items()) if each]

    def _best(self, payment: Payment) -> Optional[Explanation]:
        clues = self._reader.read(payment)
        named = set(clues.whole) | {item for item, length in clues.cut.items() if length >= 6}
        partners = {payment.partner} if payment.partner is not None else {self._partner[item] for item in named} | set(clues.who)
        found = [
            each
            for partner in sorted(partners & self._accounts.keys())
            for each in self._explain(self._accounts[partner], payment, clues, named)
            if each.items not in payment.refused
        ]
        if not found:
            return None
        best = min(found, key=lambda each: (each.doubt, each.product))
        if any(each.items != best.items and each.doubt <= best.doubt for each in found):
            best.but(Reason("rivals"))
        if payment.refused:
            best.but(Reason("refused"))
        return best

    def _explain(self, account: Account, payment: Payment, clues: Clues, named: set[int]) -> Iterator[Explanation]:
        """What it names, as far as the money goes; else each item, or all, that it comes near to."""
        who = clues.who.get(account.partner, [])
        known = min((DOUBTS[reason.code] for reason in who), default=1.0) <= KNOWN_PAYER
        items = [item for item in account.open if item in named]
        if items:
            found = [self._fill(account, items, payment, self._number(items, clues))]
        elif known:
            groups = [[item] for item in account.open] + ([list(account.open)] if len(account.open) > 1 else [])
            found = [self._fill(account, group, payment) for group in groups]
            found = [each for each in found if not each.codes & {"amount_part", "amount_over"}]
        else:
            return
        objections = Objections(account, payment, clues, known)
        for each in found:
            each.add(who).but(doubt=LIKELY if items else UNNAMED)
            for reason, doubt in objections.beside_amount(each):
                each.but(reason, doubt)
            yield each

    def _number(self, items: list[int], clues: Clues) -> Reason:
        """One reason for several numbers, as sure as the least sure of them."""
        found = [reason for item in items for reason in self._reader.number_of(item, clues)]
        code = max((reason.code for reason in found), key=lambda code: DOUBTS[code])
        return Reason(code, (("numbers", ", ".join(reason.values[0][1] for reason in found)),))

    @staticmethod
    def _fill(account: Account, items: list[int], payment: Payment, *named: Reason) -> Explanation:
        """The items paid in full where the money nearly is what they come to, less a fee if need be; else as far as it goes."""
        parts = tuple((item, account.open[item]) for item in items)
        owed = sum(amount for _item, amount in parts)
        over = payment.amount - owed
        if abs(over) <= owed * SPREAD:
            return Explanation(account.partner, parts).add([*named, Reason("amount_rate")])
        if over > 0:
            return Explanation(account.partner, parts, advance=over).add([*named, Reason("amount_over")])
        if payment.fee_limit and -over <= owed * SPREAD + payment.fee_limit:
            return Explanation(account.partner, parts, fee=-over).add([*named, Reason("amount_fee")])
        left, paid = payment.amount, []
        for item, amount in parts:
            if left:
                paid.append((item, min(left, amount)))
                left -= paid[-1][1]
        return Explanation(account.partner, tuple(paid)).add([*named, Reason("amount_part")])
