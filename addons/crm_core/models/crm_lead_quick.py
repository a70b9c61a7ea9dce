# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    """Quick deals: qualified, ranked, quantified, and the key node they wait for (三定 and 下一关键节点)."""

    _inherit = "crm.lead"

    quick_need = fields.Selection(
        [("real", "Real need"), ("likely", "Likely need"), ("none", "No need")],
        string="Customer's Need",
        tracking=True,
        help="Qualify: does the customer need it, and are they in a position to buy it?",
    )
    quick_need_note = fields.Char(string="What For", help="The need in the customer's words.")
    quick_level = fields.Selection(
        [("now", "Buys this month"), ("soon", "Buys this quarter"), ("later", "Buys later")],
        string="Urgency",
        tracking=True,
        help="Rank: how soon they will buy.",
    )
    quick_quantity = fields.Float(string="Quantity", digits="Product Unit of Measure", help="Quantify: how many of the product.")
    key_node_id = fields.Many2one("crm.key.node", string="Next Key Node", tracking=True, ondelete="restrict")
    key_node_date = fields.Date(string="Key Node by", tracking=True)
    quick_quantified = fields.Boolean(
        compute="_compute_quick_quantified", help="Quantity and expected revenue are known: the third of the three steps."
    )
    key_node_state = fields.Selection(
        [("late", "Late"), ("today", "Today"), ("planned", "Planned")], string="Key Node Status", compute="_compute_key_node_state"
    )

    _sql_constraints = [
        ("quick_quantity_not_negative", "CHECK (quick_quantity >= 0)", "The quantity of a deal cannot be negative."),
        (
            "key_node_with_date",
            "CHECK (key_node_id IS NULL OR key_node_date IS NOT NULL)",
            "Say by when the next key node is to be reached.",
        ),
    ]

    @api.depends("quick_quantity", "expected_revenue")
    def _compute_quick_quantified(self):
        for lead in self:
            lead.quick_quantified = lead.quick_quantity and lead.expected_revenue

    @api.depends("key_node_date")
    @api.depends_context("tz")
    def _compute_key_node_state(self):
        today = fields.Date.context_today(self)
        for lead in self:
            date = lead.key_node_date
            lead.key_node_state = date and ("late" if date < today else "today" if date == today else "planned")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"quick_need_note"}
