# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Versions of the scoring model: trained on decided leads, put to use only if better, and back again."""

import json

from odoo.exceptions import UserError
from odoo.tests.common import tagged

from .score_common import ScoreCase


class ScoreVersionCase(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.versions = cls.env["crm.score.version"]
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.env["ir.config_parameter"].set_param("crm_core.score_minimum", "40")

    @classmethod
    def train(cls):
        cls.versions._run_training()
        return cls.versions.search([], limit=1)

    def predict(self, source):
        return self.lead(source_id=source.id).score

    def lead(self, **vals):
        return self.env["crm.lead"].create({"name": "New", **vals})


@tagged("post_install", "-at_install")
class TestScoreVersion(ScoreVersionCase):
    """One version, learnt from 200 leads, in use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.decide_leads(100)
        cls.version = cls.train()

    def test_the_first_version_learns_what_decides_and_is_put_to_use(self):
        version = self.version
        self.assertEqual(version.state, "active")
        self.assertEqual(version.won_count + version.lost_count, 200)
        self.assertGreater(version.auc, 0.75)
        self.assertLess(version.brier, 0.2)
        self.assertGreater(version.auc_newest, 0.7)
        self.assertGreater(self.predict(self.fair), 65)
        self.assertLess(self.predict(self.web), 35)

    def test_weights_and_calibration_can_be_read(self):
        version = self.version
        weights = {line.value_label: line for line in version.weight_ids if line.feature == "source"}
        self.assertGreater(weights["Fair"].weight, 0.5)
        self.assertLess(weights["Web"].weight, -0.5)
        self.assertEqual(weights["Fair"].lead_count, 100)
        self.assertEqual(weights["Fair"].feature_label, "Source")
        self.assertEqual(sum(version.bucket_ids.mapped("lead_count")), 200)
        self.assertIn("Fair", str(version.weight_chart))

    def test_a_lead_says_which_version_and_why(self):
        version = self.version
        lead = self.lead(source_id=self.fair.id)
        self.assertEqual(lead.score_version_id, version)
        self.assertIn("▲ Source: Fair – leads like this are won", lead.score_reasons)

    def test_roll_back_to_an_earlier_version(self):
        first, second = self.version, self.train()
        second.action_activate() if second.state != "active" else None
        first.with_user(self.director).action_activate()
        self.assertEqual((first.state, second.state), ("active", "retired"))
        lead = self.lead(source_id=self.fair.id)
        self.assertEqual(lead.score_version_id, first)
        self.assertIn("Dora", first.remark)

    def test_without_a_model_again(self):
        version = self.version
        version.action_stop()
        self.assertFalse(self.lead().score_version_id)

    def test_the_version_in_use_cannot_be_deleted(self):
        with self.assertRaises(UserError):
            self.version.unlink()

    def test_the_model_is_json(self):
        data = json.loads(self.version.spec)
        self.assertEqual(set(data), {"intercept", "features", "pairs"})

    def test_nothing_that_selling_fills_in_is_a_feature(self):
        used = self.env["crm.score.feature"]._get_lead_fields()
        told_by_outcome = {"stage_id", "probability", "expected_revenue", "priority", "tag_ids", "partner_id", "user_id",
                           "team_id", "date_deadline", "lost_reason", "type", "description"}  # fmt: skip
        self.assertFalse(used & told_by_outcome)

    def test_every_feature_is_read_and_named(self):
        features = self.env["crm.score.feature"]
        (row,) = features._read(self.lead().ids)
        self.assertEqual(set(features._prepare_cells(row)), set(features._get_features()))
        for feature in features._get_features().values():
            self.assertTrue(feature.label)
            self.assertIn(feature.model or "crm.lead", self.env)


@tagged("post_install", "-at_install")
class TestScoreDecision(ScoreVersionCase):
    """Which leads are learnt from, and which version is put to use."""

    def test_too_few_leads_make_no_version(self):
        self.decide_leads(30)
        before = self.versions.search_count([])
        self.assertIn("40 of each are needed", self.versions._run_training())
        self.assertEqual(self.versions.search_count([]), before)
        with self.assertRaisesRegex(UserError, "40 of each are needed"):
            self.versions.action_train()

    def test_a_lead_that_came_through_no_channel_was_entered_by_hand(self):
        features = self.env["crm.score.feature"]
        self.assertEqual(features._read_first(self.lead().ids).popitem()[1]["channel"], "hand")
        self.assertEqual(features._get_names({("channel", "hand")}), {("channel", "hand"): "entered by hand"})

    def test_a_worse_version_is_kept_aside(self):
        self.decide_leads(100)
        good = self.train()
        self.decide_leads(150, seed=2, chances=(0.55, 0.45))
        worse = self.train()
        self.assertNotEqual(worse, good)
        self.assertEqual((good.state, worse.state), ("active", "refused"))
        self.assertIn("Kept aside", worse.remark)

    def test_on_leads_decided_since_the_better_one_wins(self):
        """The world has turned: the old version errs on the newest leads, the new one has learnt from them."""
        self.decide_leads(60)
        old = self.train()
        self.env.cr.execute("UPDATE crm_score_version SET trained_at = '2020-01-01' WHERE id = %s", old.ids)
        old.invalidate_cache()
        self.decide_leads(300, seed=2, chances=(0.1, 0.9))
        new = self.train()
        self.assertEqual((old.state, new.state), ("retired", "active"))
        self.assertGreater(self.predict(self.web), 50)

    def test_what_leads_tell_decides_nothing_then_nothing_is_put_to_use(self):
        self.decide_leads(100, chances=(0.5, 0.5))
        version = self.train()
        if version.state == "active":  # chance findings must at least beat the average on unseen leads
            self.assertLess(version.brier, 0.25)
        else:
            self.assertIn("no better than the average", version.remark)

    def test_archived_but_not_lost_leads_teach_nothing(self):
        self.decide_leads(60)
        leads = self.env["crm.lead"].create([{"name": str(number)} for number in range(10)])
        leads.write({"active": False, "probability": 40})
        won, lost = self.versions._count_decided()
        self.assertEqual(won + lost, 120)

    def test_training_sees_what_was_known_first(self):
        """Salespeople fill in what they learn of the leads they win: that must not look like a cause."""
        leads = self.decide_leads(60, chances=(0.5, 0.5))
        leads.filtered(lambda lead: lead.stage_id.is_won).write({"function": "Owner", "city": "Shenzhen"})
        leads.flush()
        table = self.versions._get_training_table(leads.ids)
        self.assertEqual(set(table["title"]), {None})
        self.assertEqual(set(table["city"]), {None})
