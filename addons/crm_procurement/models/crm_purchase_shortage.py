# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models

#: How many sales orders a row names before it says how many there are.
MAX_NAMES = 3


class CrmPurchaseShortage(models.TransientModel):
    """What a buyer finds to buy: one row per product and warehouse, computed each time the list is opened."""

    _name = "crm.purchase.shortage"
    _description = "Shortage"
    _order = "date_needed, id"
    _rec_name = "product_id"

    product_id = fields.Many2one("product.product", required=True, readonly=True, ondelete="cascade")
    warehouse_id = fields.Many2one("stock.warehouse", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="warehouse_id.company_id")
    quantity = fields.Float(readonly=True, digits="Product Unit of Measure", string="Short")
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of Measure")
    partner_id = fields.Many2one("res.partner", readonly=True, string="Vendor")
    drop_ship = fields.Boolean(readonly=True, string="Drop-ship", help="The vendor ships to the customers.")
    date_needed = fields.Datetime(readonly=True, string="Needed", help="When the first of the deliveries is due.")
    sale_order_names = fields.Char(readonly=True, string="For", help="The sales orders that wait for the goods.")

    @api.model
    def action_open(self):
        """Compute what is short now and open the list."""
        self.search([("create_uid", "=", self.env.uid)]).sudo().unlink()
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(self.env["crm.purchase.plan"]._get_move_domain() + [("company_id", "in", self.env.companies.ids)])
        )
        shortages = self.env["crm.purchase.plan"]._get_shortages(moves.product_id, moves.sale_line_id)
        groups = defaultdict(list)
        for shortage in shortages:
            groups[shortage.line.product_id, shortage.warehouse].append(shortage)
        self.sudo().create([self._prepare_row(*key, group) for key, group in groups.items()])
        return self.env["ir.actions.actions"]._for_xml_id("crm_procurement.crm_purchase_shortage_action")

    @api.model
    def _prepare_row(self, product, warehouse, shortages):
        names = sorted({shortage.line.order_id.name for shortage in shortages})
        more = ["+%d" % (len(names) - MAX_NAMES)] if len(names) > MAX_NAMES else []
        return {
            "product_id": product.id,
            "warehouse_id": warehouse.id,
            "quantity": sum(shortage.quantity for shortage in shortages),
            "partner_id": shortages[0].seller.name.id,
            "drop_ship": any(shortage.drop_ship for shortage in shortages),
            "date_needed": min(shortage.date_needed for shortage in shortages),
            "sale_order_names": ", ".join(names[:MAX_NAMES] + more),
        }

    def action_buy(self):
        """Buy what is short of these products now, and open the purchase orders."""
        self.env["purchase.order"].check_access_rights("create")
        domain = self.env["crm.purchase.plan"]._get_move_domain()
        moves = self.env["stock.move"].sudo().search(domain + [("product_id", "in", self.product_id.ids)])
        pools = {(row.product_id, row.warehouse_id) for row in self.sudo()}
        moves = moves.filtered(lambda move: (move.product_id, move.picking_type_id.warehouse_id) in pools)
        purchases = moves.sale_line_id._buy_shortages()
        self.sudo().unlink()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_procurement.purchase_order_action")
        action["domain"] = [("id", "in", purchases.ids)]
        return action
