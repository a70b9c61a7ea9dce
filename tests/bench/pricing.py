#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A quotation of 100 lines priced by 100, 1,000 and 10,000 price rules; Odoo's price list with as many items beside it.

Rules and lines come from a fixed seed: few products sell much, rules are for products, categories, grades, quantities and
dates, some with formulas. Timed is pricing all lines and telling each line's story, from an empty cache of records: ``cold``
with the rules read through the ORM and compiled, ``warm`` as for the second quotation of a server process, ``stored`` warm with
all that Odoo stores and computes of changed lines. The peer asks its price list line by line, as its own button does, and
once more for all lines in one call; it tells no story and stores nothing here. Correctness: net prices of all lines from the
rules by a loop over all of them, in this file.
"""

import argparse
import json
import math
import random
import resource
import statistics
import sys
import time

import odoo
from odoo import SUPERUSER_ID, api

NEEDS = ["suite"]
SIZES = (100, 1_000, 10_000)
LINES = 100
PRODUCTS = 500
RUNS = 7
SEED = 14


def say(text):
    print(text, file=sys.stderr, flush=True)


class World:
    """Products in categories, a customer, a quotation of 100 lines."""

    def __init__(self, env):
        self.env, self.dice = env, random.Random(SEED)
        tops = env["product.category"].create([{"name": "Bench %d" % number} for number in range(5)])
        self.categories = env["product.category"].create(
            [{"name": "Bench %d" % number, "parent_id": self.dice.choice(tops).id} for number in range(40)]
        )
        self.products = env["product.product"].create(
            [
                {
                    "name": "Bench product %d" % number,
                    "list_price": round(10 * math.exp(self.dice.uniform(0, 6)), 2),
                    "categ_id": self.dice.choice(self.categories).id,
                    "taxes_id": [(5, 0, 0)],
                }
                for number in range(PRODUCTS)
            ]
        )
        self.customer = env["res.partner"].create({"name": "Bench customer", "is_company": True})
        env["crm.price.rule"].search([]).active = False
        sold = self.dice.sample(list(self.products), LINES)
        self.order = env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": self.dice.choice([1, 2, 5, 10, 50])}) for product in sold
                ],
            }
        )

    def choose_product(self):
        """A few products have most rules."""
        return self.products[min(PRODUCTS - 1, int(self.dice.paretovariate(0.6)) - 1)]

    def make_rules(self, count):
        self.env["crm.price.rule"].search([]).unlink()
        self.env["crm.price.rule"].create([self.get_rule(number) for number in range(count)])
        self.env["base"].flush()

    def get_rule(self, number):
        dice = self.dice
        kind = dice.choices(["discount", "price", "surcharge"], [6, 2, 2])[0]
        values = {
            "name": "Bench rule %d" % number,
            "kind": kind,
            "rank": dice.choice([5, 10, 10, 20]),
            "value_type": "amount" if kind == "price" else "percent",
            "value": round(dice.uniform(10, 500), 2) if kind == "price" else round(dice.uniform(0.5, 9), 1),
            "combine": dice.choice(["best", "add"]),
            "quantity_min": dice.choice([0, 0, 2, 5, 10, 100]),
            "currency_id": self.env.company.currency_id.id,
        }
        place = dice.random()
        if place < 0.6 or kind == "price":
            values["product_tmpl_ids"] = [(6, 0, self.choose_product().product_tmpl_id.ids)]
        elif place < 0.9:
            values["categ_ids"] = [(6, 0, dice.choice(self.categories).ids)]
        elif place < 0.97:
            values["customer_grade"] = dice.choice(["vip", "high", "medium"])
        else:
            values.update(date_from="2020-01-01", date_to="2020-12-31")
        if dice.random() < 0.1:
            values["formula"] = "list_price * 0.97 - min(quantity, 3)" if kind == "price" else "2 + min(quantity / 10, 3)"
        return values

    def make_items(self, count):
        """A price list with as many items."""
        items = []
        for number in range(count):
            item = {"compute_price": "percentage", "percent_price": 1 + number % 9, "min_quantity": self.dice.choice([0, 0, 2, 5, 10])}
            if self.dice.random() < 0.7:
                item.update(applied_on="1_product", product_tmpl_id=self.choose_product().product_tmpl_id.id)
            else:
                item.update(applied_on="2_product_category", categ_id=self.dice.choice(self.categories).id)
            items.append((0, 0, item))
        return self.env["product.pricelist"].create({"name": "Bench %d" % count, "item_ids": items})


def expect(rules, line):
    """Net price of a line, by trying every rule. ``rules`` are read as dicts."""
    product, quantity = line.product_id, line.product_uom_qty
    categories = {int(part) for part in product.categ_id.parent_path.split("/") if part}
    met = [
        rule
        for rule in rules
        if (not rule["product_tmpl_ids"] or product.product_tmpl_id.id in rule["product_tmpl_ids"])
        and (not rule["categ_ids"] or categories & set(rule["categ_ids"]))
        and not rule["customer_grade"]
        and not rule["date_to"]
        and quantity >= rule["quantity_min"]
    ]
    price = product.lst_price
    fixed = [rule for rule in met if rule["kind"] == "price"]
    first = [rule for rule in fixed if rule["rank"] == min(rule["rank"] for rule in fixed)]
    if first:
        price = max(0, min(product.lst_price * 0.97 - min(quantity, 3) if rule["formula"] else rule["value"] for rule in first))
    percent = {rule["id"]: 2 + min(quantity / 10, 3) if rule["formula"] else rule["value"] for rule in met}
    for rank in sorted({rule["rank"] for rule in met if rule["kind"] == "discount"}):
        same = [rule for rule in met if rule["kind"] == "discount" and rule["rank"] == rank]
        best = max((percent[rule["id"]] for rule in same if rule["combine"] == "best"), default=0)
        price -= min(price, price * (best + sum(percent[rule["id"]] for rule in same if rule["combine"] == "add")) / 100)
    return price + price * sum(percent[rule["id"]] for rule in met if rule["kind"] == "surcharge") / 100


def check(world):
    """Raise where a price is not what a loop over all rules says."""
    rules = world.env["crm.price.rule"].search([]).read(load="_classic_write")
    for line in world.order.order_line:
        expected = expect(rules, line)
        assert abs(line.price_unit - expected) <= 0.0051, "%s: %s in place of %s" % (line.product_id.name, line.price_unit, expected)
    acted = len(world.order.order_line.filtered("price_steps"))
    assert acted > LINES / 2, "only %d lines met a rule" % acted
    return acted


def timed(env, function, prepare):
    """(median ms, p95 ms, queries) over RUNS, after one to warm up."""
    times, queries = [], 0
    for _run in range(RUNS + 1):
        env["base"].flush()
        env.cache.invalidate()
        prepare()
        before, started = env.cr.sql_log_count, time.perf_counter()
        function()
        env["base"].flush()
        times.append(1000 * (time.perf_counter() - started))
        queries = env.cr.sql_log_count - before
    times = sorted(times[1:])
    return statistics.median(times), times[-1], queries


def explain(order):
    """Net price and story of each line."""
    lines = order.order_line
    assert len(lines._explain_prices(lines._compute_prices())) == LINES


def ask_line_by_line(order):
    for line in order.order_line:
        product = line.product_id.with_context(
            partner=order.partner_id, quantity=line.product_uom_qty, date=order.date_order, pricelist=order.pricelist_id.id
        )
        assert line._get_display_price(product) >= 0


def ask_at_once(order):
    asked = [(line.product_id, line.product_uom_qty, order.partner_id) for line in order.order_line]
    assert len(order.pricelist_id._compute_price_rule(asked, order.date_order)) == len(asked)


def measure(world, count, figures):
    env, order = world.env, world.order
    public = order.pricelist_id
    world.make_rules(count)
    empty = lambda: None  # noqa: E731

    def forget():
        env["crm.price.rule"].clear_caches()

    def set_back():
        env.cr.execute("UPDATE sale_order_line SET price_unit = 0, rule_price = 0 WHERE order_id = %s", [order.id])

    ways = (("cold", explain, forget), ("warm", explain, empty), ("stored", lambda asked: asked._price_lines(), set_back))
    for name, function, prepare in ways:
        median, worst, queries = timed(env, lambda f=function: f(order), prepare)
        figures["%s_ms_%d" % (name, count)], figures["%s_p95_ms_%d" % (name, count)] = median, worst
        figures["%s_queries_%d" % (name, count)] = queries
    figures["lines_with_rules_%d" % count] = check(world)
    order.pricelist_id = world.make_items(count)
    for name, function in (("odoo_ms", ask_line_by_line), ("odoo_at_once_ms", ask_at_once)):
        median, _worst, queries = timed(env, lambda f=function: f(order), empty)
        figures["%s_%d" % (name, count)], figures["%s_queries_%d" % (name[:-3], count)] = median, queries
    order.pricelist_id = public
    say("%d rules: %.0f ms cold, %.0f ms warm; price list of %d items: %.0f ms line by line, %.0f ms at once" % (
        count, figures["cold_ms_%d" % count], figures["warm_ms_%d" % count], count,
        figures["odoo_ms_%d" % count], figures["odoo_at_once_ms_%d" % count],
    ))  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--data", help="not used: rules are made here")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=error"])
    figures = {}
    with api.Environment.manage(), odoo.registry(options.db).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        world = World(env)
        for count in SIZES:
            measure(world, count, figures)
        cr.rollback()
    figures["ms_1000_rules_100_lines"] = figures["cold_ms_1000"]
    figures["growth_rules"] = math.log10(figures["cold_ms_1000"] / figures["cold_ms_100"])
    figures["growth_rules_10000"] = math.log10(figures["cold_ms_10000"] / figures["cold_ms_1000"])
    figures["growth_rules_warm"] = math.log10(figures["warm_ms_10000"] / figures["warm_ms_100"]) / 2
    figures["ratio_odoo"] = figures["ms_1000_rules_100_lines"] / figures["odoo_ms_1000"]
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps(figures) if options.json else "\n".join("%-28s %s" % item for item in figures.items()))


if __name__ == "__main__":
    main()
