# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmStage(models.Model):
    _inherit = "crm.stage"

    is_quoted = fields.Boolean(
        "Entered by a Quotation",
        help="An opportunity that is not as far yet moves here when its quotation goes to the customer, if its gates let it.",
    )
