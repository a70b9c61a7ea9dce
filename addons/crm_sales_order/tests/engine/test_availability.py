# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who gets what is in stock."""

import random

from crm_sales_order_engine.availability import Demand, allocate, summarize


def test_the_last_piece_is_promised_once():
    answers = allocate([Demand("first", "pump", 1.0), Demand("second", "pump", 1.0)], {"pump": 1.0})
    assert (answers["first"].short, answers["second"].short) == (0.0, 1.0)


def test_nothing_is_made_up_and_nothing_lost():
    chance = random.Random(7)
    demands = [
        Demand(number, chance.randrange(20), float(chance.randrange(1, 9)), float(chance.randrange(3)))
        for number in range(2000)
    ]
    free = {product: float(chance.randrange(200)) for product in range(20)}
    answers = allocate(demands, free)
    for product, stock in free.items():
        mine = [demand for demand in demands if demand.product == product]
        secured = sum(min(demand.secured, demand.quantity) for demand in mine)
        wanted = sum(demand.quantity for demand in mine)
        given = sum(answers[demand.key].available for demand in mine)
        assert given == min(wanted, secured + stock)
        assert given + sum(answers[demand.key].short for demand in mine) == wanted


def test_float_dust_makes_nothing_short():
    answers = allocate([Demand(number, "oil", 0.1) for number in range(10)], {"oil": 1.0})
    assert summarize(answer.state for answer in answers.values()) == "available"
