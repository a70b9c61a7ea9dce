# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import _, api, fields, models

from ..engine import voucher
from ..engine.fapiao_answer import find_columns
from ..exceptions import VoucherError
from ..tools.sheets import read_table, write_book

#: Problems told of at once
SHOWN = 20
LINES = """
    SELECT line.move_id, line.account_id, line.name, line.debit, line.credit, line.amount_currency, line.quantity,
           line.product_id, coalesce(nullif(move.ref, ''), move.name) AS reference, move.name AS origin, move.date,
           currency.name AS currency, line.currency_id, partner.ref AS partner_code, partner.name AS partner_name
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
      JOIN res_currency currency ON currency.id = line.currency_id
      LEFT JOIN res_partner contact ON contact.id = line.partner_id
      LEFT JOIN res_partner partner ON partner.id = contact.commercial_partner_id
     WHERE line.move_id = ANY(%s) AND (line.debit <> 0 OR line.credit <> 0)
     ORDER BY line.move_id, line.id
"""


class CrmVoucherExport(models.Model):
    """The file itself: written from the books, and read back before anybody gets it."""

    _inherit = "crm.voucher.export"

    def _write_file(self, tick=None):
        """Write the file and read it back before anybody gets it. ``tick(percent)`` is told how far it is."""
        self.ensure_one()
        tick = tick or (lambda percent: None)
        content = self._render(tick)
        tick(50)
        totals = voucher.total(self._check_content(content))
        tick(90)
        self.write(
            {
                "state": "done",
                "message": False,
                "file": base64.b64encode(content),
                "file_name": "%s.xlsx" % self.name.replace("/", "-"),
                "voucher_count": totals.vouchers,
                "entry_count": totals.entries,
                "amount_total": totals.debit / 100,
            }
        )

    def _check_file(self):
        """The entries of the kept file, after they were compared with the books.

        :raise VoucherError: as :meth:`_check_content`
        """
        self.ensure_one()
        if self.state != "done":
            raise VoucherError(_("The file of %s is not written yet. Wait for it, or have it written again.", self.name))
        return self._check_content(base64.b64decode(self.file))

    # ------------------------------------------------------------------ the file

    def _get_rows(self):
        """Lines of the vouchers as dicts, in their order."""
        keys = {each.move_id.id: (each.period, each.number) for each in self.voucher_ids}
        self.env["base"].flush()
        self.env.cr.execute(LINES, [list(keys)])
        rows = [dict(row, voucher=keys[row["move_id"]]) for row in self.env.cr.dictfetchall()]
        rows.sort(key=lambda row: row["voucher"])  # stable: lines stay in their order
        return rows

    def _get_entries(self, rows, accounts):
        """What the books say: [:class:`engine.voucher.Entry`]"""
        return [
            voucher.Entry(row["voucher"], accounts[row["account_id"]][0], self._to_fen(row["debit"]), self._to_fen(row["credit"]))
            for row in rows
        ]

    @api.model
    def _to_fen(self, amount):
        return int(round(amount * 100))

    @api.model
    def _get_accounts(self, rows):
        ids = list(dict.fromkeys(row["account_id"] for row in rows))
        return self.env["crm.voucher.account"].sudo()._get_map(self.env["account.account"].sudo().browse(ids))

    def _render(self, tick=lambda percent: None):
        """The file's bytes; the same vouchers give the same bytes."""
        self.ensure_one()
        rows = self._get_rows()
        accounts = self._get_accounts(rows)
        layout, table, last, entry = self.layout_id, [], None, 0
        columns = [(column.source, column.value) for column in layout.column_ids]
        preparer = self.create_uid.name
        for row in rows:
            entry = entry + 1 if row["voucher"] == last else 1
            last = row["voucher"]
            cells = self._get_cells(row, entry, accounts[row["account_id"]], preparer)
            table.append([value if source == "fixed" else cells[source] for source, value in columns])
        tick(15)
        return write_book([(layout.sheet_name, layout.column_ids.mapped("name"), table)])

    def _get_cells(self, row, entry, account, preparer):
        """{source: cell} of a line; None leaves the cell empty."""
        month, number = row["voucher"]
        code, name, with_partner = account
        foreign = row["currency_id"] != self.company_id.currency_id.id
        balance = round(float(row["debit"]) - float(row["credit"]), 2)
        amount = abs(round(float(row["amount_currency"]), 2)) if foreign else abs(balance)
        return {
            "date": fields.Date.to_string(row["date"]),
            "year": int(month[:4]),
            "month": int(month[5:]),
            "word": self.layout_id.word,
            "number": number,
            "entry": entry,
            "summary": ((row["name"] or row["reference"] or "").strip() or row["origin"])[:100],
            "account_code": code,
            "account_name": name,
            "debit": round(float(row["debit"]), 2) or None,
            "credit": round(float(row["credit"]), 2) or None,
            "currency": row["currency"] if foreign else self.layout_id.own_currency or row["currency"],
            "rate": round(abs(balance) / amount, 6) if foreign and amount else 1.0,
            "amount_currency": amount,
            "debit_currency": amount if foreign and row["debit"] else None,
            "credit_currency": amount if foreign and row["credit"] else None,
            "quantity": float(row["quantity"]) if row["product_id"] and row["quantity"] else None,
            "partner_code": (row["partner_code"] or row["partner_name"]) if with_partner else None,
            "partner_name": row["partner_name"] if with_partner else None,
            "preparer": preparer,
            "origin": row["origin"],
        }

    # ------------------------------------------------------------------ reading it back

    def _check_content(self, content):
        """Read a file back and compare it with the books.

        :return: the file's entries
        :raise VoucherError: naming rows and vouchers that differ
        """
        self.ensure_one()
        names = self.layout_id._get_names()
        header, lines = read_table(content, lambda cells: len(find_columns(cells, names)))
        columns = find_columns(header, names)
        missing = [names[source][0] for source in names if source not in columns]
        if missing:
            raise VoucherError(_("The file has no column “%s”: choose the layout it was written with.", missing[0]))
        found, problems = voucher.read_back(
            (line, {source: cells[place] if place < len(cells) else "" for source, place in columns.items()}) for line, cells in lines
        )
        rows = self._get_rows()
        books = self._get_entries(rows, self._get_accounts(rows))
        problems += voucher.compare(books, found)
        if problems:
            raise VoucherError("\n".join([_("The file of %s does not say what the books say:", self.name), *self._describe(problems)]))
        return found

    @api.model
    def _describe(self, problems):
        texts = {
            "number": _("“%s” is no number of a voucher."),
            "period": _("“%s” is no date."),
            "amount": _("“%s” is no amount."),
            "account": _("the account is missing."),
            "both": _("debit and credit in one row."),
            "unbalanced": _("voucher %s more debit than credit."),
            "voucher": _("voucher %s is in the file or in the books only."),
            "entry": _("voucher %s has a line that differs."),
        }
        told = []
        for problem in problems[:SHOWN]:
            text = texts[problem.code]
            text = text % problem.value if "%s" in text else text
            told.append(_("Row %(row)d: %(problem)s", row=problem.row, problem=text) if problem.row else text)
        if len(problems) > SHOWN:
            told.append(_("… and %d more.", len(problems) - SHOWN))
        return told
