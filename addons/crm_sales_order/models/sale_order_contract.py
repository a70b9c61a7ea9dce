# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError


class SaleOrder(models.Model):
    """Orders under a contract: its signature confirms them, and nothing else does."""

    _inherit = "sale.order"

    contract_id = fields.Many2one(
        "crm.contract",
        string="Contract",
        index=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
        help="The contract this order is part of, or is called off from.",
    )
    next_action = fields.Selection(selection_add=[("contract", "Have the contract signed"), ("deliver",)])
    contract_state = fields.Selection(related="contract_id.state", string="State of the Contract")
    contract_required = fields.Boolean(related="order_type_id.contract_required")

    # ------------------------------------------------------------------ doors

    @api.model
    def create(self, vals):
        order = super().create(vals)
        if order.contract_id:
            order._check_joins_contract()
        return order

    def write(self, vals):
        if "contract_id" not in vals:
            return super().write(vals)
        moving = self.filtered(lambda order: order.contract_id.id != vals["contract_id"])
        moving._check_leaves_contract()
        result = super().write(vals)
        moving._check_joins_contract()
        return result

    def _check_leaves_contract(self):
        """:raise SalesOrderError: when an order belongs to a contract that was sent or signed with it"""
        for order in self:
            contract = order.contract_id.sudo()
            if contract and contract.state not in ("draft", "cancel") and order.state != "cancel":
                raise SalesOrderError(
                    _(
                        "%(order)s is part of contract %(contract)s and stays there. Take the contract back to draft first, "
                        "or amend it.",
                        order=order.name,
                        contract=contract.name,
                    )
                )

    def _check_joins_contract(self):
        """:raise SalesOrderError: when an order does not fit the contract it was put under"""
        for order in self.filtered("contract_id"):
            problem = order.contract_id.sudo()._get_order_problem(order)
            if problem:
                raise SalesOrderError(problem)

    # ------------------------------------------------------------------ confirming

    def _check_can_confirm(self):
        """An order under a contract is confirmed by its signature; a call-off while the framework contract is in force."""
        super()._check_can_confirm()
        for order in self:
            problem = order._get_contract_problem()
            if problem:
                raise SalesOrderError(problem)

    def _get_contract_problem(self):
        """Why the order cannot be confirmed for its contract's sake, in words; False when it can."""
        self.ensure_one()
        contract = self.contract_id.sudo()
        if contract and contract.state != "cancel":
            return False if contract._is_in_force() else self._explain_contract(contract)
        if self.contract_required:
            return _("Orders like %(order)s need a signed contract: make one with “Make Contract”, and send it.", order=self.name)
        return False

    def _explain_contract(self, contract):
        if contract.state in ("draft", "approval", "sent"):
            return _(
                "%(order)s is part of contract %(contract)s: it is confirmed when the customer signs that.",
                order=self.name,
                contract=contract.name,
            )
        return _("%(order)s: contract %(contract)s is over. Make a new contract.", order=self.name, contract=contract.name)

    # ------------------------------------------------------------------ making contracts

    def _make_contracts(self):
        """Give each quotation of ``self`` that is under no contract one of its own, in draft; the others keep theirs.

        For the customer's yes to a quotation whose type wants a contract (called in sudo mode by the portal), and for the
        button. The salesperson is told. Returns the contracts of all of ``self``.

        :rtype: crm.contract
        """
        lacking = self.filtered(lambda order: not order.contract_id or order.contract_id.state == "cancel")
        contracts = self.env["crm.contract"].create([order._prepare_contract() for order in lacking])
        for order, contract in zip(lacking, contracts):
            order.contract_id = contract
        return self.contract_id

    def _signed_by_customer(self):
        """The customer's yes to a quotation that needs a contract makes the contract; its own signature confirms the order."""
        waiting = self.filtered(lambda order: order._get_contract_problem())
        waiting._make_contracts()
        for order in waiting.filtered("user_id"):
            told = order.with_context(lang=order.user_id.lang)
            told._tell_contract_wanted()
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

    def _get_next_action(self):
        """While the contract is under way, it is what takes the quotation further."""
        action = super()._get_next_action()
        return "contract" if action == "confirm" and (self.contract_id or self.contract_required) else action
