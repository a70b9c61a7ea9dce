# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools

MATCHED = """
    SELECT part.id, money.date, invoice.id AS invoice_id, invoice.commercial_partner_id AS partner_id,
           COALESCE(NULLIF(bank.partner_name, ''), payer.name) AS payer, COALESCE(bank.payment_ref, receipt.ref, money.name) AS memo,
           invoice.invoice_user_id AS user_id, invoice.team_id, invoice.company_id, company.currency_id,
           %(sign)spart.amount AS amount
      FROM account_partial_reconcile AS part
      JOIN account_move_line AS line ON line.id = part.%(invoice)s_move_id
      JOIN account_move AS invoice ON invoice.id = line.move_id AND invoice.move_type IN (%(types)s)
      JOIN account_move_line AS money ON money.id = part.%(money)s_move_id
      JOIN account_move AS receipt ON receipt.id = money.move_id
      JOIN account_journal AS journal ON journal.id = money.journal_id AND journal.type IN ('bank', 'cash')
      LEFT JOIN account_bank_statement_line AS bank ON bank.id = receipt.statement_line_id
      LEFT JOIN res_partner AS payer ON payer.id = money.partner_id
      JOIN res_company AS company ON company.id = invoice.company_id
"""
#: One join per side: with both in one OR, PostgreSQL compares every match with every invoice
VIEW = "CREATE VIEW crm_collection_report AS" + " UNION ALL ".join([
    MATCHED % {"invoice": "debit", "money": "credit", "sign": "", "types": "'out_invoice', 'out_receipt'"},
    MATCHED % {"invoice": "credit", "money": "debit", "sign": "-", "types": "'out_refund'"},
])  # fmt: skip


class CrmCollectionReport(models.Model):
    """Money received for customer invoices, by the day it came: what targets for collected money count.

    One row for each match of an invoice with a payment or bank line; a repaid credit note counts negative. Written-off
    amounts and exchange differences are no money and do not count.
    """

    _name = "crm.collection.report"
    _description = "Collected Money"
    _auto = False
    _rec_name = "invoice_id"
    _order = "date desc, id desc"
    _depends = {
        "account.partial.reconcile": ["amount", "debit_move_id", "credit_move_id"],
        "account.move.line": ["move_id", "journal_id", "date", "name", "partner_id"],
        "account.move": ["move_type", "commercial_partner_id", "invoice_user_id", "team_id", "ref", "statement_line_id"],
        "account.bank.statement.line": ["partner_name", "payment_ref"],
    }

    date = fields.Date(string="Received on", readonly=True)
    invoice_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    payer = fields.Char("Paid by", readonly=True, help="As the bank names them, or else the customer.")
    memo = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True, help="Of the company.")
    amount = fields.Monetary(readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(VIEW)
