# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Money for an order that is not invoiced yet: the customer's advance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Optional

from .evidence import Payment
from .objections import LIKELY
from .proposal import Proposal, Reason
from .references import MAX_MEMO, fold

_WORD = re.compile(r"[0-9A-Z][0-9A-Z/_-]*[0-9]")


def possible_numbers(memos: Iterable[str]) -> set[str]:
    """What may be the number of an order, as it is written there.

    >>> sorted(possible_numbers(["订单S00042预付30%", "so-17 deposit"]))
    ['30', 'S00042', 'SO-17']
    """
    return {word for memo in memos for word in _WORD.findall(fold(memo[:MAX_MEMO]))}


def may_be_advance(payment: Payment, found: Optional[Proposal]) -> bool:
    """Whether nothing that is owed explains the payment better than a guess, and it was not said to be no advance."""
    codes = {reason.code for reason in found.reasons} if found else {"guess"}
    return bool(codes & {"guess", "against_unknown"}) and frozenset() not in payment.refused


def advances(found: Iterable[Proposal]) -> Iterator[Proposal]:
    """From proposals to pay orders as if they were owed to proposals that keep the money for them.

    >>> exact = Proposal(1, 7, ((3, 500),), 0, 0.99, (Reason("number", (("numbers", "S00042"),)), Reason("amount")))
    >>> [advance] = advances([exact, Proposal(2, 7, ((3, 500),), 0, 0.99, (Reason("amount"),))])
    >>> advance.parts, advance.advance, advance.confidence, [reason.code for reason in advance.reasons]
    ((), 500, 0.85, ['number', 'advance'])
    """
    for proposal in found:
        reasons = [reason for reason in proposal.reasons if not reason.code.startswith("amount")]
        if any(reason.code == "number" for reason in reasons) and not proposal.fee:
            yield replace(
                proposal,
                parts=(),
                advance=proposal.amount,
                confidence=min(proposal.confidence, 1 - LIKELY),
                reasons=(*reasons, Reason("advance")),
            )
