# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

FLOWS = [
    ("rental", "Rental"),
    ("loan", "Sample or Loan"),
    ("consignment", "Consignment"),
    ("return", "Return"),
    ("exchange", "Exchange"),
]


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    flow = fields.Selection(selection_add=FLOWS, ondelete={flow: "set default" for flow, _label in FLOWS})
