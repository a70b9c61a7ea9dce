# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Directors set the rules, marketing and executives read them, reps see grade and reasons of their own leads: by RPC."""

from odoo.exceptions import AccessError
from odoo.service.model import execute_cr
from odoo.tests.common import tagged

from .score_common import ScoreCase

MODELS = ("crm.score.rule", "crm.score.version", "crm.score.grade", "crm.score.weight", "crm.score.bucket")


@tagged("post_install", "-at_install")
class TestScoreRights(ScoreCase):
    def rpc(self, user, model, method, *args, **kwargs):
        return execute_cr(self.env.cr, user.id, model, method, *args, **kwargs)

    def test_the_director_makes_rules_and_steps(self):
        rule_id = self.rpc(self.director, "crm.score.rule", "create", {"name": "R", "points": 5})
        self.rpc(self.director, "crm.score.rule", "write", [rule_id], {"points": 7})
        self.rpc(self.director, "crm.score.rule", "unlink", [rule_id])
        grade = self.env["crm.score.grade"].search([("name", "=", "A")])
        self.rpc(self.director, "crm.score.grade", "write", grade.ids, {"minimum": 75})

    def test_marketing_and_executives_read_and_change_nothing(self):
        rule = self.rule(5)
        grade = self.env["crm.score.grade"].search([], limit=1)
        for user in (self.marketer, self.executive):
            with self.subTest(user=user.name):
                for model in MODELS:
                    self.rpc(user, model, "search_read", [])
                for model, ids, vals in (("crm.score.rule", rule.ids, {"points": 9}), ("crm.score.grade", grade.ids, {"minimum": 1})):
                    with self.assertRaises(AccessError):
                        self.rpc(user, model, "write", ids, vals)
                with self.assertRaises(AccessError):
                    self.rpc(user, "crm.score.rule", "create", {"name": "R", "points": 5})
                with self.assertRaises(AccessError):
                    self.rpc(user, "crm.score.version", "action_train")

    def test_reps_leaders_and_others_do_not_see_rules_and_models(self):
        for user in (self.ann, self.nora, self.clerk):
            for model in MODELS:
                with self.subTest(user=user.name, model=model), self.assertRaises(AccessError):
                    self.rpc(user, model, "search_read", [])

    def test_only_the_director_activates(self):
        version = self.env["crm.score.version"].create({"spec": '{"intercept": 0, "features": [], "pairs": []}'})
        for user in (self.marketer, self.executive, self.ann):
            for method in ("action_activate", "action_stop"):
                with self.subTest(user=user.name, method=method), self.assertRaises(AccessError):
                    self.rpc(user, "crm.score.version", method, version.ids)
        self.rpc(self.director, "crm.score.version", "action_activate", version.ids)
        self.assertEqual(version.state, "active")

    def test_a_rep_sees_grade_and_reasons_of_own_leads_only(self):
        self.rule(50, name="Owner")
        (self.lead_ann + self.lead_bob)._update_scores()
        fnames = ["grade", "score", "score_reasons", "score_version_id"]
        (found,) = self.rpc(self.ann, "crm.lead", "read", self.lead_ann.ids, fnames)
        self.assertEqual((found["grade"], found["score_reasons"]), ("B", "▲ Owner (+50)"))
        with self.assertRaises(AccessError):
            self.rpc(self.ann, "crm.lead", "read", self.lead_bob.ids, fnames)
        self.assertFalse(self.rpc(self.ann, "crm.lead", "search", [("id", "=", self.lead_bob.id), ("grade", "=", "B")]))

    def test_nobody_writes_a_score_by_hand(self):
        for user in (self.ann, self.director):
            for vals in ({"score": 99}, {"grade": "A"}, {"score_reason_data": "[]"}, {"score_version_id": False}):
                with self.subTest(user=user.name, vals=vals), self.assertRaises(AccessError):
                    self.rpc(user, "crm.lead", "write", self.lead_ann.ids, vals)
        for stage in (self.won_stage, self.lead_ann.stage_id):
            vals = {"name": "Mine", "grade": "A", "score": 100, "stage_id": stage.id}
            lead_id = self.rpc(self.ann, "crm.lead", "create", vals)
            self.assertEqual(self.env["crm.lead"].browse(lead_id).grade, "D")
