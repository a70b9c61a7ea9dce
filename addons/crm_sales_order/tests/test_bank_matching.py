# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestBankMatching(SalesOrderCase):
    """Only what is certain is booked; everything else waits for a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._create_delivered_orders([810.0, 820.0, 830.0])
        cls.invoices = cls.orders.action_invoice_delivered()
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger", "is_company": True})

    def _match(self, *lines):
        statement = self._create_statement(lines)
        statement.action_match_invoices()
        return statement.line_ids.sorted("id").mapped("is_reconciled")

    def test_order_number_invoice_number_and_their_spellings(self):
        number = self.invoices[1].name
        self.assertEqual(
            self._match(
                ("goods " + self.orders[0].name, 810.0, self.customer),
                ("INV %s, thanks" % number.lower(), 820.0, self.customer),
                ("货款%s" % self.orders[2].name, 830.0, self.customer),
            ),
            [True, True, True],
        )
        self.assertEqual(self.invoices.mapped("payment_state"), ["paid", "paid", "paid"])

    def test_another_amount_is_left(self):
        self.assertEqual(self._match((self.orders[0].name, 810.01, self.customer)), [False])

    def test_another_customer_is_never_matched(self):
        self.assertEqual(self._match((self.orders[0].name, 810.0, self.stranger)), [False])

    def test_the_amount_alone_is_not_enough(self):
        self.assertEqual(self._match(("thank you", 810.0, False)), [False])

    def test_the_customer_and_an_amount_nothing_else_has_are(self):
        self.assertEqual(self._match(("thank you", 810.0, self.customer)), [True])

    def test_a_bank_that_names_nobody_gets_the_invoices_customer(self):
        statement = self._create_statement([(self.orders[0].name, 810.0, False)])
        statement.action_match_invoices()
        self.assertTrue(statement.line_ids.is_reconciled)
        self.assertEqual(statement.line_ids.partner_id, self.customer)

    def test_paid_twice_is_a_persons_decision(self):
        line = (self.orders[0].name, 810.0, self.customer)
        self.assertEqual(self._match(line, line), [False, False])

    def test_what_was_matched_can_be_undone_and_matched_again(self):
        statement = self._create_statement([(self.orders[0].name, 810.0, self.customer)] * 1)
        statement.action_match_invoices()
        statement.line_ids.button_undo_reconciliation()
        self.assertEqual(self.orders[0].payment_status, "billed")
        statement.action_match_invoices()
        self.assertEqual(self.orders[0].payment_status, "paid")

    def test_a_part_payment_booked_by_hand_shows_as_partly_paid(self):
        statement = self._create_statement([("first part", 300.0, self.customer)])
        item = self.invoices[0].line_ids.filtered(lambda item: item.account_internal_type == "receivable")
        statement.line_ids.reconcile([{"id": item.id, "balance": -300.0}])
        self.assertEqual((self.orders[0].payment_status, self.orders[0].amount_open), ("partial", 510.0))
