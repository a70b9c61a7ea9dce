# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models


class CrmContract(models.Model):
    """What the buttons of the form open."""

    _inherit = "crm.contract"

    order_count = fields.Integer(compute="_compute_order_count")

    def _compute_order_count(self):
        groups = self.env["sale.order"].sudo().read_group([("contract_id", "in", self.ids)], ["contract_id"], ["contract_id"])
        counts = {group["contract_id"][0]: group["contract_id_count"] for group in groups}
        for contract in self:
            contract.order_count = counts.get(contract.id, 0)

    def action_open_orders(self):
        """The orders under this contract and its amendments."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_action")
        contracts = (self | self.amendment_ids).ids
        action["domain"] = ["|", ("contract_id", "in", contracts), ("framework_id.contract_id", "in", contracts)]
        action["context"] = {"default_partner_id": self.partner_id.id, "default_contract_id": self.id}
        return action

    def action_open_amendments(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_contract_action")
        return dict(action, name=_("Amendments of %(contract)s", contract=self.name), domain=[("amends_id", "=", self.id)])

    def action_open_renewal(self):
        self.ensure_one()
        return self.renewal_lead_id.get_formview_action()

    def action_print(self):
        """The PDF: as the customer got it, or of a draft as it would be now."""
        return self.env.ref("crm_sales_order.action_report_contract").report_action(self, config=False)
