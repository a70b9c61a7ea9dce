# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..engine import ageing, month_end

SALES = ("out_invoice", "out_refund", "out_receipt")


class CrmMonthEnd(models.TransientModel):
    """One page for finance at the end of a month: what is open, what is expected, what differs and why, what is left to do.

    A record is one print of it; the page itself asks :meth:`get_page`. Figures are of one company, in its currency, at the end
    of a day; on a day gone by the ledger as it is known now. Cost: one aggregate a section, whatever is open.
    """

    _name = "crm.month.end"
    _inherit = "crm.paper"
    _description = "Month End"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date = fields.Date(required=True, default=fields.Date.context_today)
    book = fields.Binary("Spreadsheet", compute="_compute_book")

    # -- doors ------------------------------------------------------------------------------------------------------

    @api.model
    def get_page(self, date=None):
        """What the page draws.

        :param date: day as text, today when empty
        :return: dict with ``date``, ``today``, ``month_ends`` (days to choose from), ``company``, ``currency`` and ``sections``
            (see :meth:`_get_sections`)
        """
        today = fields.Date.context_today(self)
        page = self.new({"date": fields.Date.to_date(date) or today, "company_id": self.env.company.id})
        sections = page._get_sections()
        currency = page.company_id.currency_id
        return {
            "date": fields.Date.to_string(page.date),
            "today": fields.Date.to_string(today),
            "month_ends": [fields.Date.to_string(today - relativedelta(months=number, day=31)) for number in range(1, 4)],
            "company": page.company_id.name,
            "currency": {"symbol": currency.symbol, "position": currency.position, "decimals": currency.decimal_places},
            "sections": sections,
        }

    def action_print(self):
        return self.env.ref("crm_sales_order.action_report_month_end").report_action(self)

    def action_book(self):
        name = "%s.xlsx" % self._get_file_name()
        url = "/web/content/%s/%d/book/%s?download=true" % (self._name, self.id, name)
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _check_reader(self):
        user = self.env.user
        if not (self.env.su or user.has_group("crm_sales_order.group_finance") or user.has_group("crm_core.group_executive")):
            raise AccessError(_("The month end is for finance and the management."))
        self.company_id._origin.check_access_rule("read")

    # -- sections ---------------------------------------------------------------------------------------------------

    def _get_sections(self):
        """The parts of the page, in their order.

        :return: list of dicts: ``key``, ``title``, ``note``, ``bars`` (whether amounts are drawn), ``rows`` and ``total``. A row,
            and a total, has ``label``, ``amount`` or None, ``count`` or None, ``status`` (a status colour) or None, ``apart`` (not
            part of the total), and ``action`` or None
        """
        self._check_reader()
        folded = self._get_ageing()
        return [
            self._get_ageing_section(folded),
            self._get_expected_section(folded),
            self._get_movement_section(folded),
            self._get_difference_section(),
            self._get_todo_section(),
        ]

    def _get_ageing(self):
        """``engine.month_end.Ageing`` of the company. Of what customers owe, the many, the kind of document is not asked for."""
        owed = self._get_sums("'invoice'", [("amount_open", ">", 0), ("move_line_id", "!=", False)])
        rest = self._get_sums("kind", ["|", ("amount_open", "<=", 0), ("move_line_id", "=", False)])
        rounding = self.company_id.currency_id.rounding
        sums = [month_end.Sum(*row, int(round(float(amount) / rounding))) for *row, amount in owed + rest]
        return month_end.fold(sums, ageing.get_week(self.date))

    def _get_sums(self, kind, domain):
        """[(kind, age, Monday, whether above zero, number, amount)] of open receivables.

        :param kind: an SQL expression
        """
        items = self.env["crm.receivable.item"].with_context(receivable_date=self.date)
        items._flush_search(domain)
        query = items._where_calc([("company_id", "=", self.company_id._origin.id), *domain])
        items._apply_ir_rules(query, "read")
        tables, where, params = query.get_sql()
        self.env.cr.execute(
            """
            SELECT %s, bucket, date_trunc('week', date_expected)::date, amount_open > 0, count(*), sum(amount_open)
              FROM %s WHERE %s GROUP BY 1, 2, 3, 4
            """
            % (kind, tables, where),
            params,
        )
        return self.env.cr.fetchall()

    def _get_ageing_section(self, folded):
        labels = self._get_labels("crm.receivable.item", "bucket")
        rows = [
            self._row(labels[bucket], figure, [("bucket", "=", bucket), ("amount_open", ">", 0), ("kind", "!=", "claim")], late)
            for late, (bucket, figure) in zip(("", "attention", "attention", "late", "late"), folded.ages.items())
        ]
        kinds = {"credit": _("Credit Notes"), "receipt": _("Payments not Matched"), "manual": _("Other Entries")}
        for kind, figure in folded.kinds.items():
            label = kinds.get(kind, self._get_labels("crm.receivable.item", "kind")[kind])
            rows.append(self._row(label, figure, [("kind", "=", kind), ("amount_open", "<", 0)]))
        total = self._row(_("Open"), month_end.Figure(None, folded.total), [("kind", "!=", "claim")])
        claims = self._row(_("Claims: due, not invoiced yet"), folded.claims, [("kind", "=", "claim")])
        ledger = self._get_ledger_balance()
        holds = self.company_id.currency_id.is_zero(ledger - self._from_cents(folded.total))
        proof = {
            "label": _("Receivable accounts in the ledger"),
            "amount": ledger,
            "count": None,
            "status": "on_track" if holds else "late",
            "action": self._get_action("account.move.line", self._get_ledger_domain(), _("Receivable Accounts")),
        }
        note = "" if holds else _("The open items do not sum to the ledger: run the triangle check.")
        apart = [dict(row, apart=True) for row in ([proof, claims] if folded.claims.count else [proof])]
        return self._section("ageing", _("Ageing"), rows + apart, total, note, bars=True)

    def _get_expected_section(self, folded):
        """By the week the money should come, given how late each customer usually pays."""
        first = ageing.get_week(self.date)
        rows = [self._row(_("Was expected before"), folded.missing, self._between(None, first), "late")]
        for monday, figure in folded.weeks.items():
            label = _("This week") if monday == first else _("Week of %s", self._paper_date(monday))
            rows.append(self._row(label, figure, self._between(monday, monday + timedelta(weeks=1))))
        rows.append(self._row(_("After that"), folded.later, self._between(first + timedelta(weeks=month_end.WEEKS), None)))
        whole = sum(figure.amount for figure in (folded.missing, folded.later, *folded.weeks.values()))
        total = self._row(_("All Expected"), month_end.Figure(None, whole), [("amount_open", ">", 0)])
        return self._section("expected", _("Expected Collections"), rows, total, _("Claims included."), bars=True)

    def _between(self, start, stop):
        domain = [("amount_open", ">", 0)]
        domain += [("date_expected", ">=", fields.Date.to_string(start))] if start else []
        return domain + ([("date_expected", "<", fields.Date.to_string(stop))] if stop else [])

    def _get_movement_section(self, folded):
        """From the balance at the start of the month to the one of the day."""
        start = self.date.replace(day=1)
        domain = self._get_ledger_domain() + [("date", ">=", fields.Date.to_string(start))]
        kinds = {
            "invoice": (_("Invoiced"), [("move_id.move_type", "in", ("out_invoice", "out_receipt"))]),
            "credit": (_("Credited"), [("move_id.move_type", "=", "out_refund")]),
            "receipt": (_("Collected"), [("move_id.move_type", "=", "entry"), ("journal_id.type", "in", ("bank", "cash"))]),
            "manual": (_("Other Entries"), [("move_id.move_type", "=", "entry"), ("journal_id.type", "not in", ("bank", "cash"))]),
        }
        amounts = self._get_movements(domain)
        rows = [
            {
                "label": label,
                "amount": amounts.get(kind, 0.0),
                "count": None,
                "status": None,
                "action": self._get_action("account.move.line", domain + part, label),
            }
            for kind, (label, part) in kinds.items()
        ]
        moved = sum(amounts.values())
        closing = self._from_cents(folded.total)
        opening = {"label": _("Open on %s", self._paper_date(start - timedelta(days=1))), "amount": closing - moved}
        total = {"label": _("Open on %s", self._paper_date(self.date)), "amount": closing, "count": None, "status": None, "action": None}
        return self._section("movement", _("The Month"), [dict(opening, count=None, status=None, action=None), *rows], total)

    def _get_movements(self, domain):
        """{kind: what the entries of ``domain`` of that kind added to the receivables}"""
        items = self.env["account.move.line"]
        items._flush_search(domain)
        query = items._where_calc(domain)
        items._apply_ir_rules(query, "read")
        tables, where, params = query.get_sql()
        self.env.cr.execute(
            """
            SELECT CASE WHEN moved.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                        WHEN moved.move_type = 'out_refund' THEN 'credit'
                        WHEN journal.type IN ('bank', 'cash') THEN 'receipt'
                        ELSE 'manual' END AS kind, sum(account_move_line.balance)
              FROM %s, account_move AS moved, account_journal AS journal
             WHERE moved.id = account_move_line.move_id AND journal.id = account_move_line.journal_id AND %s
             GROUP BY 1
            """
            % (tables, where),
            params,
        )
        return {kind: float(amount) for kind, amount in self.env.cr.fetchall()}

    def _get_difference_section(self):
        """Why ordered, delivered, invoiced and collected differ, and what the last check of the triangle said."""
        differences = self.env["crm.triangle.difference"]
        domain = [("company_id", "=", self.company_id._origin.id), ("date", "<=", fields.Date.to_string(self.date))]
        groups = differences.read_group(domain, ["amount"], ["side", "reason"], lazy=False)
        found = {(group["side"], group["reason"]): group for group in groups}
        sides, reasons = (self._get_labels(differences._name, field) for field in ("side", "reason"))
        rows = []
        for side, reason in ((side, reason) for side in sides for reason in reasons if (side, reason) in found):
            part = domain + [("side", "=", side), ("reason", "=", reason)]
            rows.append(
                {
                    "label": "%s: %s" % (sides[side], reasons[reason]),
                    "amount": found[side, reason]["amount"],
                    "count": found[side, reason]["__count"],
                    "status": None,
                    "action": self._get_action(differences._name, part, reasons[reason]),
                }
            )
        note = "" if self.date == fields.Date.context_today(self) else _("Orders up to that day, as they stand today.")
        return self._section("difference", _("Differences and Their Reasons"), rows + self._get_check_rows(), None, note)

    def _get_check_rows(self):
        domain = [("company_id", "=", self.company_id._origin.id)]
        check = self.env["crm.triangle.check"].search(domain, limit=1)
        if not check:
            return []
        return [
            {
                "label": _("Last check, %s", self._paper_date(check.create_date)),
                "amount": None,
                "count": len(check.finding_ids),
                "status": "on_track" if check.state == "holds" else "late",
                "action": self._get_action(check._name, domain, _("Triangle Checks")),
                "apart": True,
            }
        ]

    def _get_todo_section(self):
        """What to clear before the books are closed."""
        until = fields.Date.to_string(self.date)
        own = [("company_id", "=", self.company_id._origin.id)]
        tasks = [
            (_("Bank lines not matched"), "account.bank.statement.line", "amount",
             [("is_reconciled", "=", False), ("state", "=", "posted"), ("date", "<=", until)]),
            (_("Bank statements not posted"), "account.bank.statement", None, [("state", "=", "open"), ("date", "<=", until)]),
            (_("Draft invoices"), "account.move", "amount_total_signed",
             [("move_type", "in", SALES), ("state", "=", "draft"), "|", ("invoice_date", "=", False), ("invoice_date", "<=", until)]),
            (_("Orders to invoice"), "sale.order", None, [("invoice_status", "=", "to invoice")]),
            (_("Invoices without a fapiao"), "account.move", "amount_total_signed",
             [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("fapiao_state", "=", "none"), ("invoice_date", "<=", until)]),
            (_("Fapiao requested, not issued"), "crm.fapiao", "amount_total", [("state", "in", ("requested", "exported"))]),
        ]  # fmt: skip
        rows = [self._get_task(label, model, amount, own + domain) for label, model, amount, domain in tasks]
        return self._section("todo", _("To Do before Closing"), rows, None)

    def _get_task(self, label, model, amount, domain):
        group = self.env[model].read_group(domain, [amount] if amount else [], [])[0]
        count = group["__count"]
        value = (group[amount] or 0.0) if amount else None
        status = "attention" if count else "on_track"
        return {"label": label, "amount": value, "count": count, "status": status, "action": self._get_action(model, domain, label)}

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _section(self, key, title, rows, total, note="", bars=False):
        rows = [dict({"apart": False}, **row) for row in rows]
        return {"key": key, "title": title, "note": note, "bars": bars, "rows": rows, "total": total}

    def _row(self, label, figure, domain, status=None):
        """A row of open receivables; coloured when there are any."""
        domain = [("company_id", "=", self.company_id._origin.id), *domain]
        return {
            "label": label,
            "amount": self._from_cents(figure.amount),
            "count": figure.count,
            "status": (status if figure.amount else None) or None,
            "action": self._get_action("crm.receivable.item", domain, label),
        }

    def _get_action(self, model, domain, name):
        views = [(False, "list"), (False, "form")]
        if model == "account.bank.statement.line":
            views[0] = (self.env.ref("crm_sales_order.account_bank_statement_line_view_tree_open").id, "list")
        context = {"receivable_date": fields.Date.to_string(self.date)} if model == "crm.receivable.item" else {}
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": views,
            "domain": domain,
            "context": dict(context, create=False),
        }

    def _get_labels(self, model, field):
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    def _get_ledger_domain(self):
        return [
            ("account_id.internal_type", "=", "receivable"),
            ("parent_state", "=", "posted"),
            ("company_id", "=", self.company_id._origin.id),
            ("date", "<=", fields.Date.to_string(self.date)),
        ]

    def _get_ledger_balance(self):
        return self.env["account.move.line"].read_group(self._get_ledger_domain(), ["balance"], [])[0]["balance"] or 0.0

    def _from_cents(self, cents):
        currency = self.company_id.currency_id
        return currency.round(cents * currency.rounding)
