# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models


class ResPartner(models.Model):
    """From the customer to what is open, what was paid, and the statement of account."""

    _inherit = "res.partner"

    def action_view_receivable_items(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_receivable_item_action")
        return dict(action, name=_("Open Items"), domain=[("partner_id", "=", self.commercial_partner_id.id)], context={})

    def action_view_collections(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_collection_report_action")
        return dict(action, domain=[("partner_id", "=", self.commercial_partner_id.id)], context={})

    def action_account_statement(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_account_statement_action")
        return dict(action, context={"default_partner_id": self.commercial_partner_id.id})
