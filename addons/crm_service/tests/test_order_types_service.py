# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.addons.crm_sales_order.tests.order_types import OrderTypeCase
from odoo.tests import tagged

from ..exceptions import ServiceError


class ServiceTypeCase(OrderTypeCase):
    """A pump with two years of warranty at the customer's, a seal that fits it, and labour by the hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.warranty_months = 24
        cls.seal = cls._create_product("Seal", 40.0, taxes_id=[(6, 0, cls.vat.ids)], fits_ids=[(6, 0, cls.pump.product_tmpl_id.ids)])
        cls.labour = cls._create_product("Labour", 100.0, type="service", taxes_id=[(6, 0, cls.vat.ids)])
        cls._add_stock(cls.seal, 10)
        cls.categ = cls.env["product.category"].create(
            {"name": "Valued", "property_valuation": "real_time", "property_cost_method": "standard"}
        )
        cls.warranty_account = cls._create_account("Warranty", "WRT")
        cls.cost_account = cls._create_account("Cost of goods out", "CGO")
        cls.stock_account = cls._create_account("Goods", "GDS", "account.data_account_type_current_assets")
        cls.categ.write(
            {
                "property_stock_account_output_categ_id": cls.cost_account.id,
                "property_stock_account_input_categ_id": cls.cost_account.id,
                "property_stock_valuation_account_id": cls.stock_account.id,
            }
        )
        cls.sold = cls.sign(cls.quote("standard", (cls.pump, 1)))
        cls.ship(cls.sold)
        cls.pay(cls.bill(cls.sold))
        cls.asset = cls.env["crm.service.asset"].search([("sale_order_id", "=", cls.sold.id)])
        (cls.pump | cls.seal).categ_id = cls.categ
        cls.kind("warranty").expense_account_id = cls.warranty_account

    @classmethod
    def _create_account(cls, name, code, kind="account.data_account_type_expenses"):
        values = {"name": name, "code": code, "user_type_id": cls.env.ref(kind).id, "company_id": cls.company.id}
        return cls.env["account.account"].create(values)

    def about(self, code, *lines, **values):
        return self.quote(code, *lines, asset_id=self.asset.id, **values)

    def at(self, custody):
        place = self.env["stock.location"]._get_custody_location(self.company, custody)
        return self.env["stock.quant"].search([("location_id", "=", place.id), ("quantity", ">", 0)])

    def take_in(self, order):
        receipts = order.picking_ids.filtered(lambda picking: picking.picking_type_code == "incoming" and picking.state == "assigned")
        receipts.action_deliver_available()
        return receipts


@tagged("post_install", "-at_install")
class TestRepair(ServiceTypeCase):
    def test_from_quotation_to_closed_receivable(self):
        order = self.sign(self.about("repair", (self.seal, 2, 40.0), (self.labour, 3, 100.0), repair_fault="It leaks"))
        self.assertEqual((order.repair_product_id, order._get_repair_state()), (self.pump, "receive"))
        self.assertFalse(order.picking_ids.filtered(lambda picking: picking.picking_type_code == "outgoing"), "parts stay here")
        value = self.balance(self.stock_account)
        self.take_in(order)
        quant = self.at("repair")
        self.assertEqual((quant.product_id, quant.owner_id), (self.pump, self.customer))
        self.assertEqual(self.balance(self.stock_account), value, "what is the customer's has no value in our books")
        self.assertEqual((order.flow_step, order.invoice_status), ("repair", "no"))
        self.assertEqual((order.service_order_ids.kind, order.service_order_ids.fault), ("depot", "It leaks"))
        order.action_finish_repair()
        self.assertEqual((self.stock(self.seal), order.repair_ids.state), (8, "done"))
        self.assertEqual(order.order_line.mapped("qty_delivered"), [2, 3])
        self.assertEqual(order.service_order_ids.state, "cancel", "done without a visit planned")
        self.assertEqual(self.balance(self.stock_account), value - 2 * 20.0, "the seals are used up")
        self.assertEqual((order._get_repair_state(), order.invoice_status), ("send", "to invoice"))
        self.ship(order)
        self.assertFalse(self.at("repair"))
        self.assertEqual(order._get_repair_state(), "over")
        self.assertEqual(len(order.order_line), 2)
        self.assertEqual(self.env["crm.service.asset"].search_count([("partner_id", "=", self.customer.id)]), 1)
        invoice = self.bill(order)
        self.assertAlmostEqual(invoice.amount_total, (80 + 300) * 1.13, 2)
        self.pay(invoice)
        self.assert_closed(order)

    def test_the_technician_finishes_the_repair_with_the_work_order(self):
        technician = self._create_user("repair_technician", "crm_service.group_technician")
        order = self.sign(self.about("repair", (self.seal, 1), (self.labour, 1)))
        self.take_in(order)
        work = order.service_order_ids
        work.write({"technician_id": technician.id, "planned_start": fields.Datetime.now()})
        work = work.with_user(technician)
        work.action_depart()
        work.action_start()
        work.result = "New seal."
        work.action_done()
        self.assertEqual((order.repair_ids.state, order.invoice_status), ("done", "to invoice"))

    def test_a_cancelled_repair_sends_the_product_back_unrepaired(self):
        order = self.sign(self.about("repair", (self.seal, 1), (self.labour, 1)))
        self.take_in(order)
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual((order.repair_ids.state, order.service_order_ids.state), ("cancel", "cancel"))
        self.ship(order)
        self.assertFalse(self.at("repair"))
        self.assertEqual(self.stock(self.seal), 10)

    def test_nothing_is_repaired_before_it_is_here(self):
        order = self.sign(self.about("repair", (self.labour, 1)))
        with self.assertRaisesRegex(ServiceError, "nothing to repair"):
            order.action_finish_repair()
        for message, order in (
            ("choose what is to be repaired", self.quote("repair", (self.labour, 1))),
            ("add the parts", self.env["sale.order"].create({
                "partner_id": self.customer.id, "order_type_id": self.kind("repair").id, "asset_id": self.asset.id})),
        ):
            with self.assertRaisesRegex(ServiceError, message):
                self.sign(order)


@tagged("post_install", "-at_install")
class TestSpareParts(ServiceTypeCase):
    def test_from_quotation_to_closed_receivable(self):
        order = self.sign(self.about("spare_parts", (self.seal, 2)))
        before = self.balance(self.cost_account)
        self.ship(order)
        self.assertEqual((self.stock(self.seal), self.balance(self.cost_account) - before), (8, 40.0))
        self.pay(self.bill(order))
        self.assert_closed(order)
        self.assertEqual(self.asset.part_order_count, 1)

    def test_parts_that_do_not_fit_are_refused_before_the_customer_sees_them(self):
        self.seal.fits_ids = self.valve.product_tmpl_id
        with self.assertRaisesRegex(ServiceError, "Seal does not fit Pump; it fits Valve"):
            self.about("spare_parts", (self.seal, 1)).action_quotation_sent()
        self.seal.fits_ids = False  # nobody knows what it fits
        self.about("spare_parts", (self.seal, 1)).action_quotation_sent()

    def test_the_product_is_named_and_the_customers(self):
        with self.assertRaisesRegex(ServiceError, "choose the installed product"):
            self.sign(self.quote("spare_parts", (self.seal, 1)))
        other = self.env["res.partner"].create({"name": "Other"})
        with self.assertRaisesRegex(ServiceError, "does not stand at this customer's"):
            self.sign(self.about("spare_parts", (self.seal, 1), partner_id=other.id))


@tagged("post_install", "-at_install")
class TestWarranty(ServiceTypeCase):
    def test_from_order_to_the_old_one_back(self):
        order = self.sign(self.about("warranty", (self.pump, 1)))
        self.assertEqual((order.amount_total, order.flow_step), (0.0, False))
        receipt = order.picking_ids.filtered(lambda picking: picking.picking_type_code == "incoming")
        before = self.balance(self.cost_account)
        self.ship(order)
        self.assertEqual((self.balance(self.warranty_account), self.balance(self.cost_account)), (250.0, before))
        self.assertEqual((order.warranty_cost, order.invoice_status, order.next_action), (250.0, "no", "done"))
        new = self.env["crm.service.asset"].search([("sale_order_id", "=", order.id)])
        self.assertEqual((new.warranty_until, self.asset.active), (self.asset.warranty_until, False))
        receipt.action_deliver_available()
        self.assertEqual((receipt.check_state, self.at("check").owner_id), ("to_check", self.customer))
        self.assertEqual(self.balance(self.warranty_account), 250.0, "the old one is worth nothing to us")
        check = self.env["crm.goods.check"].browse(receipt.action_check_goods()["res_id"])
        check.line_ids.scrap_qty = 1
        check.action_apply()
        self.assertFalse(self.at("check"))
        self.assertEqual(len(order.order_line), 1)
        self.assert_closed(order, 0.0)

    def test_out_of_warranty_it_is_refused_or_charged(self):
        self.asset.warranty_until = fields.Date.today() - relativedelta(days=1)
        order = self.about("warranty", (self.seal, 1))
        self.assertEqual((order.flow_step, order.amount_total), ("charge", 0.0))
        with self.assertRaisesRegex(ServiceError, "ended on .*Charge It"), self.cr.savepoint():
            self.sign(order)
        self.env.clear()
        order.action_charge_parts()
        self.assertEqual((order.order_type_id.code, order.amount_untaxed), ("spare_parts", 40.0))
        self.sign(order)
        self.ship(order)
        self.pay(self.bill(order))
        self.assert_closed(order)

    def test_the_last_day_of_warranty_is_in_warranty(self):
        self.asset.warranty_until = fields.Date.today()
        self.sign(self.about("warranty", (self.seal, 1), old_part_returns=False))
        self.asset.warranty_until = False
        with self.assertRaisesRegex(ServiceError, "has no warranty"):
            self.sign(self.about("warranty", (self.seal, 1)))
