# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    sales_currency_id = fields.Many2one("res.currency", compute="_compute_sales_amounts")
    sales_amount_billed = fields.Monetary(
        "Billed on Orders",
        compute="_compute_sales_amounts",
        currency_field="sales_currency_id",
        help="Invoiced on those orders of this customer that you may see, contacts' orders included.",
    )
    sales_amount_collected = fields.Monetary(
        "Collected on Orders", compute="_compute_sales_amounts", currency_field="sales_currency_id"
    )
    sales_amount_open = fields.Monetary(
        "To Collect on Orders", compute="_compute_sales_amounts", currency_field="sales_currency_id"
    )
    sales_amount_overdue = fields.Monetary(
        "Overdue on Orders", compute="_compute_sales_amounts", currency_field="sales_currency_id"
    )

    @api.depends_context("uid", "allowed_company_ids", "tz")
    def _compute_sales_amounts(self):
        """Sum the orders the user may see: record rules apply, no accounting right is needed.

        Cost: two aggregates and one search of the unpaid orders, however many partners.
        """
        currency = self.env.company.currency_id
        names = ("amount_billed", "amount_collected", "amount_open", "amount_overdue")
        totals = {partner_id: dict.fromkeys(names, 0.0) for partner_id in self.ids}
        for partner, order_currency, company, amounts in self._get_sales_amounts(names):
            for partner_id in {partner.id, partner.commercial_partner_id.id} & totals.keys():
                for name, amount in amounts.items():
                    totals[partner_id][name] += order_currency._convert(
                        amount, currency, company, fields.Date.context_today(self)
                    )
        for partner in self:
            partner.sales_currency_id = currency
            amounts = totals.get(partner.id) or dict.fromkeys(names, 0.0)
            for name in names:
                partner["sales_%s" % name] = amounts[name]

    def _get_sales_amounts(self, names):
        """Amounts of the orders of ``self`` and their contacts.

        :returns: list of (partner, currency, company, {name: amount})
        """
        orders = self.env["sale.order"]
        if not self.ids or not orders.check_access_rights("read", raise_exception=False):
            return []
        domain = [("partner_id", "child_of", self.ids), ("company_id", "in", self.env.companies.ids)]
        stored = [name for name in names if orders._fields[name].store]
        groups = orders.read_group(
            domain + [("amount_billed", "!=", 0)], stored, ["partner_id", "currency_id", "company_id"], lazy=False
        )
        result = [
            (
                self.browse(group["partner_id"][0]),
                self.env["res.currency"].browse(group["currency_id"][0]),
                self.env["res.company"].browse(group["company_id"][0]),
                {name: group[name] for name in stored},
            )
            for group in groups
        ]
        for order in orders.search(domain + [("amount_open", "!=", 0)]):
            result.append(
                (
                    order.partner_id,
                    order.currency_id,
                    order.company_id,
                    {name: order[name] for name in names if name not in stored},
                )
            )
        return result

    def _get_quotation_values(self, company):
        """What a quotation takes over from its customer, as the order form's onchange would."""
        self.ensure_one()
        partner = self.with_company(company)
        addresses = partner.address_get(["invoice", "delivery"])
        fiscal_position = (
            self.env["account.fiscal.position"]
            .with_company(company)
            .get_fiscal_position(partner.id, addresses["delivery"])
        )
        return {
            "partner_invoice_id": addresses["invoice"],
            "partner_shipping_id": addresses["delivery"],
            "pricelist_id": partner.property_product_pricelist.id,
            "payment_term_id": partner.property_payment_term_id.id,
            "fiscal_position_id": fiscal_position.id,
        }

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners.filtered("customer_rank")._mark_as_customer()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("customer_rank"):
            self._mark_as_customer()
        return result

    def _increase_rank(self, field, n=1):
        """Whoever is invoiced is a customer, and masked as one from then on."""
        result = super()._increase_rank(field, n)
        if field == "customer_rank":
            self._mark_as_customer()
        return result
