# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
import os
from pathlib import Path
from unittest.mock import patch

import xlwt
from odoo.exceptions import AccessError
from odoo.tests.common import SavepointCase
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import SalesOrderValidationError, StatementImportError

SHARED = Path(os.environ.get("CRM_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data") / "cn-statements"
HEAD = "账号：,%s\n交易日期,交易时间,收入金额,支出金额,账户余额,币种,摘要,对方账号,对方户名\n"


class TestStatementImport(SavepointCase):
    """Banks' files become posted statements: each payment once, all or nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.yuan = cls.env.ref("base.CNY")
        cls.yuan.active = True
        cls.bank = cls._create_journal("BA", "6222021234567890")
        cls.finance = cls._create_user("import finance", "crm_sales_order.group_finance")

    @classmethod
    def _create_user(cls, login, group):
        groups = [cls.env.ref("base.group_user").id, cls.env.ref(group).id]
        values = {"name": login, "login": login, "groups_id": [(6, 0, groups)]}
        return cls.env["res.users"].with_context(no_reset_password=True).create(values)

    @classmethod
    def _create_journal(cls, code, account=False):
        values = {"name": "Bank %s" % code, "code": code, "type": "bank", "currency_id": cls.yuan.id, "bank_acc_number": account}
        return cls.env["account.journal"].create(values)

    def _start(self, *files, user=None):
        """An import of (name, content) files that has read them."""
        env = self.env(user=user or self.finance)
        attachments = env["ir.attachment"].create([
            {"name": name, "raw": self._encode(content), "res_model": "crm.statement.import"} for name, content in files
        ])  # fmt: skip
        wizard = env["crm.statement.import"].create({"attachment_ids": [(6, 0, attachments.ids)]})
        wizard.action_read()
        return wizard

    @staticmethod
    def _encode(content):
        return content if isinstance(content, bytes) else content.encode("gb18030")

    def _import(self, *files, journal=None, **values):
        """The statements that came of files."""
        before = self.env["account.bank.statement"].search([])
        wizard = self._start(*files)
        if journal:
            wizard.file_ids.journal_id = journal
        wizard.write(values)
        wizard.action_import()
        return self.env["account.bank.statement"].search([]) - before

    def _refused(self, *files, journal=None):
        """The message on importing files; nothing may be stored."""
        before = self.env["account.bank.statement"].search_count([])
        wizard = self._start(*files)
        if journal:
            wizard.file_ids.journal_id = journal
        with self.assertRaises(StatementImportError) as refused, self.env.cr.savepoint():
            wizard.action_import()
        self.assertEqual(self.env["account.bank.statement"].search_count([]), before)
        return str(refused.exception)

    # -- what comes in -----------------------------------------------------------------------------------------------

    def test_a_file_becomes_a_posted_statement_of_the_journal_it_names(self):
        text = HEAD % "6222****7890" + (
            "20260105,101112,1000.00,,1500.00,人民币,货款S00042,62220001,客户甲\n"
            "20260106,090000,,40.50,1459.50,人民币,手续费,6222****5669,银行\n"
        )
        statement = self._import(("ccb.csv", text))
        self.assertEqual((statement.journal_id, statement.state, statement.reference), (self.bank, "posted", "ccb.csv"))
        self.assertEqual((statement.balance_start, statement.balance_end_real, statement.difference), (500.0, 1459.5, 0.0))
        first, second = statement.line_ids.sorted("date")
        self.assertEqual((first.amount, first.payment_ref), (1000.0, "货款S00042"))
        self.assertEqual((first.partner_name, first.account_number), ("客户甲", "62220001"))
        self.assertEqual((second.amount, second.account_number, second.narration), (-40.5, False, "6222****5669"))
        self.assertEqual(statement.line_ids.move_id.mapped("state"), ["posted", "posted"])

    def test_the_same_payments_are_taken_once_however_often_and_in_whatever_file(self):
        rows = ["2026010%d,,5.00,,,人民币,rent,,Tenant\n" % day for day in (1, 2, 2, 3)]
        head = HEAD % "6222021234567890"
        self.assertEqual(len(self._import(("a.csv", head + "".join(rows[:3]))).line_ids), 3, "two equal rows are two payments")
        self.assertFalse(self._import(("a.csv", head + "".join(rows[:3]))))
        self.assertEqual(len(self._import(("b.csv", (head + "".join(rows[1:])).encode("utf-16"))).line_ids), 1, "overlap")
        self.assertFalse(self._import(("a.csv", head + "".join(rows)), ("b.csv", head + "".join(reversed(rows)))))
        again = head + "20260104,,5.00,,,人民币,rent,,Tenant\n"
        self.assertEqual(len(self._import(("c.csv", again), ("d.csv", again)).line_ids), 1, "twice in one import")
        deleted = self.env["account.bank.statement"].search([("reference", "=", "c.csv")])
        deleted.button_reopen()
        deleted.unlink()
        self.assertEqual(len(self._import(("c.csv", again)).line_ids), 1, "what was deleted can come again")

    def test_the_files_people_brought(self):
        if not SHARED.exists():
            self.skipTest("the shared statements are not on this machine")
        counts = {"alipay": 9, "boc-debit": 17, "cmb-debit": 5, "icbc-debit": 11, "wechat": 25}
        for path in sorted(SHARED.iterdir()):
            code = path.stem[:4].upper()
            wallet = self.env["account.journal"].search([("code", "=", code)]) or self._create_journal(code)
            expected = 0 if path.suffix == ".xlsx" else counts[path.stem]  # the same payments as in wechat.csv
            statement = self._import((path.name, path.read_bytes()), journal=wallet, accepted=True)
            self.assertEqual(len(statement.line_ids), expected, path.name)
            self.assertFalse(self._import((path.name, path.read_bytes()), journal=wallet, accepted=True), path.name)

    def test_an_old_excel_file(self):
        book = xlwt.Workbook()
        sheet = book.add_sheet("明细")
        for row, cells in enumerate((["交易日期", "贷方发生额", "借方发生额", "摘要"], ["2026-01-05", 12.5, "", "货款"])):
            for column, value in enumerate(cells):
                sheet.write(row, column, value)
        content = io.BytesIO()
        book.save(content)
        statement = self._import(("old.xls", content.getvalue()), journal=self._create_journal("XL"))
        self.assertEqual(statement.line_ids.amount, 12.5)

    def test_a_long_file_equals_its_sums(self):
        rows = "".join("202601%02d,%06d,%d.25,,,人民币,S%05d,,Payer\n" % (1 + n % 28, n, n, n) for n in range(1, 301))
        statement = self._import(("long.csv", HEAD % "6222021234567890" + rows))
        self.assertEqual(len(statement.line_ids), 300)
        self.assertAlmostEqual(statement.balance_end - statement.balance_start, sum(range(1, 301)) + 75.0)
        self.assertFalse(self._import(("long.csv", HEAD % "6222021234567890" + rows)))

    # -- which journal -----------------------------------------------------------------------------------------------

    def test_the_journal_chosen_once_is_chosen_by_itself_from_then_on(self):
        journal = self._create_journal("WX")
        head = "微信昵称：[shop]\n交易时间,交易类型,交易对方,商品,收/支,金额(元),当前状态,交易单号,商户单号,备注\n"
        row = "2026-01-%02d 10:00:00,收款,甲,泵,收入,5.00,已收钱,%s,1,/\n"
        self._import(("wechat.csv", head + row % (5, "1001") + row % (6, "1002")), journal=journal)
        self.assertEqual(journal.statement_accounts, "shop")
        self.assertEqual(self._start(("next.csv", head + row % (7, "1003"))).file_ids.journal_id, journal)

    def test_an_account_nobody_knows_is_asked_for_where_several_could_have_it(self):
        self._create_journal("NE")
        wizard = self._start(("a.csv", HEAD % "4000 9999 8888 7777" + "20260105,,5.00,,,人民币,a,,b\n"))
        self.assertEqual((wizard.file_ids.account, wizard.file_ids.state), ("4000999988887777", "journal"))
        self.assertIn("choose the journal of the file", wizard.preview)

    def test_a_file_of_another_account_or_currency_is_not_taken_unseen(self):
        other = HEAD % "4000999988887777" + "20260105,,5.00,,,人民币,a,,b\n20260105,,,1.00,,人民币,a,,b\n"
        self.assertIn("Look at the warnings", self._refused(("a.csv", other), journal=self.bank))
        self.assertTrue(self._import(("a.csv", other), journal=self.bank, accepted=True))
        dollars = HEAD % "6222021234567890" + "20260105,,5.00,,,USD,a,,b\n"
        self.assertIn("USD ≠ CNY", self._refused(("a.csv", dollars), journal=self.bank))
        self.assertIn("Choose the journal", self._refused(("a.csv", dollars)))

    # -- unknown columns ---------------------------------------------------------------------------------------------

    def test_unknown_columns_are_mapped_once_and_remembered(self):
        text = "Wann,Wer,Wieviel,Wofür\n05/01/2026,Acme,1.50,S00042\n06/01/2026,Beta,-2.00,rent\n".encode()
        wizard = self._start(("x.csv", text))
        self.assertEqual((wizard.state, wizard.column_ids.mapped("header")), ("map", ["Wann", "Wer", "Wieviel", "Wofür"]))
        self.assertEqual(wizard.column_ids.mapped("role"), ["date", False, "amount", False], "what the values say is filled in")
        wizard.layout_name = "Meine Bank"
        wizard.column_ids.role = False
        with self.assertRaises(SalesOrderValidationError), self.env.cr.savepoint():
            wizard.action_remember()
        for column, role in zip(wizard.column_ids, ("date", "counterparty", "amount", "memo")):
            column.role = role
        wizard.date_order = "day"
        wizard.action_remember()
        self.assertEqual(wizard.state, "check")
        wizard.file_ids.journal_id = self.bank
        wizard.action_import()
        again = self._start(("y.csv", text + b"07/01/2026,Beta,-3.00,rent\n"))
        again.file_ids.journal_id = self.bank
        web = again.with_context(bin_size=True)  # as the web client reads
        web.invalidate_cache()
        self.assertIn("Beta", web.preview)
        self.assertEqual((again.state, again.file_ids.layout, again.file_ids.new_count), ("check", "Meine Bank", 1))

    # -- what is wrong -----------------------------------------------------------------------------------------------

    def test_wrong_input_names_row_and_column_and_leaves_nothing(self):
        head = HEAD % "6222021234567890"
        good = ("good.csv", head + "20260105,,5.00,,,人民币,a,,b\n")
        for row, part in (
            ("20260105,,12abc,,,人民币,a,,b\n", "Row 3, column “收入金额”: “12abc”"),
            ("20260230,,5.00,,,人民币,a,,b\n", "Row 3, column “交易日期”: “20260230”"),
            ("20260105,,5.00,,,人民币,a,,b\n20260105,,5.00,,,USD,a,,b\n", "Row 4, column “币种”: “USD”"),
            ("20260105,,5.00,,,人民币,a,,b\n20260106,,6", "Row 4"),
        ):
            self.assertIn(part, self._refused(good, ("bad.csv", head + row), journal=self.bank))
        self.assertIn("empty", self._refused(("none.csv", b"\n"), journal=self.bank))

    def test_a_day_in_a_closed_period_is_refused_unless_it_was_taken_before(self):
        head = HEAD % "6222021234567890"
        old, new = "20260105,,5.00,,,人民币,a,,b\n", "20260305,,6.00,,,人民币,a,,b\n"
        self._import(("a.csv", head + old))
        self.company._write({"fiscalyear_lock_date": "2026-01-31"})  # Odoo would have the payment matched first
        self.company.invalidate_cache()
        self.assertEqual(len(self._import(("b.csv", head + old + new)).line_ids), 1)
        self.assertIn("Row 4", self._refused(("c.csv", head + old + old + new)))

    def test_somebody_who_imports_the_same_at_this_moment_brings_nothing_twice(self):
        """What two transactions each believe to be new, only one can store."""
        text = HEAD % "6222021234567890" + "20260105,,5.00,,,人民币,a,,b\n"
        self._import(("a.csv", text))
        blind = patch.object(type(self.env["crm.statement.import.file"]), "_get_new", lambda file, statement: list(statement.lines))
        with blind, mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._import(("a.csv", text))

    def test_only_who_may_book_statements_imports_and_only_an_own_import(self):
        rep = self._create_user("import rep", "crm_core.group_sales_rep")
        with self.assertRaises(AccessError):
            self._start(("a.csv", HEAD), user=rep)
        wizard = self._start(("a.csv", HEAD % "1" + "20260105,,5.00,,,人民币,a,,b\n"))
        other = self._create_user("import other", "crm_sales_order.group_finance")
        with self.assertRaises(AccessError):
            wizard.with_user(other).action_import()
