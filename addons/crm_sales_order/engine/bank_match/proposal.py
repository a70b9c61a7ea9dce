# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a matcher says about one bank statement line: whose money it is, and which open items it pays."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why, as a code with the values its sentence names; the words are the reader's (``crm.bank.proposal``)."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Proposal:
    """One statement line with the open items it pays. Amounts are minor units of the line's currency.

    >>> Proposal(7, 3, ((11, 9_000), (12, 1_000)), fee=50).amount
    9950
    """

    #: ``account.bank.statement.line``
    line: int
    #: ``res.partner``, a commercial one
    partner: int
    #: (receivable ``account.move.line``, what of it is paid: > 0, ≤ open)
    parts: tuple[tuple[int, int], ...]
    #: What the bank kept: the parts and the advance sum to the line's amount and this
    fee: int = 0
    #: 0 to 1
    confidence: float = 0.0
    reasons: tuple[Reason, ...] = ()
    #: What nothing is owed for: it stays the customer's, for what comes next
    advance: int = 0
    #: ``res.currency`` it is counted in, where that is not the line's: what the payer paid, before the bank changed it; else 0
    currency: int = 0

    @property
    def amount(self) -> int:
        """What reached the bank account."""
        return sum(paid for _item, paid in self.parts) + self.advance - self.fee
