# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from psycopg2.extras import execute_values

from ..engine import payment_behaviour

#: Invoices due in so many days past tell how a customer pays today
WINDOW_DAYS = 730
#: Due amounts of customer invoices, and the money that came for them; write-offs and exchange differences are no money
QUERY = """
    WITH item AS (
        SELECT item.id, item.move_id, item.company_id, partner.commercial_partner_id AS partner_id,
               coalesce(item.date_maturity, item.date) AS date_due, item.amount_residual
          FROM account_move_line AS item
          JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
          JOIN account_move AS move ON move.id = item.move_id AND move.move_type IN ('out_invoice', 'out_receipt')
          JOIN res_partner AS partner ON partner.id = item.partner_id
         WHERE item.parent_state = 'posted' AND item.balance > 0
           AND coalesce(item.date_maturity, item.date) >= %(since)s
           AND (%(ids)s IS NULL OR partner.commercial_partner_id = ANY(%(ids)s))
    ), money AS (
        SELECT item.id, part.amount, part.max_date - item.date_due AS days
          FROM item
          JOIN account_partial_reconcile AS part ON part.debit_move_id = item.id
          JOIN account_move_line AS received ON received.id = part.credit_move_id
          JOIN account_journal AS journal ON journal.id = received.journal_id AND journal.type IN ('bank', 'cash')
    ), paid AS (
        SELECT id, sum(amount) AS paid, sum(amount) FILTER (WHERE days > 0) AS late, sum(amount * days) AS weighted
          FROM money GROUP BY id
    )
    SELECT item.partner_id, item.company_id, count(DISTINCT item.move_id),
           coalesce(sum(paid.paid), 0), coalesce(sum(paid.late), 0), coalesce(sum(paid.weighted), 0),
           coalesce(max(%(today)s - item.date_due) FILTER (WHERE item.amount_residual > 0 AND item.date_due < %(today)s), 0)
      FROM item
      LEFT JOIN paid ON paid.id = item.id
     WHERE paid.paid > 0 OR (item.amount_residual > 0 AND item.date_due < %(today)s)
     GROUP BY 1, 2
     ORDER BY 1, 2
"""
UPSERT = """
    INSERT INTO crm_payment_behaviour AS known
           (partner_id, company_id, invoice_count, amount_paid, days_late, late_share, overdue_days, grade, decided_by, date)
    VALUES %s
    ON CONFLICT (partner_id, company_id) DO UPDATE
       SET invoice_count = excluded.invoice_count, amount_paid = excluded.amount_paid, days_late = excluded.days_late,
           late_share = excluded.late_share, overdue_days = excluded.overdue_days, grade = excluded.grade,
           decided_by = excluded.decided_by, date = excluded.date
"""


class CrmPaymentBehaviour(models.Model):
    """How a customer pays one of our companies, and the grade that follows; written by :meth:`_refresh` only.

    That runs with the rest of what is known of a customer: a minute after a payment, and every night (res_partner_behaviour.py).
    Customers without a due or paid invoice in the last two years have no record: nothing is known of them.
    """

    _name = "crm.payment.behaviour"
    _description = "Payment Behaviour"
    _log_access = False
    _rec_name = "partner_id"
    _order = "grade desc, days_late desc, id"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    invoice_count = fields.Integer("Invoices", readonly=True, help="Paid at least in part, or overdue, in the last two years.")
    amount_paid = fields.Monetary("Paid", readonly=True)
    days_late = fields.Float(
        "Days Late", digits=(16, 1), readonly=True, help="On average, weighted by amount. Below zero: paid before it was due."
    )
    late_share = fields.Float("Paid Late", readonly=True, help="The part of the money that came after it was due, from 0 to 1.")
    overdue_days = fields.Integer("Overdue Days", readonly=True, help="Days the oldest unpaid amount is past its due date.")
    grade = fields.Selection(
        [("a", "A – pays on time"), ("b", "B – pays well"), ("c", "C – pays late"), ("d", "D – pays very late"), ("e", "E – risk")],
        readonly=True,
        index=True,
    )
    decided_by = fields.Selection(
        [("days", "Average days late"), ("share", "Part paid late"), ("overdue", "Overdue now"), ("history", "Few invoices yet")],
        readonly=True,
    )
    date = fields.Date("As of", readonly=True)
    explanation = fields.Char(compute="_compute_explanation")

    _sql_constraints = [("partner_uniq", "UNIQUE (partner_id, company_id)", "A customer's behaviour is recorded once per company.")]

    @api.depends("invoice_count", "days_late", "late_share", "overdue_days", "decided_by")
    def _compute_explanation(self):
        for behaviour in self:
            behaviour.explanation = behaviour._explain()

    def _explain(self):
        """In words: the figures, and what decided the grade."""
        self.ensure_one()
        if not self.amount_paid:
            paid = _("Nothing paid yet")
        elif self.days_late >= 0.5:
            paid = _("Pays %(days).0f days late on average", days=self.days_late)
        elif self.days_late <= -0.5:
            paid = _("Pays %(days).0f days early on average", days=-self.days_late)
        else:
            paid = _("Pays on the due date on average")
        words = [paid, _("%(share).0f%% of the money came late", share=100 * self.late_share) if self.amount_paid else ""]
        if self.overdue_days:
            words.append(_("the oldest amount is overdue for %(days)d days", days=self.overdue_days))
        words.append(_("%(count)d invoices", count=self.invoice_count))
        if self.decided_by == "history":
            words.append(_("too few for an A"))
        return " · ".join(word for word in words if word)

    @api.model
    def _refresh(self, partners=None):
        """Judge anew how ``partners`` (of any kind; all customers when None) pay every company.

        Three queries, whatever their number. Rows are written in the order of customers: two runs do not lock each other out.
        """
        ids = None if partners is None else sorted(partners.mapped("commercial_partner_id").ids)
        if ids == []:
            return
        self.env["account.move.line"].flush()
        self.env["account.partial.reconcile"].flush()
        today = fields.Date.context_today(self)
        self.env.cr.execute(QUERY, {"ids": ids, "today": today, "since": today - timedelta(days=WINDOW_DAYS)})
        rows = [self._prepare_row(today, *row) for row in self.env.cr.fetchall()]
        known = tuple(row[:2] for row in rows) or ((0, 0),)
        self.env.cr.execute(
            "DELETE FROM crm_payment_behaviour WHERE (%s IS NULL OR partner_id = ANY(%s)) AND (partner_id, company_id) NOT IN %s",
            [ids, ids, known],
        )
        if rows:
            execute_values(self.env.cr._obj, UPSERT, rows, page_size=len(rows))
        self.invalidate_cache()

    @api.model
    def _prepare_row(self, today, partner_id, company_id, invoices, paid, late, weighted, overdue_days):
        """Values in the order of :data:`UPSERT`; amounts of the company's currency, in hundredths for the engine."""
        payments = payment_behaviour.Payments(
            invoices, round(100 * paid), round(100 * late), round(100 * weighted), overdue_days
        )
        verdict = payment_behaviour.judge(payments)
        return (
            partner_id,
            company_id,
            invoices,
            paid,
            verdict.days_late,
            verdict.late_share,
            overdue_days,
            verdict.grade,
            verdict.decided_by,
            today,
        )
