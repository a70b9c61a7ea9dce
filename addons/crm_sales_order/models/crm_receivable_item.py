# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools
from odoo.tools import formatLang
from psycopg2.extensions import AsIs

from ..engine import ageing

#: What of an item depends on the day it is looked at
THEN = ("receivable_date",)

#: Claims are numbered from here on: below are the ids of journal items
CLAIM_ID = 1000000000

#: What of a journal item is open as of now: served by the partial index below
OPEN_NOW = {
    "amount": "line.amount_residual",
    "currency_amount": "line.amount_residual_currency",
    "source": "account_move_line AS line",
    "where": "line.parent_state = 'posted' AND (line.amount_residual <> 0 OR line.amount_residual_currency <> 0)",
    "claimed": "part.state = 'due'",
    "invoiced": "COALESCE(part.amount_invoiced, 0)",
    "invoiced_since": "",
}
#: What was matched after a day gone by, and so was still open on it
MATCHED_SINCE = """(
               SELECT line_id, sum(amount) AS amount, sum(currency_amount) AS currency_amount
                 FROM (
                          SELECT debit_move_id AS line_id, amount, debit_amount_currency AS currency_amount
                            FROM account_partial_reconcile WHERE max_date > %(date)s
                           UNION ALL
                          SELECT credit_move_id, -amount, -credit_amount_currency
                            FROM account_partial_reconcile WHERE max_date > %(date)s
                      ) AS matched
                GROUP BY line_id
           ) AS since"""
#: The same as OPEN_NOW on a day gone by: what is open now, and what has been closed since
OPEN_THEN = {
    "amount": "line.amount_residual + line.since_amount",
    "currency_amount": "line.amount_residual_currency + line.since_currency_amount",
    "source": """(
               SELECT line.*, COALESCE(since.amount, 0) AS since_amount, COALESCE(since.currency_amount, 0) AS since_currency_amount
                 FROM account_move_line AS line
                 LEFT JOIN {since} ON since.line_id = line.id
                WHERE {where}
                UNION ALL
               SELECT line.*, since.amount, since.currency_amount
                 FROM {since}
                 JOIN account_move_line AS line ON line.id = since.line_id
                WHERE line.parent_state = 'posted' AND NOT ({where})
           ) AS line""".format(since=MATCHED_SINCE, where=OPEN_NOW["where"]),
    "where": "line.date <= %(date)s AND (line.amount_residual + line.since_amount <> 0"
    " OR line.amount_residual_currency + line.since_currency_amount <> 0)",
    "claimed": "(part.state = 'due' OR part.state <> 'cancel' AND since.amount <> 0)",
    "invoiced": "COALESCE(part.amount_invoiced, 0) - COALESCE(since.amount, 0)",
    "invoiced_since": """
      LEFT JOIN (
               SELECT instalment_id, sum(CASE WHEN move_type = 'out_refund' THEN -amount_total ELSE amount_total END) AS amount
                 FROM account_move WHERE instalment_id IS NOT NULL AND state <> 'cancel' AND date > %(date)s
                GROUP BY instalment_id
           ) AS since ON since.instalment_id = part.id""",
}

#: Both halves of the union have the same types, and what names the document is joined on the left: so PostgreSQL reads and
#: joins only what is asked for
ITEMS = """
    SELECT line.id,
           CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                WHEN move.move_type = 'out_refund' THEN 'credit'
                WHEN move.payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL THEN 'receipt'
                ELSE 'manual' END AS kind,
           move.name::text AS name, partner.commercial_partner_id AS partner_id,
           CASE WHEN move.move_type <> 'entry' THEN move.id END AS invoice_id,
           line.id AS move_line_id, move.instalment_id,
           COALESCE(instalment.order_id, (
               SELECT sold.order_id
                 FROM account_move_line AS billed
                 JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = billed.id
                 JOIN sale_order_line AS sold ON sold.id = rel.order_line_id
                WHERE billed.move_id = move.id
                LIMIT 1
           )) AS order_id,
           line.date, COALESCE(line.date_maturity, line.date) AS date_due,
           line.balance AS amount, {amount} AS amount_open, {currency_amount} AS amount_open_currency,
           COALESCE(line.currency_id, line.company_currency_id) AS foreign_currency_id,
           CASE WHEN move.move_type <> 'entry' THEN move.invoice_user_id ELSE partner.user_id END AS user_id,
           CASE WHEN move.move_type <> 'entry' THEN move.team_id ELSE partner.team_id END AS team_id,
           line.company_id, line.company_currency_id AS currency_id
      FROM {source}
      LEFT JOIN account_move AS move ON move.id = line.move_id
      LEFT JOIN sale_order_instalment AS instalment ON instalment.id = move.instalment_id
      LEFT JOIN res_partner AS partner ON partner.id = line.partner_id
     WHERE line.account_id = ANY (ARRAY(SELECT id FROM account_account WHERE internal_type = 'receivable')) AND {where}
"""
#: Instalments whose trigger has come and that are not invoiced yet: no ledger entry, but money the customer owes us
CLAIMS = """
    SELECT {claim_id} + part.id AS id, 'claim' AS kind, sale.name || ' · ' || part.name AS name,
           partner.commercial_partner_id AS partner_id, NULL::integer AS invoice_id, NULL::integer AS move_line_id,
           part.id AS instalment_id, part.order_id,
           part.date_triggered AS date, COALESCE(part.date_due, part.date_triggered) AS date_due,
           own.amount, own.amount AS amount_open, claim.amount AS amount_open_currency, part.currency_id AS foreign_currency_id,
           sale.user_id, sale.team_id, sale.company_id, company.currency_id
      FROM sale_order_instalment AS part
      JOIN sale_order AS sale ON sale.id = part.order_id
      JOIN res_partner AS partner ON partner.id = sale.partner_id
      JOIN res_company AS company ON company.id = sale.company_id
      JOIN res_currency AS company_currency ON company_currency.id = company.currency_id
      JOIN res_currency AS currency ON currency.id = part.currency_id{invoiced_since}
     CROSS JOIN LATERAL (
               SELECT round((part.amount * LEAST(part.share_reached, 1))::numeric / currency.rounding) * currency.rounding
                      - ({invoiced}) AS amount
           ) AS claim
     CROSS JOIN LATERAL (
               SELECT round(claim.amount / COALESCE(NULLIF(sale.currency_rate, 0), 1) / company_currency.rounding)
                      * company_currency.rounding AS amount
           ) AS own
     WHERE {claimed} AND sale.state IN ('sale', 'done') AND claim.amount > 0 AND part.date_triggered <= %(date)s
"""

#: What is negative (credit notes, money not matched yet) is never late. Whoever pays early is not expected early.
QUERY = """
    SELECT item.*, late.days AS days_late,
           item.date_due + GREATEST(round(COALESCE(known.days_late, 0)::numeric), 0)::integer AS date_expected,
           CASE {cases} ELSE '{oldest}' END AS bucket
      FROM (({items}) UNION ALL ({claims})) AS item
      LEFT JOIN crm_payment_behaviour AS known
             ON known.partner_id = item.partner_id AND known.company_id = item.company_id AND item.amount_open > 0
     CROSS JOIN LATERAL (
               SELECT CASE WHEN item.amount_open > 0 THEN GREATEST(%(date)s - item.date_due, 0) ELSE 0 END AS days
           ) AS late
"""
CASES = " ".join("WHEN late.days <= %d THEN '%s'" % (last, bucket) for bucket, last in ageing.LAST_DAYS.items())


def get_query(opened):
    """The SQL of all items, with ``%(date)s`` for the day they are looked at.

    :param opened: :data:`OPEN_NOW` or :data:`OPEN_THEN`
    """
    claims = CLAIMS.format(claim_id=CLAIM_ID, **opened)
    parts = {"items": ITEMS.format(**opened), "claims": claims, "cases": CASES, "oldest": ageing.OLDEST}
    return QUERY.format(**parts)


#: For joins in SQL
VIEW = "CREATE VIEW crm_receivable_item AS " + get_query(OPEN_NOW)


class CrmReceivableItem(models.Model):
    """What is open between us and our customers, one row each: journal items on receivable accounts, and claims.

    Invoices are positive, credit notes and money not matched yet (receipts) negative. All kinds but claims sum to the
    balance of the receivable accounts. A claim is an instalment that is due and not invoiced: it is no entry yet.

    Read with ``receivable_date`` in the context (a day gone by), the items are those open at the end of that day, as the
    ledger knows them now; claims are what was due and not invoiced then, of as much as has shipped by now. The database has a
    view of the same name, as of today, for joins in SQL: no record rules there.
    """

    _name = "crm.receivable.item"
    _description = "Open Receivable"
    _auto = False
    _order = "date_due, id"
    _depends = {
        "account.move.line": [
            *("account_id", "move_id", "partner_id", "parent_state", "date", "date_maturity", "balance", "currency_id"),
            *("amount_residual", "amount_residual_currency"),
        ],
        "account.move": ["move_type", "name", "payment_id", "statement_line_id", "instalment_id", "invoice_user_id", "team_id"],
        "account.partial.reconcile": ["amount", "debit_amount_currency", "credit_amount_currency", "max_date"],
        "sale.order.instalment": ["state", "amount", "share_reached", "amount_invoiced", "date_triggered", "date_due", "name"],
        "sale.order": ["name", "partner_id", "state", "currency_rate", "user_id", "team_id"],
        "res.partner": ["commercial_partner_id", "user_id", "team_id"],
        "crm.payment.behaviour": ["days_late"],
    }

    name = fields.Char("Document", readonly=True)
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit", "Credit Note"),
            ("receipt", "Unmatched Payment"),
            ("manual", "Other Entry"),
            ("claim", "Claim, not Invoiced"),
        ],
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    order_id = fields.Many2one("sale.order", "Order", readonly=True)
    invoice_id = fields.Many2one("account.move", "Invoice", readonly=True)
    move_line_id = fields.Many2one("account.move.line", "Journal Item", readonly=True)
    instalment_id = fields.Many2one("sale.order.instalment", "Instalment", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date("Due Date", readonly=True)
    date_expected = fields.Date("Expected", readonly=True, help="The due date, and the days this customer usually pays late.")
    amount = fields.Monetary(readonly=True)
    amount_open = fields.Monetary("Open", readonly=True, depends_context=THEN)
    currency_id = fields.Many2one("res.currency", "Company Currency", readonly=True)
    amount_open_currency = fields.Monetary("Open in Currency", currency_field="foreign_currency_id", readonly=True, depends_context=THEN)
    foreign_currency_id = fields.Many2one("res.currency", "Currency", readonly=True, help="Of the document.")
    same_currency = fields.Boolean(compute="_compute_same_currency")
    days_late = fields.Integer(readonly=True, group_operator="max", depends_context=THEN)
    bucket = fields.Selection(
        [
            ("not_due", "Not Due"),
            ("d30", "1–30 Days"),
            ("d60", "31–60 Days"),
            ("d90", "61–90 Days"),
            ("older", "Over 90 Days"),
        ],
        "Age",
        readonly=True,
        depends_context=THEN,
    )
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @api.depends("currency_id", "foreign_currency_id")
    def _compute_same_currency(self):
        for item in self:
            item.same_currency = item.currency_id == item.foreign_currency_id

    def name_get(self):
        """In the calendar, whose money it is and how much."""
        if not self.env.context.get("show_customer"):
            return super().name_get()
        names = []
        for item in self:
            amount = formatLang(self.env, item.amount_open, currency_obj=item.currency_id)
            names.append((item.id, "%s %s" % (amount, item.partner_id.sudo().name or item.name)))
        return names

    @property
    def _table_query(self):
        """As of the reader's today, or of the day in the context."""
        today = fields.Date.context_today(self)
        date = fields.Date.to_date(self.env.context.get("receivable_date")) or today
        query = get_query(OPEN_THEN if date < today else OPEN_NOW)
        return self.env.cr.mogrify(query, {"date": date}).decode()

    def init(self):
        # the open items, which are few, without reading the paid ones; dropped by the uninstall hook
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS account_move_line_open_idx ON account_move_line (account_id)"
            " WHERE parent_state = 'posted' AND (amount_residual <> 0 OR amount_residual_currency <> 0)"
        )
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(VIEW, {"date": AsIs("CURRENT_DATE")})

    def action_open_document(self):
        """The invoice, order or entry behind this item."""
        self.ensure_one()
        document = self.invoice_id or self.move_line_id.move_id or self.order_id
        return {"type": "ir.actions.act_window", "res_model": document._name, "res_id": document.id, "view_mode": "form"}
