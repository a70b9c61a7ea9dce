# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import float_compare


class CrmServiceAsset(models.Model):
    """What stands at a customer's: a delivered product, by serial number where it has one."""

    _name = "crm.service.asset"
    _description = "Installed Product"
    _order = "delivered_on desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    product_id = fields.Many2one("product.product", required=True, index=True, readonly=True)
    lot_id = fields.Many2one("stock.production.lot", string="Lot/Serial Number", index=True, readonly=True)
    quantity = fields.Float(digits="Product Unit of Measure", default=1.0, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True)
    address_id = fields.Many2one("res.partner", string="Address", required=True)
    delivered_on = fields.Date(required=True, readonly=True)
    warranty_until = fields.Date()
    warranty_state = fields.Selection(
        [("in", "In Warranty"), ("out", "Out of Warranty")], compute="_compute_warranty_state", string="Warranty"
    )
    move_id = fields.Many2one("stock.move", string="Delivery", index=True, readonly=True, copy=False)
    sale_order_id = fields.Many2one(related="move_id.sale_line_id.order_id", store=True, string="Sales Order")
    order_ids = fields.One2many("crm.service.order", "asset_id", string="Work Orders")
    order_count = fields.Integer(compute="_compute_order_count", string="Number of Work Orders")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    def init(self):
        # a delivered lot is one installed product, however often the delivery is looked at
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS crm_service_asset_delivery_uniq
                ON crm_service_asset (move_id, COALESCE(lot_id, 0)) WHERE move_id IS NOT NULL
            """
        )

    @api.depends("product_id.name", "product_id.default_code", "lot_id.name")
    def _compute_name(self):
        for asset in self:
            asset.name = " · ".join(filter(None, (asset.product_id.display_name, asset.lot_id.name)))

    @api.depends("warranty_until")
    @api.depends_context("tz")
    def _compute_warranty_state(self):
        today = fields.Date.context_today(self)
        for asset in self:
            until = asset.warranty_until
            asset.warranty_state = ("in" if until >= today else "out") if until else False

    @api.depends("order_ids")
    def _compute_order_count(self):
        groups = self.env["crm.service.order"].read_group([("asset_id", "in", self.ids)], ["asset_id"], ["asset_id"])
        counts = {group["asset_id"][0]: group["asset_id_count"] for group in groups}
        for asset in self:
            asset.order_count = counts.get(asset.id, 0)

    def action_view_orders(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_service.crm_service_order_action")
        action["domain"] = [("asset_id", "in", self.ids)]
        action["context"] = {"default_asset_id": self.id} if len(self) == 1 else {}
        return action

    # From deliveries -------------------------------------------------------------------------------------------

    @api.model
    def _create_from_moves(self, moves):
        """Return the installed products of done deliveries to customers, creating those not there yet.

        :param moves: ``stock.move`` in superuser mode; there is one asset per move and lot
        """
        quantities = defaultdict(float)
        for line in moves.move_line_ids:
            unit = line.product_id.uom_id
            quantities[line.move_id, line.lot_id] += line.product_uom_id._compute_quantity(line.qty_done, unit)
        existing = self._search_delivered(moves)
        known = {(asset.move_id, asset.lot_id) for asset in existing}
        return existing | self.create(
            [
                self._prepare_from_move(move, lot, quantity)
                for (move, lot), quantity in quantities.items()
                if (move, lot) not in known
                and float_compare(quantity, 0, precision_rounding=move.product_id.uom_id.rounding) > 0
            ]
        )

    @api.model
    def _search_delivered(self, moves):
        return self.with_context(active_test=False).search([("move_id", "in", moves.ids)])

    @api.model
    def _prepare_from_move(self, move, lot, quantity):
        """Return the values of the installed product that ``move`` brought to its customer."""
        delivered_on = fields.Date.context_today(self, move.date)
        months = move.product_id.warranty_months
        address = move._get_service_address()
        return {
            "product_id": move.product_id.id,
            "lot_id": lot.id,
            "quantity": quantity,
            "partner_id": address.commercial_partner_id.id,
            "address_id": address.id,
            "delivered_on": delivered_on,
            "warranty_until": delivered_on + relativedelta(months=months) if months else False,
            "move_id": move.id,
            "company_id": move.company_id.id,
        }
