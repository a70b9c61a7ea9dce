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
            contract = order.contract_id.sudo()
            problem = contract._get_order_problem(order)
            if problem:
                raise SalesOrderError(problem)

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
        if not contract or contract.state == "cancel":
            return False
        if contract._is_in_force():
            return False
        return _(
            "%(order)s is part of contract %(contract)s, which is not in force. It is confirmed when the customer signs the contract.",
            order=self.name,
            contract=contract.name,
        )
