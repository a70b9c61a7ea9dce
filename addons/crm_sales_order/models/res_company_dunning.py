# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_auto_send = fields.Boolean(
        string="Send Reminders by Themselves",
        help="Letters to customers are sent by the daily run. Otherwise they wait for finance under “Reminders”.",
    )
