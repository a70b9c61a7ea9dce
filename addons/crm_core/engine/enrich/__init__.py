# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What can be said about a lead beyond what it says itself: where its phone and IP address are from (offline), and
what a provider on the net knows of a company or an address.

No Odoo in here. Phone and IP: :mod:`.phone`, :mod:`.ip`. Providers: :mod:`.fetch` asks, :mod:`.answer` reads.
"""

from .answer import AnswerError, get_path, read_values
from .fetch import Failure, Request, TryLater, Unanswered, fetch
from .ip import IpPlaces
from .phone import phone_place
from .place import NOWHERE, Place

__all__ = [
    "NOWHERE",
    "AnswerError",
    "Failure",
    "IpPlaces",
    "Place",
    "Request",
    "TryLater",
    "Unanswered",
    "fetch",
    "get_path",
    "phone_place",
    "read_values",
]
