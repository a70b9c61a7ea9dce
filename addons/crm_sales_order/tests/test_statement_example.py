# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ..exceptions import StatementImportError
from .common import SalesOrderCase


class TestStatementExample(SalesOrderCase):
    """A file to try the import with: in the demo company only, with what its customers owe."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")
        cls.user = cls._create_user("example_finance", "crm_sales_order.group_finance")
        cls.journal = cls.env["crm.demo"]._get_journal("bank")

    def _tell_the_demo(self, told):
        """Make this a database with or without the demo company."""
        names = self.env["ir.model.data"].search([("module", "=", "crm_sales_order"), ("name", "=", "demo_user_finance")])
        self.addCleanup(names.clear_caches)
        names.unlink()
        if told:
            names.create({"module": "crm_sales_order", "name": "demo_user_finance", "model": "res.users", "res_id": self.user.id})

    def _open(self):
        return self.env(user=self.user)["crm.statement.import"].create({})

    def test_it_is_offered_where_the_demo_company_is(self):
        self._tell_the_demo(False)
        wizard = self._open()
        self.assertFalse(wizard.has_example)
        with self.assertRaises(StatementImportError):
            wizard.action_example()
        self._tell_the_demo(True)
        self.assertTrue(self._open().has_example)
        other = self.env["res.company"].create({"name": "Another"})
        self.assertFalse(self.env["crm.statement.import"].with_company(other).create({}).has_example)

    def test_its_payments_fit_open_invoices_and_come_once(self):
        self._tell_the_demo(True)
        invoices = self._create_delivered_orders([81000.0, 820.0, 1000.0]).action_invoice_delivered()
        invoices.filtered(lambda invoice: invoice.state == "draft").action_post()
        wizard = self._open()
        wizard.action_example()
        self.assertEqual(wizard.state, "check")
        file = wizard.file_ids
        file.journal_id = self.journal
        self.assertEqual((wizard.has_problems, file.new_count), (False, file.line_count))
        self.assertGreater(file.line_count, 2, "a payment, what nobody can place, and a fee")
        wizard.accepted = True
        wizard.action_import()
        domain = [("journal_id", "=", self.journal.id)]
        lines = self.env["account.bank.statement.line"].search(domain, order="id desc", limit=file.line_count)
        self.assertIn(-25.0, lines.mapped("amount"))
        again = self._open()
        again.action_example()
        again.file_ids.journal_id = self.journal
        self.assertLess(again.file_ids.new_count, again.file_ids.line_count)
