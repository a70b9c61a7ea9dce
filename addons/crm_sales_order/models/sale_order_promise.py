# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools import float_compare, format_date

from ..engine import promise
from ..exceptions import SalesOrderError
from .sale_order_line_promise import STOCK_STATES


class SaleOrder(models.Model):
    """What is promised of an order, and when: never more than there is, whoever else confirms at the same moment."""

    _inherit = "sale.order"

    stock_state = fields.Selection(
        STOCK_STATES,
        "Stock",
        compute="_compute_stock_state",
        help="Whether all goods are there by the date the customer wants them. Empty when none have to come from stock.",
    )
    promised_date = fields.Datetime(
        compute="_compute_stock_state", help="When the customer can have everything. Empty while nobody knows."
    )
    promise_ids = fields.One2many("crm.stock.promise", "order_id", "Promised Goods", readonly=True)
    promise_summary = fields.Char("Availability", compute="_compute_stock_state")

    @api.depends("order_line.stock_state", "order_line.promised_date")
    @api.depends_context("lang", "tz")
    def _compute_stock_state(self):
        for order in self:
            lines = order.order_line.filtered("stock_state")
            order.stock_state = promise.summarize(lines.mapped("stock_state")) if lines else False
            dates = lines.mapped("promised_date")
            order.promised_date = max(dates) if dates and all(dates) else False
            order.promise_summary = order._describe_promise(lines)

    def action_view_availability(self):
        """Open the availability of the line that lacks goods, or the list of lines when there are more."""
        self.ensure_one()
        short = self.order_line.filtered(lambda line: line.stock_state and line.stock_state != promise.ALL)
        if len(short) == 1:
            return short.action_view_availability()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.sale_order_line_action_availability")
        lines = short or self.order_line.filtered("stock_state")
        return {**action, "domain": [("id", "in", lines.ids)], "context": {"create": False}}

    def _describe_promise(self, lines):
        """One sentence for rep and customer about the lines that wait for stock; False when there are none."""
        if not lines:
            return False
        if self.stock_state == promise.ALL:
            if self.promised_date <= fields.Datetime.now():
                return _("Everything is in stock.")
            return _("Everything is there in time; delivery on %(date)s.", date=self._format_day(self.promised_date))
        there = len(lines.filtered(lambda line: line.stock_state == promise.ALL))
        if self.promised_date:
            return _(
                "%(there)s of %(all)s items in time; everything on %(date)s.",
                there=there,
                all=len(lines),
                date=self._format_day(self.promised_date),
            )
        unknown = len(lines.filtered(lambda line: not line.promised_date))
        return _(
            "%(there)s of %(all)s items in time; no date yet for %(unknown)s.", there=there, all=len(lines), unknown=unknown
        )

    def _format_day(self, date):
        return format_date(self.env, fields.Datetime.context_timestamp(self, date).date())

    def get_shortages(self):
        """What is missing by the wanted date to deliver the orders of ``self``, earlier ones served first.

        Unlike the badge, which looks at one quotation at a time, the free stock is shared between the
        orders: two orders are never promised the same last piece.

        :returns: {sale.order.line: missing quantity in the product's unit}
        """
        lines = self.sorted(lambda order: (order.date_order, order.id)).order_line
        confirmed = lines.filtered(lambda line: line.state in ("sale", "done"))
        answers = confirmed._get_promised_answers()
        demands = (lines - confirmed)._get_stock_demands()
        answers.update(promise.promise(demands, self.env["crm.stock.timeline"]._load({demand.pool for demand in demands})))
        missing = {}
        for (line, _product_id), answer in answers.items():
            if answer.missing:
                missing[line] = max(answer.missing, missing.get(line, 0.0))
        return missing

    # Promising -----------------------------------------------------------------------------------------------------

    def _check_can_send(self):
        super()._check_can_send()
        self._check_quantities()

    def _check_can_confirm(self):
        """Promise the goods. A person who confirms what is not there has to say so first."""
        super()._check_can_confirm()
        self._check_quantities()
        lines = self.sorted(lambda order: (order.date_order, order.id)).order_line
        lines._make_promises(planned=True)

    def _check_quantities(self):
        """Raise an error that names the lines whose quantity cannot be delivered."""
        lines = self.order_line.filtered(
            lambda line: (
                line._must_be_positive() and float_compare(line.product_uom_qty, 0.0, precision_rounding=line.product_uom.rounding) <= 0
            )
        )
        if lines:
            raise SalesOrderError(
                _(
                    "A quantity has to be more than zero:\n%(lines)s\n"
                    "Enter a quantity, or remove the line; what a customer gives back is a return, not a negative line.",
                    lines="\n".join("• %s: %s" % (line.order_id.name, line.name.split("\n")[0]) for line in lines),
                )
            )

    def write(self, vals):
        """What is cancelled gives its goods back; another wanted date is another promise."""
        result = super().write(vals)
        if vals.get("state") in ("cancel", "draft"):
            self.env["crm.stock.promise"].sudo()._remove(self.order_line)
            transfers = self.env["stock.picking"].sudo().search([("transfer_line_id", "in", self.order_line.ids)])
            transfers.filtered(lambda picking: picking.state not in ("done", "cancel")).action_cancel()
        elif "commitment_date" in vals and "state" not in vals:
            self.filtered(lambda order: order.state in ("sale", "done")).order_line._make_promises()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    shortage_choice = fields.Selection(
        [("open", "Sell without a date")],
        "Decision",
        copy=False,
        help="What was decided about goods that are missing; a change of product or quantity asks anew.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state in ("sale", "done"))._make_promises()
        return lines

    def write(self, vals):
        """Another quantity on a confirmed line is another promise."""
        lines = self.browse()
        if {"product_id", "product_uom_qty", "product_uom"}.intersection(vals):
            lines = self.filtered(lambda line: line.state in ("sale", "done"))
            vals = {"shortage_choice": False, **vals}
        result = super().write(vals)
        lines._make_promises()
        return result

    def _must_be_positive(self):
        """Whether a quantity of zero or less is an error. Hook."""
        self.ensure_one()
        return bool(self.product_id) and not self.display_type and not self.is_downpayment and self.product_id.type in ("product", "consu")

    def _make_promises(self, planned=False):
        """Promise the lines of ``self``, in their order, what there is; on a snapshot that holds all earlier promises.

        :param planned: the deliveries are not made yet
        :raise SalesOrderError: a person confirms a shortage nobody decided about
        """
        demands = self._get_stock_demands(planned)
        stale = self.browse() if planned else self.filtered(lambda line: line.sudo().promise_ids)
        if not demands and not stale:
            return
        pools = {demand.pool for demand in demands}
        self.env["crm.stock.guard"].sudo()._acquire(pools)
        timelines = self.env["crm.stock.timeline"]._load(pools, without=self.ids)
        answers = promise.promise(demands, timelines)
        self._check_shortages(answers)
        Promise = self.env["crm.stock.promise"].sudo()
        Promise._remove(stale - self.browse({line.id for line, _product_id in answers}))
        Promise._replace(answers)

    def _check_shortages(self, answers):
        """Raise an error when a person is about to confirm what cannot be kept, without having decided so.

        The system itself (a customer who signs, a job) is not asked: it promises what there is, and the rep is told.
        """
        lines = self.browse().concat(*{line for (line, _product_id), answer in answers.items() if answer.missing})
        undecided = lines.filtered(lambda line: not line.shortage_choice)
        if self.env.su:
            undecided._tell_shortage(answers)
        elif undecided:
            raise SalesOrderError(
                _(
                    "Not everything is there by the date wanted, so nothing was promised:\n%(lines)s\n"
                    "Press “Availability” on the line and choose: wait, transfer, replace, buy, or sell without a date.",
                    lines="\n".join("• " + line._describe_shortage(answers) for line in undecided),
                )
            )

    def _tell_shortage(self, answers):
        """Tell the reps what the orders that were confirmed without them lack."""
        texts = defaultdict(list)
        for line in self.filtered(lambda line: line.order_id.user_id not in (line.env.user, line.env.user.browse())):
            texts[line.order_id].append(line.with_context(lang=line.order_id.user_id.lang)._describe_shortage(answers))
        self.env["crm.stock.promise"]._tell_reps(texts, late=set(texts))

    def _describe_shortage(self, answers):
        """One line of text for the rep: what is missing, and when it could be there."""
        self.ensure_one()
        mine = [answer for (line, _product_id), answer in answers.items() if line == self]
        values = self._prepare_stock_values(mine)
        text = _(
            "%(order)s: %(product)s, %(missing)s %(unit)s missing",
            order=self.order_id.name,
            product=self.product_id.display_name,
            missing="%g" % values["short_qty"],
            unit=self.product_id.uom_id.name,
        )
        if not values["promised_date"]:
            return _("%(text)s; no date known", text=text)
        return _("%(text)s; all there on %(date)s", text=text, date=self.order_id._format_day(values["promised_date"]))
