# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from base64 import b64encode

from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import FapiaoError, FapiaoValidationError
from .fapiao_common import CODE, OTHER_CODE, TAX_CODE, FapiaoCase


class TestFapiaoRequest(FapiaoCase):
    def test_rep_requests_for_an_order_and_finance_brings_the_number_back(self):
        order = self._create_delivered_orders([1000.0], user_id=self.rep.id)
        order.order_line.tax_id = self.tax
        with self.assertRefused(FapiaoError, "Nothing is invoiced on"):
            order.with_user(self.rep).action_request_fapiao()
        invoice = order._create_invoices()
        invoice.action_post()
        invoice.invoice_user_id = self.rep
        self.assertEqual((invoice.fapiao_state, order.fapiao_state), ("none", "none"))
        fapiao = self._request(order)
        self.assertEqual((fapiao.state, fapiao.kind, fapiao.user_id), ("requested", "special", self.rep))
        self.assertEqual((fapiao.buyer_name, fapiao.buyer_tax_id), ("Acme Corporation", CODE))
        self.assertEqual(fapiao.line_ids.mapped("name"), ["*水泵*Pump"])
        self.assertEqual((fapiao.amount_untaxed, fapiao.amount_tax), (invoice.amount_untaxed, invoice.amount_tax))
        self.assertEqual((invoice.fapiao_state, order.fapiao_state), ("requested", "requested"))
        with self.assertRefused(FapiaoError, "has a fapiao already"):
            invoice.with_user(self.rep).action_request_fapiao()

        batch = self.env["crm.fapiao.batch"].browse(fapiao.with_user(self.finance).action_export()["res_id"])
        sheets = self._read_sheets(batch.file)
        head, line = sheets["1-发票基本信息"][0], sheets["2-发票明细信息"][0]
        self.assertEqual((head["发票流水号*"], head["发票类型*"]), (fapiao.name, "增值税专用发票"))
        self.assertEqual((head["购买方名称*"], head["购买方纳税人识别号"]), ("Acme Corporation", CODE))
        self.assertEqual((line["商品和服务税收编码*"], line["税率*"]), (TAX_CODE, 0.13))
        self.assertEqual(line["金额*"], invoice.amount_untaxed)
        self.assertNotIn("bills@acme.example", str(sheets))
        with self.assertRefused(FapiaoError, "is in a batch file already"):
            fapiao.with_user(self.finance).action_export()

        with self.assertRefused(FapiaoError, "has no number yet"):
            fapiao.with_user(self.rep).action_mail_buyer()
        self._issue(fapiao, 1)
        self.assertEqual((fapiao.state, fapiao.number), ("issued", self._number(1)))
        mails = self.env["mail.mail"].search([("model", "=", "crm.fapiao"), ("res_id", "=", fapiao.id)])
        self.assertEqual(mails.mapped("email_to"), ["bills@acme.example"])
        self.assertIn(self._number(1), mails.body_html)
        self.assertEqual((invoice.fapiao_state, order.fapiao_state), ("issued", "issued"))
        self.assertEqual(invoice.fapiao, self._number(1))
        told = self.env["crm.notification"].search([("user_id", "=", self.rep.id), ("res_model", "=", "crm.fapiao")])
        self.assertEqual(len(told.mapped("key")), len(told))
        self.assertIn(self._number(1), told[0].body)
        entries = self.env["crm.timeline"].with_user(self.rep).get_page("res.partner", self.customer.id)["entries"]
        self.assertIn(self._number(1), [entry["title"] for entry in entries])
        self._issue(fapiao, 1)  # the same file again
        self.assertEqual(fapiao.number, self._number(1))
        self.assertEqual(mails.search_count([("model", "=", "crm.fapiao"), ("res_id", "=", fapiao.id)]), 1)
        invoice.invoice_user_id = self.other_rep
        self.assertEqual(fapiao.user_id, self.other_rep, "who has the invoice has its fapiao")

    def test_several_invoices_on_one_and_one_on_several(self):
        invoices = self._create_invoice((self.pump, 3, 100.0, self.tax)) | self._create_invoice((self.valve, 7, 33.33, self.low_tax))
        one = self._request(invoices)
        self.assertEqual(len(one), 1)
        self.assertAlmostEqual(one.amount_total, sum(invoices.mapped("amount_total")), 2)
        self.assertEqual(one.line_ids.mapped("tax_rate"), [13.0, 6.0])
        one.with_user(self.rep).action_cancel()
        self.assertEqual(invoices.mapped("fapiao_state"), ["none", "none"])
        self.company.fapiao_limit = 100.0
        several = self._request(invoices, mode="each")
        self.assertEqual(several.mapped("amount_untaxed"), [100.0, 100.0, 100.0, 100.0, 100.0, 33.31])
        self.assertAlmostEqual(sum(several.mapped("amount_total")), sum(invoices.mapped("amount_total")), 2)
        self.assertEqual(set(several.mapped("state")), {"requested"})
        self._issue(several[0], 10)
        self.assertEqual(invoices.mapped("fapiao_state"), ["part", "requested"])

    def test_credit_notes_and_other_currencies(self):
        """What was credited before any fapiao is a discount; amounts are the ledger's, in the company's currency."""
        invoice = self._create_invoice((self.pump, 2, 500.0, self.tax), (self.valve, 1, 80.0, self.low_tax))
        credit = self._create_invoice((self.pump, 1, 200.0, self.tax), kind="out_refund", reversed_entry_id=invoice.id)
        fapiao = self._request(invoice | credit)
        self.assertEqual(fapiao.line_ids.mapped("discount"), [200.0, 0.0])
        self.assertAlmostEqual(fapiao.amount_untaxed, 880.0, 2)
        self.assertAlmostEqual(fapiao.amount_total, 880.0 + 104.0 + 4.8, 2)
        self.assertEqual(credit.fapiao_state, "requested")
        usd = self.env.ref("base.USD" if self.company.currency_id != self.env.ref("base.USD") else "base.EUR")
        usd.active = True
        self.env["res.currency.rate"].create({"name": "2026-03-01", "currency_id": usd.id, "rate": 0.14231, "company_id": self.company.id})
        abroad = self._create_invoice((self.pump, 3, 33.33, self.tax), (self.pump, 1, 0.07, self.tax), currency_id=usd.id)
        fapiao = self._request(abroad)
        self.assertEqual(fapiao.currency_id, self.company.currency_id)
        self.assertAlmostEqual(fapiao.amount_total, abroad.amount_total_signed, 2)
        self.assertAlmostEqual(fapiao.amount_tax, abroad.amount_tax_signed, 2)

    def test_the_title_is_remembered_of_who_was_invoiced(self):
        """Whatever customer a request is made to name over RPC: no other customer's title changes."""
        victim = self.env["res.partner"].create({"name": "Victim", "is_company": True, "user_id": self.other_rep.id})
        self._request(self._create_invoice((self.pump, 1, 100.0, self.tax)), partner_id=victim.id, buyer_bank="ICBC 1")
        self.assertFalse(victim.fapiao_bank)
        self.assertEqual(self.customer.fapiao_bank, "ICBC 1")

    def test_what_cannot_be_requested(self):
        mine = self._create_invoice((self.pump, 1, 100.0, self.tax))
        draft = self._create_invoice((self.pump, 1, 100.0, self.tax), post=False)
        both = self._create_invoice((self.pump, 1, 100.0, self.tax | self.low_tax))
        credit = self._create_invoice((self.pump, 1, 100.0, self.tax), kind="out_refund")
        other = self._create_invoice((self.pump, 1, 100.0, self.tax), partner_id=self.env["res.partner"].create({"name": "B"}).id)
        for invoices, message in (
            (draft, "Ask finance to post it"),
            (both, "no single percentage"),
            (credit, "more is credited than billed"),
            (mine | other, "for one customer"),
        ):
            with self.assertRefused(FapiaoError, message):
                self._request(invoices)
        with self.assertRaises(AccessError):
            mine.with_user(self.other_rep).action_request_fapiao()
        with self.assertRaises((FapiaoError, AccessError)):
            mine.with_user(self.warehouse_man).action_request_fapiao()
        with self.assertRefused(FapiaoValidationError, "no unified social credit code"):
            self._request(mine, buyer_tax_id="91110000600037341X")
        self.customer.vat = False
        with self.assertRefused(FapiaoValidationError, "needs the tax number"):
            self._request(mine, kind="special", buyer_tax_id=False)
        fapiao = self._request(mine, kind="normal", buyer_tax_id=OTHER_CODE.lower())
        self.assertEqual((fapiao.buyer_tax_id, self.customer.vat, self.customer.fapiao_kind), (OTHER_CODE, OTHER_CODE, "normal"))
        with self.assertRefused(FapiaoError, "is covered by a fapiao"):
            mine.button_draft()
        with self.assertRefused(FapiaoError, "is issued by finance|issued by finance"):
            fapiao.with_user(self.rep).action_issue()
        with self.assertRaises(AccessError):
            fapiao.with_user(self.other_rep).action_cancel()
        with self.assertRefused(FapiaoError, "not written by hand"):
            fapiao.with_user(self.finance).write({"state": "issued"})
        with self.assertRaises(AccessError):
            fapiao.with_user(self.rep).write({"number": self._number(5)})
        self.assertEqual(fapiao.with_user(self.finance).read(["buyer_email"])[0]["buyer_email"], "******")
        executive = self._create_user("fapiao_boss", "crm_core.group_executive")
        self.assertEqual(fapiao.with_user(executive).read(["buyer_name"])[0]["buyer_name"], "Acme Corporation")
        for step in (lambda: fapiao.with_user(executive).action_issue(), lambda: mine.with_user(executive).action_request_fapiao()):
            with self.assertRefused((FapiaoError, AccessError), "finance"):
                step()
        for group in ("crm_core.group_marketing", "base.group_portal"):
            user = self.env["res.users"].create({"name": group, "login": group, "groups_id": [(6, 0, self.env.ref(group).ids)]})
            with self.assertRaises(AccessError):
                fapiao.with_user(user).read(["buyer_name"])
        self.assertFalse(self.env["crm.fapiao"].with_user(self.other_rep).search([("id", "=", fapiao.id)]))

    def test_products_get_their_code_on_the_code_itself(self):
        """By finance, which may not write products; a category serves the products below it."""
        invoice = self._create_invoice((self.valve, 1, 80.0, self.tax))
        fapiao = self._request(invoice)
        with self.assertRefused(FapiaoError, "no tax code .*Valve"):
            fapiao.with_user(self.finance).action_export()
        form = Form(self.env["crm.fapiao.tax.code"].with_user(self.finance))
        form.code, form.short_name = "1090120000000000000", "阀门"
        form.category_ids.add(self.valve.categ_id)
        code = form.save()
        self.assertEqual(self.valve.categ_id.fapiao_tax_code_id, code.sudo(False))
        fapiao.with_user(self.finance).action_export()
        self.assertEqual(fapiao.line_ids.name, "*阀门*Valve")
        with self.assertRefused(FapiaoValidationError, "19 digits"):
            code.code = "109"
        line = {"name": "Advice", "quantity": 1.0, "price_unit": 50.0, "tax_ids": [(6, 0, self.low_tax.ids)]}
        invoice = self._create_invoice(invoice_line_ids=[(0, 0, line)])
        fapiao = self._request(invoice).with_user(self.finance)
        with self.assertRefused(FapiaoError, "no tax code .*Advice"):
            fapiao.action_export()
        with self.assertRefused(FapiaoError, "only the tax code"):
            fapiao.write({"line_ids": [(1, fapiao.line_ids.id, {"amount_untaxed": 1.0})]})
        fapiao.write({"line_ids": [(1, fapiao.line_ids.id, {"tax_code": "3040399 000000000000"})]})
        fapiao.action_export()
        self.assertEqual(fapiao.line_ids.tax_code, "3040399000000000000")


class TestFapiaoNumbers(FapiaoCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoices = cls._create_invoice((cls.pump, 1, 100.0, cls.tax)) | cls._create_invoice((cls.pump, 2, 100.0, cls.tax))

    def test_every_wrong_row_is_told_and_nothing_is_taken(self):
        first, second = self._request(self.invoices, mode="each")
        issued = self._request(self._create_invoice((self.pump, 1, 1.0, self.tax)))
        self._issue(issued, 99)
        rows = [
            (first.name, "2600000000000000001", "2026-03-12", 113.0),
            ("FP-NOBODY", self._number(2), "2026-03-12", 1.0),
            (second.name, self._number(99), "2026-03-12", "226.00"),
            (second.name, self._number(3), "2025-03-12", "226.01"),
            (issued.name, self._number(4), "some day", 1.13),
        ]
        with self.assertRaises(FapiaoError) as caught:
            self._import(rows)
        text = caught.exception.args[0]
        for part in (
            "Row 2, 数电票号码: “2600000000000000001” has not 20 digits",
            "Row 3, 发票流水号: no fapiao was requested as “FP-NOBODY”",
            "Row 4, 数电票号码: %s is the number of another fapiao" % self._number(99),
            "Row 5, 发票流水号: the same as in row 4",
            "Row 5, 价税合计: 226.01 is not the total",
            "Row 5, 数电票号码: %s is not of the year" % self._number(3),
            "Row 6, 发票流水号: it has number %s already" % self._number(99),
            "Row 6, 开票日期: “some day” is no date",
        ):
            self.assertIn(part, text)
        self.assertEqual((first | second).mapped("state"), ["requested", "requested"])
        with self.assertRefused(FapiaoError, "cannot be read"):
            self.env["crm.fapiao.import"].with_user(self.finance).create({"file": b64encode(b"PK\x03\x04broken")}).action_import()
        with self.assertRefused(FapiaoError, "has no column “数电票号码"):
            self._import([(first.name, "x")], header=("发票流水号", "Nothing"))
        with self.assertRaises(AccessError):
            self._import([(first.name, self._number(7), "2026-03-12", 113.0)], user=self.rep)
        first.with_user(self.finance).write({"number": " 2600-0000 000000000008 "})
        first.with_user(self.finance).action_issue()
        self.assertEqual((first.number, first.state), (self._number(8), "issued"))
        with self.assertRefused(FapiaoError, "stays as it is"):
            first.with_user(self.finance).write({"number": self._number(9)})

    def test_bills_take_twenty_digits_where_l10n_cn_took_eight(self):
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.customer.id})
        for good in (self._number(1), "12345678", "%s,%s" % (self._number(1), self._number(2))):
            bill.fapiao = good
        bill.flush()
        for bad in ("1234567", self._number(1)[:-1], "2600000000000000000O"):
            with self.assertRefused(FapiaoValidationError, "no fapiao number"):
                bill.fapiao = bad
        self._request(self.invoices)
        with self.assertRefused(FapiaoValidationError, "is not typed"):
            self.invoices[0].fapiao = self._number(1)


class TestFapiaoRed(FapiaoCase):
    def _reverse(self, action, **values):
        wizard = self.env["crm.fapiao.reverse"].with_user(self.rep).browse(action["res_id"])
        wizard.write(values)
        before = self.env["crm.fapiao"].search([])
        wizard.action_reverse()
        return self.env["crm.fapiao"].search([]) - before

    def test_whole_for_a_mistake_and_billed_again(self):
        invoice = self._create_invoice((self.pump, 3, 33.33, self.tax))
        fapiao = self._request(invoice)
        with self.assertRefused(FapiaoError, "Cancel the request instead"):
            fapiao.with_user(self.rep).action_reverse()
        self._issue(fapiao, 1)
        red = self._reverse(fapiao.with_user(self.rep).action_reverse(), reason="wrong")
        self.assertEqual((red.is_red, red.original_id), (True, fapiao))
        self.assertAlmostEqual(red.amount_total, -fapiao.amount_total, 2)
        with self.assertRefused(FapiaoError, "taken back wholly already, or that is requested"):
            fapiao.with_user(self.rep).action_reverse()
        self.assertEqual((fapiao.red_state, invoice.fapiao_state), ("none", "issued"))
        red.with_user(self.finance).action_export()
        sheets = self._read_sheets(red.batch_id.file)
        self.assertEqual(sheets["1-红字信息"][0]["蓝字数电票号码*"], fapiao.number)
        self.assertEqual(sheets["1-红字信息"][0]["冲红原因*"], "开票有误")
        self.assertEqual(sheets["2-红字明细"][0]["金额*"], -99.99)
        self._issue(red, 2)
        self.assertEqual((fapiao.red_state, invoice.fapiao_state, invoice.fapiao), ("whole", "red", False))
        again = self._request(invoice)
        self._issue(again, 3)
        self.assertEqual((invoice.fapiao_state, invoice.fapiao), ("issued", self._number(3)))

    def test_part_by_line(self):
        fapiao = self._request(self._create_invoice((self.pump, 4, 25.0, self.tax), (self.valve, 1, 60.0, self.low_tax)))
        self._issue(fapiao, 1)
        action = fapiao.with_user(self.rep).action_reverse()
        wizard = self.env["crm.fapiao.reverse"].with_user(self.rep).browse(action["res_id"])
        wizard.line_ids[0].amount, wizard.line_ids[1].amount = 100.01, 0.0
        with self.assertRefused(FapiaoError, "an amount from 0 to 100.00"):
            self._reverse(action, part="part")
        wizard.line_ids[0].amount = 25.0
        red = self._reverse(action, part="part", reason="allowance")
        self.assertEqual((red.line_ids.quantity, red.amount_untaxed, red.amount_tax), (-1.0, -25.0, -3.25))
        self._issue(red, 2)
        self.assertEqual(fapiao.red_state, "part")
        rest = self._reverse(fapiao.with_user(self.rep).action_reverse())
        self._issue(rest, 3)
        self.assertEqual(fapiao.red_state, "whole")
        self.assertAlmostEqual(fapiao.amount_total + sum(fapiao.red_ids.mapped("amount_total")), 0.0, 2)

    def test_for_a_credit_note(self):
        invoice = self._create_invoice((self.pump, 2, 100.0, self.tax), (self.valve, 3, 50.0, self.tax))
        self._issue(self._request(invoice), 1)
        credit = self._create_invoice((self.valve, 1, 50.0, self.tax), kind="out_refund", reversed_entry_id=invoice.id)
        with self.assertRefused(FapiaoError, "take that back in red"):
            credit.with_user(self.rep).action_request_fapiao()
        with self.assertRaises(AccessError):
            credit.with_user(self.other_rep).action_reverse_fapiao()
        red = self._reverse(credit.with_user(self.rep).action_reverse_fapiao())
        self.assertEqual((red.move_ids, red.red_reason), (credit, "returned"))
        self.assertEqual(red.line_ids.product_id, self.valve)
        self.assertEqual((red.line_ids.quantity, red.amount_total), (-1.0, -56.5))
        self._issue(red, 2)
        self.assertEqual((credit.fapiao_state, credit.fapiao, invoice.fapiao_state), ("issued", self._number(2), "issued"))
        with self.assertRefused(FapiaoError, "taken back for it already"):
            credit.with_user(self.rep).action_reverse_fapiao()
        more = self._create_invoice((self.pump, 1, 301.0, self.tax), kind="out_refund", reversed_entry_id=invoice.id)
        with self.assertRefused(FapiaoError, "more back at 13 % than is left"):
            self._reverse(more.with_user(self.rep).action_reverse_fapiao())

    def test_a_credit_note_over_several_fapiao_each_with_its_confirmation(self):
        """A limit cut the invoice into several; what is credited takes the fewest of them."""
        self.company.fapiao_limit = 100.0
        invoice = self._create_invoice((self.pump, 5, 50.0, self.tax))
        fapiao = self._request(invoice)
        self.assertEqual(fapiao.mapped("amount_untaxed"), [100.0, 100.0, 50.0])
        self._issue(fapiao, 1)
        small = self._create_invoice((self.pump, 1, 50.0, self.tax), kind="out_refund", reversed_entry_id=invoice.id)
        action = small.with_user(self.rep).action_reverse_fapiao()
        wizard = self.env["crm.fapiao.reverse"].with_user(self.rep).browse(action["res_id"])
        self.assertEqual((wizard.original_ids.fapiao_id, wizard.candidate_ids), (fapiao[0], fapiao))
        wizard.original_ids.fapiao_id = fapiao[2]  # the one the customer sent back
        one = self._reverse(action)
        self.assertEqual((one.original_id, one.amount_untaxed), (fapiao[2], -50.0))

        large = self._create_invoice((self.pump, 3, 50.0, self.tax), kind="out_refund", reversed_entry_id=invoice.id)
        action = large.with_user(self.rep).action_reverse_fapiao()
        wizard = self.env["crm.fapiao.reverse"].with_user(self.rep).browse(action["res_id"])
        self.assertEqual((wizard.original_ids.fapiao_id, wizard.original_ids.mapped("left")), (fapiao[:2], [113.0, 113.0]))
        with self.assertRefused(FapiaoError, "a confirmation of its own"):
            wizard.original_ids.red_confirmation = "44002611000000001"
            wizard.action_reverse()
        for original, number in zip(wizard.original_ids, ("4400 2611 0000 00001", "44002611000000002")):
            original.red_confirmation = number
        reds = self._reverse(action).sorted("id")
        self.assertEqual((reds.original_id, reds.mapped("amount_untaxed")), (fapiao[:2], [-100.0, -50.0]))
        self.assertEqual(reds.mapped("red_confirmation"), ["44002611000000001", "44002611000000002"])
        self.assertAlmostEqual(sum(reds.mapped("amount_total")), -large.amount_total, 2)
        self._issue(reds[0], 10)
        self.assertEqual(large.fapiao_state, "part")
        with self.assertRefused(FapiaoError, "taken back for it already"):
            large.with_user(self.rep).action_reverse_fapiao()
        self._issue(reds[1], 11)
        self.assertEqual((large.fapiao_state, fapiao.mapped("red_state")), ("issued", ["whole", "part", "none"]))

    def test_several_at_once_from_the_list_all_or_none(self):
        first, second, third = (self._request(self._create_invoice((self.pump, number, 10.0, self.tax))) for number in (1, 2, 3))
        self._issue(first | second, 1)
        with self.assertRefused(FapiaoError, "is not an issued fapiao"):
            (first | third).with_user(self.rep).action_reverse()
        with self.assertRaises(AccessError):
            (first | second).with_user(self.other_rep).action_reverse()
        action = (first | second).with_user(self.rep).action_reverse()
        wizard = self.env["crm.fapiao.reverse"].with_user(self.rep).browse(action["res_id"])
        strange = self.env["crm.fapiao.reverse"].with_user(self.other_rep).create({})
        for model, values in (
            ("crm.fapiao.reverse.original", {"wizard_id": strange.id, "fapiao_id": first.id}),
            ("crm.fapiao.reverse.line", {"wizard_id": strange.id, "fapiao_line_id": first.line_ids.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env[model].with_user(self.other_rep).create(values)
        reds = self._reverse(action)
        self.assertEqual((reds.original_id, sum(reds.mapped("amount_untaxed"))), (first | second, -30.0))
        with self.assertRefused(FapiaoError, "taken back wholly already"):
            wizard.action_reverse()

    def test_goods_sent_back_credit_the_fapiao_of_their_order(self):
        """Odoo's credit note for returned goods names no invoice."""
        order = self._create_delivered_orders([1000.0], user_id=self.rep.id)
        order.order_line.tax_id = self.tax
        invoice = order._create_invoices()
        invoice.action_post()
        invoice.invoice_user_id = self.rep
        self._issue(self._request(invoice), 1)
        order.order_line.qty_delivered = 0.0
        credit = order._create_invoices(final=True)
        credit.action_post()
        credit.invoice_user_id = self.rep
        self.assertEqual((credit.move_type, credit.reversed_entry_id.id), ("out_refund", False))
        red = self._reverse(credit.with_user(self.rep).action_reverse_fapiao())
        self.assertEqual((red.original_id, red.amount_total), (invoice.fapiao_ids, -credit.amount_total))
