# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.osv import expression

from ..engine.dealer_stock import FEW, stock_word


class ResPartner(models.Model):
    """What a dealer is offered. Called in sudo mode, for a dealer the caller has found by the portal user."""

    _inherit = "res.partner"

    def _get_dealer_product_domain(self):
        """Goods for sale of the categories of the dealer's level, and what the dealer lists."""
        self.ensure_one()
        goods = [
            ("sale_ok", "=", True),
            ("type", "in", ("product", "consu")),
            ("company_id", "in", (False, self._get_dealer_company().id)),
        ]
        categories = self.dealer_level_id.category_ids
        if not categories:
            return goods
        offered = expression.OR([[("categ_id", "child_of", categories.ids)], [("id", "in", self.dealer_product_ids.ids)]])
        return expression.AND([goods, offered])

    def _find_dealer_products(self, domain=(), **kwargs):
        """Products this dealer may order that match ``domain``.

        :rtype: product.product
        """
        products = self.env["product.product"].sudo()
        return products.search(expression.AND([self._get_dealer_product_domain(), list(domain)]), **kwargs)

    def _get_dealer_search(self, text):
        """Domain of the products this dealer may order whose name or code has the words of ``text``."""
        words = [("|", ("name", "ilike", word), ("default_code", "ilike", word)) for word in (text or "").split()[:6]]
        return expression.AND([self._get_dealer_product_domain(), *map(list, words)])

    def _get_dealer_report_products(self):
        """What a dealer is asked about: what it lists, got or reported; everything it may order while there is none of it."""
        self.ensure_one()
        flows = self.env["crm.dealer.flow"].sudo()
        groups = flows.read_group(
            [("dealer_id", "=", self.id), ("company_id", "=", self._get_dealer_company().id)], ["product_id"], ["product_id"]
        )
        handled = self.env["product.product"].sudo().browse([group["product_id"][0] for group in groups])
        return (self.dealer_product_ids | handled).filtered("active") or self._find_dealer_products(limit=100)

    def _get_dealer_stock_words(self, products):
        """{product id: what the dealer is told about what is free in the company's warehouses now, promises to others taken
        off}. Goods without stock keeping are there. Cost: that of one stock timeline, however many products."""
        few = self.env["ir.config_parameter"].sudo().get_param("crm_sales_order.dealer_few", "")
        least = float(few) if few.isdecimal() else FEW
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", self._get_dealer_company().id)])
        stocked = products.filtered(lambda product: product.type == "product")
        pools = {(product_id, warehouse_id) for product_id in stocked.ids for warehouse_id in warehouses.ids}
        now, free = fields.Datetime.now(), dict.fromkeys(stocked.ids, 0.0)
        for (product_id, _warehouse_id), timeline in self.env["crm.stock.timeline"].sudo()._load(pools).items():
            free[product_id] += max(0.0, timeline.free_on(now))
        return {product.id: stock_word(free.get(product.id, least + 1), least) for product in products}

    def _get_dealer_figures(self):
        """What a dealer wants to know first.

        :return: dict: ``sell_in`` and ``sell_in_before`` (this month and the last), ``sell_out`` of ``month`` (the last that was
            reported, False for none), ``stock`` as it follows from both, ``due`` (the month to report, False if it was)
        """
        self.ensure_one()
        company, today = self._get_dealer_company(), fields.Date.context_today(self)
        this_month = today.replace(day=1)
        last_month = this_month - relativedelta(months=1)
        self.env["base"].flush()
        self.env.cr.execute(
            """
            WITH flow AS (
                SELECT month, product_id, sell_in, sell_out, is_reported, coalesce(stock_reported, stock_computed) AS stock
                  FROM crm_dealer_flow WHERE dealer_id = %(dealer)s AND company_id = %(company)s
            ), reported AS (SELECT max(month) AS month FROM flow WHERE is_reported)
            SELECT coalesce(sum(sell_in) FILTER (WHERE flow.month = %(this)s), 0),
                   coalesce(sum(sell_in) FILTER (WHERE flow.month = %(last)s), 0),
                   coalesce(sum(sell_out) FILTER (WHERE flow.month = reported.month), 0), reported.month,
                   (SELECT coalesce(sum(stock), 0)
                      FROM (SELECT DISTINCT ON (product_id) stock FROM flow ORDER BY product_id, month DESC) AS one)
              FROM reported LEFT JOIN flow ON TRUE GROUP BY reported.month
            """,
            {"dealer": self.id, "company": company.id, "this": this_month, "last": last_month},
        )
        sell_in, before, sell_out, month, stock = self.env.cr.fetchone()
        return {
            "sell_in": sell_in,
            "sell_in_before": before,
            "sell_out": sell_out,
            "month": month or False,
            "stock": stock,
            "due": last_month if not month or month < last_month else False,
        }
