# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which open items a bank's payments pay, how sure that is, and why.

:class:`Matcher` takes what is open, who the customers are and what the bank tells, and gives proposals. It reads
document numbers (references.py), names (names.py, pinyin.py) and sums (subsets.py); what each fact is worth stands in
evidence.py. A payment is never split over two customers.
"""

from .advance import advances, may_be_advance, possible_numbers
from .evidence import Customer, OpenItem, Payment
from .exchange import ExchangeMatcher
from .matcher import Matcher
from .proposal import Proposal, Reason


def minor_units(amount: float, rounding: float) -> int:
    """An amount as a whole number of the currency's smallest unit.

    >>> minor_units(0.29, 0.01), minor_units(1054.0, 1.0)
    (29, 1054)
    """
    return round(amount / rounding)


__all__ = [
    "Customer",
    "ExchangeMatcher",
    "Matcher",
    "OpenItem",
    "Payment",
    "Proposal",
    "Reason",
    "advances",
    "may_be_advance",
    "minor_units",
    "possible_numbers",
]
