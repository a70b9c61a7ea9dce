# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmOrderType(models.Model):
    _inherit = "crm.order.type"

    contract_required = fields.Boolean(
        string="Contract Required", help="The customer's yes to the quotation makes a contract; its signature confirms the order."
    )
    contract_template_id = fields.Many2one(
        "crm.contract.template", string="Contract Template", ondelete="restrict", help="Empty: the first one of the list."
    )
