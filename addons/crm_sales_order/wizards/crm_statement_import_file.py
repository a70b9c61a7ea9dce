# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.statement import Problem, StatementError, digits_of, line_keys, parse
from ..exceptions import StatementImportError

_LAYOUTS = {
    "icbc": "工商银行",
    "cmb": "招商银行",
    "boc": "中国银行",
    "ccb": "建设银行",
    "cmbc": "民生银行",
    "abc": "农业银行",
    "alipay": "支付宝",
    "alipay_account": "支付宝账务明细",
    "wechat": "微信支付",
    "wechat_fund": "微信支付资金账单",
    "wechat_merchant": "微信支付商户账单",
    "ofx": "OFX",
    "camt": "CAMT.053",
}


class CrmStatementImportFile(models.TransientModel):
    """One file of an import: what is in it, which journal it is of, and what is new."""

    _name = "crm.statement.import.file"
    _description = "Bank Statement File"
    _order = "id"

    import_id = fields.Many2one("crm.statement.import", required=True, ondelete="cascade")
    attachment_id = fields.Many2one("ir.attachment", required=True, ondelete="cascade", readonly=True)
    name = fields.Char(related="attachment_id.name", string="File")
    journal_id = fields.Many2one(
        "account.journal", domain="[('type', 'in', ('bank', 'cash'))]", help="Chosen by the account in the file and its currency."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_content")
    state = fields.Selection(
        [
            ("ready", "Ready"),
            ("known", "Nothing new"),
            ("journal", "Choose journal"),
            ("warning", "Look"),
            ("problem", "Wrong"),
            ("unknown", "Unknown columns"),
        ],
        compute="_compute_content",
    )
    has_warnings = fields.Boolean(compute="_compute_content")
    layout = fields.Char(compute="_compute_content")
    account = fields.Char(compute="_compute_content")
    encoding = fields.Char(compute="_compute_content")
    date_start = fields.Date("From", compute="_compute_content")
    date_end = fields.Date("To", compute="_compute_content")
    line_count = fields.Integer("Payments in File", compute="_compute_content")
    new_count = fields.Integer("New Payments", compute="_compute_content")
    amount_in = fields.Monetary("Money In", compute="_compute_content")
    amount_out = fields.Monetary("Money Out", compute="_compute_content")
    preview = fields.Html(compute="_compute_content", sanitize=False)

    @api.depends("attachment_id", "journal_id")
    def _compute_content(self):
        """Reads each file anew: nothing of what a browser sends back counts but the choice of the journal."""
        for file in self:
            try:
                statement, error = file._parse(), StatementError()
            except StatementError as problem:
                statement, error = None, problem
            warnings, new = [], []
            if statement:
                error = StatementError(*file._find_problems(statement))
                warnings = [*statement.warnings, *file._find_warnings(statement)]
                new = file._get_new(statement) if file.journal_id else statement.lines
            file.state = file._get_state(statement, error, warnings, new)
            file.has_warnings = bool(warnings and new and not error.problems)
            file.update(file._prepare_facts(statement, new))
            if statement and not file.journal_id:
                warnings.append(Problem("journal_missing", value=" ".join(filter(None, (statement.account, statement.currency)))))
            file.preview = self.env["crm.statement.preview"]._render(file.name, statement, error.problems, warnings)

    def _get_state(self, statement, error, warnings, new):
        if error.unknown:
            return "unknown"
        if error.problems or not statement:
            return "problem"
        if not self.journal_id:
            return "journal"
        return "known" if not new else "warning" if warnings else "ready"

    def _prepare_facts(self, statement, new):
        """What the file says, for the list; all empty if it cannot be read."""
        currency = self.journal_id._get_statement_currency() if self.journal_id else self.env.company.currency_id
        unit = 10 ** digits_of(statement.currency) if statement else 1
        return {
            "currency_id": currency.search([("name", "=", statement.currency)], limit=1) or currency if statement else currency,
            "layout": statement and _LAYOUTS.get(statement.layout, "" if statement.layout == "table" else statement.layout),
            "account": statement and statement.account,
            "encoding": statement and statement.encoding,
            "date_start": statement and min((line.date for line in statement.lines), default=statement.start),
            "date_end": statement and max((line.date for line in statement.lines), default=statement.end),
            "line_count": len(statement.lines) if statement else 0,
            "new_count": len(new),
            "amount_in": statement.income / unit if statement else 0,
            "amount_out": statement.expense / unit if statement else 0,
        }

    def _parse(self):
        """:raise StatementError: if the file cannot be read in full"""
        self.ensure_one()
        layouts = self.env["crm.statement.layout"].search([("company_id", "in", self._get_company().ids)])
        currency = self.journal_id._get_statement_currency().name if self.journal_id else ""
        content = self.attachment_id.with_context(bin_size=False).raw  # not the size the web client asks for
        return parse(content or b"", layouts._to_mappings(), currency)

    def _get_company(self):
        return self.journal_id.company_id or self.env.company

    def _choose_journals(self):
        """The journal of each file by the account in it, failing that by its currency if only one has that."""
        company = self.env.company
        journals = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)])
        accounts = {}
        for file in self.filtered(lambda file: not file.journal_id):
            try:
                statement = file._parse()
            except StatementError:
                continue
            account = statement.account
            others = journals.filtered(lambda journal, account=account: accounts.get(journal, account) == account)
            file.journal_id = others._choose_for_statement(account, statement.currency)
            accounts[file.journal_id] = account

    # -- what speaks against importing -------------------------------------------------------------------------------

    def _find_problems(self, statement):
        """What makes importing into the journal impossible."""
        if not self.journal_id:
            return []
        journal = self.journal_id.sudo()
        currency = journal._get_statement_currency()
        if statement.currency and statement.currency != currency.name:
            return [Problem("journal_currency", value="%s ≠ %s" % (statement.currency, currency.name))]
        locked = journal.company_id._get_user_fiscal_lock_date()
        closed = [line for line in self._get_new(statement) if line.date <= locked]
        column = _("Date")
        return [Problem("locked", line.row, column, fields.Date.to_string(line.date)) for line in closed]

    def _find_warnings(self, statement):
        journal = self.journal_id
        known = journal and journal._get_statement_accounts()
        if statement.account and known and not journal._is_statement_account(statement.account):
            return [Problem("journal_account", value="%s ≠ %s" % (statement.account, ", ".join(known)))]
        return []

    def _check_importable(self):
        """:raise StatementImportError: naming file, row and column"""
        if not self.journal_id:
            raise StatementImportError(_("Choose the journal of “%s”.", self.name))
        try:
            problems = self._find_problems(self._parse())
        except StatementError as error:
            problems = error.problems
        if problems:
            text = self.env["crm.statement.preview"]._get_text(problems[0])
            raise StatementImportError(_("“%(file)s”: %(problem)s", file=self.name, problem=text))

    # -- booking -----------------------------------------------------------------------------------------------------

    def _get_keys(self, statement):
        """The journal's key of each line."""
        return ["%d:%s" % (self.journal_id.id, key) for key in line_keys(statement.lines)]

    def _get_new(self, statement):
        """Lines that the journal does not have yet."""
        keys = self._get_keys(statement)
        self.env["account.bank.statement.line"].flush(["import_key"])
        self.env.cr.execute("SELECT import_key FROM account_bank_statement_line WHERE import_key = ANY(%s)", [keys])
        known = {row[0] for row in self.env.cr.fetchall()}
        return [line for key, line in zip(keys, statement.lines) if key not in known]

    def _book(self):
        """The posted statement of what is new in this file; none if nothing is."""
        self.ensure_one()
        statement = self._parse()
        new = {id(line) for line in self._get_new(statement)}
        lines = [(key, line) for key, line in zip(self._get_keys(statement), statement.lines) if id(line) in new]
        self.journal_id._remember_statement_account(statement.account)
        if not lines:
            return self.env["account.bank.statement"]
        first, last = (pick(line.date for _key, line in lines) for pick in (min, max))
        values = {"date": last, "reference": self.name, **self._prepare_balance(statement, lines)}
        name = "%s %s – %s" % (self.journal_id.code, first, last) if first != last else "%s %s" % (self.journal_id.code, first)
        prepared = [self._prepare_line(statement, key, line) for key, line in lines]
        return self.env["account.bank.statement"].create_posted(self.journal_id, name, prepared, **values)

    @api.model
    def _prepare_balance(self, statement, lines):
        """The balance the file says to start from, where it follows through and only what came before is left out."""
        new = [line for _key, line in lines]
        if statement.opening is None or list(statement.lines[len(statement.lines) - len(new) :]) != new:
            return {}
        moved = sum(line.amount for line in statement.lines[: len(statement.lines) - len(new)])
        return {"balance_start": (statement.opening + moved) / 10 ** digits_of(statement.currency)}

    def _prepare_line(self, statement, key, line):
        """Values of a statement line. Accounts of which the bank hides digits are none to remember."""
        hidden = "*" in line.counterparty_account
        return {
            "date": line.date,
            "amount": line.amount / 10 ** digits_of(statement.currency or self.journal_id._get_statement_currency().name),
            "payment_ref": line.memo or line.counterparty or line.kind or "/",
            "ref": line.reference or False,
            "partner_name": line.counterparty or False,
            "account_number": line.counterparty_account if line.counterparty_account and not hidden else False,
            "narration": line.counterparty_account if hidden else False,
            "transaction_type": line.kind or False,
            "import_key": key,
        }

    # -- columns of an unknown layout --------------------------------------------------------------------------------

    def _get_unknown(self):
        """The table to map; None if the layout is known."""
        self.ensure_one()
        try:
            self._parse()
        except StatementError as error:
            return error.unknown
        return None
