# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a payment says: who pays it, and which numbers stand on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .evidence import DOUBTS, KNOWN_PAYER, Customer, OpenItem, Payment
from .names import NameIndex, Parse
from .proposal import Reason
from .references import Memo, ReferenceIndex, normalize, numbers, one_slip
from .words import partly


@dataclass
class Clues:
    """The facts of one payment, before any amount is looked at."""

    memo: Memo
    #: Customers it may come from, and why
    who: dict[int, list[Reason]] = field(default_factory=dict)
    #: Items whose number stands on it, and that number
    whole: dict[int, str] = field(default_factory=dict)
    #: Items of whose number the end stands on it, and how many digits
    cut: dict[int, int] = field(default_factory=dict)
    sequences: frozenset[int] = frozenset()
    #: Numbers on it that look like documents', and are of nothing that is open
    unknown: list[str] = field(default_factory=list)
    #: A word on it by which it pays no whole invoice
    partly: str = ""

    @property
    def payers(self) -> set[int]:
        """Customers it comes from as good as certainly."""
        return {partner for partner, reasons in self.who.items() if any(DOUBTS[reason.code] <= KNOWN_PAYER for reason in reasons)}


class Reader:
    """Reads payments with what is known of customers and their documents."""

    def __init__(self, items: Iterable[OpenItem], customers: Iterable[Customer], parse: Parse) -> None:
        self._references = ReferenceIndex()
        #: Item → its numbers, normalized, as they are written
        self._spelled: dict[int, dict[str, str]] = {}
        self._sequences: dict[int, frozenset[int]] = {}
        for item in items:
            self._references.add(item.id, item.references)
            spelled = {normalize(reference): reference for reference in reversed(item.references)}
            self._spelled[item.id] = {number: text for number, text in reversed(spelled.items()) if number}
            self._sequences[item.id] = frozenset(found[-1] for found in map(numbers, item.references) if found)
        self._names = NameIndex(parse)
        self._accounts: defaultdict[str, set[int]] = defaultdict(set)
        for customer in customers:
            self._names.add(customer.id, customer.names, customer.contacts)
            for account in customer.accounts:
                self._accounts[normalize(account)].add(customer.id)

    def read(self, payment: Payment) -> Clues:
        memo = Memo.read(payment.memo)
        clues = Clues(memo, whole=self._references.whole(memo))
        clues.cut = {item: length for item, length in self._references.cut(memo).items() if item not in clues.whole}
        clues.sequences = frozenset(memo.sequences())
        clues.unknown = self._references.unknown(memo)
        clues.partly = partly(payment.memo)
        if payment.partner is not None:
            clues.who = {payment.partner: [Reason("partner")]}
        else:
            self._find_payers(payment, clues)
        return clues

    def _find_payers(self, payment: Payment, clues: Clues) -> None:
        account = normalize(payment.account)
        for partner in self._accounts.get(account, ()) if account else ():
            clues.who.setdefault(partner, []).append(Reason("account", (("account", payment.account),)))
        code, partners = self._names.who(payment.payer) if payment.payer else ("", frozenset())
        for partner in partners:
            clues.who.setdefault(partner, []).append(Reason(code, (("name", payment.payer),)))
        if not clues.payers:
            for partner, name in self._names.in_memo(payment.memo).items():
                clues.who.setdefault(partner, []).append(Reason("name_memo", (("name", name),)))

    def number_of(self, item: int, clues: Clues) -> list[Reason]:
        """How the payment names this item, surest way only; empty if it does not."""
        spelled = self._spelled[item]
        first = next(iter(spelled.values()), "")
        if item in clues.whole:
            return [Reason("number", (("numbers", spelled[clues.whole[item]]),))]
        if item in clues.cut:
            return [Reason("number_cut" if clues.cut[item] >= 6 else "number_end", (("numbers", first),))]
        if any(sequence >= 100 for sequence in self._sequences[item] & clues.sequences):
            return [Reason("number_short", (("numbers", first),))]
        for number, text in spelled.items():
            if len(number) >= 5 and self._is_near(number, clues.memo):
                return [Reason("number_near", (("numbers", text),))]
        return []

    @staticmethod
    def _is_near(reference: str, memo: Memo) -> bool:
        size = len(reference)
        return any(
            one_slip(memo.text[start:end], reference)
            for start in memo.edges
            for end in (start + size - 1, start + size, start + size + 1)
            if end in memo.edges
        )

    def in_list(self, item: int, clues: Clues) -> bool:
        """Whether the payment names the item at least by the last number of one of its numbers."""
        return item in clues.whole or item in clues.cut or bool(self._sequences[item] & clues.sequences)
