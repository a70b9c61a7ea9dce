# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Find the one open invoice a bank statement line pays.

A match needs all three: a document number of the invoice (its own, its reference, its order's) written in
the memo, exactly the open amount, and no other customer than the one the bank names. Whatever
leaves a choice is left to a person: no match is better than a wrong one.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Optional

#: Shorter references ("1", "A4") turn up in any memo by accident.
MIN_REFERENCE_LENGTH = 5

_WORD = re.compile(r"[0-9A-Za-z]+(?:[/\-_.][0-9A-Za-z]+)*")


@dataclass(frozen=True)
class OpenInvoice:
    """``amount`` is what is still open, in minor units (cents) so that equality is exact."""

    key: Hashable
    partner: Hashable
    amount: int
    references: tuple[str, ...]


@dataclass(frozen=True)
class StatementLine:
    """``partner`` is None when the bank did not say who paid."""

    key: Hashable
    partner: Optional[Hashable]
    amount: int
    memo: str


def minor_units(amount: float, rounding: float) -> int:
    """An amount as a whole number of the currency's smallest unit.

    >>> minor_units(0.29, 0.01), minor_units(1054.0, 1.0)
    (29, 1054)
    """
    return round(amount / rounding)


def normalize(reference: str) -> str:
    """One spelling for a document number: half width, upper case, separators dropped.

    >>> normalize("inv/2026/11/0042"), normalize("ＳＯ-0017")
    ('INV2026110042', 'SO0017')
    """
    folded = unicodedata.normalize("NFKC", reference).upper()
    return "".join(character for character in folded if character.isalnum())


def candidates(memo: str) -> list[str]:
    """The document numbers a memo may contain, most specific first and each once.

    >>> candidates("货款 S00042, INV/2026/0007")
    ['INV20260007', 'S00042']
    """
    folded = unicodedata.normalize("NFKC", memo)
    words = {normalize(word) for word in _WORD.findall(folded)}
    return sorted(
        (word for word in words if len(word) >= MIN_REFERENCE_LENGTH),
        key=lambda word: (-len(word), word),
    )


class InvoiceMatcher:
    """Index the open invoices once, then match lines: one dictionary look-up per word of a memo."""

    def __init__(self, invoices: Sequence[OpenInvoice]) -> None:
        self._by_reference: defaultdict[str, set[OpenInvoice]] = defaultdict(set)
        for invoice in invoices:
            for reference in invoice.references:
                normalized = normalize(reference or "")
                if len(normalized) >= MIN_REFERENCE_LENGTH:
                    self._by_reference[normalized].add(invoice)

    def match(self, lines: Sequence[StatementLine]) -> dict[Hashable, Hashable]:
        """Line key → invoice key for every line with exactly one answer, each invoice at most once.

        >>> invoice = OpenInvoice(1, "Acme", 12300, ("INV/2026/0001", "S00001"))
        >>> matcher = InvoiceMatcher([invoice])
        >>> matcher.match([StatementLine("a", "Acme", 12300, "payment s00001")])
        {'a': 1}
        >>> matcher.match([StatementLine("b", "Acme", 12299, "S00001")])  # another amount
        {}
        >>> matcher.match([StatementLine("c", "Other", 12300, "S00001")])  # another customer
        {}
        >>> twice = [StatementLine(key, None, 12300, "S00001") for key in "de"]
        >>> matcher.match(twice)  # paid twice: a person decides
        {}
        """
        found: dict[Hashable, Hashable] = {}
        claims: defaultdict[Hashable, list[Hashable]] = defaultdict(list)
        for line in lines:
            invoice = self._unique_invoice(line)
            if invoice is not None:
                found[line.key] = invoice.key
                claims[invoice.key].append(line.key)
        return {line: invoice for line, invoice in found.items() if len(claims[invoice]) == 1}

    def _unique_invoice(self, line: StatementLine) -> Optional[OpenInvoice]:
        """The invoice every number in the memo agrees on, or None."""
        named: set[OpenInvoice] = set()
        for word in candidates(line.memo):
            named |= self._by_reference.get(word, set())
        fitting = [
            invoice for invoice in named if invoice.amount == line.amount and line.partner in (None, invoice.partner)
        ]
        return fitting[0] if len(fitting) == 1 else None
