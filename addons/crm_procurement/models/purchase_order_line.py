# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models

from ..engine.shortage import lot_size


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "crm.price.guard"]
    _price_fields = frozenset({"price_unit", "price_subtotal", "price_total", "price_tax"})

    peg_ids = fields.One2many("crm.purchase.peg", "purchase_line_id", string="Bought For", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Peg the drop-ship lines that Odoo's own route makes, too."""
        lines = super().create(vals_list)
        lines._peg_drop_ships()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "product_qty" in vals or "product_uom" in vals:
            for line in self.filtered(lambda line: line.sale_line_id and len(line.sudo().peg_ids) == 1):
                line.sudo().peg_ids.quantity = line.product_uom_qty
        return result

    def _peg_drop_ships(self):
        """Create the missing pegs of lines that were made for one sale line."""
        lines = self.sudo().filtered(
            lambda line: line.sale_line_id and line.product_id.type in ("product", "consu") and not line.peg_ids
        )
        self.env["crm.purchase.peg"].sudo().create([line._prepare_drop_ship_peg() for line in lines])

    def _prepare_drop_ship_peg(self):
        self.ensure_one()
        return {
            "purchase_line_id": self.id,
            "sale_line_id": self.sale_line_id.id,
            "quantity": self.product_uom_qty,
            "date_needed": self.sale_line_id.order_id.expected_date,
            "is_drop_ship": self.order_id.default_location_dest_id_usage == "customer",
        }

    # Buying ----------------------------------------------------------------------------------------------------

    @api.model
    def _prepare_for_shortages(self, order, shortages):
        """Return the values of the lines of ``order``: one per product, or one per drop-shipped sale line."""
        groups = defaultdict(list)
        for shortage in shortages:
            sale_line = shortage.line if shortage.drop_ship else shortage.line.browse()
            groups[shortage.seller, shortage.line.product_id, sale_line].append(shortage)
        products = self.env["product.product"].concat(*{product for _seller, product, _line in groups})
        names = self._get_vendor_product_names(products, order.partner_id)
        return [
            dict(
                self._prepare_for_shortage(order, seller, product, sum(shortage.quantity for shortage in group)),
                name=names[product.id],
                sale_line_id=sale_line.id,
                peg_ids=[(0, 0, self._prepare_peg(shortage)) for shortage in group],
            )
            for (seller, product, sale_line), group in groups.items()
        ]

    @api.model
    def _prepare_for_shortage(self, order, seller, product, quantity):
        """Return the values of one line that buys ``quantity`` (in stock units) from this seller."""
        unit = product.uom_po_id
        wanted = product.uom_id._compute_quantity(quantity, unit, round=False)
        company_taxes = product.supplier_taxes_id.filtered(lambda tax: tax.company_id == order.company_id)
        taxes = order.fiscal_position_id.map_tax(company_taxes, product, order.partner_id)
        price = self.env["account.tax"]._fix_tax_included_price_company(
            seller.price, product.supplier_taxes_id, taxes, order.company_id
        )
        return {
            "product_id": product.id,
            "product_uom": unit.id,
            "product_qty": lot_size(wanted, seller.min_qty, unit.rounding),
            "price_unit": seller.currency_id._convert(
                price, order.currency_id, order.company_id, order.date_order.date(), round=False
            ),
            "taxes_id": [(6, 0, taxes.ids)],
            "date_planned": self._get_date_planned(seller, po=order),
        }

    @api.model
    def _prepare_peg(self, shortage):
        return {
            "sale_line_id": shortage.line.id,
            "sale_order_id": shortage.line.order_id.id,
            "quantity": shortage.quantity,
            "date_needed": shortage.date_needed,
            "is_drop_ship": shortage.drop_ship,
            "replaces_delivery": shortage.drop_ship,
        }

    @api.model
    def _get_vendor_product_names(self, products, vendor):
        """Return product id → description in the vendor's language, with the vendor's product code."""
        names = {}
        for product in products.with_context(lang=vendor.lang, partner_id=vendor.ids[0]):
            names[product.id] = "\n".join(filter(None, (product.display_name, product.description_purchase)))
        return names
