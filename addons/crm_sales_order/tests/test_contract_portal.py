# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.crm_core.tests.served import ServedCase

from ..exceptions import SalesOrderError
from .common import SalesOrderCase
from .contract_common import ContractMixin


class TestContractPortal(ContractMixin, ServedCase, SalesOrderCase):
    """The customer's page, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_contracts()
        cls.owner = cls._create_user("contract_seller", "crm_core.group_sales_rep")
        cls.contract = cls._create_contract(user_id=cls.owner.id)
        values = {"name": "drawing.html", "raw": b"<script>", "res_model": "crm.contract", "res_id": cls.contract.id}
        cls.annex = cls.env["ir.attachment"].create(values)
        cls.contract.annex_ids = cls.annex
        cls.contract.action_send()
        cls.path = "/my/contracts/%d" % cls.contract.id
        portal = cls.env.ref("base.group_portal")

        def create_login(name, partner):
            values = {"name": name, "login": name, "password": name, "partner_id": partner.id, "groups_id": [(6, 0, portal.ids)]}
            return cls.env["res.users"].create(values)

        buyer = cls.env["res.partner"].create({"name": "Buyer", "parent_id": cls.customer.id})
        stranger = cls.env["res.partner"].create({"name": "Other Corporation", "is_company": True})
        create_login("contract_buyer", buyer)
        create_login("contract_stranger", stranger)

    def _login(self, login):
        page = self.get("/web/login")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.post("/web/login", data={"login": login, "password": login, "csrf_token": token})

    def _sign(self, token, name="Wang Fang", signature=None, path=None):
        params = {"name": name, "signature": signature or self.image, "access_token": token}
        data = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        response = self.post((path or self.path) + "/sign", data=data, headers={"Content-Type": "application/json"})
        return response.json()["result"]

    def test_whoever_has_the_link_reads_and_signs(self):
        token = self.contract.access_token
        page = self.get(self.path, params={"access_token": token})
        self.assertEqual(page.status_code, 200)
        self.assertIn("sells to Acme Corporation", page.text)
        self.assertIn('lang="en-US"', page.text.split("<head>")[0], "what scripts take their language from")
        pdf = self.get(self.path + "/pdf", params={"access_token": token})
        self.assertEqual(pdf.content, self.contract._get_document_bytes())
        foreign = self.env["ir.attachment"].create({"name": "other.txt", "raw": b"other"})
        self.assertEqual(self.get("%s/annex/%d" % (self.path, foreign.id), params={"access_token": token}).status_code, 403)
        annex = self.get("%s/annex/%d" % (self.path, self.annex.id), params={"access_token": token})
        self.assertEqual((annex.content, annex.headers["Content-Type"]), (b"<script>", "application/octet-stream"))
        answer = self._sign(token)
        self.assertEqual(answer, {"force_refresh": True}, "the page is loaded again, whatever its address")
        self.assertEqual((self.contract.state, self.contract.signer_ip), ("signed", "127.0.0.1"))
        self.assertEqual(self.contract.views_count, 1)
        self.assertTrue(self._sign(token, "Li Si").get("force_refresh"), "a double click gets the same answer")
        self.assertEqual(self.contract.signer_name, "Wang Fang")
        self.assertIn(self.contract.signed_sha256, self.get(self.path, params={"access_token": token}).text)

    def test_the_signed_original_is_shown_to_whoever_may_see_the_contract(self):
        link = {"access_token": self.contract.access_token}
        self.assertEqual(self.get(self.path + "/scan", params=link).status_code, 403)
        scan = {"name": "signed.png", "raw": b"\x89PNG\r\n\x1a\n", "mimetype": "image/png"}
        self.contract._sign_on_paper("Li Lei", fields.Datetime.now(), scan)
        self.assertIn(self.path + "/scan?access_token", self.get(self.path, params=link).text)
        self.assertEqual(self.get(self.path + "/scan", params=link).content, scan["raw"])
        self.assertEqual(self.get(self.path + "/scan", params={"access_token": "guess"}).status_code, 403)

    def test_a_link_that_is_wrong_expired_or_replaced_says_what_to_do(self):
        token = self.contract.access_token
        wrong = self.get(self.path, params={"access_token": "guess"})
        self.assertEqual((wrong.status_code, "opens no contract for you" in wrong.text), (403, True))
        self.assertEqual(self.get("/my/contracts/99999999", params={"access_token": token}).status_code, 403)
        self.contract._write_guarded({"link_expires_on": fields.Datetime.now() - timedelta(minutes=1)})
        for path in (self.path, self.path + "/pdf"):
            expired = self.get(path, params={"access_token": token})
            self.assertEqual((expired.status_code, "has expired on" in expired.text), (403, True))
        self.assertIn("has expired", self._sign(token)["error"])
        self.contract.action_new_link()
        self.assertIn("opens no contract for you", self._sign(token)["error"])
        self.assertEqual(self.contract.state, "sent")
        self.assertEqual(self.get(self.path, params={"access_token": self.contract.access_token}).status_code, 200)

    def test_a_customer_sees_own_contracts_and_a_forwarded_link_opens_nothing_for_another(self):
        token = self.contract.access_token
        self._login("contract_stranger")
        self.assertNotIn(self.contract.name, self.get("/my/contracts").text)
        self.assertEqual(self.get(self.path).status_code, 403)
        self.assertEqual(self.get(self.path, params={"access_token": token}).status_code, 403)
        self.assertIn("error", self._sign(token))
        self.http.cookies.clear()
        self._login("contract_buyer")
        self.assertIn(self.contract.name, self.get("/my/contracts").text)
        self.assertEqual(self.get(self.path).status_code, 200)
        self.assertTrue(self._sign(None).get("force_refresh"))
        self.assertEqual(self.contract.state, "signed")

    def test_signatures_that_are_none_are_refused_and_nothing_is_lost(self):
        token = self.contract.access_token
        for signature, words in (("A" * (50 * 1024 * 1024), "too large"), ("bm8gaW1hZ2U=", "no picture"), ("#", "no picture")):
            with self.subTest(words=words):
                self.assertIn(words, self._sign(token, signature=signature)["error"])
        self.assertIn("name", self._sign(token, name=" ")["error"])
        self.assertEqual((self.contract.state, self.contract.order_ids.state), ("sent", "sent"))

    def test_why_an_order_cannot_be_confirmed_is_for_the_salesperson(self):
        model = type(self.env["sale.order"])
        with patch.object(model, "_check_can_confirm", side_effect=SalesOrderError("Margin is 3 %")):
            error = self._sign(self.contract.access_token)["error"]
        self.assertNotIn("Margin", error)
        self.assertIn(self.owner.name, error)
        self.assertEqual((self.contract.state, self.contract.signed_on), ("sent", False))
        notice = self.env["crm.notification"].search([("user_id", "=", self.owner.id)], limit=1)
        self.assertIn("Margin is 3 %", notice.body)
