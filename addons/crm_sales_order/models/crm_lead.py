# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.addons.crm_core.models.crm_lead_gate import GateFact

from ..exceptions import SalesOrderError
from ..tools.bulk import bulk_work


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _compute_sale_data(self):
        """Who reads leads but no orders, such as marketing, opens them all the same: to them the figures are zero."""
        if self.env["sale.order"].check_access_rights("read", raise_exception=False):
            return super()._compute_sale_data()
        return self.update({"sale_amount_total": 0.0, "quotation_count": 0, "sale_order_count": 0})

    def action_create_quotations(self):
        """Make one draft quotation per opportunity, with one line: its product at its expected revenue.

        Opportunities without a customer get one made from their own contact data. Orders come back in
        the order of ``self``. Raises :class:`SalesOrderError` naming the opportunities without a
        product. Cost: a constant number of queries for the customers' data, then one INSERT per order.

        :rtype: sale.order
        """
        self._check_quotable()
        return self._create_quotations()

    def _create_quotations(self):
        """:meth:`action_create_quotations`; an opportunity without a product gets a draft that has no line yet."""
        self._create_missing_customers()
        customers = {
            (lead.partner_id, company): lead.partner_id._get_quotation_values(company)
            for lead in self
            for company in [lead.company_id or self.env.company]
        }
        with bulk_work(self) as leads:
            orders = leads.env["sale.order"].create(
                [
                    lead._prepare_quotation_values(customers[lead.partner_id, lead.company_id or self.env.company])
                    for lead in self
                ]
            )
        return orders.with_env(self.env)

    def action_open_new_quotations(self):
        """Make quotations for the selected opportunities, and open them."""
        orders = self.action_create_quotations()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_action_quotation")
        action["domain"] = [("id", "in", orders.ids)]
        return action

    def _check_quotable(self):
        without_product = self.filtered(lambda lead: not lead.product_id)
        if without_product:
            raise SalesOrderError(
                _(
                    "Say first what is to be sold: set a product on %(opportunities)s.",
                    opportunities=", ".join(without_product[:10].mapped("name")),
                )
            )

    def _create_missing_customers(self):
        """Give every opportunity of ``self`` a customer, made in one go from what the lead knows."""
        without_customer = self.filtered(lambda lead: not lead.partner_id)
        partners = self.env["res.partner"].create(
            [
                lead._prepare_customer_values(
                    lead.partner_name or lead.contact_name or lead.name,
                    is_company=bool(lead.partner_name),
                )
                for lead in without_customer
            ]
        )
        for lead, partner in zip(without_customer, partners):
            lead.partner_id = partner

    def _prepare_quotation_values(self, customer_values):
        """Values of the quotation; hook for more fields.

        :param customer_values: what :meth:`res.partner._get_quotation_values` says of the customer
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        fiscal_position = self.env["account.fiscal.position"].browse(customer_values["fiscal_position_id"])
        lines = [(0, 0, self._prepare_quotation_line_values(fiscal_position))] if self.product_id else []
        return {
            **customer_values,
            "partner_id": self.partner_id.id,
            "opportunity_id": self.id,
            "origin": self.name,
            "company_id": company.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "campaign_id": self.campaign_id.id,
            "medium_id": self.medium_id.id,
            "source_id": self.source_id.id,
            "tag_ids": [(6, 0, self.tag_ids.ids)],
            "order_line": lines,
        }

    def _prepare_quotation_line_values(self, fiscal_position):
        """The one line of the quotation. Without an expected revenue the product's own price holds."""
        self.ensure_one()
        company = self.company_id or self.env.company
        product = self.product_id.with_context(lang=self.partner_id.lang)
        taxes = self.product_id.taxes_id.filtered(lambda tax: tax.company_id == company)
        return {
            "product_id": product.id,
            "name": product.get_product_multiline_description_sale(),
            "product_uom": product.uom_id.id,
            "product_uom_qty": 1.0,
            "price_unit": self.expected_revenue or product.lst_price,
            "price_pinned": bool(self.expected_revenue),
            "tax_id": [(6, 0, fiscal_position.map_tax(taxes).ids)],
            "customer_lead": product.sale_delay,
        }

    def _set_won_by_orders(self):
        """Quote back: won, and worth what was ordered. Writes only what changes."""
        for lead in self:  # first, so that both go into one UPDATE
            if lead.company_currency.compare_amounts(lead.expected_revenue, lead.sale_amount_total):
                lead.expected_revenue = lead.sale_amount_total
        sold = self.filtered(lambda lead: not lead.stage_id.is_won or lead.probability != 100)
        # a confirmed order is a fact, perhaps the customer's own signature: no gate undoes it
        sold.with_context(crm_gate_fact=GateFact(_("The order is confirmed."))).action_set_won()
