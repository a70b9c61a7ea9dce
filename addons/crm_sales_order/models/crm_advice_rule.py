# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmAdviceRule(models.Model):
    _inherit = "crm.advice.rule"

    action = fields.Selection(
        selection_add=[("quotations", "Show quotations"), ("unpaid", "Show unpaid orders")],
        ondelete={"quotations": "set null", "unpaid": "set null"},
    )

    @api.model
    def _get_quotations_action(self, record):
        return self._get_orders_action(record, _("Quotations of %s", record.display_name), [("state", "in", ("draft", "sent"))])

    @api.model
    def _get_unpaid_action(self, record):
        return self._get_orders_action(record, _("Unpaid Orders of %s", record.display_name), [("amount_open", ">", 0)])

    @api.model
    def _get_orders_action(self, record, title, domain):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "sale.order",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "child_of", record.commercial_partner_id.ids), *domain],
            "context": {"default_partner_id": record.commercial_partner_id.id},
        }
