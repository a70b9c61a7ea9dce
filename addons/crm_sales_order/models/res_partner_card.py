# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models


class ResPartner(models.Model):
    """Orders and money on the customer card."""

    _inherit = "res.partner"

    def _get_card_numbers(self):
        """Whoever sees what was ordered needs no sum of deals won beside it."""
        numbers, orders = super()._get_card_numbers(), self._get_order_numbers()
        return [number for number in numbers if not orders or number["key"] != "won_value"] + orders

    def _get_order_numbers(self):
        """Confirmed orders and what is open of them, of the orders the reader may see; four queries or five."""
        orders = self.env["sale.order"]
        if self.env.user._is_price_blind() or not orders.check_access_rights("read", raise_exception=False):
            return []
        company = self.commercial_partner_id
        confirmed = [("partner_id", "child_of", company.ids), ("state", "in", ("sale", "done"))]
        currency, today = self.env.company.currency_id, fields.Date.context_today(self)
        count, revenue = 0, 0.0
        for group in orders.read_group(confirmed, ["amount_untaxed"], ["currency_id"]):
            count += group["currency_id_count"]
            own = orders.currency_id.browse(group["currency_id"][0])
            revenue += own._convert(group["amount_untaxed"], currency, self.env.company, today)
        opens = {"action": "sale.action_orders", "domain": confirmed}
        unpaid = {"action": "sale.action_orders", "domain": confirmed + [("amount_open", ">", 0)]}
        money = {"unit": "money", "currency_id": currency.id}
        overdue = {"status": "late"} if company.sales_amount_overdue else {}
        return [
            {"key": "orders", "label": _("Orders"), "value": count, "unit": "count", **opens},
            {"key": "revenue", "label": _("Revenue"), "value": revenue, **opens, **money},
            {"key": "receivable", "label": _("To Collect"), "value": company.sales_amount_open, **unpaid, **money},
            {"key": "overdue", "label": _("Overdue"), "value": company.sales_amount_overdue, **unpaid, **money, **overdue},
        ]
