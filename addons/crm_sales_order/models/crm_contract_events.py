# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """What was delivered takes its contracts further."""
        result = super()._action_done()
        orders = self.sale_id.sudo()
        self.env["crm.contract"]._settle((orders | orders.framework_id).contract_id)
        return result


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def _matched(self):
        """What was collected takes its contracts further."""
        super()._matched()
        self.env["crm.contract"]._settle(self._get_contracts())

    def unlink(self):
        """A payment taken back opens a contract that was done."""
        contracts = self._get_contracts()
        result = super().unlink()
        self.env["crm.contract"]._settle(contracts)
        return result

    def _get_contracts(self):
        """The contracts whose orders these payments pay, in sudo mode; one query."""
        contracts = self.env["crm.contract"].sudo()
        moves = (self.debit_move_id | self.credit_move_id).move_id
        if not moves:
            return contracts
        self.env["sale.order"].flush(["contract_id", "framework_id"])
        self.env.cr.execute(
            """
            SELECT DISTINCT coalesce(sale.contract_id, framework.contract_id)
              FROM account_move_line AS item
              JOIN sale_order_line_invoice_rel AS billed ON billed.invoice_line_id = item.id
              JOIN sale_order_line AS line ON line.id = billed.order_line_id
              JOIN sale_order AS sale ON sale.id = line.order_id
              LEFT JOIN sale_order AS framework ON framework.id = sale.framework_id
             WHERE item.move_id = ANY(%s) AND coalesce(sale.contract_id, framework.contract_id) IS NOT NULL
            """,
            [moves.ids],
        )
        return contracts.browse([contract_id for (contract_id,) in self.env.cr.fetchall()])
