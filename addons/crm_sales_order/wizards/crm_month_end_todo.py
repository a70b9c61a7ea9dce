# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models

SALES = ("out_invoice", "out_refund", "out_receipt")


class CrmMonthEnd(models.TransientModel):
    """What differs and why, and what to clear before the books are closed."""

    _inherit = "crm.month.end"

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
