# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, fields, models

from ..engine import ageing, month_end


class CrmMonthEnd(models.TransientModel):
    """What customers owe: by age, by the week it should come, and how it came about in the month."""

    _inherit = "crm.month.end"

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

    def _get_ledger_domain(self):
        return [
            ("account_id.internal_type", "=", "receivable"),
            ("parent_state", "=", "posted"),
            ("company_id", "=", self.company_id._origin.id),
            ("date", "<=", fields.Date.to_string(self.date)),
        ]

    def _get_ledger_balance(self):
        return self.env["account.move.line"].read_group(self._get_ledger_domain(), ["balance"], [])[0]["balance"] or 0.0
