# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_contracts(self):
        """The rep's contracts: one in force that ends soon, one waiting for the customer, one being written."""
        demo = self._quiet()
        demo._tell_framework()
        demo._tell_offered()

    def _tell_framework(self):
        """A year's framework contract with the customer who ordered most, drawn down by what was ordered since."""
        rep = self.env.ref("crm_core.demo_user_rep")
        orders = self.env["sale.order"].search([("user_id", "=", rep.id), ("state", "=", "sale")], order="date_order, id")
        customer = max(orders.partner_id, key=lambda one: len(orders.filtered(lambda order: order.partner_id == one)))
        orders = orders.filtered(lambda order: order.partner_id == customer)
        start = self._today() - timedelta(days=325)
        template = self.env.ref("crm_sales_order.template_framework")
        contract = self.env["crm.contract"].create(
            {
                **self._prepare_demo_contract(customer, rep),
                "template_id": template.id,
                "amount_total": round(sum(orders.mapped("amount_total")) * 1.4, -4),
                "currency_id": orders[0].currency_id.id,
                "date_start": start,
                "date_end": start + timedelta(days=364),
            }
        )
        contract._freeze()
        signed = self._at(start + timedelta(days=2), 10)
        values = {"signer_name": customer.name, "signed_on": signed, "sent_on": self._at(start, 15), "company_signed_on": signed.date()}
        contract._write_guarded({"state": "executing", "company_signer_id": rep.id, "signed_sha256": contract.document_sha256, **values})
        orders.write({"contract_id": contract.id})

    def _tell_offered(self):
        """Contracts over the rep's two largest quotations that are out."""
        rep = self.env.ref("crm_core.demo_user_rep")
        domain = [("user_id", "=", rep.id), ("state", "=", "sent"), ("validity_date", ">=", self._today())]
        quotations = self.env["sale.order"].search(domain, order="amount_total desc, id", limit=2)
        for quotation, is_sent in zip(quotations, (True, False)):
            contract = quotation._make_contracts()
            if is_sent:
                contract._freeze()

    def _prepare_demo_contract(self, customer, rep):
        return {"partner_id": customer.id, "user_id": rep.id, "team_id": customer.team_id.id, "company_id": rep.company_id.id}
