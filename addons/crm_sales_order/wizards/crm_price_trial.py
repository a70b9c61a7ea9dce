# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine import pricing


class CrmPriceTrial(models.TransientModel):
    """What would this customer pay for so many of this product? Answered without writing a quotation."""

    _name = "crm.price.trial"
    _description = "Price Check"

    rule_id = fields.Many2one("crm.price.rule", readonly=True)
    product_id = fields.Many2one("product.product", domain=[("sale_ok", "=", True)])
    partner_id = fields.Many2one("res.partner", string="Customer")
    quantity = fields.Float(default=1.0, digits="Product Unit of Measure")
    parameters = fields.Char(help="Figures the price depends on, such as length=6; power=7.5.")
    date = fields.Date(default=fields.Date.context_today)
    result = fields.Text(compute="_compute_result")
    verdict = fields.Char(string="This Rule", compute="_compute_result")

    @api.onchange("product_id")
    def _onchange_product_id(self):
        if self.product_id:
            self.parameters = self._new_line(self.env["res.partner"])._get_usual_parameters()

    @api.depends("product_id", "partner_id", "quantity", "parameters", "date", "rule_id")
    @api.depends_context("lang", "uid", "tz")
    def _compute_result(self):
        for trial in self:
            trial.result = trial.verdict = False
            if trial.product_id:
                trial.partner_id.check_access_rule("read")
                line = trial._new_line(trial.partner_id or self.env.company.partner_id)
                line._price_lines(new=True)
                trial.result = json.dumps(line._explain_prices()[line])
                trial.verdict = trial.rule_id and trial._get_verdict(line)

    def _new_line(self, partner):
        """An order line that is never saved."""
        self.ensure_one()
        order = self.env["sale.order"].new(
            {
                "partner_id": partner.id,
                "pricelist_id": (partner or self.env.company.partner_id).property_product_pricelist.id,
                "company_id": self.env.company.id,
                "date_order": fields.Datetime.to_datetime(self.date or fields.Date.context_today(self)).replace(hour=12),
                "state": "draft",
            }
        )
        return self.env["sale.order.line"].new(
            {
                "order_id": order,
                "product_id": self.product_id.id,
                "product_uom": self.product_id.uom_id.id,
                "product_uom_qty": self.quantity,
                "parameters": self.parameters,
                "line_role": "main",
            }
        )

    def _get_verdict(self, line):
        """Whether the rule this trial was opened from is met, and if not, for want of what."""
        book = self.env["crm.price.rule"]._get_book(self.env.company)
        facts = line.sudo()._get_price_facts(book, line.rule_price, {})
        (rule,) = self.rule_id.sudo()._compile(book.names)
        reason = pricing.why_not(rule, facts)
        if not reason:
            return _("Its conditions are met.")
        return {
            "product": _("It is for other products."),
            "category": _("It is for other categories."),
            "attribute": _("It is for other attributes."),
            "customer": _("It is for other customers."),
            "grade": _("It is for customers of another grade."),
            "source": _("It is for other channels."),
            "team": _("It is for other sales teams."),
            "quantity": _("It is for another quantity."),
            "date": _("It is for other dates."),
        }[reason]
