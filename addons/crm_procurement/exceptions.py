# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError


class ProcurementError(UserError):
    """A purchase step cannot be done; the message says what to do first."""
