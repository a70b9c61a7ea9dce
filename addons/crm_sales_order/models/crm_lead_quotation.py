# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models
from odoo.addons.crm_core.exceptions import GateError


class CrmLead(models.Model):
    """From the opportunity to its quotation in one click, and what the quotation says back."""

    _inherit = "crm.lead"

    def action_sale_quotations_new(self):
        """One click: a draft with everything known of the customer, open to be filled in."""
        self.ensure_one()
        order = self._create_quotations()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_action_quotation")
        action.update(res_id=order.id, view_mode="form", views=[(False, "form")], domain=[], context={"form_view_initial_mode": "edit"})
        return action

    def _follow_sent_quotations(self):
        """Quote back: worth what was offered last, and in the stage a quotation leads to.

        A gate that does not let the opportunity pass leaves it where it is; the answer says why.

        :return: {lead: what is missing} of those that stay where they are
        """
        leads = self.sudo().filtered(lambda lead: lead.type == "opportunity" and lead.active and not lead.stage_id.is_won)
        orders = self.env["sale.order"].sudo().search([("opportunity_id", "in", leads.ids), ("state", "=", "sent")], order="date_sent, id")
        offered = {order.opportunity_id: order for order in orders}
        refused = {}
        for lead, order in offered.items():
            lead._follow_revenue(order)
            missing = lead._follow_stage()
            if missing:
                refused[lead] = missing
        return refused

    def _follow_revenue(self, order):
        today = fields.Date.context_today(self)
        amount = order.currency_id._convert(order.amount_untaxed, self.company_currency, order.company_id, today)
        if amount and self.company_currency.compare_amounts(self.expected_revenue, amount):
            self.expected_revenue = amount

    def _follow_stage(self):
        """Move one lead on to the stage of quotations. Returns what its gates miss, "" when it moved or need not."""
        stage = self._stage_find(domain=[("is_quoted", "=", True)])
        if not stage or not self._passes_stage(stage) or stage.sequence <= self.stage_id.sequence:
            return ""
        try:
            with self.env.cr.savepoint():
                self.stage_id = stage
                self.flush(["stage_id"])
        except GateError as error:
            return _("“%(lead)s” stays in “%(stage)s”. %(missing)s", lead=self.name, stage=self.stage_id.name, missing=error.args[0])
        return ""
