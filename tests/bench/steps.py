#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One deal of five lines, a click at a time: what each step costs with the suite and in plain Odoo.

Both sides press the same buttons, each in a transaction and with an environment of its own, as a request does: lead, conversion,
quotation, confirmation, delivery, invoice, payment. They take turns, deal by deal. In the suite a price rule acts on each line, stock
is promised and the customer's credit is checked at confirmation and again at delivery; plain Odoo does none of it. Both reserve the
goods of what is confirmed.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import odoo
from odoo import SUPERUSER_ID, api, fields

NEEDS = ["suite", "plain"]
WARM_UP = 5
LINES = 5
PRICE, DISCOUNT, STOCK = 100.0, 10.0, 1_000_000
STEPS = ("lead", "convert", "quote", "confirm", "deliver", "invoice", "pay")


class Side:
    """One installation, in a thread of its own: Odoo takes all environments of a thread for one database's."""

    def __init__(self, database, total, prepare=None):
        self.total = total
        self.thread = ThreadPoolExecutor(max_workers=1, initializer=api.Environment.manage().__enter__)
        self.registry = odoo.registry(database)
        self.times = {step: [] for step in STEPS}
        self.queries = {step: [] for step in STEPS}
        self.facts = self.call(lambda env: self._make_facts(env, prepare))[0]

    def call(self, function):
        """(result, seconds, queries) of ``function(env)`` in a transaction of its own, flushed and committed."""
        return self.thread.submit(self._call, function).result()

    def _call(self, function):
        with self.registry.cursor() as cr:
            admin = api.Environment(cr, SUPERUSER_ID, {}).ref("base.user_admin").id
            env = api.Environment(cr, admin, {"lang": "en_US"})
            cr.execute("SELECT 1")
            before, started = cr.sql_log_count, time.perf_counter()
            result = function(env)
            env["base"].flush()
            cr.commit()
            return result, time.perf_counter() - started, cr.sql_log_count - before

    def _make_facts(self, env, prepare):
        """Ids of the products, enough of each in stock, and of the customer."""
        env.user.sudo().groups_id = [(4, env.ref("account.group_account_user").id)]
        values = {"type": "product", "invoice_policy": "delivery", "taxes_id": [(5, 0, 0)]}
        values.update(list_price=PRICE, standard_price=PRICE / 2)
        products = env["product.product"].create([{"name": "Bench step %d" % number, **values} for number in range(LINES)])
        place = env.user._get_default_warehouse_id().lot_stock_id
        for product in products:
            env["stock.quant"]._update_available_quantity(product, place, STOCK)
        customer = env["res.partner"].create({"name": "Bench steps", "is_company": True})
        if prepare:
            prepare(customer, products)
        return {"products": products.ids, "customer": customer.id}

    def run_deal(self, number):
        document = None
        for step in STEPS:
            result, seconds, queries = self.call(lambda env, step=step, document=document: getattr(self, step)(env, document))
            document = result
            self.times[step].append(seconds)
            self.queries[step].append(queries)
        state = self.call(lambda env: env["account.move"].browse(document).mapped(lambda move: (move.payment_state, move.amount_total)))[0]
        if state != [("paid", self.total)]:
            raise AssertionError("deal %s ended %s" % (number, state))

    def forget(self):
        for figures in (*self.times.values(), *self.queries.values()):
            figures.clear()

    # -- the steps: each takes the id the one before left ----------------------------------------------------------

    def lead(self, env, _nothing):
        return env["crm.lead"].create({"name": "Bench", "type": "lead", "contact_name": "Bench", "partner_id": self.facts["customer"]}).id

    def convert(self, env, lead_id):
        env["crm.lead"].browse(lead_id).convert_opportunity(self.facts["customer"])
        return lead_id

    def quote(self, env, lead_id):
        lines = [(0, 0, {"product_id": product, "product_uom_qty": 1.0}) for product in self.facts["products"]]
        values = {"partner_id": self.facts["customer"], "opportunity_id": lead_id, "order_line": lines}
        return env["sale.order"].create(values).id

    def confirm(self, env, order_id):
        order = env["sale.order"].browse(order_id)
        order.action_confirm()
        if set(order.picking_ids.mapped("state")) != {"assigned"}:
            raise AssertionError("order %s has no goods" % order.name)
        return order_id

    def deliver(self, env, order_id):
        """The Validate button, and yes to its question whether everything was processed."""
        for picking in env["sale.order"].browse(order_id).picking_ids:
            action = picking.button_validate()
            if isinstance(action, dict):
                transfers = [(0, 0, {"picking_id": picking.id, "to_immediate": True})]
                wizard = env[action["res_model"]].with_context(action["context"])
                wizard.create({"pick_ids": [(4, picking.id)], "immediate_transfer_line_ids": transfers}).process()
        return order_id

    def invoice(self, env, order_id):
        invoice = env["sale.order"].browse(order_id)._create_invoices()
        invoice.action_post()
        return invoice.id

    def pay(self, env, invoice_id):
        register = env["account.payment.register"].with_context(active_model="account.move", active_ids=[invoice_id])
        register.create({"payment_date": fields.Date.today()}).action_create_payments()
        return invoice_id


def prepare_suite(customer, products):
    """What plain Odoo has not: a limit the order has to fit in, and a rule of prices."""
    env = customer.sudo().env
    env["crm.credit.limit"].create({"partner_id": customer.id, "amount": 1e9})
    templates = products.mapped("product_tmpl_id")
    env["crm.price.rule"].create({"name": "Bench steps", "value": DISCOUNT, "product_tmpl_ids": [(6, 0, templates.ids)]})


def run(options):
    suite = Side(options.db, LINES * PRICE * (1 - DISCOUNT / 100), prepare_suite)
    plain = Side(options.plain_db, LINES * PRICE)
    for number in range(WARM_UP + options.deals):
        if number == WARM_UP:
            suite.forget()
            plain.forget()
        suite.run_deal(number)
        plain.run_deal(number)
    figures = {}
    for step in STEPS:
        ours, theirs = statistics.median(suite.times[step]), statistics.median(plain.times[step])
        figures["ms_" + step], figures["odoo_ms_" + step] = 1000 * ours, 1000 * theirs
        figures["queries_" + step] = statistics.median(suite.queries[step])
        figures["odoo_queries_" + step] = statistics.median(plain.queries[step])
        # the median of the deals' ratios: what disturbs the machine for a while disturbs both sides of a deal
        figures["ratio_" + step] = statistics.median(a / b for a, b in zip(suite.times[step], plain.times[step]))
    figures["ratio_worst"] = max(figures["ratio_" + step] for step in STEPS)
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used: every benchmark is told where the real data is")
    parser.add_argument("--deals", type=int, default=40, help="deals for each side")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    figures = {name: round(figure, 2) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        units = {"ms": "ms", "odoo": "", "queries": "queries", "ratio": "times", "peak": "MB"}
        for name, figure in figures.items():
            unit = ("queries" if "queries" in name else "ms") if name.startswith("odoo") else units[name.split("_")[0]]
            print(name, figure, unit)


if __name__ == "__main__":
    sys.exit(main())
