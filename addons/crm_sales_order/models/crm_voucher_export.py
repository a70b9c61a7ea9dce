# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import voucher
from ..exceptions import VoucherError

#: More entries than this are written into their file by a job
BACKGROUND = 500
#: Vouchers of numbered entries, each with its sum
NUMBERED = """
    INSERT INTO crm_voucher (create_uid, create_date, write_uid, write_date,
                             name, export_id, company_id, move_id, period, number, amount)
    SELECT %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC',
           concat(%(word)s, '-', given.period, '-', given.number), %(export)s, %(company)s, given.move_id, given.period, given.number,
           (SELECT sum(line.debit) FROM account_move_line AS line WHERE line.move_id = given.move_id)
      FROM unnest(%(moves)s, %(periods)s, %(numbers)s) AS given (move_id, period, number)
     ORDER BY given.period, given.number
"""


class CrmVoucherExport(models.Model):
    """A file of vouchers as it went to the other program. Each entry of the books is in one file, once.

    The file is kept and can be fetched again; reading it back gives the totals of the books.
    """

    _name = "crm.voucher.export"
    _description = "Voucher Export"
    _order = "id desc"

    name = fields.Char("Export", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    layout_id = fields.Many2one("crm.voucher.layout", "Program", required=True, readonly=True, ondelete="restrict")
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    voucher_ids = fields.One2many("crm.voucher", "export_id", string="Vouchers", readonly=True)
    voucher_count = fields.Integer("Number of Vouchers", readonly=True)
    entry_count = fields.Integer("Lines", readonly=True)
    amount_total = fields.Monetary("Debit = Credit", readonly=True)
    state = fields.Selection(
        [("running", "File Being Written"), ("done", "File Written"), ("failed", "File Not Written")],
        required=True,
        readonly=True,
        default="running",
    )
    message = fields.Text("What Went Wrong", readonly=True)
    file = fields.Binary(readonly=True, attachment=True)
    file_name = fields.Char(readonly=True)

    # ------------------------------------------------------------------ making

    @api.model
    def _get_waiting_domain(self, company, date_from, date_to, journals):
        """Posted entries that are in no file yet. Bank lines without an invoice wait until they are matched."""
        domain = [
            ("company_id", "=", company.id),
            ("state", "=", "posted"),
            ("voucher_id", "=", False),
            ("date", ">=", date_from),
            ("date", "<=", date_to),
            ("line_ids.debit", "!=", 0),
            "|",
            ("statement_line_id", "=", False),
            ("statement_line_id.is_reconciled", "=", True),
        ]
        return domain + ([("journal_id", "in", journals.ids)] if journals else [])

    @api.model
    def _check_finance(self):
        """:raise VoucherError: unless finance exports"""
        if not (self.env.su or self.env.user.has_group("crm_sales_order.group_finance")):
            raise VoucherError(_("Vouchers are exported by finance."))

    @api.model
    def _make(self, layout, company, date_from, date_to, journals):
        """Number the waiting entries of the period and have them written into a file, by a job when they are many.

        :raise VoucherError: where nothing waits, an account is not in the map, or the file does not read back
        :return: crm.voucher.export in sudo mode
        """
        self._check_finance()
        moves = self.env["account.move"].search(self._get_waiting_domain(company, date_from, date_to, journals)).sudo()
        if not moves:
            raise VoucherError(_("Every posted entry of these days is exported already, or waits for its bank line to be matched."))
        self._check_accounts(moves)
        export = self.sudo().create(
            {
                "name": self.env["ir.sequence"].with_company(company).next_by_code("crm.voucher.export"),
                "company_id": company.id,
                "layout_id": layout.id,
                "date_from": date_from,
                "date_to": date_to,
                "voucher_count": len(moves),
            }
        )
        export._number(moves)
        if len(moves) > BACKGROUND:
            export._start_job()
        else:
            export._write_file()
        return export

    @api.model
    def _check_accounts(self, moves):
        """:raise VoucherError: before anything is numbered, where an account is not in the map"""
        groups = self.env["account.move.line"].sudo().read_group([("move_id", "in", moves.ids)], ["account_id"], ["account_id"])
        accounts = self.env["account.account"].sudo().browse([group["account_id"][0] for group in groups if group["account_id"]])
        self.env["crm.voucher.account"].sudo()._get_map(accounts)

    def _number(self, moves):
        """Give ``moves`` their vouchers: three statements, however many there are."""
        self.ensure_one()
        numbers = self.env["crm.voucher"]._number(moves)
        params = {
            "uid": self.env.uid,
            "word": self.layout_id.word,
            "export": self.id,
            "company": self.company_id.id,
            "moves": list(numbers),
            "periods": [month for month, _number in numbers.values()],
            "numbers": [number for _month, number in numbers.values()],
        }
        self.env["base"].flush()
        self.env.cr.execute(NUMBERED, params)
        self.env.cr.execute(
            "UPDATE account_move SET voucher_id = voucher.id FROM crm_voucher voucher"
            " WHERE voucher.move_id = account_move.id AND voucher.export_id = %s",
            [self.id],
        )
        moves.invalidate_cache(["voucher_id"], moves.ids)
        self.invalidate_cache(["voucher_ids"], self.ids)

    # ------------------------------------------------------------------ steps

    def action_download(self):
        self.ensure_one()
        if self.state != "done":
            raise VoucherError(_("The file of %s is not written yet. Wait for it, or have it written again.", self.name))
        return {
            "type": "ir.actions.act_url",
            "url": "/web/content/crm.voucher.export/%d/file/%s?download=true" % (self.id, self.file_name),
            "target": "self",
        }

    def action_write_again(self):
        """After a failure was mended, or where the job went away: the same vouchers with the same numbers.

        :raise VoucherError: unless the file is missing and no job is at it
        """
        self.ensure_one()
        self._check_finance()
        self.check_access_rule("read")
        if self.state == "done" or self.state == "running" and self._has_job():
            raise VoucherError(_("The file of %s is written, or just being written. Reload the page.", self.name))
        self.sudo()._start_job()
        return True

    def action_check(self):
        """Read the kept file back and compare it with the books of today."""
        self.ensure_one()
        self._check_finance()
        self.check_access_rule("read")
        totals = voucher.total(self.sudo()._check_file())
        message = _("%(vouchers)d vouchers, %(lines)d lines, %(total).2f on both sides: as in the books.",
                    vouchers=totals.vouchers, lines=totals.entries, total=totals.debit / 100)  # fmt: skip
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.name, "message": message, "type": "success"},
        }
