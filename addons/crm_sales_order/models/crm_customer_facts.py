# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.customer import Fact
from odoo.addons.crm_core.models.crm_customer_facts import RATES


class ResPartner(models.Model):
    """What quotations, orders and the ledger know of a customer."""

    _inherit = "res.partner"

    @api.model
    def _get_fact_definitions(self):
        return {
            **super()._get_fact_definitions(),
            "quotes_open": Fact(_("Open quotations")),
            "quotes_unopened": Fact(_("Quotations sent and not opened")),
            "unopened_since": Fact(_("Oldest quotation not opened"), "date"),
            "quote_expiry_date": Fact(_("Next quotation to expire"), "date"),
            "quotes_expired": Fact(_("Expired quotations")),
            "last_quote_date": Fact(_("Last quotation"), "date"),
            "orders": Fact(_("Orders")),
            "revenue": Fact(_("Ordered in all"), "money"),
            "first_order_date": Fact(_("First order"), "date"),
            "last_order_date": Fact(_("Last order"), "date"),
            "receivable": Fact(_("To collect"), "money"),
            "overdue": Fact(_("Overdue"), "money"),
            "overdue_since": Fact(_("Overdue since"), "date"),
        }

    @api.model
    def _get_fact_queries(self):
        """Orders with their totals, tax included; what is to collect as the ledger says: open items of receivable accounts."""
        return super()._get_fact_queries() + [
            (
                (
                    "quotes_open",
                    "quotes_unopened",
                    "unopened_since",
                    "quote_expiry_date",
                    "quotes_expired",
                    "last_quote_date",
                    "orders",
                    "revenue",
                    "first_order_date",
                    "last_order_date",
                ),
                f"""
                SELECT buyer.commercial_partner_id,
                       count(*) FILTER (WHERE sale.state IN ('draft', 'sent')),
                       count(*) FILTER (WHERE sale.state = 'sent' AND sale.date_opened IS NULL),
                       (min(sale.date_order) FILTER (WHERE sale.state = 'sent' AND sale.date_opened IS NULL))::date,
                       min(sale.validity_date) FILTER (WHERE sale.state = 'sent' AND sale.validity_date >= %(today)s),
                       count(*) FILTER (WHERE sale.state = 'sent' AND sale.validity_date < %(today)s),
                       (max(sale.date_order) FILTER (WHERE sale.state IN ('draft', 'sent')))::date,
                       count(*) FILTER (WHERE sale.state IN ('sale', 'done') AND sale.flow IS DISTINCT FROM 'framework'),
                       sum(sale.amount_total / coalesce(nullif(sale.currency_rate, 0), 1) * rates.rate)
                           FILTER (WHERE sale.state IN ('sale', 'done') AND sale.flow IS DISTINCT FROM 'framework'),
                       (min(sale.date_order) FILTER (WHERE sale.state IN ('sale', 'done')))::date,
                       (max(sale.date_order) FILTER (WHERE sale.state IN ('sale', 'done')))::date
                  FROM sale_order AS sale
                  JOIN res_partner AS buyer ON buyer.id = sale.partner_id
                  JOIN {RATES} ON rates.company_id = sale.company_id
                 WHERE buyer.commercial_partner_id = ANY(%(ids)s)
                 GROUP BY 1
                """,
            ),
            (
                ("receivable", "overdue", "overdue_since"),
                f"""
                SELECT item.partner_id,
                       sum(item.amount_residual * rates.rate),
                       greatest(0, sum(item.amount_residual * rates.rate) FILTER (WHERE item.date_maturity < %(today)s)),
                       min(item.date_maturity) FILTER (WHERE item.date_maturity < %(today)s AND item.amount_residual > 0)
                  FROM account_move_line AS item
                  JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
                  JOIN {RATES} ON rates.company_id = item.company_id
                 WHERE item.partner_id = ANY(%(ids)s) AND item.parent_state = 'posted' AND NOT item.reconciled
                 GROUP BY 1
                """,
            ),
        ]
