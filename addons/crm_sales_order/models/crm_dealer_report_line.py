# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmDealerReportLine(models.Model):
    """Sold in a month and left at its end, of one product, in the product's own unit."""

    _name = "crm.dealer.report.line"
    _description = "Dealer Sell-out"
    _order = "month desc, dealer_id, product_id, id"
    _rec_name = "product_id"

    report_id = fields.Many2one("crm.dealer.report", required=True, index=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", string="Product", required=True, ondelete="restrict")
    sold = fields.Float(string="Sold", required=True, digits="Product Unit of Measure")
    stock = fields.Float(string="Stock at Month End", required=True, digits="Product Unit of Measure", group_operator=None)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    # stored with the line: the sell-out of millions of lines is grouped by them
    dealer_id = fields.Many2one(related="report_id.dealer_id", string="Dealer", store=True)
    month = fields.Date(related="report_id.month", store=True, index=True)
    region_id = fields.Many2one(related="report_id.region_id", string="Region", store=True)
    user_id = fields.Many2one(related="report_id.user_id", string="Salesperson", store=True)
    team_id = fields.Many2one(related="report_id.team_id", string="Sales Team", store=True)
    company_id = fields.Many2one(related="report_id.company_id", store=True)

    _sql_constraints = [
        ("product_unique", "UNIQUE (report_id, product_id)", "This product is in the report already. Correct its line."),
        ("not_negative", "CHECK (sold >= 0 AND stock >= 0)", "Sold and stock cannot be negative. Correct the figure."),
    ]

    def init(self):
        super().init()
        # serves the flows of one dealer (portal, form) and of one product of it
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_dealer_report_line_dealer_product_idx"
            " ON crm_dealer_report_line (dealer_id, product_id, month)"
        )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["crm.dealer.flow"]._note(lines.dealer_id)
        return lines

    def write(self, vals):
        self.env["crm.dealer.flow"]._note(self.dealer_id)
        return super().write(vals)

    def unlink(self):
        self.env["crm.dealer.flow"]._note(self.dealer_id)
        return super().unlink()
