# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.tools.misc import formatLang

#: Invoices a message names
SHOWN = 10


class AccountBankStatementLine(models.Model):
    """Who sold it is told that it was paid: one message for all that a run has booked."""

    _inherit = "account.bank.statement.line"

    def _tell_reps(self):
        """Tell the salespeople of the invoices that the booked lines of ``self`` have paid, each of them once."""
        paid = {}
        for user_id, *row in self._get_paid_invoices():
            paid.setdefault(user_id, []).append(row)
        users = self.env["res.users"].sudo().browse(paid) - self.env.user
        self.env["crm.notification"]._notify_batch([self._prepare_payment_message(user, paid[user.id]) for user in users])

    def _get_paid_invoices(self):
        """[(user id, invoice id, amount, in all), …], for each user the first ``SHOWN``, as booked."""
        self.flush()
        self.env.cr.execute(
            """
            SELECT user_id, id, amount, total
              FROM (SELECT move.id, users.user_id, sum(partial.debit_amount_currency) AS amount,
                           count(*) OVER (PARTITION BY users.user_id) AS total,
                           row_number() OVER (PARTITION BY users.user_id ORDER BY min(partial.id)) AS place
                      FROM account_bank_statement_line AS line
                      JOIN account_move_line AS credit ON credit.move_id = line.move_id
                      JOIN account_partial_reconcile AS partial ON partial.credit_move_id = credit.id
                      JOIN account_move_line AS debit ON debit.id = partial.debit_move_id
                      JOIN account_move AS move ON move.id = debit.move_id AND move.move_type = 'out_invoice'
                      JOIN res_partner AS customer ON customer.id = move.commercial_partner_id
                     CROSS JOIN LATERAL (SELECT coalesce(move.invoice_user_id, customer.user_id) AS user_id) AS users
                     WHERE line.id = ANY(%s) AND users.user_id IS NOT NULL
                     GROUP BY move.id, users.user_id) AS paid
             WHERE place <= %s
             ORDER BY user_id, place
            """,
            [self.ids, SHOWN],
        )
        return self.env.cr.fetchall()

    @api.model
    def _prepare_payment_message(self, user, rows):
        """One message for ``user``. ``rows``: [(invoice id, amount, in all)]"""
        lines = self.with_context(lang=user.lang or "en_US").sudo()
        invoices = lines.env["account.move"].browse([invoice_id for invoice_id, _amount, _total in rows])
        total = rows[0][2]
        body = [lines._describe_paid(invoice, amount) for invoice, (_id, amount, _total) in zip(invoices, rows)]
        if total > len(rows):
            body.append(lines._get_more_text(total - len(rows)))
        orders = invoices.invoice_line_ids.sale_line_ids.order_id
        alone = len(orders) == 1 == total
        return {
            "users": user,
            "subject": lines._get_paid_title(invoices[0] if total == 1 else None, total),
            "body": "\n".join(body),
            "record": orders if alone else None,
        }

    @api.model
    def _get_paid_title(self, invoice, total):
        if invoice:
            return _("Payment from %s", invoice.commercial_partner_id.name)
        return _("Payments on %d of your invoices", total)

    @api.model
    def _get_more_text(self, count):
        return _("and %d more", count)

    @api.model
    def _describe_paid(self, invoice, amount):
        currency = invoice.currency_id
        text = _(
            "• %(customer)s: %(amount)s for %(invoice)s",
            customer=invoice.commercial_partner_id.name,
            amount=formatLang(self.env, amount, currency_obj=currency),
            invoice=" · ".join(filter(None, (invoice.name, invoice.invoice_origin))),
        )
        if currency.is_zero(invoice.amount_residual):
            return text
        rest = formatLang(self.env, invoice.amount_residual, currency_obj=currency)
        return _("%(payment)s; %(open)s still open", payment=text, open=rest)
