# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
from base64 import b64decode
from unittest.mock import patch

import openpyxl
from odoo.exceptions import AccessError

from ..exceptions import VoucherError
from ..models import crm_voucher_export
from .fapiao_common import FapiaoCase


class TestVoucher(FapiaoCase):
    """The month is one nobody else has entries in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = {"invoice_date": "2019-03-10", "date": "2019-03-10"}
        cls.first = cls._create_invoice((cls.pump, 2, 100.0, cls.tax), **cls.day)
        cls.second = cls._create_invoice((cls.valve, 3, 33.33, cls.low_tax), **dict(cls.day, date="2019-03-05", invoice_date="2019-03-05"))
        cls.kingdee = cls.env.ref("crm_sales_order.voucher_layout_kingdee")
        cls.yonyou = cls.env.ref("crm_sales_order.voucher_layout_yonyou")
        cls.accounts = cls.env["crm.voucher.account"].with_user(cls.finance)

    def _export(self, layout=None, date_from="2019-03-01", date_to="2019-03-31", user=None, **values):
        wizard = self.env["crm.voucher.make"].with_user(user or self.finance).create(
            {"layout_id": (layout or self.kingdee).id, "date_from": date_from, "date_to": date_to, **values}
        )
        return self.env["crm.voucher.export"].browse(wizard.action_make()["res_id"])

    def _read(self, export):
        return next(iter(self._read_sheets(export.file).values()))

    def test_balanced_numbered_once_and_reads_back_to_the_same_totals(self):
        with self.assertRefused(VoucherError, "not in the account map"):
            self._export()
        self.accounts.action_fill()
        receivable = self.first.line_ids.account_id.filtered(lambda account: account.internal_type == "receivable")
        self.accounts.search([("account_id", "=", receivable.id)]).write({"code": "1122.01", "name": "应收账款"})
        export = self._export()
        rows = self._read(export)
        self.assertEqual([(row["凭证号"], row["分录序号"]) for row in rows], [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)])
        for number, invoice in ((1, self.second), (2, self.first)):
            mine = [row for row in rows if row["凭证号"] == number]
            debit, credit = (sum(row[side] or 0.0 for row in mine) for side in ("借方金额", "贷方金额"))
            self.assertAlmostEqual(debit, credit, 2)
            self.assertAlmostEqual(debit, invoice.amount_total, 2)
            self.assertEqual({row["日期"] for row in mine}, {str(invoice.date)})
            owed = [row for row in mine if row["科目代码"] == "1122.01"]
            self.assertEqual([(row["科目名称"], row["客户"], row["币别"]) for row in owed], [("应收账款", "Acme Corporation", "RMB")])
        self.assertEqual((export.voucher_count, export.entry_count), (2, 6))
        self.assertAlmostEqual(export.amount_total, self.first.amount_total + self.second.amount_total, 2)
        self.assertEqual(b64decode(export.file), export._render(), "exported again, the file is the same")
        self.assertEqual(export.with_user(self.finance).action_check()["params"]["type"], "success")

        with self.assertRefused(VoucherError, "is exported already"):
            self._export()
        later = self._create_invoice((self.pump, 1, 7.0, self.tax), **dict(self.day, date="2019-03-01", invoice_date="2019-03-01"))
        april = self._create_invoice((self.pump, 1, 9.0, self.tax), **dict(self.day, date="2019-04-01", invoice_date="2019-04-01"))
        both = self._export(self.yonyou, date_to="2019-04-30")
        self.assertEqual([(one.move_id, one.period, one.number) for one in both.voucher_ids.sorted("period")],
                         [(later, "2019-03", 3), (april, "2019-04", 1)])  # fmt: skip
        self.assertIn("1122.01", [row["科目编码"] for row in self._read(both)])

    def test_many_are_written_by_a_job_that_can_fail_and_be_repeated(self):
        self.accounts.action_fill()
        jobs = self.env["queue.job"].sudo()
        with patch.object(crm_voucher_export, "BACKGROUND", 1):
            export = self._export()
        mine = export.with_user(self.finance)
        job = jobs.search([("identity_key", "=", export._get_job_key())])
        self.assertEqual((len(job), export.state, export.voucher_count, len(export.voucher_ids)), (1, "running", 2, 2))
        self.assertEqual({key: mine.get_progress()[key] for key in ("state", "progress")}, {"state": "running", "progress": 0.0})
        for step in (mine.action_download, mine.action_check, mine.action_write_again):
            with self.assertRefused(VoucherError, "is not written yet|just being written"):
                step()
        with self.assertRaises(AccessError):
            export.with_user(self.rep).get_progress()

        numbers = export.voucher_ids.mapped("name")
        mapped = self.accounts.search([("account_id", "=", self.first.line_ids.account_id[0].id)])
        account = mapped.account_id
        mapped.unlink()
        mine._write_job()
        self.assertEqual((export.state, export.file), ("failed", False))
        self.assertIn(account.code, export.message)
        with self.assertRefused(VoucherError, "exported by finance"):
            export.with_user(self.rep).action_write_again()
        self.accounts.action_fill()
        job.write({"state": "done"})
        mine.action_write_again()
        with self.assertRefused(VoucherError, "just being written"):
            mine.action_write_again()
        mine._write_job()
        self.assertEqual((export.state, export.message, export.entry_count), ("done", False, 6))
        self.assertEqual(export.voucher_ids.mapped("name"), numbers)
        file = export.file
        mine._write_job()  # a job that comes twice
        self.assertEqual(export.file, file)
        self.assertEqual(mine.action_check()["params"]["type"], "success")
        told = self.env["crm.notification"].search([("user_id", "=", self.finance.id), ("res_model", "=", export._name)], order="id")
        self.assertEqual(["could not" in one.subject for one in told if one.res_id == export.id], [True, False])

    def test_exported_entries_stay_as_they_are(self):
        self.accounts.action_fill()
        self._export()
        for change in (
            lambda: self.first.button_draft(),
            lambda: self.first.line_ids.filtered("debit").write({"account_id": self.first.line_ids.filtered("credit")[0].account_id.id}),
            lambda: self.first.write({"date": "2019-02-01"}),
        ):
            with self.assertRefused(VoucherError, "stays as it is. Reverse it instead"):
                change()
        reversal = self.first._reverse_moves([{"date": "2019-03-20", "invoice_date": "2019-03-20"}], cancel=True)
        self.assertEqual(reversal.state, "posted")
        self.assertEqual(self._export().voucher_ids.move_id, reversal)

    def test_foreign_currency_and_unmatched_bank_lines(self):
        self.accounts.action_fill()
        usd = self.env.ref("base.USD" if self.company.currency_id != self.env.ref("base.USD") else "base.EUR")
        usd.active = True
        self.env["res.currency.rate"].create({"name": "2019-01-01", "currency_id": usd.id, "rate": 0.14231, "company_id": self.company.id})
        abroad = self._create_invoice((self.pump, 3, 33.33, self.tax), currency_id=usd.id, **self.day)
        statement = self._create_statement([("not known", 50.0, False)])
        rows = self._read(self._export(self.yonyou))
        owed = [row for row in rows if row["币种"] == usd.name and row["外币借方"]]
        self.assertEqual([row["外币借方"] for row in owed], [round(abroad.amount_total, 2)])
        self.assertAlmostEqual(owed[0]["金额借方"], round(owed[0]["外币借方"] * owed[0]["汇率"], 2), 2)
        wizard = self.env["crm.voucher.make"].with_user(self.finance).create(
            {"layout_id": self.kingdee.id, "date_from": statement.date, "date_to": statement.date}
        )
        self.assertGreaterEqual(wizard.unmatched_count, 1)
        journals = self.env["account.journal"]
        domain = self.env["crm.voucher.export"]._get_waiting_domain(self.company, statement.date, statement.date, journals)
        self.assertNotIn(statement.line_ids.move_id, self.env["account.move"].search(domain))

    def test_wrong_input(self):
        self.accounts.action_fill()
        with self.assertRefused(VoucherError, "Swap them"):
            self._export(date_from="2019-04-01")
        with self.assertRaises(AccessError):
            self._export(user=self.rep)
        with self.assertRefused(VoucherError, "exported by finance"):
            self.env["crm.voucher.export"].with_user(self.rep)._make(self.kingdee, self.company, "2019-03-01", "2019-03-31", [])
        with self.assertRefused(VoucherError, "needs columns for the date"):
            self.kingdee.column_ids.filtered(lambda column: column.source == "credit").unlink()
        export = self._export()
        book = openpyxl.load_workbook(io.BytesIO(b64decode(export.file)))
        header = [cell.value for cell in book.worksheets[0][1]]
        place = header.index("借方金额") + 1
        row = next(number for number in range(2, 8) if book.worksheets[0].cell(number, place).value)
        book.worksheets[0].cell(row, place).value = "1.005"
        book.worksheets[0].cell(row + 1, header.index("科目代码") + 1).value = "9999"
        changed = io.BytesIO()
        book.save(changed)
        with self.assertRefused(VoucherError, r"Row %d: “1.005” is no amount" % row):
            export._check_content(changed.getvalue())
        with self.assertRefused(VoucherError, r"Row %d: voucher 2019-03/\d has a line that differs" % (row + 1)):
            export._check_content(changed.getvalue())
