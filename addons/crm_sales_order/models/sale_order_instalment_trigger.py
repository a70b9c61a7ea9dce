# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import formatLang

from ..exceptions import InstalmentError
from .sale_order import CONFIRMED_STATES

REPORTED = ("milestone", "acceptance")


class SaleOrderInstalment(models.Model):
    """What makes instalments due. Triggers act by themselves; only milestones and acceptance are reported."""

    _inherit = "sale.order.instalment"

    def _reach(self, share=1.0):
        """The trigger of the instalments of ``self`` has happened, to ``share`` (0 to 1); it never goes back."""
        today = fields.Date.context_today(self)
        for part in self.sudo().filtered(lambda part: part.share_reached < share):
            part.write(
                {
                    "share_reached": share,
                    "date_triggered": part.date_triggered or today,
                    "date_due": part.date_due or fields.Date.add(today, days=part.days),
                }
            )

    def _restart(self):
        """The order is confirmed, perhaps again: what is not billed waits for its trigger anew; dates are set."""
        for part in self.sudo().filtered(lambda part: not part.amount_invoiced):
            dated = part.trigger == "date"
            due = dated and (part.date_due or fields.Date.add(part.order_id.date_order.date(), days=part.days))
            part.write({"share_reached": 0.0, "date_triggered": False, "date_due": due})
        # What is agreed is in the database before anything changes it: that is what the history compares with.
        self.flush(["amount"])

    def action_reach(self):
        """The milestone was met, or the customer accepted: the instalment is due."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        self._check_reported()
        self._reach()
        return True

    def _check_reported(self):
        """:raise InstalmentError: for what becomes due by itself"""
        wrong = self.filtered(lambda part: part.trigger not in REPORTED or part.order_id.state not in CONFIRMED_STATES)
        if wrong:
            raise InstalmentError(
                _(
                    "%(names)s becomes due by itself; only milestones and acceptance of confirmed orders are reported by hand.",
                    names=", ".join(wrong.mapped("name")),
                )
            )

    @api.model
    def _cron_reach_dates(self):
        """Instalments whose date has come."""
        today = fields.Date.context_today(self)
        domain = [("trigger", "=", "date"), ("state", "=", "waiting"), ("date_due", "<=", today)]
        self.search(domain + [("order_id.state", "in", CONFIRMED_STATES)])._reach()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _orders_confirmed(self):
        result = super()._orders_confirmed()
        parts = self.instalment_ids
        if parts:
            today = fields.Date.context_today(self)
            parts._restart()
            parts.filtered(lambda part: part.trigger == "signing" or part.trigger == "date" and part.date_due <= today)._reach()
        return result

    def action_accept(self):
        """The customer accepted what was supplied and installed: the work counts as done, acceptance is reached."""
        self._check_all_delivered()
        for order in self:
            order._finish_work()
            order.instalment_ids.filtered(lambda part: part.trigger == "acceptance").action_reach()
        return True

    def _check_all_delivered(self):
        """:raise InstalmentError: while goods are open"""
        for order in self:
            open_goods = order.order_line.filtered(lambda line: line._is_goods() and line.qty_to_deliver > 0)
            if order.state not in CONFIRMED_STATES or open_goods:
                raise InstalmentError(_("%(order)s cannot be accepted yet: deliver all its goods first.", order=order.name))

    def action_finish_work(self):
        """The work is done: services count as delivered, and can be invoiced."""
        for order in self:
            if order.state not in CONFIRMED_STATES:
                raise InstalmentError(_("%(order)s is not confirmed: there is no work to finish yet.", order=order.name))
            order._finish_work()
        return True

    def _finish_work(self):
        """Services of ``self`` that are reported by hand are done; hook: work orders finish theirs."""
        for line in self.order_line.filtered(lambda line: line._is_open_work()):
            line.qty_delivered = line.product_uom_qty

    def _get_flow_step(self):
        step, hint = super()._get_flow_step()
        if self.state not in CONFIRMED_STATES or step:
            return step, hint
        due = self.instalment_ids.filtered(lambda part: part.state == "due")
        if due:
            amount = formatLang(self.env, sum(part._get_claim() for part in due), currency_obj=self.currency_id)
            return "invoice_instalment", _(
                "%(names)s: %(amount)s is due to be invoiced.", names=", ".join(due.mapped("name")), amount=amount
            )
        if any(part.state == "waiting" and part.trigger == "acceptance" for part in self.instalment_ids):
            waiting = any(line._is_goods() and line.qty_to_deliver > 0 for line in self.order_line)
            return (
                (False, _("Once all is delivered and installed, the customer accepts: then the last instalment is due."))
                if waiting
                else ("accept", self._explain_acceptance())
            )
        if self.order_type_id.service_only and any(line._is_open_work() for line in self.order_line):
            return "finish_work", _("No goods to ship. When the work is done, it can be invoiced.")
        waiting = self.instalment_ids.filtered(lambda part: part.state == "waiting")[:1]
        if waiting:
            trigger = dict(waiting._fields["trigger"]._description_selection(self.env))[waiting.trigger]
            return step, _("Next: %(name)s. It waits for: %(trigger)s.", name=waiting.name, trigger=trigger)
        return step, hint

    def _get_shipped_share(self):
        """How much of the goods' value is delivered: 0 to 1; 1 when there are none."""
        self.ensure_one()
        goods = self.order_line.filtered(lambda line: line._is_goods() and line.product_uom_qty > 0)
        open_goods = goods.filtered(lambda line: line.qty_to_deliver > 0)
        if not open_goods:
            return 1.0
        value = sum(goods.mapped("price_total")) or 1.0
        return sum(line.price_total * min(line.qty_delivered / line.product_uom_qty, 1.0) for line in goods) / value


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_goods(self):
        self.ensure_one()
        return not self.display_type and self.product_id.type in ("product", "consu")

    def _is_open_work(self):
        """A service whose progress is reported by hand, and that is not done."""
        self.ensure_one()
        service = not self.display_type and not self.is_downpayment and self.product_id.type == "service"
        return service and self.qty_delivered_method == "manual" and self.qty_delivered < self.product_uom_qty


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """What was shipped makes instalments due, to the share of the goods' value."""
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        orders = moves.sudo().sale_line_id.order_id
        if orders:
            domain = [("order_id", "in", orders.ids), ("trigger", "=", "shipping"), ("share_reached", "<", 1)]
            for part in self.env["sale.order.instalment"].sudo().search(domain):
                part._reach(part.order_id._get_shipped_share())
        return moves
