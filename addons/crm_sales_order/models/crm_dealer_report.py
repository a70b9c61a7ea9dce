# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import DealerError


class CrmDealerReport(models.Model):
    """What a dealer sold in a month, and had left at its end: one line for each product."""

    _name = "crm.dealer.report"
    _inherit = "crm.dealer.base"
    _description = "Dealer Report"
    _order = "month desc, id desc"

    month = fields.Date(required=True, default=lambda self: fields.Date.context_today(self).replace(day=1), help="Any day of the month.")
    source = fields.Selection(
        [("form", "Portal Form"), ("file", "XLSX File"), ("api", "API"), ("staff", "Entered by Staff")],
        string="Last Change by",
        required=True,
        readonly=True,
        default="staff",
    )
    date_reported = fields.Datetime(string="Reported on", required=True, readonly=True, default=fields.Datetime.now)
    line_ids = fields.One2many("crm.dealer.report.line", "report_id", string="Products", copy=True)
    sold = fields.Float(string="Sold in All", compute="_compute_totals", digits="Product Unit of Measure")
    stock = fields.Float(string="Stock in All", compute="_compute_totals", digits="Product Unit of Measure")

    _sql_constraints = [
        (
            "dealer_month_unique",
            "UNIQUE (dealer_id, month, company_id)",
            "There is already a report of this dealer for this month. Open it and correct its figures.",
        ),
    ]

    def init(self):
        super().init()
        # serves the timeline of a dealer: the newest first
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS crm_dealer_report_date_idx ON crm_dealer_report (dealer_id, date_reported)")

    @api.depends("line_ids.sold", "line_ids.stock")
    def _compute_totals(self):
        groups = self.env["crm.dealer.report.line"].read_group([("report_id", "in", self.ids)], ["sold", "stock"], ["report_id"])
        totals = {group["report_id"][0]: group for group in groups}
        for report in self:
            found = totals.get(report.id, {})
            report.sold, report.stock = found.get("sold", 0.0), found.get("stock", 0.0)

    def name_get(self):
        return [(report.id, "%s %s" % (report.dealer_id.sudo().name, report.month.strftime("%Y-%m"))) for report in self]

    @api.model
    def _to_month(self, vals):
        """``vals`` with the first day in place of any day of a month."""
        day = fields.Date.to_date(vals.get("month"))
        return {**vals, "month": day.replace(day=1)} if day else vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._to_month(vals) for vals in vals_list])

    def write(self, vals):
        flows = self.env["crm.dealer.flow"]
        flows._note(self.dealer_id)
        result = super().write(self._to_month(vals))
        flows._note(self.dealer_id)
        return result

    def unlink(self):
        self.env["crm.dealer.flow"]._note(self.dealer_id)
        return super().unlink()

    @api.constrains("month")
    def _check_month(self):
        today = fields.Date.context_today(self)
        for report in self:
            if report.month > today:
                raise DealerError(
                    _("%(month)s has not begun yet. Report a month that has.", month=report.month.strftime("%Y-%m"))
                )
