# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_core.exceptions import CrmValidationError, GateError
from odoo.tests.common import SavepointCase


class TestGates(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        stages = cls.env["crm.stage"]
        cls.new, cls.offer, cls.won = (
            stages.create({"name": name, "sequence": -10 + number, "is_won": name == "Won"})
            for number, name in enumerate(("New", "Offer", "Won"))
        )
        cls.gate = cls.env["crm.gate"].create(
            {
                "stage_id": cls.offer.id,
                "line_ids": [(0, 0, {"kind": "quotation"}), (0, 0, {"kind": "margin", "minimum_margin": 20})],
            }
        )
        cls.partner = cls.env["res.partner"].create({"name": "Mill", "is_company": True})
        cls.product = cls.env["product.product"].create({"name": "Press", "standard_price": 85, "list_price": 100, "taxes_id": [(5, 0, 0)]})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "stage_id": cls.new.id, "partner_id": cls.partner.id}
        )

    def _quote(self, price):
        line = {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": price, "purchase_price": 85}
        return self.env["sale.order"].create(
            {"partner_id": self.partner.id, "opportunity_id": self.lead.id, "order_line": [(0, 0, line)]}
        )

    def _move(self):
        self.lead.write({"stage_id": self.offer.id})

    def test_quotation_and_its_margin_are_asked_for(self):
        with self.assertRaises(GateError) as refused, self.env.cr.savepoint():
            self._move()
        self.assertIn("No quotation yet", refused.exception.args[0])
        self.assertIn("Margin of at least 20 %: no quotation yet", refused.exception.args[0])
        cheap = self._quote(100)  # 15 %
        with self.assertRaises(GateError) as refused, self.env.cr.savepoint():
            self._move()
        self.assertIn(cheap.name, refused.exception.args[0])
        self.assertNotIn("15 %", refused.exception.args[0])
        self._quote(106.25)  # 20 %: the latest counts
        self._move()
        self.assertEqual(self.lead.stage_id, self.offer)

    def test_cancelled_quotation_does_not_count(self):
        self._quote(200).action_cancel()
        with self.assertRaises(GateError), self.env.cr.savepoint():
            self._move()

    def test_approval_expires_with_the_quotation(self):
        self.gate.line_ids = [(5, 0, 0), (0, 0, {"kind": "approval", "approver": "director"})]
        order = self._quote(150)
        self.lead.request_gate_approval(self.gate.line_ids.id, "")
        self.env["crm.gate.approval"].search([("lead_id", "=", self.lead.id)]).action_grant()
        order.order_line.price_unit = 149
        with self.assertRaises(GateError) as refused, self.env.cr.savepoint():
            self._move()
        self.assertIn("Total of the quotation", refused.exception.args[0])

    def test_confirmed_order_wins_its_deal_past_the_gate(self):
        order = self._quote(90)
        order.action_confirm()
        self.assertTrue(self.lead.stage_id.is_won)
        self.assertIn("order is confirmed", self.lead.stage_move_ids[0].override_reason)

    def test_margin_is_a_share(self):
        with self.assertRaises(CrmValidationError):
            self.gate.line_ids = [(0, 0, {"kind": "margin", "minimum_margin": 100})]
