# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import SalesOrderError


class SaleOrder(models.Model):
    """From a quotation to its contract."""

    _inherit = "sale.order"

    def _make_contracts(self):
        """Give each quotation of ``self`` that is under no contract one of its own, in draft; the others keep theirs.

        For the customer's yes to a quotation that needs one (called in sudo mode by the portal; the salesperson is told), and
        for the button. Returns the contracts of all of ``self``.

        :rtype: crm.contract
        """
        lacking = self.filtered(lambda order: not order.contract_id or order.contract_id.state == "cancel")
        contracts = self.env["crm.contract"].create([order._prepare_contract() for order in lacking])
        for order, contract in zip(lacking, contracts):
            order.contract_id = contract
        for order in lacking.filtered(lambda order: order.signature and order.user_id):
            order.with_context(lang=order.user_id.lang)._tell_contract_wanted()
        return self.contract_id

    def _signed_by_customer(self):
        """The customer's yes to a quotation that needs a contract makes the contract; its own signature confirms the order."""
        waiting = self.filtered("waits_for_contract")
        waiting._make_contracts()
        return super(SaleOrder, self - waiting)._signed_by_customer()

    def _tell_contract_wanted(self):
        contract = self.contract_id
        subject = _("%(order)s is signed: send contract %(contract)s", order=self.name, contract=contract.name)
        key = "crm.contract,%d,wanted" % contract.id
        self.env["crm.notification"]._notify(self.user_id, subject, subject, record=contract, key=key)

    def _prepare_contract(self):
        """Values of the contract made from this quotation; hook for more."""
        self.ensure_one()
        template = self.order_type_id.sudo().contract_template_id or self._get_contract_template()
        values = {
            "partner_id": self.partner_id.commercial_partner_id.id,
            "signatory_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "template_id": template.id,
        }
        return values if template else dict(values, title=_("Contract %(order)s", order=self.name))

    def _get_contract_template(self):
        domain = [("company_id", "in", [False, self.company_id.id]), ("framework", "=", False)]
        return self.env["crm.contract.template"].sudo().search(domain, limit=1)

    def action_make_contract(self):
        """Make the contract for this quotation, or open the one it has."""
        self.ensure_one()
        self.check_access_rule("write")
        if self.state not in ("draft", "sent") and not self.contract_id:
            raise SalesOrderError(_("%(order)s is confirmed: a contract is made from a quotation.", order=self.name))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.contract",
            "res_id": self._make_contracts().id,
            "view_mode": "form",
        }
