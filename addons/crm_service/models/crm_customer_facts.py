# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.customer import Fact


class ResPartner(models.Model):
    """What service knows of a customer."""

    _inherit = "res.partner"

    @api.model
    def _get_fact_definitions(self):
        return {
            **super()._get_fact_definitions(),
            "open_tickets": Fact(_("Open tickets")),
            "oldest_ticket_date": Fact(_("Oldest open ticket"), "date"),
            "consumable_due_date": Fact(_("Next replacement due"), "date"),
            "warranty_end_date": Fact(_("Next warranty to end"), "date"),
        }

    @api.model
    def _get_fact_queries(self):
        """A product to replace is due so many months after the customer last got it: each product counts by itself."""
        return super()._get_fact_queries() + [
            (
                ("open_tickets", "oldest_ticket_date"),
                """
                SELECT asker.commercial_partner_id, count(*), min(ticket.create_date)::date
                  FROM helpdesk_ticket AS ticket
                  JOIN res_partner AS asker ON asker.id = ticket.partner_id
                  JOIN helpdesk_ticket_stage AS stage ON stage.id = ticket.stage_id
                 WHERE asker.commercial_partner_id = ANY(%(ids)s) AND ticket.active AND stage.closed IS NOT TRUE
                 GROUP BY 1
                """,
            ),
            (
                ("consumable_due_date",),
                """
                SELECT company_id, min(due) FROM (
                    SELECT buyer.commercial_partner_id AS company_id, line.product_id,
                           (max(coalesce(sale.effective_date, sale.date_order::date)) + template.replace_months * interval '1 month')::date
                               AS due
                      FROM sale_order AS sale
                      JOIN res_partner AS buyer ON buyer.id = sale.partner_id
                      JOIN sale_order_line AS line ON line.order_id = sale.id AND line.qty_delivered > 0
                      JOIN product_product AS product ON product.id = line.product_id
                      JOIN product_template AS template ON template.id = product.product_tmpl_id AND template.replace_months > 0
                     WHERE buyer.commercial_partner_id = ANY(%(ids)s) AND sale.state IN ('sale', 'done')
                     GROUP BY 1, 2, template.replace_months
                ) AS products GROUP BY 1
                """,
            ),
            (
                ("warranty_end_date",),
                """
                SELECT partner_id, min(warranty_until) FROM crm_service_asset
                 WHERE partner_id = ANY(%(ids)s) AND active AND warranty_until >= %(today)s
                 GROUP BY 1
                """,
            ),
        ]
