# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

# (days ago, vendor, {product: quantity}, how far it came)
RESTOCKING = [
    (310, "lvjing", {"airfilter": 60, "oilfilter": 60, "separator": 30}, "paid"),
    (262, "keda", {"inverter": 6, "plc": 8, "valve": 40}, "paid"),
    (215, "shenneng", {"airend": 8}, "paid"),
    (168, "zhirui", {"servo": 8, "cable": 10, "grease": 24}, "paid"),
    (120, "lvjing", {"oil": 40, "separator": 24}, "paid"),
    (83, "ruitong", {"lens": 40}, "paid"),
    (49, "keda", {"hmi": 10, "thermo": 20}, "billed"),
    (31, "huachen", {"coolant": 20}, "billed"),
    (17, "lvjing", {"tape": 60, "airfilter": 40}, "received"),
    (19, "zhirui", {"reducer": 6, "servo": 6}, "late"),
    (6, "jiezhu", {"desiccant": 40, "dryer": 3}, "ordered"),
    (4, "shenneng", {"comp37": 4, "tank": 6}, "sent"),
    (2, "keda", {"plc": 10, "inverter": 5}, "draft"),
    (1, "anli", {"forklift": 2}, "cancel"),
]
# Which fates a step applies to
CONFIRMED = ("paid", "billed", "received", "late", "ordered")
RECEIVED = ("paid", "billed", "received")
BILLED = ("paid", "billed")
# Machines the vendor ships to the customer: (customer, product, quantity, days ago, how far it came)
DROP_SHIPPED = [
    ("jingbei", "vmc850", 1, 74, "received"),
    ("qiantang", "lathe", 2, 41, "received"),
    ("shancheng", "laser3k", 1, 12, "ordered"),
    ("weisheng", "lathe", 1, 3, "draft"),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_restocking(self):
        """A year of orders to vendors for the shelf, the last ones at every stage, one of them late."""
        demo = self._quiet()
        days, vendors, contents, fates = zip(*RESTOCKING)
        purchases = demo.env["purchase.order"].create(
            [demo._prepare_purchase(vendor, content) for vendor, content in zip(vendors, contents)]
        )
        by_fate = dict(zip(purchases, fates))
        demo._advance_purchases(by_fate)
        demo._date_purchases(purchases, days)
        demo._bill_purchases(by_fate)

    @api.model
    def _tell_sell_to_buy(self):
        """What was sold and is not in stock gets bought, or shipped by the vendor; the newest order still waits."""
        demo = self._quiet()
        orders = demo._sell([deal[:4] for deal in DROP_SHIPPED])
        for order, (*_deal, days, fate) in zip(orders, DROP_SHIPPED):
            purchases = order.action_buy_shortages()
            demo._advance_purchases(dict.fromkeys(purchases, fate))
            demo._date_purchases(purchases, [days - 1] * len(purchases))
            if fate == "received":
                demo._deliver_orders(order)
            demo._date_transfers(order)
        demo._tell_invoices()
        demo._buy_for_waiting_orders()

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _prepare_purchase(self, vendor, content, **values):
        partner = self.env.ref(f"crm_procurement.demo_vendor_{vendor}")
        return {
            "partner_id": partner.id,
            "user_id": self.env.ref("crm_procurement.demo_user_buyer").id,
            "order_line": [
                (0, 0, self._prepare_purchase_line(partner, self._get_by_key([key]), quantity)) for key, quantity in content.items()
            ],
            **values,
        }

    def _prepare_purchase_line(self, vendor, product, quantity):
        """One line at the vendor's price, or at cost for a vendor without one."""
        product = product.with_context(lang=vendor.lang)
        seller = product._select_seller(partner_id=vendor, quantity=quantity)
        return {
            "product_id": product.id,
            "name": product.display_name,
            "product_qty": quantity,
            "product_uom": product.uom_po_id.id,
            "price_unit": seller.price or product.standard_price,
            "taxes_id": [(6, 0, product.supplier_taxes_id.ids)],
            "date_planned": self._at(self._today() + timedelta(days=seller.delay or 14), 10),
        }

    def _advance_purchases(self, by_fate):
        """Take each purchase as far as its fate says: {purchase.order: fate}."""
        purchases = self.env["purchase.order"].concat(*by_fate)
        for fate, step in [("sent", "print_quotation"), ("cancel", "button_cancel")]:
            group = purchases.filtered(lambda purchase, fate=fate: by_fate[purchase] == fate)
            if group:
                getattr(group, step)()
        purchases.filtered(lambda purchase: by_fate[purchase] in CONFIRMED).button_confirm()
        purchases.filtered(lambda purchase: by_fate[purchase] in RECEIVED).action_receive_all()

    def _date_purchases(self, purchases, days_ago):
        """Ordered so many days ago, planned by the vendor's lead time; received on the planned day, today at the latest."""
        now = self._at(self._today(), 9)
        ordered = [self._at(self._workday(self._today() - timedelta(days=days)), 11) for days in days_ago]
        self._backdate(
            purchases,
            create_date=ordered,
            date_order=ordered,
            date_approve=[moment if purchase.date_approve else None for purchase, moment in zip(purchases, ordered)],
        )
        for purchase, moment in zip(purchases, ordered):
            planned = self._at(self._workday(moment.date() + timedelta(days=self._get_vendor_delay(purchase))), 10)
            lines, pickings = purchase.order_line, purchase.picking_ids
            self._backdate(lines, date_planned=[planned] * len(lines))
            self._backdate(purchase, date_planned=[planned])
            for picking in pickings:
                done = min(planned, now) if picking.state == "done" else None
                self._backdate(picking, create_date=[moment], date=[moment], scheduled_date=[planned], date_done=[done])
                moves, details = picking.move_lines, picking.move_line_ids
                self._backdate(moves, date=[done or planned] * len(moves))
                self._backdate(details, date=[done] * len(details))

    def _get_vendor_delay(self, purchase):
        """Days until the slowest product is there; two weeks if the vendor never gave a lead time."""
        sellers = [
            line.product_id._select_seller(partner_id=purchase.partner_id, quantity=line.product_qty) for line in purchase.order_line
        ]
        return int(max([seller.delay for seller in sellers if seller] or [14]))

    def _bill_purchases(self, by_fate):
        """The vendor's bill comes with the goods; the older ones have been paid."""
        paid = self.env["account.move"]
        for purchase, fate in by_fate.items():
            if fate not in BILLED:
                continue
            day = purchase.picking_ids[0].date_done.date()
            purchase.with_context(default_invoice_date=day).action_create_invoice()
            bill = purchase.invoice_ids
            bill.write({"date": day, "ref": f"{day:%Y%m}-{purchase.id:05d}"})
            bill.action_post()
            if fate == "paid":
                paid |= bill
        for bill in paid:
            self.env["account.payment.register"].with_context(active_model="account.move", active_ids=bill.ids).create(
                {"payment_date": bill.invoice_date + timedelta(days=28), "journal_id": self._get_journal("bank").id}
            ).action_create_payments()

    def _buy_for_waiting_orders(self):
        """Whatever confirmed orders lack is bought, but for the newest order: that is the buyer's job today."""
        orders = self.env["sale.order"].search(
            [
                ("state", "=", "sale"),
                ("team_id", "in", self._branches().ids),
                ("picking_ids.state", "in", ("confirmed", "assigned")),
            ],
            order="date_order",
        )
        short = orders.filtered(lambda order: order.get_shortages())
        for order in short[:-1]:
            purchases = order.action_buy_shortages()
            days = (self._today() - order.date_order.date()).days - 1
            self._advance_purchases(dict.fromkeys(purchases, "ordered" if days > 5 else "draft"))
            self._date_purchases(purchases, [max(0, days)] * len(purchases))
