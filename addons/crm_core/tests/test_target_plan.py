# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..models.crm_target import TargetScopeError
from ..models.crm_target_plan import TargetPlanError
from ..models.crm_target_plan_line import MONTH_FIELDS
from .test_target import TargetCase


@tagged("post_install", "-at_install")
class TestTargetPlan(TargetCase):
    """North's year 2020: Ann and Kim sell there, Ann has sold last year in March and in June."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kim = cls._user("kim", "crm_core.group_sales_rep")
        cls.east.member_ids |= cls.kim
        cls._deal(cls.ann, 300, "2019-03-10")
        cls._deal(cls.ann, 100, "2019-06-10")
        cls.env["base"].flush()

    def _form(self, user=None, **values):
        form = Form(self.env["crm.target.plan"].with_user(user or self.director))
        for name, value in {"year": 2020, "measure_id": self.won, "team_id": self.north, "goal": 1000, **values}.items():
            setattr(form, name, value)
        return form

    def _months(self, line):
        return [line[name] for name in MONTH_FIELDS]

    def test_evenly(self):
        plan = self._form().save()
        self.assertEqual(plan.line_ids.user_id, self.ann | self.kim)
        self.assertEqual(plan.total, 1000)
        for line in plan.line_ids:
            self.assertTrue(set(self._months(line)) <= {41, 42})

    def test_by_last_years_share_and_who_is_new_counts_as_the_average(self):
        plan = self._form(method="last_year").save()
        ann, kim = plan.line_ids.sorted("user_id")
        self.assertEqual(plan.total, 1000)
        self.assertEqual((ann.month_3, ann.month_6, ann.total), (375, 125, 500))
        self.assertEqual(self._months(kim), self._months(ann))

    def test_without_figures_of_last_year_it_is_even_and_says_so(self):
        form = self._form(method="last_year", year=2016)
        self.assertIn("evenly", form.note)
        self.assertEqual(form.save().total, 1000)

    def test_saving_writes_the_year_the_months_and_the_reps(self):
        form = self._form()
        with form.line_ids.edit(0) as line:
            line.month_5 = 500
        plan = form.save()
        edited = plan.total
        plan.action_save()
        targets = self.targets.search([("measure_id", "=", self.won.id), ("date_from", ">=", "2020-01-01")])
        self.assertEqual(len(targets), 1 + 12 + 2 * 12)
        self.assertEqual(targets.filtered(lambda target: target.period == "year").goal, edited)
        may = targets.filtered(lambda target: str(target.date_from) == "2020-05-01" and target.period == "month")
        self.assertEqual(may.filtered(lambda target: target.user_id == self.ann).goal, 500)
        self.assertEqual(may.filtered("team_id").goal, sum(may.filtered("user_id").mapped("goal")))

    def test_saving_again_changes_what_is_there(self):
        self._form().save().action_save()
        before = self.targets.search([("date_from", ">=", "2020-01-01")])
        form = self._form(goal=2400)
        with form.line_ids.edit(1) as line:
            line.month_12 = 0
        action = form.save().action_save()
        after = self.targets.search([("date_from", ">=", "2020-01-01")])
        self.assertEqual(len(before - after), 1, "a month of nothing is no target")
        self.assertFalse(after - before)
        self.assertEqual(set(after.filtered(lambda target: target.user_id == self.ann).mapped("goal")), {100})
        self.assertEqual(self.targets.search_count(action["domain"]), len(after))

    def test_leaders_plan_within_their_teams(self):
        self._form(self.nora).save().action_save()
        self.assertEqual(len(self.targets.with_user(self.nora).search([("user_id", "=", self.kim.id)])), 12)
        with self.assertRaises(TargetScopeError):
            self._form(self.sam).save().action_save()
        with self.assertRaises(AccessError):
            self._form(self.ann)

    def test_wrong_input_says_what_to_do(self):
        empty = self.env["crm.team"].create({"name": "Empty"})
        with self.assertRaisesRegex(TargetPlanError, "Add its members"):
            self._form(team_id=empty)
        with self.assertRaisesRegex(TargetPlanError, "goal of the year"):
            self._form(goal=0).save().action_save()
        with self.assertRaisesRegex(TargetPlanError, "no year"):
            plan = self._form().save()
            plan.year = 20
            plan.action_save()
        plan = self._form().save()
        plan.line_ids[0].month_1 = -5
        with self.assertRaisesRegex(TargetPlanError, "less than zero"):
            plan.action_save()
