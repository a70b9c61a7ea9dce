# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

# (what for, opened days ago, closes in days, {product: quantity}, [(bidder, factor on their price)], how far it came)
TENDERS = [
    ("电动叉车年度集采", 170, -150, {"forklift": 3}, [("anli", 1.0), ("keda", 1.06)], "awarded"),
    (
        "下季度螺杆空压机备货",
        9,
        6,
        {"comp37": 8, "comp75": 4},
        [("shenneng", 0.97), ("jiezhu", 0.96), ("lvjing", 1.02)],
        "bidding",
    ),
    ("空压机耗材框架询价", 21, -1, {"airfilter": 200, "oil": 120}, [("lvjing", 0.94), ("shenneng", 0.91)], "comparing"),
    ("激光打标机备货", 2, 12, {"marker": 5}, [], "bidding"),
]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_tenders(self):
        """One tender awarded long ago, others open for bids or being compared."""
        demo = self._quiet()
        for subject, opened, closes, content, bids, fate in TENDERS:
            tender = demo.env["purchase.requisition"].create(demo._prepare_tender(subject, closes, content))
            tender.action_in_progress()
            purchases = demo._bid(tender, content, bids)
            if fate == "comparing":
                tender.action_open()
            if fate == "awarded":
                purchases[0].button_confirm()
                purchases[0].action_receive_all()
                purchases[1:].button_cancel()
                tender.action_open()
                tender.action_done()
            moment = demo._at(demo._workday(demo._today() - timedelta(days=opened)), 10)
            demo._backdate(tender, create_date=[moment], ordering_date=[moment.date()])
            demo._date_purchases(purchases, [max(0, opened - 3)] * len(purchases))

    def _prepare_tender(self, subject, closes, content):
        return {
            "type_id": self.env.ref("purchase_requisition.type_multi").id,
            "user_id": self.env.ref("crm_procurement.demo_user_buyer").id,
            "origin": subject,
            "date_end": self._at(self._today() + timedelta(days=closes), 17),
            "schedule_date": self._today() + timedelta(days=closes + 20),
            "line_ids": [
                (0, 0, {"product_id": product.id, "product_qty": quantity, "product_uom_id": product.uom_id.id})
                for key, quantity in content.items()
                for product in self._get_by_key([key])
            ],
        }

    def _bid(self, tender, content, bids):
        """What the vendors answered, sent to them as requests for quotation before."""
        values = []
        for vendor, factor in bids:
            bid = self._prepare_purchase(vendor, content, requisition_id=tender.id, origin=tender.name)
            for _new, _id, line in bid["order_line"]:
                line["price_unit"] = round(line["price_unit"] * factor)
            values.append(bid)
        purchases = self.env["purchase.order"].create(values)
        if purchases:
            purchases.print_quotation()
        return purchases
