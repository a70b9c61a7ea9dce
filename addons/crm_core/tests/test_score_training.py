# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Training finds what the generator put in, and copes with little, one-sided and strange data.

Here and not among the engine's own tests: those run without numpy and scikit-learn.
"""

import math
import random

from odoo.addons.crm_core.engine.score import auc, training
from odoo.tests.common import BaseCase
from sklearn.metrics import roc_auc_score

CHANCE = {"referral": 0.8, "fair": 0.5, "web": 0.2}


def make_leads(count, seed=3):
    """Leads won by their source, more with visits, never by colour; visits unknown for one in ten."""
    dice = random.Random(seed)
    table = {"source": [], "visits": [], "colour": [], "constant": ["x"] * count}
    truth = []
    for _lead in range(count):
        source, visits = dice.choice(list(CHANCE)), dice.choice([0.0, 0.0, 1.0, 2.0, 5.0, 12.0])
        odds = math.log(CHANCE[source] / (1 - CHANCE[source])) + (0.2 * visits - 0.6)
        table["source"].append(source)
        table["visits"].append(None if dice.random() < 0.1 else visits)
        table["colour"].append(dice.choice(["red", "blue"]))
        truth.append(int(dice.random() < 1 / (1 + math.exp(-odds))))
    return table, truth


class TestScoreTraining(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table, cls.truth = make_leads(1500)
        cls.model = training.train(cls.table, cls.truth)

    def feature(self, name):
        return next(feature for feature in self.model.features if feature.name == name)

    def weights(self, name):
        feature = self.feature(name)
        return dict(zip([*feature.labels, "other", "none"], feature.weights))

    def test_what_decides_gets_weight_and_what_does_not_gets_none(self):
        source = self.weights("source")
        self.assertGreater(source["referral"], 0.6)
        self.assertLess(source["web"], -0.6)
        for weight in self.weights("colour").values():
            self.assertLess(abs(weight), 0.2)

    def test_what_all_leads_share_is_no_feature(self):
        self.assertEqual({feature.name for feature in self.model.features}, {"source", "visits", "colour"})

    def test_the_average_lead_has_weight_0(self):
        for feature in self.model.features:
            self.assertAlmostEqual(sum(w * n for w, n in zip(feature.weights, feature.counts)), 0, places=2)
            self.assertEqual(sum(feature.counts), len(self.truth))
            self.assertEqual(sum(feature.won), sum(self.truth))

    def test_it_predicts_leads_it_has_not_seen(self):
        table, truth = make_leads(1000, seed=4)
        predicted = self.model.predict(table)
        self.assertGreater(auc(truth, predicted), 0.75)
        self.assertLess(abs(sum(predicted) - sum(truth)), 60)

    def test_auc_agrees_with_scikit_learn(self):
        predicted = self.model.predict(self.table)
        self.assertAlmostEqual(auc(self.truth, predicted), roc_auc_score(self.truth, predicted))

    def test_evaluation_is_reproducible_and_on_unseen_leads(self):
        first = training.evaluate(self.table, self.truth)
        self.assertEqual(first, training.evaluate(self.table, self.truth))
        self.assertEqual(len(first.predicted), len(self.truth))
        self.assertLess(first.brier, 0.21)
        self.assertTrue(0.7 < first.auc < auc(self.truth, self.model.predict(self.table)))

    def test_values_never_seen_and_columns_missing_still_predict(self):
        chances = self.model.predict({"source": ["tiktok", None, "WEB"], "visits": ["many", -5.0, 1e12]})
        self.assertTrue(all(0 < chance < 1 for chance in chances))
        self.assertEqual(len(self.model.predict({"colour": ["green"]})), 1)

    def test_one_sided_or_too_few_leads_are_refused(self):
        for truth in ([1] * 50, [0] * 50, [1] * 9 + [0] * 41, []):
            with self.subTest(truth=truth), self.assertRaisesRegex(training.TooFewLeads, "are needed"):
                training.train({"source": ["web"] * len(truth)}, truth)

    def test_a_handful_of_leads_gives_a_careful_model(self):
        table, truth = make_leads(30, seed=8)
        for chance in training.train(table, truth).predict(table):
            self.assertTrue(0.02 < chance < 0.98)

    def test_nothing_known_predicts_the_average(self):
        model = training.train({"source": [None] * 80}, [1] * 20 + [0] * 60)
        self.assertEqual(model.features, ())
        for chance in model.predict({"source": ["web", None]}):
            self.assertAlmostEqual(chance, 0.25, places=4)

    def test_perfect_separation_stays_finite(self):
        truth = [0, 1] * 40
        model = training.train({"sign": ["plus" if won else "minus" for won in truth]}, truth)
        self.assertTrue(0.8 < model.predict({"sign": ["plus"]})[0] < 1)

    def test_many_rare_values_are_no_feature(self):
        table = {"city": ["c%d" % number for number in range(200)], "source": ["web", "fair"] * 100}
        model = training.train(table, [0, 1] * 100)
        self.assertEqual([feature.name for feature in model.features], ["source"])

    def test_spellings_are_one_value_and_the_common_one_is_shown(self):
        spelt = ["Google", "google ", "Google", "Baidu"]
        model = training.train({"source": spelt * 30}, [0, 1, 1, 0] * 30)
        self.assertEqual(model.features[0].labels, ("Baidu", "Google"))

    def test_zero_is_an_interval_of_its_own(self):
        self.assertEqual(self.feature("visits").interval(0), (None, 0.0))
