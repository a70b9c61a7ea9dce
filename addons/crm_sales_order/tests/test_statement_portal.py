# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_core.tests.served import ServedCase
from odoo.tests import tagged

from .common import SalesOrderCase


@tagged("post_install", "-at_install")
class TestStatementPortal(ServedCase, SalesOrderCase):
    """A customer's own statement of account, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        invoices = [cls._create_delivered_orders([amount]).action_invoice_delivered() for amount in (1200.0, 900.0)]
        cls.invoice = invoices[0]
        buyer = cls.env["res.partner"].create({"name": "Buyer", "parent_id": cls.customer.id})
        stranger = cls.env["res.partner"].create({"name": "Other Corporation", "is_company": True})
        portal = cls.env.ref("base.group_portal")
        for login, partner in (("statement_buyer", buyer), ("statement_stranger", stranger)):
            values = {"name": login, "login": login, "password": login, "partner_id": partner.id}
            cls.env["res.users"].create({**values, "groups_id": [(6, 0, portal.ids)]})

    def _login(self, login):
        page = self.get("/web/login")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.post("/web/login", data={"login": login, "password": login, "csrf_token": token})

    def test_a_customer_sees_what_is_open_and_takes_it_along(self):
        self._login("statement_buyer")
        page = self.get("/my/statement")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.invoice.name, page.text)
        self.assertIn("2,100.00", page.text)
        self.assertTrue(self.get("/my/statement/pdf").content.startswith(b"%PDF"))
        self.assertTrue(self.get("/my/statement/xlsx").content.startswith(b"PK"))
        self.assertEqual(self.get("/my/statement/exe").status_code, 404)
        wrong = self.get("/my/statement", params={"date_from": "2026-02-30"})
        self.assertIn("no date", wrong.text)
        backwards = self.get("/my/statement", params={"date_from": "2026-02-01", "date_to": "2026-01-01"})
        self.assertIn("ends before it begins", backwards.text)

    def test_nobody_sees_anybody_elses(self):
        self._login("statement_stranger")
        foreign = {"partner_id": self.customer.id, "company_id": self.company.id}
        for path in ("/my/statement", "/my/statement/pdf"):
            page = self.get(path, params=foreign)
            self.assertNotIn(self.invoice.name, page.text)
        self.assertIn("nothing is open", self.get("/my/statement", params=foreign).text)

    def test_a_customer_reads_an_invoice_with_taxes_and_nobody_elses(self):
        """Odoo alone answers with “forbidden”: it draws the page as the customer, who may not read taxes."""
        tax = self.env["account.tax"].create({"name": "13 %", "description": "VAT-13", "amount": 13.0, "type_tax_use": "sale"})
        invoice = self._create_delivered_orders([700.0])
        invoice.order_line.tax_id = tax
        invoice = invoice.action_invoice_delivered()
        address = "/my/invoices/%d" % invoice.id
        self._login("statement_buyer")
        page = self.get(address, params={"report_type": "html"})
        self.assertEqual(page.status_code, 200)
        self.assertIn("VAT-13", page.text)
        self.assertTrue(self.get(address, params={"report_type": "pdf"}).content.startswith(b"%PDF"))
        self.get("/web/session/logout")
        self._login("statement_stranger")
        for kind in ("html", "pdf"):
            self.assertNotIn("VAT-13", self.get(address, params={"report_type": kind}).text)
            page = self.get(address, params={"report_type": kind, "access_token": "0" * 36})
            self.assertFalse("VAT-13" in page.text or page.content.startswith(b"%PDF"))
