# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import SalesOrderCase


class TestHandover(SalesOrderCase):
    """Quotations, open orders and open invoices go along; what is delivered and paid stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        team = cls.env["crm.team"].create({"name": "North"})
        cls.giver = cls._create_user("giver", "crm_core.group_sales_rep", sale_team_id=team.id)
        cls.receiver = cls._create_user("receiver", "crm_core.group_sales_rep")
        cls.south = cls.env["crm.team"].create({"name": "South", "member_ids": [(6, 0, cls.receiver.ids)]})
        cls.director = cls._create_user("director", "crm_core.group_sales_director")
        owner = {"user_id": cls.giver.id, "team_id": team.id}
        cls.quotation = cls._create_opportunities([500], **owner).action_create_quotations()
        cls.open, cls.invoiced, cls.paid = cls._create_delivered_orders([500, 500, 500], **owner)
        invoices = (cls.invoiced | cls.paid)._create_invoices(grouped=True)
        invoices.action_post()
        cls.invoice, cls.paid_invoice = cls.invoiced.invoice_ids, cls.paid.invoice_ids
        register = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=cls.paid_invoice.ids)
        register.create({}).action_create_payments()

    def hand_over(self):
        handover = (
            self.env["crm.handover"]
            .with_user(self.director)
            .create({"from_user_id": self.giver.id, "rule_ids": [(0, 0, {"receiver_ids": [(6, 0, self.receiver.ids)]})]})
        )
        handover.action_preview()
        handover.action_hand_over()
        return handover

    def test_open_documents_go_along(self):
        handover = self.hand_over()
        numbers = {share.kind: share.number for share in handover.share_ids}
        self.assertEqual({key: numbers.get(key) for key in ("quotation", "order", "invoice")}, {"quotation": 1, "order": 2, "invoice": 1})
        moved = self.quotation | self.open | self.invoiced
        self.assertEqual((moved.user_id, moved.team_id), (self.receiver, self.south))
        self.assertEqual(moved.order_line.salesman_id, self.receiver, "what is computed from the owner follows")
        self.assertEqual((self.invoice.invoice_user_id, self.invoice.team_id), (self.receiver, self.south))
        self.assertEqual((self.paid.user_id, self.paid_invoice.invoice_user_id), (self.giver, self.giver))
        self.assertIn(self.receiver.partner_id, self.open.message_partner_ids)
        self.assertNotIn(self.giver.partner_id, self.open.message_partner_ids)

    def test_the_new_owner_sees_orders_and_invoices(self):
        self.hand_over()
        for records in (self.open, self.invoice):
            found = records.with_user(self.receiver).search([("id", "=", records.id)])
            self.assertEqual(found, records)
            self.assertFalse(records.with_user(self.giver).search([("id", "=", records.id)]))
