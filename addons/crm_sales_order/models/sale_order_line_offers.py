# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, fields, models

from ..exceptions import SalesOrderError


class SaleOrderLine(models.Model):
    """What can be done about goods that are missing: wait, transfer, replace, buy, or sell without a date."""

    _inherit = "sale.order.line"

    def action_view_availability(self):
        """Open what there is of the line's product, with the offers."""
        self.ensure_one()
        self.check_access_rule("read")
        return self.env["crm.stock.check"]._open(self)

    def _get_offers(self):
        """What can be done about the missing goods of this line, the best first.

        Hook: an addon adds its offers, and does them in ``crm.stock.offer._take_<kind>``.

        :returns: list of values of ``crm.stock.offer``
        """
        self.ensure_one()
        if not self.short_qty or self.state not in ("draft", "sent", "sale"):
            return []
        offers = self._offer_wait() + self._offer_transfer()
        if self.state in ("draft", "sent"):
            offers += self._offer_substitutes() + self._offer_open()
        return offers

    def _offer_wait(self):
        if not self.promised_date or self.order_id.state not in ("draft", "sent", "sale"):
            return []
        title = _("Wait until %(date)s", date=self.order_id._format_day(self.promised_date))
        note = _("All of it is there then. The date becomes the order's delivery date.")
        return [{"kind": "wait", "title": title, "note": note, "date": self.promised_date}]

    def _offer_transfer(self):
        """One offer for each warehouse of the company that has some of the goods free."""
        warehouse = self.order_id.warehouse_id
        others = self._get_other_warehouses()[warehouse]
        pools = {(self.product_id.id, other.id): other for other in others}
        if not pools or self._explode(1.0) != {self.product_id.id: 1.0}:
            return []
        timelines = self.env["crm.stock.timeline"]._load(pools)
        free = {pools[pool]: timeline.free_on(fields.Datetime.now()) for pool, timeline in timelines.items()}
        unit = self.product_id.uom_id.name
        return [
            {
                "kind": "transfer",
                "title": _(
                    "Transfer %(quantity)s %(unit)s from %(warehouse)s",
                    quantity="%g" % min(free[other], self.short_qty),
                    unit=unit,
                    warehouse=other.name,
                ),
                "note": _(
                    "%(free)s %(unit)s are free there; they arrive after %(days)s days.",
                    free="%g" % free[other],
                    unit=unit,
                    days=warehouse.sudo().transfer_days,
                ),
                "warehouse_id": other.id,
                "quantity": min(free[other], self.short_qty),
            }
            for other in sorted(free, key=lambda other: -free[other])
            if free[other] > 0
        ]

    def _offer_substitutes(self):
        rows = self.product_id.product_tmpl_id.sudo().substitute_ids.filtered(lambda row: row.substitute_id.active)
        warehouse = self.order_id.warehouse_id.id
        timelines = self.env["crm.stock.timeline"]._load({(product.id, warehouse) for product in rows.substitute_id})
        offers = []
        for row in rows:
            product = row.substitute_id
            quantity = self._to_product_unit(self.product_uom_qty) * row.ratio
            free = timelines[product.id, warehouse].free_on(self._get_shipping_date(fields.Datetime.now()))
            stock = _("%(free)s of %(quantity)s in stock.", free="%g" % free, quantity="%g" % quantity)
            offers.append(
                {
                    "kind": "substitute",
                    "title": _("Replace by %(product)s", product=product.display_name),
                    "note": " ".join(filter(None, (stock if product.type == "product" else "", row.note))),
                    "product_id": product.id,
                    "quantity": quantity,
                }
            )
        return offers

    def _offer_open(self):
        title = _("Sell without a date")
        note = _("What is there is promised; for the rest the customer gets a date when it is known.")
        return [{"kind": "open", "title": title, "note": note}]

    # Doing it -------------------------------------------------------------------------------------------------------

    def _check_decide(self):
        """Raise when the user may not decide about the order of this line."""
        self.order_id.check_access_rights("write")
        self.order_id.check_access_rule("write")

    def _wait_until(self, date):
        """The customer gets the order on ``date``, or on the later date agreed before."""
        for order in self.order_id:
            order.commitment_date = max(date, order.commitment_date or date)

    def _transfer_from(self, warehouse, quantity):
        """Have ``quantity`` (stock units) brought to the order's warehouse; for a confirmed line it is promised at once.

        :raise SalesOrderError: it is not free there any more
        :rtype: stock.picking
        """
        self.ensure_one()
        self._check_decide()
        own, warehouse = self.order_id.warehouse_id.sudo(), warehouse.sudo()
        if warehouse.company_id != own.company_id or warehouse == own or quantity <= 0:
            raise SalesOrderError(_("Goods are transferred from another warehouse of the same company."))
        pool = (self.product_id.id, warehouse.id)
        self.env["crm.stock.guard"].sudo()._acquire([pool, (self.product_id.id, own.id)])
        free = self.env["crm.stock.timeline"]._load([pool])[pool].free_on(fields.Datetime.now())
        if free < quantity:
            raise SalesOrderError(
                _(
                    "Only %(free)s are still free in %(warehouse)s. Look at the availability again.",
                    free="%g" % free,
                    warehouse=warehouse.name,
                )
            )
        picking = self.env["stock.picking"].sudo().create(self._prepare_transfer(warehouse, own, quantity))
        picking.action_confirm()
        picking.action_assign()
        if self.state == "sale":
            self.sudo()._make_promises()
        self.invalidate_cache()
        if self.promised_date:
            self._wait_until(self.promised_date)
        return picking

    def _prepare_transfer(self, source, target, quantity):
        date = fields.Datetime.now() + timedelta(days=target.transfer_days)
        places = {"location_id": source.lot_stock_id.id, "location_dest_id": target.lot_stock_id.id}
        move = {
            "name": self.product_id.display_name,
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "date": date,
            **places,
        }
        return {
            "picking_type_id": source.int_type_id.id,
            "origin": self.order_id.name,
            "transfer_line_id": self.id,
            "scheduled_date": date,
            "move_lines": [(0, 0, move)],
            **places,
        }

    def _replace_product(self, product, quantity):
        """Sell ``quantity`` (its stock units) of ``product`` in place of the line's, at its own price."""
        self.ensure_one()
        self._check_decide()
        if self.state not in ("draft", "sent"):
            raise SalesOrderError(_("The order is confirmed: cancel the line's quantity and add the other product instead."))
        self.write(
            {
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity,
                "name": self.with_context(lang=self.order_id.partner_id.lang).get_sale_order_line_multiline_description_sale(
                    product.with_context(lang=self.order_id.partner_id.lang)
                ),
                "customer_lead": product.sale_delay,
            }
        )
        self._compute_tax_id()
        self.order_id._price_lines(self)

    def _get_dedicated_supply(self):
        """A transfer brings its goods for the line it was made for."""
        supply = super()._get_dedicated_supply()
        moves = self.env["stock.move"].sudo().search(
            [
                ("picking_id.transfer_line_id", "in", self.ids),
                ("state", "in", ("waiting", "confirmed", "partially_available", "assigned")),
            ]
        )
        for move in moves:
            key = (move.picking_id.transfer_line_id.id, move.product_id.id)
            supply.setdefault(key, []).append((move.date, move.product_qty))
        return supply


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    transfer_days = fields.Integer(
        "Days for a Transfer", default=1, help="How long goods from another warehouse take to arrive here."
    )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    transfer_line_id = fields.Many2one(
        "sale.order.line", "Transferred for", index=True, readonly=True, copy=False, ondelete="set null"
    )
