# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import json
from datetime import timedelta
from hashlib import sha256

from odoo import fields
from odoo.addons.crm_core.tests.served import ServedCase
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..exceptions import InstalmentError, SalesOrderError
from .common import SalesOrderCase
from .contract_common import draw_signature


class TestAcceptance(ServedCase, SalesOrderCase):
    """The customer accepts on the portal, over HTTP, or on paper; what waited for it is due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image = draw_signature()
        cls.rep = cls._create_user("accept_rep", "crm_core.group_sales_rep")
        cls.other = cls._create_user("accept_other", "crm_core.group_sales_rep")
        cls.executive = cls._create_user("accept_boss", "crm_core.group_executive")
        cls.customer.email = "acme@example.com"
        cls.work = cls._create_product("Installation", 1000.0, type="service", service_type="manual", invoice_policy="delivery")
        cls.order = cls._create_order()
        cls.milestone, cls.last = cls.order.instalment_ids
        cls.path = "/my/orders/%d" % cls.order.id
        stranger = cls.env["res.partner"].create({"name": "Other Corporation", "is_company": True})
        portal = [(6, 0, cls.env.ref("base.group_portal").ids)]
        values = {"name": "accept_stranger", "login": "accept_stranger", "password": "accept_stranger", "partner_id": stranger.id}
        cls.env["res.users"].create({**values, "groups_id": portal})

    @classmethod
    def _create_order(cls):
        parts = [
            {"sequence": 1, "name": "Design", "percent": 40.0, "trigger": "milestone"},
            {"sequence": 2, "name": "Final", "percent": 60.0, "trigger": "acceptance"},
        ]
        values = {
            "partner_id": cls.customer.id,
            "user_id": cls.rep.id,
            "order_line": [(0, 0, {"product_id": cls.work.id, "product_uom_qty": 1, "price_unit": 1000.0})],
            "instalment_ids": [(0, 0, part) for part in parts],
        }
        order = cls.env["sale.order"].create(values)
        order.action_confirm()
        return order.with_user(cls.rep)

    def _ask(self, part):
        part.with_user(self.rep).action_ask_acceptance()
        return self.order.sudo().acceptance_ids.sorted("id")[-1]

    def _sign(self, acceptance, token=None, **params):
        token = self.order.sudo()._portal_ensure_token() if token is None else token
        params = {"name": "Li Lei", "signature": self.image, "access_token": token, **params}
        data = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        url = "%s/acceptance/%d/sign" % (self.path, acceptance.id)
        return self.post(url, data=data, headers={"Content-Type": "application/json"}).json()["result"]

    def _refuse(self, acceptance, reason):
        token = self.order.sudo()._portal_ensure_token()
        page = self.get(self.path, params={"access_token": token}).text
        csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
        data = {"csrf_token": csrf, "access_token": token, "reason": reason}
        return self.post("%s/acceptance/%d/refuse" % (self.path, acceptance.id), data=data)

    def test_a_milestone_then_the_whole_accepted_on_the_portal_with_evidence(self):
        design = self._ask(self.milestone)
        self.assertEqual(self._ask(self.milestone), design, "asked twice, the link is sent again")
        self.assertEqual(self.env["mail.mail"].search_count([("model", "=", "crm.acceptance"), ("res_id", "=", design.id)]), 2)
        token = self.order.sudo().access_token
        page = self.get(self.path, params={"access_token": token}).text
        self.assertIn("this part of order %s is done: Design" % self.order.name, page)
        pdf = self.get("%s/acceptance/%d/pdf" % (self.path, design.id), params={"access_token": token})
        self.assertEqual((pdf.content[:5], sha256(pdf.content).hexdigest()), (b"%PDF-", design.document_sha256))
        self.assertEqual(self._sign(design), {"force_refresh": True}, "the page is loaded again, whatever its address")
        self.assertTrue(self._sign(design, name="Somebody").get("force_refresh"), "a double click gets the same answer")
        self.assertEqual((design.state, design.signer_name, design.signer_ip), ("accepted", "Li Lei", "127.0.0.1"))
        self.assertEqual(self.order.instalment_ids.mapped("state"), ["due", "waiting"])
        self.assertEqual(self.order.order_line.qty_delivered, 0.0)
        self.order.action_ask_acceptance()
        whole = self.order.sudo().acceptance_ids.sorted("id")[-1]
        self.assertIn("was asked on", self.order._explain_acceptance())
        self.assertTrue(self._sign(whole).get("force_refresh"))
        self.assertEqual(self.order.instalment_ids.mapped("state"), ["due", "due"])
        self.assertEqual(self.order.order_line.qty_delivered, 1.0)
        self.assertIn("Li Lei", self.get(self.path, params={"access_token": token}).text)
        notice = self.env["crm.notification"].search([("user_id", "=", self.rep.id)], limit=1)
        self.assertIn("accepted %s" % self.order.name, notice.subject)
        for file in (whole.document_id, self._get_drawn(whole)):
            with self.assertRaises(SalesOrderError), self.cr.savepoint():
                file.write({"raw": b"x"})

    def _get_drawn(self, acceptance):
        domain = [("res_model", "=", "crm.acceptance"), ("res_field", "=", "signature"), ("res_id", "=", acceptance.id)]
        return self.env["ir.attachment"].sudo().search(domain)

    def test_not_accepted_with_the_reason_then_asked_again(self):
        first = self._ask(self.last)
        self.assertIn("Tell us what is missing", self._refuse(first, " ").text)
        self.assertEqual(first.state, "asked")
        self.assertIn("The &lt;b&gt;pump&lt;/b&gt; leaks", self._refuse(first, "The <b>pump</b> leaks").text)
        self.assertEqual((first.state, first.reason, self.last.state), ("refused", "The <b>pump</b> leaks", "waiting"))
        self.assertIn("leaks", self.order._explain_acceptance())
        self.assertIn("error", self._sign(first))
        second = self._ask(self.last)
        self.assertNotEqual(second, first)
        self.assertTrue(self._sign(second).get("force_refresh"))

    def test_without_an_address_there_is_the_link_to_copy(self):
        self.customer.email = False
        order = self._create_order()
        self.assertFalse(order.online_link)
        order.action_ask_acceptance()
        self.assertIn(order.sudo().access_token, order.online_link)

    def test_an_order_that_waits_for_acceptance_is_not_done(self):
        self.assertEqual(self.order.next_action, "accept")
        asked = self._ask(self.last)
        asked._refuse_online("The door sticks")
        self.order.invalidate_cache()
        self.assertEqual(self.order.next_action, "accept")
        self.order.sudo().with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.order.next_action, "done")

    def test_wrong_names_signatures_links_and_customers(self):
        asked = self._ask(self.last)
        self.assertIn("name", self._sign(asked, name=" ")["error"])
        self.assertIn("no picture", self._sign(asked, signature="bm8gaW1hZ2U=")["error"])
        self.assertIn("error", self._sign(asked, token="guess"))
        self.assertIn("error", self._sign(asked, token=""))
        foreign = self._create_order()
        foreign.instalment_ids[1].action_ask_acceptance()
        self.assertIn("error", self._sign(foreign.sudo().acceptance_ids), "another order's, by the link of this one")
        page = self.get("/web/login").text
        csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
        login = {"login": "accept_stranger", "password": "accept_stranger", "csrf_token": csrf}
        self.post("/web/login", data=login)
        self.assertIn("error", self._sign(asked), "forwarded to another customer")
        pdf = self.get("%s/acceptance/%d/pdf" % (self.path, asked.id), params={"access_token": self.order.sudo().access_token})
        self.assertNotEqual(pdf.content[:5], b"%PDF-")
        self.assertEqual((asked.state, self.last.state), ("asked", "waiting"))

    def test_entered_by_a_colleague(self):
        vals = {"signer_name": "Li Lei", "date_signed": fields.Date.today() - timedelta(days=1), "scan": base64.b64encode(b"%PDF-1.4")}
        action = self.order.action_accepted_on_paper()
        entries = self.env["crm.acceptance.entry"]
        for user in (self.other, self.executive):
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.cr.savepoint():
                with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                    entries.with_user(user).create({**vals, "order_id": self.order.id}).action_take()
        entry = entries.with_user(self.rep).with_context(**action["context"]).create(vals)
        with self.assertRaisesRegex(SalesOrderError, "who signed"), self.cr.savepoint():
            entry.copy({"signer_name": False}).action_take()
        entry.action_take()
        found = self.order.acceptance_ids
        self.assertEqual((found.state, found.signer_name, found.entered_by_id), ("accepted", "Li Lei", self.rep))
        self.assertEqual(found.scan_sha256, sha256(b"%PDF-1.4").hexdigest())
        self.assertEqual(self.last.state, "due")
        with self.assertRaisesRegex(InstalmentError, "nothing that waits"):
            self.order.action_ask_acceptance()
        self.assertFalse(self.env["crm.acceptance"].with_user(self.other).search([("order_id", "=", self.order.id)]))
        for step in (lambda: found.write({"signer_name": "X"}), found.unlink):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                step()
