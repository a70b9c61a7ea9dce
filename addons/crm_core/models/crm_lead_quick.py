# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    """Quick deals: qualified, graded, quantified, and the key node they wait for (三定 and 下一关键节点)."""

    _inherit = "crm.lead"

    quick_need = fields.Selection(
        [("real", "Real need"), ("likely", "Likely need"), ("none", "No need")],
        string="Need",
        tracking=True,
        help="Qualify: does the customer need it, and are they in a position to buy it?",
    )
    quick_need_note = fields.Char(string="What For", help="The need in the customer's words.")
    quick_level = fields.Selection(
        [("now", "Buys this month"), ("soon", "Buys this quarter"), ("later", "Buys later")],
        string="Urgency",
        tracking=True,
        help="Grade: how soon they will buy. The grade A to D beside the name is the chance of winning.",
    )
    quick_quantity = fields.Float(string="Quantity", digits="Product Unit of Measure", help="Quantify: how many of the product.")
    key_node_id = fields.Many2one("crm.key.node", string="Next Key Node", tracking=True, ondelete="restrict")
    key_node_date = fields.Date(string="Key Node On", tracking=True)
    quick_progress = fields.Integer(
        string="Settled", compute="_compute_quick_progress", help="How many of the three are settled: need, urgency and quantity."
    )

    _sql_constraints = [
        ("quick_quantity_not_negative", "CHECK (quick_quantity >= 0)", "The quantity of a deal cannot be negative.")
    ]

    @api.depends("quick_need", "quick_level", "quick_quantity", "expected_revenue")
    def _compute_quick_progress(self):
        for lead in self:
            quantified = lead.quick_quantity and lead.expected_revenue
            lead.quick_progress = sum(map(bool, (lead.quick_need, lead.quick_level, quantified)))
