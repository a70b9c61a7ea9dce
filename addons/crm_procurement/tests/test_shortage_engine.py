# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import doctest
import random
import unittest

from ..engine import shortage
from ..engine.shortage import Demand, Offer, choose_offer, lot_size, net_shortages, spread


class TestShortageEngine(unittest.TestCase):
    def test_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(shortage).failed, 0)

    def test_shortage_is_demand_less_supply_whatever_the_order(self):
        rng = random.Random(7)
        for _round in range(200):
            demands = [Demand(i, "p", rng.randint(1, 9), rng.randint(0, 3), (rng.random(),)) for i in range(20)]
            secured = sum(min(demand.secured, demand.quantity) for demand in demands)
            supply = secured + rng.randint(0, 120)
            short = sum(net_shortages(demands, {"p": supply}).values())
            self.assertAlmostEqual(short, max(sum(demand.quantity for demand in demands) - supply, 0))

    def test_pools_do_not_help_each_other(self):
        demands = [Demand("north", ("pump", 1), 2), Demand("south", ("pump", 2), 2)]
        self.assertEqual(net_shortages(demands, {("pump", 1): 9}), {"south": 2})

    def test_what_is_secured_for_a_later_line_is_not_taken_by_an_earlier_one(self):
        early, late = Demand("early", "p", 5, 0, (1,)), Demand("late", "p", 5, 5, (2,))
        self.assertEqual(net_shortages([early, late], {"p": 5}), {"early": 5})

    def test_binary_rounding_is_no_shortage(self):
        self.assertEqual(net_shortages([Demand("a", "p", 0.1 + 0.2)], {"p": 0.3}), {})

    def test_preferred_vendor_wins_over_a_cheaper_one(self):
        offers = [Offer("preferred", "A", 0, 9.0), Offer("cheap", "B", 0, 1.0)]
        self.assertEqual(choose_offer(offers, 5).key, "preferred")

    def test_lots_are_whole_multiples_of_the_unit(self):
        self.assertEqual([lot_size(quantity, 0, 0.5) for quantity in (0.1, 0.5, 0.6)], [0.5, 0.5, 1.0])

    def test_spread_never_hands_out_more_than_there_is(self):
        self.assertEqual(spread(3, [2, 2, 2]), [2, 1, 0])
        self.assertEqual(spread(-1, [2]), [0])
