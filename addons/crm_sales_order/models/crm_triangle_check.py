# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import formatLang

from ..exceptions import SalesOrderError

KEEP_DAYS = 90
#: Each finds (order, entry, currency, expected, found) that are not equal; of one company
CHECKS = {
    "plan": """
        SELECT sale.id, NULL, currency.id, sale.amount_total, SUM(part.amount)
          FROM sale_order sale
          JOIN sale_order_instalment part ON part.order_id = sale.id
          JOIN res_currency currency ON currency.id = sale.currency_id
         WHERE sale.state IN ('sale', 'done') AND sale.company_id = %(company)s
         GROUP BY sale.id, currency.id
        HAVING ABS(sale.amount_total - SUM(part.amount)) > currency.rounding / 2
    """,
    "ordered": """
        SELECT sale.id, NULL, currency.id, sale.triangle_ordered,
               sale.triangle_invoiced + sale.triangle_to_invoice + sale.triangle_cancelled
          FROM sale_order sale
          JOIN res_currency currency ON currency.id = sale.currency_id
         WHERE sale.company_id = %(company)s
           AND ABS(sale.triangle_ordered - sale.triangle_invoiced - sale.triangle_to_invoice - sale.triangle_cancelled)
               > currency.rounding / 2
    """,
    "invoiced": """
        SELECT sale.id, NULL, currency.id, sale.triangle_invoiced,
               sale.triangle_collected + sale.triangle_open + sale.triangle_credited + sale.triangle_written_off
          FROM sale_order sale
          JOIN res_currency currency ON currency.id = sale.currency_id
         WHERE sale.company_id = %(company)s
           AND ABS(sale.triangle_invoiced - sale.triangle_collected - sale.triangle_open - sale.triangle_credited
                   - sale.triangle_written_off) > currency.rounding / 2
    """,
    "billed": """
        SELECT sale.id, NULL, sale.currency_id, COALESCE(ledger.amount, 0), COALESCE(sale.amount_billed, 0)
          FROM sale_order sale
          JOIN res_currency currency ON currency.id = sale.currency_id
          LEFT JOIN (
                   SELECT line.order_id, SUM(CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * item.price_total) AS amount
                     FROM account_move move
                     JOIN account_move_line item ON item.move_id = move.id
                     JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                     JOIN sale_order_line line ON line.id = rel.order_line_id
                    WHERE move.state = 'posted' AND move.company_id = %(company)s
                    GROUP BY line.order_id
               ) ledger ON ledger.order_id = sale.id
         WHERE sale.company_id = %(company)s AND ABS(COALESCE(ledger.amount, 0) - COALESCE(sale.amount_billed, 0)) > currency.rounding / 2
    """,
    # an invoice over several orders is shared out to the cent; each share may be a cent or two from its proportion
    "settled": """
        SELECT sale.id, NULL, sale.currency_id, ledger.amount, sale.triangle_open
          FROM (
                   SELECT line.order_id, COUNT(DISTINCT move.id) AS moves,
                          SUM(CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                              * item.price_total * move.amount_residual / NULLIF(move.amount_total, 0)) AS amount
                     FROM account_move move
                     JOIN account_move_line item ON item.move_id = move.id
                     JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                     JOIN sale_order_line line ON line.id = rel.order_line_id
                     JOIN sale_order billed ON billed.id = line.order_id AND billed.currency_id = move.currency_id
                    WHERE move.state = 'posted' AND move.company_id = %(company)s
                    GROUP BY line.order_id
               ) ledger
          JOIN sale_order sale ON sale.id = ledger.order_id AND (sale.state IN ('sale', 'done') OR sale.is_called_off)
          JOIN res_currency currency ON currency.id = sale.currency_id
         WHERE sale.flow IS DISTINCT FROM 'framework'
           AND ABS(COALESCE(ledger.amount, 0) - sale.triangle_open) > currency.rounding * (2 * ledger.moves + 0.5)
    """,
    "invoice": """
        SELECT NULL, move.id, move.currency_id, move.amount_total, move.amount_residual + COALESCE(settled.amount, 0)
          FROM account_move move
          JOIN res_currency currency ON currency.id = move.currency_id
          LEFT JOIN (
                   SELECT item.move_id, SUM(match.amount) AS amount
                     FROM (
                              SELECT debit_move_id AS item_id, debit_amount_currency AS amount FROM account_partial_reconcile
                               UNION ALL
                              SELECT credit_move_id, -credit_amount_currency FROM account_partial_reconcile
                          ) match
                     JOIN account_move_line item ON item.id = match.item_id
                     JOIN account_account account ON account.id = item.account_id AND account.internal_type = 'receivable'
                    WHERE item.company_id = %(company)s
                    GROUP BY item.move_id
               ) signed ON signed.move_id = move.id
          CROSS JOIN LATERAL (SELECT CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * signed.amount AS amount) settled
         WHERE move.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND move.state = 'posted' AND move.company_id = %(company)s
           AND ABS(move.amount_total - move.amount_residual - COALESCE(settled.amount, 0)) > currency.rounding / 2
    """,
    "item": """
        SELECT NULL, item.move_id, currency.id, item.balance, item.amount_residual + COALESCE(settled.amount, 0)
          FROM account_move_line item
          JOIN account_account account ON account.id = item.account_id AND account.internal_type = 'receivable'
          JOIN res_company company ON company.id = item.company_id
          JOIN res_currency currency ON currency.id = company.currency_id
          LEFT JOIN (
                   SELECT match.item_id, SUM(match.amount) AS amount
                     FROM (
                              SELECT debit_move_id AS item_id, amount FROM account_partial_reconcile WHERE company_id = %(company)s
                               UNION ALL
                              SELECT credit_move_id, -amount FROM account_partial_reconcile WHERE company_id = %(company)s
                          ) match
                    GROUP BY match.item_id
               ) settled ON settled.item_id = item.id
         WHERE item.parent_state = 'posted' AND item.company_id = %(company)s
           AND ABS(item.balance - item.amount_residual - COALESCE(settled.amount, 0)) > currency.rounding / 2
    """,
}
#: The receivable accounts of the ledger by what their items are: (balance, invoices, credit notes, receipts, manual entries)
LEDGER = """
    SELECT COALESCE(SUM(item.balance), 0),
           COALESCE(SUM(item.amount_residual) FILTER (WHERE move.move_type IN ('out_invoice', 'out_receipt')), 0),
           COALESCE(SUM(item.amount_residual) FILTER (WHERE move.move_type = 'out_refund'), 0),
           COALESCE(SUM(item.amount_residual) FILTER (WHERE move.move_type = 'entry' AND journal.type IN ('bank', 'cash')), 0),
           COALESCE(SUM(item.amount_residual) FILTER (
               WHERE move.move_type NOT IN ('out_invoice', 'out_receipt', 'out_refund')
                 AND NOT (move.move_type = 'entry' AND journal.type IN ('bank', 'cash'))), 0)
      FROM account_move_line item
      JOIN account_account account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN account_move move ON move.id = item.move_id
      JOIN account_journal journal ON journal.id = item.journal_id
     WHERE item.parent_state = 'posted' AND item.company_id = %s
"""


class CrmTriangleCheck(models.Model):
    """One proof of the three identities against the ledger of a company, and what it found not to hold.

    Read set-based, a query per rule, whatever the number of orders and entries::

        ordered  = invoiced + still to invoice + cancelled                            (crm.triangle)
        invoiced = collected + open + credited + written off                          (crm.triangle)
        open invoices − credit notes − receipts + manual entries = ledger             (receivable accounts)
    """

    _name = "crm.triangle.check"
    _description = "Triangle Check"
    _order = "id desc"
    _rec_name = "create_date"

    company_id = fields.Many2one("res.company", "Company", required=True, readonly=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection([("holds", "All Holds"), ("broken", "Does Not Hold")], required=True, readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    ordered = fields.Monetary(readonly=True)
    invoiced = fields.Monetary(readonly=True)
    to_invoice = fields.Monetary("Still to Invoice", readonly=True)
    cancelled = fields.Monetary(readonly=True)
    collected = fields.Monetary(readonly=True)
    open = fields.Monetary(readonly=True)
    credited = fields.Monetary(readonly=True)
    written_off = fields.Monetary(readonly=True)
    claim = fields.Monetary("Due, Not Invoiced", readonly=True)
    open_invoices = fields.Monetary(readonly=True)
    open_credits = fields.Monetary("Open Credit Notes", readonly=True)
    open_receipts = fields.Monetary("Receipts Not Allocated", readonly=True)
    open_manual = fields.Monetary("Manual Entries", readonly=True)
    balance = fields.Monetary("Receivable Accounts", readonly=True)
    finding_ids = fields.One2many("crm.triangle.finding", "check_id", "What Does Not Hold", readonly=True)

    # -- doors ---------------------------------------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """The latest check of the company; the first one is made now."""
        self._check_finance()
        check = self.search([("company_id", "=", self.env.company.id)], limit=1) or self._run(self.env.company)
        return check._get_action()

    @api.model
    def action_check_now(self):
        """Prove the identities of the company anew."""
        self._check_finance()
        return self._run(self.env.company)._get_action()

    def _get_action(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_triangle_check_action")
        return dict(action, views=[(False, "form")], view_mode="form", res_id=self.id, target="current")

    def _check_finance(self):
        user = self.env.user
        if not (self.env.su or user.has_group("crm_sales_order.group_finance") or user.has_group("crm_core.group_executive")):
            raise SalesOrderError(_("Finance checks the triangle against the ledger: ask them."))

    @api.model
    def _cron_check(self):
        """Every night, in each company; finance is told of what does not hold."""
        self.search([("create_date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS))]).unlink()
        for company in self.env["res.company"].search([]):
            check = self._run(company)
            if check.state == "broken":
                check._tell_finance()

    # -- the proof -----------------------------------------------------------------------------------------------------

    @api.model
    def _run(self, company):
        """A new check of ``company``. Cost: some queries, each over its orders or its receivable items."""
        self.env["base"].flush()
        findings = [(0, 0, values) for kind in CHECKS for values in self._find(kind, company)]
        values = {**self._sum_orders(company), **self._sum_ledger(company)}
        open_amounts = [values[name] for name in ("open_invoices", "open_manual")]
        gap = values["balance"] - sum(open_amounts) + values["open_credits"] + values["open_receipts"]
        holds = not findings and company.currency_id.is_zero(gap)
        state = "holds" if holds else "broken"
        return self.sudo().create({"company_id": company.id, "state": state, "finding_ids": findings, **values}).with_env(self.env)

    def _find(self, kind, company):
        self.env.cr.execute(CHECKS[kind], {"company": company.id})
        names = ("order_id", "move_id", "currency_id", "expected", "found")
        rows = [dict(zip(names, row), kind=kind) for row in self.env.cr.fetchall()]
        return [dict(row, difference=float(row["found"] or 0) - float(row["expected"] or 0)) for row in rows]

    def _sum_orders(self, company):
        names = ("ordered", "invoiced", "to_invoice", "cancelled", "collected", "open", "credited", "written_off", "claim")
        query = "SELECT COUNT(*), %s FROM crm_triangle WHERE company_id = %%s" % ", ".join("COALESCE(SUM(%s), 0)" % name for name in names)
        self.env.cr.execute(query, [company.id])  # pylint: disable=sql-injection  # names are those above
        return dict(zip(("order_count", *names), self.env.cr.fetchone()))

    def _sum_ledger(self, company):
        self.env.cr.execute(LEDGER, [company.id])
        balance, invoices, credits, receipts, manual = self.env.cr.fetchone()
        return {
            "balance": balance,
            "open_invoices": invoices,
            "open_credits": -credits,
            "open_receipts": -receipts,
            "open_manual": manual,
        }

    def _tell_finance(self):
        self.ensure_one()
        finance = self.env.ref("crm_sales_order.group_finance").users.filtered(lambda user: self.company_id in user.company_ids)
        balance = formatLang(self.env, self.balance, currency_obj=self.currency_id)
        self.env["crm.notification"].sudo()._notify(
            finance,
            _("The receivable triangle does not hold"),
            _(
                "%(count)s orders or entries of %(company)s do not tie to the receivable accounts (%(balance)s). "
                "Open the check: it lists each with a link.",
                count=len(self.finding_ids),
                company=self.company_id.name,
                balance=balance,
            ),
            record=self,
            key="triangle-%s-%s" % (self.company_id.id, fields.Date.context_today(self)),
        )
