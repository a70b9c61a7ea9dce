# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Messages to chat robots and SMS gateways: how each vendor is asked, how its answer is read, how fast it may be asked.

No Odoo in here. :mod:`.robots` knows the vendors, :mod:`.pace` their rate limits. The request itself is made by
:func:`..enrich.fetch.fetch`.
"""

from .pace import Pace
from .robots import ROBOTS, Message, Robot, read_gateway

__all__ = ["ROBOTS", "Message", "Pace", "Robot", "read_gateway"]
