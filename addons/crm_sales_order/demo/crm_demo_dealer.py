# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, models

PHOTO = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffd9")
# What dealers order: {dealer: [(days ago, {product: quantity})]}. The first buys every month, the second has fallen silent.
ORDERS = {
    "nanyue": [
        (128, {"airfilter": 60, "oilfilter": 60, "separator": 24, "oil": 12}),
        (97, {"airfilter": 40, "oilfilter": 40}),
        (66, {"airfilter": 40, "oilfilter": 40, "separator": 12, "oil": 8}),
        (12, {"airfilter": 30, "oil": 6}),
    ],
    "dongwu": [(140, {"airfilter": 50, "coolant": 10}), (84, {"airfilter": 20})],
}
# What they report: (months back, product, sold, counted)
REPORTS = {
    "nanyue": [
        (4, "airfilter", 22, 38), (4, "oilfilter", 20, 40), (4, "separator", 6, 18), (4, "oil", 4, 8),
        (3, "airfilter", 36, 42), (3, "oilfilter", 34, 46), (3, "separator", 8, 10), (3, "oil", 3, 5),
        (2, "airfilter", 38, 43), (2, "oilfilter", 41, 45), (2, "separator", 9, 13), (2, "oil", 5, 8),
        (1, "airfilter", 35, 8), (1, "oilfilter", 39, 6), (1, "separator", 8, 5), (1, "oil", 4, 4),
    ],
    "dongwu": [(3, "airfilter", 9, 41), (3, "coolant", 2, 8), (2, "airfilter", 6, 54), (2, "coolant", 1, 7)],
}  # fmt: skip


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_dealers(self):
        """Two dealers: one sells well and runs out of filters, the other has not ordered for long."""
        demo = self._quiet()
        for key in ORDERS:
            dealer = demo.env.ref(f"crm_sales_order.demo_dealer_{key}").with_env(demo.env)
            demo._deliver_to_dealer(dealer, ORDERS[key])
            demo._report_of_dealer(dealer, REPORTS[key])
        demo.env["crm.dealer.flow"]._refresh([demo.env.ref(f"crm_sales_order.demo_dealer_{key}").id for key in ORDERS])
        demo._ask_dealers()
        demo.env["crm.dealer.flag"]._flag(demo.env.ref("base.main_company"))

    def _deliver_to_dealer(self, dealer, deals):
        orders = self.env["sale.order"].create([
            {
                **dealer._get_quotation_values(dealer.env.company),
                "partner_id": dealer.id,
                "user_id": dealer.user_id.id,
                "team_id": dealer.team_id.id,
                "order_line": [
                    (0, 0, {"product_id": self._ref(f"demo_product_{name}").id, "product_uom_qty": quantity})
                    for name, quantity in goods.items()
                ],
            }
            for _days, goods in deals
        ])  # fmt: skip
        moments = [self._at(self._workday(self._today() - timedelta(days=days)), 10) for days, _goods in deals]
        self._stock_for_dealer(orders)
        orders.action_confirm()
        self._backdate(orders, date_order=moments, create_date=moments)
        orders.picking_ids.action_deliver_available()
        for order, moment in zip(orders, moments):
            order.commitment_date = moment + timedelta(days=2)
        self._date_transfers(orders)
        self._bill_dealer(orders)

    def _stock_for_dealer(self, orders):
        """What they got was in stock before, and what is left today stays as the other chapters say."""
        needed = defaultdict(float)
        for line in orders.order_line:
            needed[line.product_id] += line.product_uom_qty
        self._add_to_stock(needed, orders.warehouse_id.lot_stock_id, "经销商备货盘点")

    def _add_to_stock(self, needed, location, name):
        """A count before the story began that found so much more of each product: {product: quantity}."""
        quants = self.env["stock.quant"]
        lines = [
            (0, 0, {
                "product_id": product.id,
                "location_id": location.id,
                "product_qty": quants._get_available_quantity(product, location, allow_negative=True) + quantity
                + sum(quants._gather(product, location).mapped("reserved_quantity")),
            })
            for product, quantity in needed.items()
        ]  # fmt: skip
        inventory = self.env["stock.inventory"].create({"name": name, "line_ids": lines})
        inventory.action_start()
        inventory.action_validate()
        counted = self._at(self._opening_day(), 18)
        for records in (inventory, inventory.move_ids, inventory.move_ids.move_line_ids):
            self._backdate(records, date=[counted] * len(records))

    def _bill_dealer(self, orders):
        """Invoiced when it was shipped; dealers pay within a month."""
        for order in orders:
            day = max(order.picking_ids.mapped("date_done")).date()
            invoice = order._create_invoices(date=day)
            invoice.date = day
            invoice.action_post()
            if (self._today() - day).days > 30:
                context = {"active_model": "account.move", "active_ids": invoice.ids}
                wizard = self.env["account.payment.register"].with_context(**context).create({"payment_date": day + timedelta(days=25)})
                wizard._create_payments()

    def _report_of_dealer(self, dealer, figures):
        by_month = defaultdict(list)
        for back, name, sold, counted in figures:
            line = {"product_id": self._ref(f"demo_product_{name}").id, "sold": sold, "stock": counted}
            by_month[self._today().replace(day=1) - relativedelta(months=back)].append((0, 0, line))
        reports = self.env["crm.dealer.report"].create([
            {"dealer_id": dealer.id, "month": month, "source": "form", "line_ids": lines} for month, lines in by_month.items()
        ])  # fmt: skip
        moments = [self._at(report.month + relativedelta(months=1, days=2), 11) for report in reports]
        now = self._at(self._today(), 9)
        self._backdate(reports, date_reported=[min(moment, now) for moment in moments])

    def _ask_dealers(self):
        """A task that waits for the rep, one to be done, and a promotion."""
        rep, today = self._ref("demo_user_rep"), self._today()
        south = [(6, 0, self.env.ref("crm_sales_order.demo_region_south").ids)]
        values = {"user_id": rep.id, "region_ids": south}
        tasks = self.env["crm.dealer.task"].create([
            {
                **values,
                "name": "门店陈列：空压机保养耗材专柜",
                "date_due": today + timedelta(days=6),
                "description": "把空气滤芯、油过滤器、油气分离芯和专用油摆成一个专柜，放在进门可见处。\n完成后上传一张专柜全景照片。",
            },
            {
                **values,
                "name": "客户名单：本区域螺杆空压机用户",
                "date_due": today + timedelta(days=2),
                "needs_proof": False,
                "description": "告诉我们本区域新增的螺杆空压机用户，由我们安排免费检测。",
            },
            {
                **values,
                "kind": "promotion",
                "name": "换油季：专用油满 6 桶送空气滤芯",
                "date_start": today - timedelta(days=10),
                "date_due": today + timedelta(days=20),
                "description": "活动期间在店内张贴海报，并上传海报照片。",
            },
        ])  # fmt: skip
        tasks.action_issue()
        user = self.env.ref("crm_sales_order.demo_user_dealer")
        line = tasks[2].line_ids
        line._hand_in(user, "海报已经贴在门口和收银台。", [("海报.jpg", PHOTO)])
