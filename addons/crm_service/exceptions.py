# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError


class ServiceError(UserError):
    """A work order cannot take this step; the message says what to do first."""
