# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models

from ..engine import account_statement
from ..exceptions import SalesOrderError, SalesOrderValidationError
from ..tools.book import make_book


class CrmAccountStatement(models.TransientModel):
    """Statement of account: what a customer was billed and paid in a period, what is open at its end, per currency."""

    _name = "crm.account.statement"
    _inherit = "crm.paper"
    _description = "Statement of Account"

    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date("From", required=True, default=lambda self: fields.Date.context_today(self) - relativedelta(months=1, day=1))
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    book = fields.Binary("Spreadsheet", compute="_compute_book")

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for statement in self:
            if statement.date_from > statement.date_to:
                raise SalesOrderValidationError(_("The period ends before it begins: choose a later day in “To”."))

    # -- who may ----------------------------------------------------------------------------------------------------

    def _check_reader(self):
        """Whoever may see the customer, and all of its invoices: half a statement would be a wrong one.

        :raise SalesOrderError: to a rep when colleagues, too, have billed this customer
        """
        self.company_id.check_access_rule("read")
        self.partner_id.check_access_rights("read")
        self.partner_id.check_access_rule("read")
        if self.env.su or not self.env.user._is_crm_limited():
            return
        domain = [
            ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ("state", "=", "posted"),
        ]
        invoices = self.env["account.move"]
        if invoices.search_count(domain) < invoices.sudo().search_count(domain):
            raise SalesOrderError(
                _("Colleagues have billed %(customer)s, too: ask finance for the statement.", customer=self.partner_id.name)
            )

    # -- the figures ------------------------------------------------------------------------------------------------

    def _get_accounts(self):
        """The accounts of the customer, one per currency (``engine.account_statement.Account``)."""
        self.ensure_one()
        self._check_reader()
        statement = self.sudo()
        items = statement.env["account.move.line"]
        domain = [
            ("partner_id.commercial_partner_id", "=", statement.partner_id.commercial_partner_id.id),
            ("company_id", "=", statement.company_id.id),
            ("account_id.internal_type", "=", "receivable"),
            ("parent_state", "=", "posted"),
        ]
        before = items.read_group(domain + [("date", "<", statement.date_from)], ["amount_currency"], ["currency_id"])
        during = [("date", ">=", statement.date_from), ("date", "<=", statement.date_to), ("amount_currency", "!=", 0)]
        return account_statement.build(
            {group["currency_id"][0]: self._in_cents(group["amount_currency"], group["currency_id"][0]) for group in before},
            [self._prepare_entry(item) for item in items.search(domain + during, order="date, move_name, id")],
            [self._prepare_open_item(item) for item in statement._get_open_items()],
            statement.date_to,
        )

    def _get_open_items(self):
        """What was open at the end of the period, claims apart."""
        items = self.env["crm.receivable.item"].with_context(receivable_date=self.date_to)
        customer = self.partner_id.commercial_partner_id
        domain = [("partner_id", "=", customer.id), ("company_id", "=", self.company_id.id), ("kind", "!=", "claim")]
        return items.search(domain, order="date, id")

    def _prepare_entry(self, item):
        move = item.move_id
        kind = "invoice" if move.is_invoice(include_receipts=True) else "receipt"
        if kind == "receipt" and not (move.payment_id or move.statement_line_id):
            kind = "manual"
        text = move.invoice_origin if kind == "invoice" else move.statement_line_id.payment_ref or move.ref or item.name
        amount = self._in_cents(item.amount_currency, item.currency_id.id)
        return account_statement.Entry(item.date, move.name, text or "", kind, amount, item.currency_id.id, move.id)

    def _prepare_open_item(self, item):
        currency = item.foreign_currency_id.id
        amount = self._in_cents(item.move_line_id.amount_currency, currency)
        rest = self._in_cents(item.amount_open_currency, currency)
        return account_statement.OpenItem(item.date, item.date_due, item.name, amount, rest, currency)

    def _in_cents(self, amount, currency_id):
        currency = self.env["res.currency"].browse(currency_id)
        return int(round(amount / currency.rounding))

    def _from_cents(self, cents, currency):
        return currency.round(cents * currency.rounding)

    # -- ways out ---------------------------------------------------------------------------------------------------

    def action_print(self):
        self._check_reader()
        return self.env.ref("crm_sales_order.action_report_account_statement").report_action(self)

    def action_book(self):
        """Download as XLSX."""
        self._check_reader()
        name = "%s.xlsx" % self._get_file_name()
        url = "/web/content/%s/%d/book/%s?download=true" % (self._name, self.id, name.replace("/", "-"))
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.depends("partner_id", "company_id", "date_from", "date_to")
    def _compute_book(self):
        for statement in self:
            record = statement.with_context(lang=statement._get_paper_lang())
            statement.book = base64.b64encode(make_book(record._get_sheets())) if statement.partner_id else False

    def _get_file_name(self):
        return _("Statement of Account %(customer)s %(date)s", customer=self.partner_id.commercial_partner_id.name, date=self.date_to)

    def action_send(self):
        """Write to the customer, with the statement attached."""
        report = self.env.ref("crm_sales_order.action_report_account_statement")
        attachment = self.env["ir.attachment"].create(
            {
                "name": "%s.pdf" % self._get_file_name(),
                "raw": self._get_document_bytes(report),
                "res_model": "mail.compose.message",
                "res_id": 0,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": _("Send Statement of Account"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "res.partner",
                "default_res_id": self._get_addressee().id,
                "default_use_template": True,
                "default_template_id": self.env.ref("crm_sales_order.mail_template_account_statement").id,
                "default_composition_mode": "comment",
                "default_attachment_ids": [(6, 0, attachment.ids)],
                "statement_period": self._get_period_text(),
            },
        }

    def _get_addressee(self):
        """The customer's contact for invoices."""
        customer = self.partner_id.commercial_partner_id
        return customer.browse(customer.address_get(["invoice"])["invoice"])

    def _get_period_text(self):
        return "%s – %s" % (self._paper_date(self.date_from), self._paper_date(self.date_to))
