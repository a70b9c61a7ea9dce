# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestTimeline(SalesOrderCase):
    """One deal from the quotation to the money, as the people around it see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls._create_user("timeline_rep", "crm_core.group_sales_rep")
        cls.other = cls._create_user("timeline_other", "crm_core.group_sales_rep")
        cls.director = cls._create_user("timeline_director", "crm_core.group_sales_director")
        cls.finance = cls._create_user("timeline_finance", "account.group_account_invoice")
        cls.warehouse_man = cls._create_user("timeline_warehouse", "crm_sales_order.group_warehouse")
        cls.deal = cls._create_opportunities([1000.0], user_id=cls.rep.id)
        cls.order = cls.deal.action_create_quotations()
        cls.order.user_id = cls.rep
        cls.foreign = cls._create_opportunities([700.0], user_id=cls.other.id).action_create_quotations()
        cls.foreign.user_id = cls.other

    def kinds(self, record, user):
        timeline = self.env["crm.timeline"].with_user(user)
        timeline.invalidate_cache()
        page = timeline.get_page(record._name, record.id, limit=100)
        found = {}
        for entry in page["entries"]:
            found.setdefault(entry["kind"], []).append(entry)
        return found

    def numbers(self, user):
        self.customer.invalidate_cache()
        return {number["key"]: number["value"] for number in self.customer.with_user(user).get_card_numbers()}

    def _pay(self, invoice):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({})._create_payments()

    def test_from_quotation_to_money(self):
        quote = self.kinds(self.customer, self.rep)["quote"]
        self.assertEqual([(entry["title"], entry["amount"]) for entry in quote], [(self.order.name, self.order.amount_total)])
        self.order.action_confirm()
        self.order.picking_ids.action_deliver_available()
        invoice = self.order._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        for record in (self.customer, self.deal):
            seen = self.kinds(record, self.rep)
            self.assertEqual([entry["res_id"] for entry in seen["order"]], self.order.ids)
            self.assertEqual([entry["res_id"] for entry in seen["delivery"]], self.order.picking_ids.ids)
            self.assertEqual([entry["res_id"] for entry in seen["invoice"]], invoice.ids)
            self.assertEqual([(entry["title"], entry["amount"]) for entry in seen["payment"]], [(invoice.name, invoice.amount_total)])
            self.assertEqual(seen["order"][0]["status"]["label"], "Paid")
        numbers = self.numbers(self.rep)
        self.assertEqual((numbers["orders"], numbers["revenue"]), (1, self.order.amount_untaxed))
        self.assertEqual((numbers["receivable"], numbers["overdue"]), (0.0, 0.0))
        self.assertNotIn("won_value", numbers)

    def test_rep_sees_own_documents_only(self):
        (self.order + self.foreign).action_confirm()
        self.assertEqual([entry["res_id"] for entry in self.kinds(self.customer, self.rep)["order"]], self.order.ids)
        self.assertEqual(len(self.kinds(self.customer, self.director)["order"]), 2)
        invoice = self.foreign._create_invoices() if self.foreign.invoice_status == "to invoice" else self.env["account.move"]
        self.assertNotIn("invoice", self.kinds(self.customer, self.rep), invoice)
        self.assertEqual(self.numbers(self.rep)["orders"], 1)

    def test_payments_are_those_of_invoices_one_may_see(self):
        self.foreign.action_confirm()
        self.foreign.picking_ids.action_deliver_available()
        invoice = self.foreign._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        self.assertNotIn("payment", self.kinds(self.customer, self.rep))
        self.assertIn("payment", self.kinds(self.customer, self.other))

    def test_credit_note_is_no_payment(self):
        self.order.action_confirm()
        self.order.picking_ids.action_deliver_available()
        invoice = self.order._create_invoices()
        invoice.action_post()
        reversal = invoice._reverse_moves([{"invoice_user_id": self.rep.id}], cancel=True)
        seen = self.kinds(self.customer, self.rep)
        self.assertNotIn("payment", seen)
        self.assertEqual({entry["res_id"] for entry in seen["invoice"]}, set((invoice + reversal).ids))

    def test_finance_and_warehouse_have_no_timeline_and_the_warehouse_no_numbers(self):
        self.order.action_confirm()
        self.assertEqual(self.kinds(self.customer, self.finance), {})
        self.assertEqual(self.kinds(self.customer, self.warehouse_man), {})
        self.assertEqual(self.numbers(self.warehouse_man), {})
        self.assertNotIn("open_opportunities", self.numbers(self.finance))
