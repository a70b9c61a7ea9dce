# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmServiceAsset(models.Model):
    """What was replaced under warranty gives its place to the new one, which is in warranty no longer than the old."""

    _inherit = "crm.service.asset"

    @api.model
    def _prepare_from_move(self, move, lot, quantity):
        vals = super()._prepare_from_move(move, lot, quantity)
        order = move.sale_line_id.order_id
        if order.flow == "warranty":
            vals["warranty_until"] = order.asset_id.warranty_until
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        assets = super().create(vals_list)
        for asset in assets.filtered(lambda asset: asset.sale_order_id.flow == "warranty"):
            asset.sale_order_id.asset_id._replace_by(asset)
        return assets

    def _replace_by(self, asset):
        if asset.product_id == self.product_id:
            left = self.quantity - asset.quantity
            self.write({"quantity": left} if left > 0 else {"active": False})
