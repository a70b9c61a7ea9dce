# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Score, grade and reasons of leads by rules, and by Odoo's probability as long as there is no model."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests.common import tagged

from .score_common import ScoreCase


@tagged("post_install", "-at_install")
class TestScore(ScoreCase):
    def new_lead(self, **vals):
        return self.env["crm.lead"].create({"name": "L", **vals})

    # -- rules -------------------------------------------------------------------------------------------------------

    def test_a_lead_no_rule_hits_has_score_0_and_grade_d(self):
        lead = self.new_lead()
        self.assertEqual((lead.score, lead.grade, lead.score_reasons), (0.0, "D", ""))

    def test_points_of_all_rules_that_hit_are_added(self):
        self.rule(30, domain="[('source_id.name', '=', 'Fair')]")
        self.rule(25, kind="words", word_field="function", words="owner， 总经理")
        self.rule(-10, domain="[('phone', '=', False)]")
        self.assertEqual(self.new_lead(source_id=self.fair.id, function="Owner", phone="0755-26001234").score, 55)
        self.assertEqual(self.new_lead(source_id=self.fair.id, function="副总经理").score, 45)
        self.assertEqual(self.new_lead(source_id=self.web.id).score, 0)

    def test_region_title_and_budget_are_conditions_like_any_other(self):
        guangdong = self.env.ref("base.state_cn_GD", raise_if_not_found=False) or self.env["res.country.state"].search([], limit=1)
        self.rule(20, domain="[('state_id', '=', %d)]" % guangdong.id)
        self.rule(40, domain="[('budget', '>=', 500000)]")
        self.assertEqual(self.new_lead(state_id=guangdong.id, budget=500000).score, 60)

    def test_points_fade_by_half_life_from_the_day_the_lead_came_in(self):
        self.rule(40, half_life=7)
        lead = self.new_lead()
        self.assertEqual(lead.score, 40)
        self.rewind(lead, 14)
        lead._update_scores()
        self.assertEqual(lead.score, 10)

    def test_behaviour_counts_by_unit_up_to_a_limit_and_fades_from_the_last_time(self):
        self.rule(3, kind="behaviour", metric="mail_clicks", minimum=2, per_unit=True, limit=10, half_life=5)
        leads = self.new_lead(email_from="a@b.example"), self.new_lead(email_from="c@d.example"), self.new_lead()
        now = fields.Datetime.now()
        mailing = self.env["mailing.mailing"].create({"subject": "M", "mailing_model_id": self.env.ref("crm.model_crm_lead").id})
        for lead, clicks in zip(leads, (4, 1, 0)):
            self.env["mailing.trace"].create(
                [
                    {"mass_mailing_id": mailing.id, "model": "crm.lead", "res_id": lead.id, "email": lead.email_normalized,
                     "clicked": now - timedelta(days=5)}
                    for _click in range(clicks)
                ]
            )  # fmt: skip
        self.env["crm.lead"].browse(lead.id for lead in leads)._update_scores()
        self.assertEqual([lead.score for lead in leads], [5.0, 0.0, 0.0])  # 4 × 3, at most 10, one half-life ago

    def test_a_rule_of_one_company_leaves_leads_of_others_alone(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.rule(30, company_id=other.id)
        self.assertEqual(self.new_lead().score, 0)
        self.assertEqual(self.new_lead(company_id=other.id, team_id=False, user_id=False).score, 30)

    def test_a_rule_shows_how_many_open_leads_it_hits(self):
        rule = self.rule(30, domain="[('source_id', '=', %d)]" % self.fair.id)
        self.new_lead(source_id=self.fair.id)
        self.new_lead(source_id=self.fair.id, stage_id=self.won_stage.id)
        self.new_lead(source_id=self.web.id)
        rule.invalidate_cache()
        self.assertEqual(rule.hit_count, 1)
        self.assertEqual(self.env["crm.lead"].search_count(rule.action_leads()["domain"]), 1)

    def test_a_rule_that_cannot_be_applied_is_refused_with_its_name(self):
        for vals in ({"domain": "[('nothing', '=', 1)]"}, {"domain": "[(("}, {"domain": "__import__('os')"},
                     {"kind": "words", "words": " , "}):  # fmt: skip
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, "Rule of 5"):
                self.rule(5, **vals)

    # -- when --------------------------------------------------------------------------------------------------------

    def test_a_change_that_matters_scores_at_once(self):
        self.rule(30, domain="[('priority', '=', '3')]")
        lead = self.new_lead()
        lead.priority = "3"
        self.assertEqual(lead.score, 30)

    def test_a_change_that_does_not_matter_costs_nothing(self):
        lead = self.new_lead()
        rule = self.rule(30)  # leads follow in the background
        lead.description = "Note"
        self.assertEqual(lead.score, 0)
        self.env["crm.lead"]._run_scores()
        self.assertEqual(lead.score, 30)
        rule.active = False
        self.env["crm.lead"]._run_scores()
        self.assertEqual(lead.score, 0)

    def test_a_changed_rule_schedules_one_job_for_all_leads(self):
        jobs = self.env["queue.job"].search([("method_name", "=", "_run_scores"), ("state", "=", "pending")])
        jobs.unlink()
        self.rule(1)
        self.rule(2)
        found = self.env["queue.job"].search([("method_name", "=", "_run_scores"), ("state", "=", "pending")])
        self.assertEqual(len(found), 1)

    def test_a_decided_lead_keeps_its_score(self):
        rule = self.rule(50)
        won, lost = self.new_lead(), self.new_lead()
        won.stage_id = self.won_stage
        lost.action_set_lost()
        rule.points = 10
        (won + lost)._update_scores()
        self.assertEqual([won.score, lost.score], [50, 50])

    def test_scoring_is_no_change_of_the_lead(self):
        lead = self.new_lead()
        self.rewind(lead, 0)
        self.env.cr.execute("UPDATE crm_lead SET write_date = '2020-01-01' WHERE id = %s", lead.ids)
        self.rule(30)
        lead._update_scores()
        lead.invalidate_cache()
        self.assertEqual(lead.score, 30)
        self.assertEqual(str(lead.write_date), "2020-01-01 00:00:00")

    def test_queries_do_not_grow_with_the_leads(self):
        self.rule(10, domain="[('phone', '!=', False)]")
        self.rule(10, kind="behaviour")
        leads = self.env["crm.lead"].create([{"name": str(number)} for number in range(120)])
        leads._update_scores()
        for some in (leads[:10], leads):
            some.flush()
            with self.assertQueryCount(6):
                some._update_scores()

    def test_a_copy_and_a_new_lead_are_scored_on_their_own(self):
        self.rule(30, half_life=10)
        lead = self.new_lead()
        self.rewind(lead, 30)
        lead._update_scores()
        self.assertEqual(lead.copy().score, 30)

    # -- grades ------------------------------------------------------------------------------------------------------

    def test_new_steps_grade_all_leads_anew(self):
        self.rule(30)
        lead = self.new_lead()
        self.assertEqual(lead.grade, "C")
        grades = self.env["crm.score.grade"].search([])
        grades.filtered(lambda grade: grade.name == "B").minimum = 30
        self.assertEqual(lead.grade, "B")
        self.assertEqual(self.new_lead().grade, "B")

    def test_steps_that_do_not_go_down_are_refused(self):
        grades = {grade.name: grade for grade in self.env["crm.score.grade"].search([])}
        for name, minimum in (("A", 45), ("B", 80), ("D", 5), ("A", 101)):
            with self.subTest(name=name), self.assertRaises(ValidationError), self.env.cr.savepoint():
                grades[name].write({"minimum": minimum})
            grades[name].invalidate_cache()

    def test_leads_sort_and_group_by_score_and_grade(self):
        self.rule(80, domain="[('name', '=', 'Hot')]")
        hot, cold = self.new_lead(name="Hot"), self.new_lead(name="Cold")
        found = self.env["crm.lead"].search([("id", "in", (hot + cold).ids)], order="score desc")
        self.assertEqual(found, hot + cold)
        groups = self.env["crm.lead"].read_group([("id", "in", found.ids)], ["score:avg"], ["grade"])
        self.assertEqual([(group["grade"], group["score"]) for group in groups], [("A", 80.0), ("D", 0.0)])

    # -- Odoo's probability ------------------------------------------------------------------------------------------

    def test_odoos_probability_counts_as_long_as_there_is_no_model(self):
        self.env["ir.config_parameter"].set_param("crm.pls_fields", "source_id")
        self.env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
        leads = self.env["crm.lead"].create([{"name": "L", "type": "opportunity", "source_id": self.fair.id} for _lead in range(12)])
        leads[:9].write({"stage_id": self.won_stage.id})
        leads[9:].action_set_lost()
        lead = self.new_lead(source_id=self.fair.id)
        self.assertGreater(lead.automated_probability, 60)
        self.assertAlmostEqual(lead.score, lead.automated_probability, places=1)
        self.assertIn("Odoo predicts %.0f %%" % lead.automated_probability, lead.score_reasons)
        self.assertFalse(lead.score_version_id)

    def test_odoos_50_percent_before_any_deal_was_decided_count_nothing(self):
        leads = self.env["crm.lead"].create([{"name": str(number)} for number in range(3)])
        self.assertEqual(set(leads.mapped("score")), {0.0})

    def test_an_open_lead_is_never_predicted_as_won_or_lost(self):
        """Odoo would take 100 and 0 for the outcome from then on."""
        self.env["ir.config_parameter"].set_param("crm.pls_fields", "source_id")
        stage = self.env["crm.stage"].search([("team_id", "=", False)], order="sequence", limit=1)
        frequency = {"variable": "stage_id", "value": str(stage.id), "won_count": 1000.1, "lost_count": 1000.1}
        counts = {self.fair: (1e9, 0.1), self.web: (0.1, 1e9)}
        self.env["crm.lead.scoring.frequency"].create(
            [frequency]
            + [
                {"variable": "source_id", "value": str(source.id), "won_count": won, "lost_count": lost}
                for source, (won, lost) in counts.items()
            ]
        )
        leads = self.env["crm.lead"].create(
            [{"name": "L", "type": "opportunity", "source_id": source.id, "stage_id": stage.id, "team_id": False} for source in counts]
        )
        self.assertEqual([lead.automated_probability for lead in leads], [99.99, 0.01])

    # -- in words ----------------------------------------------------------------------------------------------------

    def test_reasons_are_one_a_line_the_strongest_first(self):
        self.rule(10, name="Near")
        self.rule(-30, name="No phone", domain="[('phone', '=', False)]")
        self.rule(50, name="Owner")
        self.assertEqual(self.new_lead().score_reasons.split("\n"), ["▲ Owner (+50)", "▼ No phone (-30)", "▲ Near (+10)"])

    def test_reasons_follow_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        rule = self.rule(10, name="Near")
        rule.with_context(lang="zh_CN").name = "距离近"
        lead = self.new_lead()
        self.assertEqual(lead.with_context(lang="zh_CN").score_reasons, "▲ 距离近 (+10)")
        self.assertEqual(lead.with_context(lang="en_US").score_reasons, "▲ Near (+10)")

    def test_a_rule_that_has_gone_leaves_no_line(self):
        rule = self.rule(10)
        lead = self.new_lead()
        rule.unlink()
        self.assertEqual(lead.score_reasons, "")
