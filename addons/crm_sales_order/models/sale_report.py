# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SaleReport(models.Model):
    _inherit = "sale.report"

    margin = fields.Float(groups="crm_sales_order.group_margins")
    order_type_id = fields.Many2one("crm.order.type", "Order Type", readonly=True)
    flow = fields.Selection(
        lambda self: self.env["crm.order.type"]._fields["flow"]._description_selection(self.env), "What Happens", readonly=True
    )

    def _query(self, with_clause="", fields=None, groupby="", from_clause=""):
        fields = dict(fields or {}, order_type_id=", s.order_type_id AS order_type_id", flow=", s.flow AS flow")
        return super()._query(with_clause, fields, groupby + ", s.order_type_id, s.flow", from_clause)
