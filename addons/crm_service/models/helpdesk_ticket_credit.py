# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class HelpdeskTicket(models.Model):
    """Whether the customer may be served: service reads that of a customer's money, and no more."""

    _inherit = "helpdesk.ticket"

    # read as the user: it depends on who looks, which a value read as superuser does not
    credit_state = fields.Selection(related="partner_id.credit_state", related_sudo=False, groups="base.group_user")
