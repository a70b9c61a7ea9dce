# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from .common import SalesOrderCase

AMOUNTS = [1000.0 + number for number in range(12)]


class TestBulk(SalesOrderCase):
    """Many documents at once: the same records as one by one, at a fraction of the queries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seat = cls._create_product("Seat", 40.0)
        cls._add_stock(cls.seat, 30)

    def _run_one_by_one(self):
        """The methods behind the buttons, as a user of plain Odoo presses them, deal by deal."""
        orders = self.env["sale.order"]
        for lead in self._create_opportunities(AMOUNTS, self.seat):
            order = lead.action_create_quotations()
            with self._odoo_reserves():
                order.action_confirm()
            for picking in order.picking_ids:
                action = picking.button_validate()
                wizard = self.env[action["res_model"]].with_context(action["context"])
                wizard.create(
                    {
                        "pick_ids": [(4, picking.id)],
                        "immediate_transfer_line_ids": [(0, 0, {"picking_id": picking.id, "to_immediate": True})],
                    }
                ).process()
            order._create_invoices().action_post()
            orders |= order
        statement = self._create_statement([(o.name, o.amount_total, self.customer) for o in orders])
        for line, order in zip(statement.line_ids.sorted("id"), orders):
            item = order.invoice_ids.line_ids.filtered(lambda item: item.account_internal_type == "receivable")
            line.reconcile([{"id": item.id}])
        return orders, statement

    def _odoo_reserves(self):
        """The suite reserves nothing itself."""
        return patch.object(type(self.env["stock.move"]), "_is_plain_reservation", lambda move: False)

    def _run_in_bulk(self):
        orders = self._create_opportunities(AMOUNTS, self.seat).action_create_quotations()
        orders.action_confirm()
        orders.picking_ids.action_deliver_available()
        orders.action_invoice_delivered()
        statement = self._create_statement([(o.name, o.amount_total, self.customer) for o in orders])
        statement.action_match_invoices()
        return orders, statement

    def _snapshot(self, orders, statement):
        """Everything that matters of the deals, without running numbers; one text per deal."""
        orders.flush()
        rows = []
        for order, line in zip(orders.sorted("id"), statement.line_ids.sorted("id")):
            invoice = order.invoice_ids
            numbers = {order.name: "ORDER", invoice.name: "INVOICE", order.picking_ids.name: "PICKING"}
            rows.append(
                self._replace(
                    numbers,
                    {
                        "order": self._values(order, "state invoice_status amount_total margin payment_status"),
                        "lines": self._values(order.order_line, "name qty_delivered qty_invoiced price_total tax_id"),
                        "lead": self._values(order.opportunity_id, "stage_id probability expected_revenue"),
                        "picking": self._values(order.picking_ids, "state origin partner_id location_id sale_id.name"),
                        "moves": self._values(order.picking_ids.move_lines, "state product_qty quantity_done priority"),
                        "move lines": self._values(order.picking_ids.move_line_ids, "state qty_done product_uom_qty"),
                        "valuation": self._values(
                            order.picking_ids.move_lines.stock_valuation_layer_ids, "quantity value unit_cost"
                        ),
                        "invoice": self._values(
                            invoice,
                            "state payment_state amount_total amount_residual invoice_date invoice_date_due date"
                            " payment_reference invoice_origin invoice_user_id team_id partner_id currency_id",
                        ),
                        "items": self._items(invoice),
                        "bank": self._values(line, "is_reconciled amount amount_residual state partner_id"),
                        "bank items": self._items(line.move_id),
                        "followers": self._values(
                            order.message_partner_ids
                            | invoice.message_partner_ids
                            | order.picking_ids.message_partner_ids,
                            "name",
                        ),
                        "subtypes": self._values(
                            (order.message_follower_ids | invoice.message_follower_ids).filtered(
                                lambda follower: follower.partner_id == self.customer
                            ),
                            "res_model subtype_ids",
                        ),
                    },
                )
            )
        return rows

    def _items(self, move):
        return self._values(
            move.line_ids.sorted(lambda item: (item.account_id.code, item.debit)),
            "name account_id debit credit amount_currency amount_residual reconciled quantity price_unit partner_id"
            " product_id date_maturity parent_state statement_id.name",
        )

    def _values(self, records, names):
        return [
            tuple(record.mapped(name) if "." in name else record[name] for name in names.split()) for record in records
        ]

    def _replace(self, numbers, rows):
        text = repr(rows)
        for number, word in numbers.items():
            text = text.replace(number, word)
        return text

    def test_bulk_stores_what_plain_odoo_stores(self):
        one_by_one = self._snapshot(*self._run_one_by_one())
        in_bulk = self._snapshot(*self._run_in_bulk())
        self.maxDiff = None
        for plain, bulk in zip(one_by_one, in_bulk):
            self.assertEqual(plain, bulk)

    def test_stock_is_reserved_and_moved_as_by_plain_odoo(self):
        quant = self.seat.stock_quant_ids.filtered(lambda quant: quant.location_id == self.warehouse.lot_stock_id)
        orders = self._create_opportunities(AMOUNTS, self.seat).action_create_quotations()
        orders.action_confirm()
        self.assertEqual((quant.quantity, quant.reserved_quantity), (30, 12))
        orders.picking_ids.action_deliver_available()
        self.assertEqual((quant.quantity, quant.reserved_quantity), (18, 0))

    def test_short_stock_goes_to_the_first_orders(self):
        rare = self._create_product("Rare", 40.0)
        self._add_stock(rare, 3)
        orders = self._create_opportunities(AMOUNTS[:5], rare).action_create_quotations()
        orders.order_line[0].product_uom_qty = 2
        orders.order_line[1].product_uom_qty = 2
        orders.action_confirm()
        self.assertEqual(
            orders.picking_ids.sorted("id").move_lines.mapped("state"),
            ["assigned", "partially_available", "confirmed", "confirmed", "confirmed"],
        )

    def _create_order_of_five(self):
        """One product in stock is enough, of one there is a part, of one nothing; one more is twice on the order."""
        products = [self._create_product("Part", 10.0) for _number in range(4)]
        for product, quantity in zip(products, (30, 3, 0, 4)):
            if quantity:
                self._add_stock(product, quantity)
        lines = [(0, 0, {"product_id": product.id, "product_uom_qty": quantity}) for product, quantity in zip(products, (7, 5, 1, 2))]
        lines.append((0, 0, {"product_id": products[3].id, "product_uom_qty": 3}))
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": lines})
        order.flush()
        return order

    def _get_outcome(self, order):
        """What was reserved, and what the chatter of the order and its delivery says."""
        order.flush()
        self.env.cr.precommit.run()
        order.invalidate_cache()
        moves = order.picking_ids.move_lines.sorted(lambda move: (move.product_id.id, move.product_uom_qty))
        quants = order.order_line.product_id.stock_quant_ids.filtered(lambda quant: quant.location_id.usage == "internal").sorted("id")
        messages = (order.message_ids + order.picking_ids.message_ids).sorted("id")
        return {
            "moves": [(move.state, move.product_uom_qty, move.reserved_availability) for move in moves],
            "lines": [
                (line.product_uom_qty, line.location_id, line.location_dest_id, line.state) for line in moves.move_line_ids.sorted("id")
            ],
            "quants": [(quant.quantity, quant.reserved_quantity) for quant in quants],
            "picking": [(picking.state, picking.message_partner_ids) for picking in order.picking_ids],
            "followers": order.message_partner_ids,
            "chatter": sorted((message.subtype_id.id, len(message.tracking_value_ids), bool(message.body)) for message in messages),
        }

    def test_one_order_is_confirmed_as_by_plain_odoo(self):
        theirs, ours = self._create_order_of_five(), self._create_order_of_five()
        with self._odoo_reserves():
            theirs.action_confirm()
        ours.action_confirm()
        self.assertEqual(self._get_outcome(theirs), self._get_outcome(ours))

    def test_one_order_is_confirmed_with_few_queries(self):
        self._create_order_of_five().action_confirm()  # what every process asks once
        order = self._create_order_of_five()
        with self.assertQueryCount(135, flush=True):
            order.action_confirm()

    def test_one_delivery_is_done_with_few_queries(self):
        first, second = self._create_order_of_five(), self._create_order_of_five()
        (first | second).action_confirm()
        self._deliver(first)  # what every process asks once
        with self.assertQueryCount(135, flush=True):
            self._deliver(second)
        self.assertEqual(second.order_line.mapped("qty_delivered"), [7, 3, 0, 2, 2])
        self.assertEqual(sum(second.sudo().order_line.promise_ids.mapped("quantity")), 0)

    def _deliver(self, order):
        """All that is there, by the button and its questions."""
        picking = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        picking.move_line_ids.write({"qty_done": 0})
        for line in picking.move_line_ids:
            line.qty_done = line.product_uom_qty
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()

    def test_each_invoice_gets_one_note(self):
        orders = self._create_delivered_orders(AMOUNTS[:3], self.seat)
        invoices = orders.action_invoice_delivered()
        notes = invoices.message_ids.filtered(lambda message: "Created from" in (message.body or ""))
        self.assertEqual(sorted(notes.mapped("res_id")), sorted(invoices.ids))

    def test_queries_per_deal_stay_few(self):
        leads = self._create_opportunities([2000.0 + number for number in range(20)])
        limits = {"quote": 15, "confirm": 36, "deliver": 24, "invoice": 40, "statement": 28, "match": 36}
        count = len(leads)
        with self._assert_queries_per_deal(limits, "quote", count):
            orders = leads.action_create_quotations()
        with self._assert_queries_per_deal(limits, "confirm", count):
            orders.action_confirm()
        with self._assert_queries_per_deal(limits, "deliver", count):
            orders.picking_ids.action_deliver_available()
        with self._assert_queries_per_deal(limits, "invoice", count):
            orders.action_invoice_delivered()
        lines = [(order.name, order.amount_total, self.customer) for order in orders]
        with self._assert_queries_per_deal(limits, "statement", count):
            statement = self._create_statement(lines)
        with self._assert_queries_per_deal(limits, "match", count):
            statement.action_match_invoices()
        self.assertEqual(set(orders.mapped("payment_status")), {"paid"})

    def _assert_queries_per_deal(self, limits, step, count):
        return self.assertQueryCount(limits[step] * count, flush=True)

    def test_nobody_switches_it_on_from_outside(self):
        """A context comes over RPC as plain data: what it says of a batch counts for nothing, and breaks nothing."""
        for memo in ({}, {"mail.followers": {}}, True, [1]):
            orders = self._create_opportunities([100.0], self.seat).action_create_quotations()
            order = orders.with_context(crm_bulk_memo=memo)
            order.message_subscribe(partner_ids=self.customer.ids)
            order.action_confirm()
            self.assertIn(self.customer, orders.message_partner_ids)
            self.assertTrue(orders.picking_ids.message_ids.filtered(lambda note: "created from" in (note.body or "")))
