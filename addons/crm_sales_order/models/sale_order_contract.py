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

    waits_for_contract = fields.Boolean(compute="_compute_waits_for_contract", help="Whether only a contract's signature confirms it.")

    @api.depends("contract_id.state", "order_type_id")
    def _compute_waits_for_contract(self):
        for order in self:
            order.waits_for_contract = bool(order._get_contract_problem())

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

    def _get_next_action(self):
        """While the contract is under way, it is what takes the quotation further."""
        action = super()._get_next_action()
        return "contract" if action == "confirm" and self.waits_for_contract else action
