# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models


class StockMove(models.Model):
    """Goods that leave for nothing become an expense (``sale.order.line._get_expense_account``).

    Valued in real time, the entry Odoo makes for the stock goes there in place of the stock output account. Valued
    periodically, Odoo makes none: what was bought is in the category's expense account, and moves from there.
    """

    _inherit = "stock.move"

    def _get_accounting_data_for_valuation(self):
        journal, source, destination, valuation = super()._get_accounting_data_for_valuation()
        line = self.sudo()._get_given_line()
        account = line and line._get_expense_account()
        return journal, source, account.id if account else destination, valuation

    def _get_given_line(self):
        """The line that gave these goods out, also of those that come back by a return."""
        return self.sale_line_id.returned_line_id or self.sale_line_id

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        values = []
        for move in moves.sudo().filtered("sale_line_id"):
            account = move._get_given_line()._get_expense_account()
            if account and (move.product_id.type != "product" or move.product_id.valuation == "manual_periodic"):
                values += move._prepare_expense_entries(account)
        if values:
            self.env["account.move"].sudo().create(values)._post(soft=False)
        return moves

    def _prepare_expense_entries(self, account):
        """Entry values of the cost of this move; a return takes it back. None when it cost nothing."""
        self.ensure_one()
        cost = -sum(self.stock_valuation_layer_ids.mapped("value"))
        expense = self._get_product_accounts()["expense"]
        if self.company_id.currency_id.is_zero(cost) or expense == account:
            return []
        name = _("%(order)s: %(product)s", order=self.sale_line_id.order_id.name, product=self.product_id.display_name)
        return [self._prepare_entry([self._prepare_entry_item(account, cost, name), self._prepare_entry_item(expense, -cost, name)], name)]

    def _get_product_accounts(self):
        return self.product_id.product_tmpl_id.with_company(self.company_id).get_product_accounts()

    def _prepare_entry(self, items, name):
        journal = self._get_product_accounts()["stock_journal"] or self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company_id.id)], limit=1
        )
        return {
            "journal_id": journal.id,
            "date": fields.Date.context_today(self),
            "ref": name,
            "stock_move_id": self.id,
            "line_ids": [(0, 0, item) for item in items],
        }

    def _prepare_entry_item(self, account, balance, name):
        return {
            "account_id": account.id,
            "name": name,
            "product_id": self.product_id.id,
            "debit": max(balance, 0.0),
            "credit": max(-balance, 0.0),
        }
