#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Eight sessions confirm 200 orders over 50 products of scarce stock at the same time; plain Odoo beside it.

Every session is a process of its own that works as the web client does: each call its own transaction, repeated by Odoo
when it lost a race. The stock covers about half of what is ordered, the popular products are in most orders.

What is counted as promised: in the suite the quantities of ``crm.stock.promise`` after the confirmation; where not all is
there the rep is refused, decides to sell without a date, and confirms again. Plain Odoo makes no promise; what it tells the
rep is the free quantity beside the line (``free_qty_today``), read just before the confirmation, up to the ordered quantity:
that is what the rep tells the customer. Oversold are the pieces told beyond those there were.

The run fails when more is promised than there is, when something there is not promised although it was ordered, when an
order is not confirmed, or when a session does not come to an end.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections import Counter

import odoo
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.service.model import execute_kw
from psycopg2 import OperationalError

NEEDS = ["suite", "plain"]
SESSIONS, ORDERS, PRODUCTS, LINES = 8, 200, 50, 3
#: Part of the ordered quantity that is in stock
COVER = 0.5
#: Seconds after which a session counts as blocked for ever
PATIENCE = 900


class Shop:
    """A database with scarce goods and quotations for them; committed."""

    def __init__(self, database, suite, seed):
        self.database, self.suite = database, suite
        chance = random.Random(seed)
        weights = [1 / (rank + 1) ** 0.7 for rank in range(PRODUCTS)]
        self.baskets = []
        for _order in range(ORDERS):
            basket = Counter()
            while len(basket) < LINES:
                basket[chance.choices(range(PRODUCTS), weights)[0]] = chance.randint(1, 4)
            items = list(basket.items())
            chance.shuffle(items)
            self.baskets.append(items)
        ordered = Counter()
        for basket in self.baskets:
            ordered.update(dict(basket))
        self.ordered = ordered
        self.stock = [int(ordered[number] * COVER) for number in range(PRODUCTS)]
        with api.Environment.manage(), odoo.registry(database).cursor() as cr:
            self.fill(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True}), seed)

    def fill(self, env, seed):
        groups = ["sales_team.group_sale_salesman_all_leads"] + (["crm_core.group_sales_director"] if self.suite else [])
        self.user_ids = [
            env["res.users"]
            .create(
                {
                    "name": "Session %d" % number,
                    "login": "promise-%d-%d" % (seed, number),
                    "groups_id": [(6, 0, [env.ref(group).id for group in ("base.group_user", *groups)])],
                }
            )
            .id
            for number in range(SESSIONS)
        ]
        partner = env["res.partner"].create({"name": "Customer", "is_company": True})
        products = env["product.product"].create(
            [{"name": "Scarce %d" % number, "type": "product", "list_price": 100.0} for number in range(PRODUCTS)]
        )
        self.product_ids = products.ids
        warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        for product, quantity in zip(products, self.stock):
            if quantity:
                env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)
        self.order_ids = [
            env["sale.order"]
            .create(
                {
                    "partner_id": partner.id,
                    "warehouse_id": warehouse.id,
                    "user_id": self.user_ids[index % SESSIONS],
                    "order_line": [
                        (0, 0, {"product_id": products[number].id, "product_uom_qty": quantity}) for number, quantity in basket
                    ],
                }
            )
            .id
            for index, basket in enumerate(self.baskets)
        ]

    def deadlocks(self):
        """Deadlocks PostgreSQL broke in this database so far."""
        with odoo.registry(self.database).cursor() as cr:
            cr.execute("SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database WHERE datname = %s", (self.database,))
            return cr.fetchone()[1]

    def promised(self):
        """Pieces promised of each product, as the suite stores them."""
        with odoo.registry(self.database).cursor() as cr:
            cr.execute(
                "SELECT product_id, sum(quantity) FROM crm_stock_promise WHERE product_id = ANY(%s) GROUP BY 1", (self.product_ids,)
            )
            return Counter({product_id: quantity for product_id, quantity in cr.fetchall()})

    def confirmed(self):
        with odoo.registry(self.database).cursor() as cr:
            cr.execute("SELECT count(*) FROM sale_order WHERE id = ANY(%s) AND state = 'sale'", (self.order_ids,))
            return cr.fetchone()[0]

    def oversold(self, told):
        return sum(max(told[product_id] - stock, 0) for product_id, stock in zip(self.product_ids, self.stock))


class Session:
    """One rep at work, in a process of its own."""

    def __init__(self, shop, number):
        self.shop, self.user_id = shop, shop.user_ids[number]
        self.order_ids = shop.order_ids[number::SESSIONS]
        self.told, self.seconds, self.lost = Counter(), [], 0

    def call(self, model, method, *args, **kwargs):
        """As the web client; when Odoo gave up repeating, the rep presses the button again."""
        while True:
            try:
                with api.Environment.manage():
                    return execute_kw(self.shop.database, self.user_id, model, method, args, kwargs)
            except OperationalError:
                self.lost += 1

    def work(self):
        for order_id in self.order_ids:
            line_ids = self.call("sale.order", "read", [order_id], ["order_line"])[0]["order_line"]
            lines = self.call("sale.order.line", "read", line_ids, ["product_id", "product_uom_qty", "free_qty_today"])
            started = time.perf_counter()
            self.confirm(order_id, line_ids)
            self.seconds.append(time.perf_counter() - started)
            for line in lines:
                self.told[line["product_id"][0]] += max(min(line["free_qty_today"], line["product_uom_qty"]), 0)

    def confirm(self, order_id, line_ids):
        try:
            self.call("sale.order", "action_confirm", [order_id])
        except UserError:
            if not self.shop.suite:
                raise
            self.call("sale.order.line", "write", line_ids, {"shortage_choice": "open"})
            self.call("sale.order", "action_confirm", [order_id])


def work(shop, number, gate, answers):
    odoo.sql_db._Pool = None  # the parent's connections are the parent's
    session = Session(shop, number)
    session.call("res.users", "read", [session.user_id], ["name"])
    gate.wait()
    session.work()
    answers.put((session.told, session.seconds, session.lost))


def run_side(shop):
    """All sessions at once; returns (what they were told, seconds of each confirmation, lost calls, seconds, deadlocks)."""
    before = shop.deadlocks()
    odoo.sql_db.close_all()
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(SESSIONS + 1), context.Queue()
    sessions = [context.Process(target=work, args=(shop, number, gate, answers), daemon=True) for number in range(SESSIONS)]
    for session in sessions:
        session.start()
    gate.wait(PATIENCE)
    started = time.perf_counter()
    told, seconds, lost = Counter(), [], 0
    for _session in sessions:
        one_told, one_seconds, one_lost = answers.get(timeout=PATIENCE)
        told.update(one_told)
        seconds += one_seconds
        lost += one_lost
    elapsed = time.perf_counter() - started
    for session in sessions:
        session.join(60)
    time.sleep(1)  # PostgreSQL counts a moment later
    return told, seconds, lost, elapsed, shop.deadlocks() - before


def check(shop):
    """Fail loudly unless exactly what there is was promised, and every order is confirmed."""
    promised = shop.promised()
    for number, (product_id, stock) in enumerate(zip(shop.product_ids, shop.stock)):
        expected = min(stock, shop.ordered[number])
        if abs(promised[product_id] - expected) > 1e-6:
            raise AssertionError("product %d: %s promised, %s there, %s ordered" % (number, promised[product_id], stock, expected))
    if shop.confirmed() != ORDERS:
        raise AssertionError("%d of %d orders are confirmed" % (shop.confirmed(), ORDERS))


def percentile(values, part):
    return sorted(values)[int(len(values) * part)]


def run(options):
    figures = Counter()
    times = {True: [], False: []}
    rates = {True: [], False: []}
    for number in range(options.runs):
        for database, suite in ((options.db, True), (options.plain_db, False)):
            shop = Shop(database, suite, seed=11 + number)
            told, seconds, lost, elapsed, deadlocks = run_side(shop)
            times[suite] += seconds
            rates[suite].append(ORDERS / elapsed)
            prefix = "" if suite else "odoo_"
            if suite:
                check(shop)
            figures[prefix + "confirmed"] += shop.confirmed()
            figures[prefix + "oversold"] += shop.oversold(shop.promised() if suite else told)
            figures[prefix + "deadlocks"] += deadlocks
            figures[prefix + "pressed_again"] += lost
            print("%s: %.1f orders/s" % ("suite" if suite else "plain", rates[suite][-1]), file=sys.stderr, flush=True)
    for suite, prefix in ((True, ""), (False, "odoo_")):
        figures[prefix + "orders_per_s"] = statistics.median(rates[suite])
        figures[prefix + "confirm_p50_ms"] = 1000 * statistics.median(times[suite])
        figures[prefix + "confirm_p95_ms"] = 1000 * percentile(times[suite], 0.95)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="not used: the orders are generated")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=critical"])
    figures = {name: round(figure, 3) for name, figure in run(options).items()}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(name, figure)


if __name__ == "__main__":
    main()
