# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import datetime, timedelta
from hashlib import sha256
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..exceptions import SalesOrderError
from .common import SalesOrderCase
from .contract_common import ContractMixin

PDF = b"%PDF-1.4 signed and chopped"


class TestContractPaper(ContractMixin, SalesOrderCase):
    """A contract that was signed on paper: entered by a colleague, with the scan as evidence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_contracts()
        cls.rep = cls._create_user("paper_rep", "crm_core.group_sales_rep", tz="Asia/Shanghai")
        cls.other = cls._create_user("paper_other", "crm_core.group_sales_rep")
        cls.executive = cls._create_user("paper_boss", "crm_core.group_executive")
        cls.finance = cls._create_user("paper_finance", "crm_sales_order.group_finance")
        cls.contract = cls._create_contract(cls._create_quotation(user_id=cls.rep.id), user_id=cls.rep.id).with_user(cls.rep)
        cls.today = fields.Date.context_today(cls.contract)

    def _take(self, contract=None, **values):
        contract = contract or self.contract
        action = contract.action_signed_on_paper()
        vals = {"scan": base64.b64encode(PDF), "scan_name": "x.exe", **values}
        wizard = contract.env[action["res_model"]].with_context(**action["context"]).create(vals)
        wizard.action_take()
        return wizard

    def test_printed_signed_entered_and_kept(self):
        self.customer.email = "acme@example.com"
        mails = self.env["mail.mail"].search_count([])
        report = self.contract.action_print_to_sign()
        self.assertEqual((report["type"], self.contract.state), ("ir.actions.report", "sent"))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "nobody is mailed")
        day = self.today - timedelta(days=2)
        self._take(signer_name=" Li  Lei ", date_signed=day)
        contract = self.contract
        self.assertEqual((contract.state, contract.order_ids.state, contract.signer_name), ("executing", "sale", "Li Lei"))
        self.assertEqual(contract.signed_on, datetime(day.year, day.month, day.day, 4), "noon in China")
        self.assertEqual(contract.scan_sha256, sha256(PDF).hexdigest())
        self.assertEqual(contract.signed_sha256, contract.document_sha256)
        self.assertEqual((contract.signature_entered_by_id, contract.company_signer_id), (self.rep, self.rep))
        self.assertEqual(contract.scan_id.mimetype, "application/pdf")
        self.assertTrue(contract.scan_id.name.endswith(".pdf"))
        for step in (lambda: contract.scan_id.sudo().write({"raw": b"x"}), lambda: contract.scan_id.sudo().unlink()):
            with self.assertRaises(SalesOrderError), self.cr.savepoint():
                step()
        self.assertTrue(contract._is_document_intact())
        with patch.object(type(contract), "scan_sha256", "0" * 64):
            self.assertFalse(contract._is_document_intact())
        with self.assertRaisesRegex(SalesOrderError, "does not wait"):
            self._take()
        self.assertFalse(contract.sudo()._sign("Somebody", self.image), "a signature on the screen comes too late")

    def test_what_is_missing_or_wrong_is_said_and_nothing_is_signed(self):
        with self.assertRaisesRegex(SalesOrderError, "Print it to sign"):
            self._take()
        self.contract.action_print_to_sign()
        cases = (
            ({"signer_name": "Li Lei", "scan": False}, "Upload the scan"),
            ({"signer_name": "Li Lei", "scan": base64.b64encode(b"MZ program")}, "no scan"),
            ({"signer_name": "Li Lei", "scan": base64.b64encode(b"%PDF" + b"x" * (21 * 1024 * 1024))}, "20 MB"),
            ({}, "who signed"),  # a company signs nothing
            ({"signer_name": "Li Lei", "date_signed": False}, "the day"),
            ({"signer_name": "Li Lei", "date_signed": self.today + timedelta(days=1)}, "the day"),
        )
        for values, words in cases:
            with self.subTest(words=words), self.assertRaisesRegex(SalesOrderError, words), self.cr.savepoint():
                self._take(**values)
        self.assertEqual((self.contract.state, self.contract.signer_name, self.contract.scan_id.ids), ("sent", False, []))
        self.contract.order_ids.order_line.product_uom_qty = 11
        with self.assertRaisesRegex(SalesOrderError, "no longer what was printed"):
            self._take()

    def test_who_may_enter_it_and_who_sees_the_scan(self):
        self.contract.action_print_to_sign()
        for user in (self.other, self.executive, self.finance):
            wizards = self.env["crm.contract.paper"].with_user(user)
            vals = {"contract_id": self.contract.id, "signer_name": "X", "scan": base64.b64encode(PDF)}
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.cr.savepoint():
                with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                    wizards.create(vals).action_take()
        self.assertEqual(self.contract.state, "sent")
        self._take(signer_name="Li Lei", countersigned=False)
        self.assertEqual((self.contract.state, self.contract.signer_name), ("signed", "Li Lei"))
        self.assertTrue(self.contract.scan_id.with_user(self.rep).read(["datas"]))
        for user in (self.other, self.finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.contract.scan_id.with_user(user).read(["datas"])
        with self.assertRaises(SalesOrderError):
            self.contract.write({"scan_id": False})
