# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models

from ..engine.promise import merge_parts, promise
from ..tools.bulk import post_notes

# Order lines that still wait for one of these products.
_WAITING = """
    SELECT sale_line_id FROM stock_move
     WHERE product_id IN %(products)s AND sale_line_id IS NOT NULL AND state NOT IN ('done', 'cancel')
     UNION
    SELECT sale_line_id FROM crm_stock_promise WHERE product_id IN %(products)s
"""


class CrmStockPromise(models.Model):
    """Facts move: goods arrive early or late, are counted, lost or given back. The promises move with them."""

    _inherit = "crm.stock.promise"

    @api.model
    def _facts_moved(self, products):
        """Have the promises of these products made anew, right after this transaction, when anybody waits for them."""
        waiting = self._get_waiting_lines(products.ids)
        if waiting:
            ids = sorted(products.ids)
            self.sudo().with_delay(
                description=_("Promised dates of %d products", len(ids)),
                identity_key="crm.stock.promise %s" % ids,
                max_retries=20,
            )._replan(ids)

    @api.model
    def _get_waiting_lines(self, product_ids):
        if not product_ids:
            return self.env["sale.order.line"]
        self.flush()
        self.env["stock.move"].flush(["sale_line_id", "state", "product_id"])
        self.env.cr.execute(_WAITING, {"products": tuple(product_ids)})
        return self.env["sale.order.line"].sudo().browse(sorted(line_id for (line_id,) in self.env.cr.fetchall()))

    @api.model
    def _cron_replan(self):
        """Whatever changed the stock without telling us: once a day all promises are checked against it."""
        product_ids = self._get_waited_for()
        for start in range(0, len(product_ids), 100):
            ids = product_ids[start : start + 100]
            self.with_delay(description=_("Promised dates of %d products", len(ids)), max_retries=20)._replan(ids)

    @api.model
    def _get_waited_for(self):
        """Ids of all products an order line waits for."""
        self.flush()
        self.env["stock.move"].flush(["sale_line_id", "state", "product_id"])
        self.env.cr.execute(
            """
            SELECT product_id FROM crm_stock_promise
             UNION
            SELECT product_id FROM stock_move WHERE sale_line_id IS NOT NULL AND state NOT IN ('done', 'cancel')
            """
        )
        return sorted(product_id for (product_id,) in self.env.cr.fetchall())

    @api.model
    def _replan(self, product_ids):
        """Make the promises of these products anew, first promised first served, and tell whom it concerns.

        Those who were promised something keep their turn; those who wait without a promise come after them, by the
        date of their order. A job: the loser of two is started again by queue_job.
        """
        lines = self._get_waiting_lines(product_ids).filtered(lambda line: line.state in ("sale", "done"))
        before = lines._get_promised_answers()
        demands = {demand.key: demand for demand in lines._get_stock_demands()}
        since = {row.sale_line_id.id: row.promised_on for row in lines.sudo().promise_ids.sorted("promised_on", reverse=True)}
        self.env["crm.stock.guard"]._acquire({demand.pool for demand in demands.values()})
        timelines = self.env["crm.stock.timeline"]._load({demand.pool for demand in demands.values()}, without=lines.ids)
        dedicated, arrival = lines._get_dedicated_supply(), self.env["crm.stock.timeline"]._get_arrival
        last = fields.Datetime.now()
        ordered = sorted(
            (
                demand._replace(
                    dedicated=tuple((arrival(date), quantity) for date, quantity in dedicated.get((line.id, product_id), ()))
                )
                for (line, product_id), demand in demands.items()
            ),
            key=lambda demand: (
                demand.key[0].id not in since,
                since.get(demand.key[0].id, last),
                demand.key[0].order_id.date_order,
                demand.key[0].id,
            ),
        )
        after = promise(ordered, timelines)
        now = max((answer.wanted for answer in after.values()), default=last)
        changed = {
            key[0]
            for key, answer in after.items()
            if merge_parts(answer.all_parts, now) != merge_parts(before[key].all_parts if key[0].id in since else (), now)
        }
        self._replace({key: answer for key, answer in after.items() if key[0] in changed})
        self._tell_changes(before, after)
        self._reserve_due(changed, after)

    @api.model
    def _reserve_due(self, lines, answers):
        """Reserve the goods for deliveries that were promised them by now."""
        now = fields.Datetime.now()
        due = {line for (line, _id), answer in answers.items() if line in lines and any(part.date <= now for part in answer.parts)}
        moves = self.env["sale.order.line"].concat(*due).move_ids.filtered(
            lambda move: move.state in ("confirmed", "partially_available") and move._is_delivery()
        )
        moves._action_assign()

    # Telling --------------------------------------------------------------------------------------------------------

    @api.model
    def _tell_changes(self, before, after):
        """Tell the rep of each order whose goods come on another day than promised."""
        texts = defaultdict(list)
        late = set()
        for (line, product_id), answer in after.items():
            old, new = before[line, product_id].date, answer.date
            if (old and old.date()) == (new and new.date()) or (old and new and max(old, new) <= fields.Datetime.now()):
                continue
            order = line.order_id
            if not new or old and new > old:
                late.add(order)
            texts[order].append(self.with_context(lang=order.user_id.lang)._describe_change(line, old, new))
        self._tell_reps(texts, late)

    @api.model
    def _describe_change(self, line, old, new):
        """One line of text in the language of this environment: the goods' dates as promised before and now."""
        line = line.with_context(lang=self.env.lang)
        order, product = line.order_id, line.product_id.display_name
        if not new:
            return _("%(product)s: taken by others or lost, no date known", product=product)
        if old:
            return _("%(product)s: %(old)s → %(new)s", product=product, old=order._format_day(old), new=order._format_day(new))
        return _("%(product)s: now promised for %(new)s", product=product, new=order._format_day(new))

    @api.model
    def _get_subject(self, order, late):
        if late:
            return _("%(order)s: goods are late", order=order.name)
        return _("%(order)s: goods are on their way", order=order.name)

    @api.model
    def _tell_reps(self, texts, late):
        """One note on each order, and one message to its rep.

        :param texts: {sale.order: lines of text}
        :param late: the orders for which it is bad news
        """
        if not texts:
            return
        orders = self.env["sale.order"].sudo().concat(*texts)
        post_notes(orders, ["<br/>".join(texts[order]) for order in orders])
        self.env["crm.notification"]._notify_batch(
            [
                {
                    "users": order.user_id,
                    "subject": self.with_context(lang=order.user_id.lang)._get_subject(order, order in late),
                    "body": "\n".join(texts[order]),
                    "record": order,
                }
                for order in orders
                if order.user_id
            ]
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_dedicated_supply(self):
        """What comes in for the lines of ``self`` and nobody else; it is in the incoming goods, too.

        Hook: an addon that buys for a sale returns its goods on order.

        :returns: {(line id, product id): [(date, quantity in the product's unit)]}
        """
        return {}
