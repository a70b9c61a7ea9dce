# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.customer import Fact


class ResPartner(models.Model):
    """What is known of a customer that is a dealer."""

    _inherit = "res.partner"

    @api.model
    def _get_fact_definitions(self):
        return {
            **super()._get_fact_definitions(),
            "dealer_slow": Fact(_("Dealer: slow")),
            "dealer_empty": Fact(_("Dealer: products running out")),
            "dealer_to_review": Fact(_("Dealer: hand-ins to review")),
        }

    @api.model
    def _get_fact_queries(self):
        return super()._get_fact_queries() + [
            (
                ("dealer_slow", "dealer_empty"),
                """
                SELECT dealer_id, count(*) FILTER (WHERE kind <> 'empty'), count(*) FILTER (WHERE kind = 'empty')
                  FROM crm_dealer_flag
                 WHERE dealer_id = ANY(%(ids)s) AND state = 'open' AND company_id = %(company)s GROUP BY 1
                """,
            ),
            (
                ("dealer_to_review",),
                """
                SELECT dealer_id, count(*) FROM crm_dealer_task_line
                 WHERE dealer_id = ANY(%(ids)s) AND state = 'submitted' AND company_id = %(company)s GROUP BY 1
                """,
            ),
        ]


class CrmAdviceRule(models.Model):
    _inherit = "crm.advice.rule"

    action = fields.Selection(
        selection_add=[("dealer_flags", "Show what is flagged"), ("dealer_review", "Show what is handed in")],
        ondelete={"dealer_flags": "set null", "dealer_review": "set null"},
    )

    @api.model
    def _get_dealer_flags_action(self, record):
        return record.commercial_partner_id.action_open_dealer_flags()

    @api.model
    def _get_dealer_review_action(self, record):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_dealer_task_line_action")
        return {**action, "domain": [("dealer_id", "=", record.commercial_partner_id.id)]}
