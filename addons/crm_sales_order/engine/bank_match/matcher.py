# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Propose what payments pay: the best explanation of each, and no item paid twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Optional

from .account import Account
from .clues import Clues, Reader
from .evidence import GUESS, HIGHEST, RIVAL, Customer, Explanation, OpenItem, Payment
from .explain import Explainer
from .names import Parse
from .proposal import Proposal, Reason

#: An amount more items have than this says nothing by itself.
MAX_SAME = 10
#: Payments are looked at again when another one took what they asked for; this often at most.
MAX_ROUNDS = 8


class Matcher:
    """The open items of one company in one currency, indexed once; then payments against them.

    Cost: linear in the items to build, and per payment in the length of its memo and the items of the few customers
    it may come from.
    """

    def __init__(self, items: Iterable[OpenItem], customers: Iterable[Customer], parse: Parse) -> None:
        items = sorted(items, key=lambda item: (item.date, item.id))
        self._reader = Reader(items, customers, parse)
        self._partner = {item.id: item.partner for item in items}
        self._by_amount: defaultdict[int, set[int]] = defaultdict(set)
        grouped: defaultdict[int, list[OpenItem]] = defaultdict(list)
        for item in items:
            grouped[item.partner].append(item)
            self._by_amount[item.amount].add(item.id)
        self._accounts = {partner: Account(partner, owed) for partner, owed in grouped.items()}

    def propose(self, payments: Iterable[Payment]) -> list[Proposal]:
        """At most one proposal per payment. Those a payment is sure of never claim more than is open, all together;
        where two ask for the same, a person decides. The order of the payments does not matter.

        >>> items = [OpenItem(1, 7, 12300, ("INV/2026/0001", "S00001")), OpenItem(2, 7, 5000, ("INV/2026/0002",))]
        >>> matcher = Matcher(items, [], lambda name: None)
        >>> [found] = matcher.propose([Payment(1, 12300, "payment s00001")])
        >>> found.parts, found.confidence, [reason.code for reason in found.reasons]
        (((1, 12300),), 0.993, ['number', 'amount_unique'])
        """
        waiting = {payment.id: payment for payment in payments}
        clues = {key: self._reader.read(payment) for key, payment in sorted(waiting.items())}
        found = {key: self._best(waiting[key], clues[key]) for key in clues}
        settled: set[int] = set()
        for _round in range(MAX_ROUNDS):
            sure = {key: each for key, each in found.items() if each and key not in settled and each.confidence >= waiting[key].sure_from}
            lost = self._contested(sure)
            taken = [each for key, each in sure.items() if key not in lost]
            if not taken:
                break
            settled |= sure.keys() - lost
            touched = self._take(taken)
            for key in clues:
                if key not in settled and touched & self._candidates(waiting[key], clues[key]):
                    found[key] = self._best(waiting[key], clues[key])
        for key, each in found.items():
            if each and key not in settled and each.confidence >= waiting[key].sure_from:
                each.but(Reason("contested"))
        return [each.to_proposal(key) for key, each in sorted(found.items()) if each]

    def _candidates(self, payment: Payment, clues: Clues) -> set[int]:
        """Customers whose items may explain the payment."""
        if payment.partner is not None:
            return {payment.partner}
        same = self._by_amount.get(payment.amount, set())
        items = set(clues.whole) | (same if len(same) <= MAX_SAME else set())
        for item, length in clues.cut.items():
            if length >= 6 or item in same:
                items.add(item)
        return {self._partner[item] for item in items} | set(clues.who)

    def _best(self, payment: Payment, clues: Clues) -> Optional[Explanation]:
        """The explanation with least doubt; with others nearly as good beside it, a guess."""
        same = {self._partner[item] for item in self._by_amount.get(payment.amount, ())}
        found: list[Explanation] = []
        for partner in sorted(self._candidates(payment, clues)):
            account = self._accounts.get(partner)
            if account and account.open:
                unique = len(same) == 1
                found += Explainer(self._reader, account, payment, clues, unique).explain()
        if not found:
            return None
        found.sort(key=lambda each: each.doubt)
        best = found[0]
        limit = max(best.product, 1 - HIGHEST) * RIVAL
        rivals = [each for each in found[1:] if each.items != best.items and each.product < limit and each.doubt < GUESS]
        if rivals:
            best.but(Reason("rivals"), 1 - (1 - best.doubt) / (1 + len(rivals)))
        if payment.refused:
            best.but(Reason("refused"))
        return best

    def _contested(self, sure: dict[int, Explanation]) -> set[int]:
        """Payments that together ask for more of an item than is open. One that alone names it comes first."""
        claims: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for key, each in sure.items():
            for item, amount in each.parts:
                claims[item].append((key, amount))
        lost: set[int] = set()
        for item, asked in claims.items():
            if sum(amount for _key, amount in asked) > self._accounts[self._partner[item]].open[item]:
                named = [key for key, _amount in asked if sure[key].named]
                lost |= {key for key, _amount in asked if named != [key]}
        return lost

    def _take(self, taken: Iterable[Explanation]) -> set[int]:
        """Take what is settled off the open items; the customers it was taken from."""
        for each in taken:
            account = self._accounts[each.partner]
            for item, amount in each.parts:
                self._by_amount[account.open[item]].discard(item)
                account.pay(item, amount)
                if item in account.open:
                    self._by_amount[account.open[item]].add(item)
        return {each.partner for each in taken}
