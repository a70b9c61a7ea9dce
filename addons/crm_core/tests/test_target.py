# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date, datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..models.crm_target import TargetError, TargetScopeError
from .common import RolesCase

TODAY = date(2020, 5, 15)  # a Friday


class TargetCase(RolesCase):
    """Deals won in spring 2020 by Ann (East, below North) and Bob (South); it is 15 May."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tz="UTC"))
        cls.targets = cls.env["crm.target"]
        cls.won = cls.env["crm.bi.measure"].search([("code", "=", "won_value")])
        cls.stage = cls.env["crm.stage"].create({"name": "Signed", "is_won": True})
        cls.pumps = cls.env["product.category"].create({"name": "Pumps"})
        cls.small = cls.env["product.category"].create({"name": "Small pumps", "parent_id": cls.pumps.id})
        cls.pump = cls.env["product.product"].create({"name": "Pump", "categ_id": cls.small.id})
        cls._deal(cls.ann, 300, "2020-05-04", product_id=cls.pump.id)
        cls._deal(cls.ann, 100, "2020-05-12")
        cls._deal(cls.ann, 50, "2020-04-30")
        cls._deal(cls.ann, 7, "2020-01-10")
        cls._deal(cls.bob, 1000, "2020-05-06")
        cls._deal(cls.bob, 9, "2019-05-06")
        cls.env["base"].flush()

    def setUp(self):
        super().setUp()
        today = patch.object(fields.Date, "context_today", lambda record, timestamp=None: TODAY)
        today.start()
        self.addCleanup(today.stop)

    @classmethod
    def _deal(cls, user, value, closed, **vals):
        lead = cls.env["crm.lead"].create({
            "name": f"Deal of {value}",
            "type": "opportunity",
            "user_id": user.id,
            "team_id": user.sale_team_id.id,
            "expected_revenue": value,
            "stage_id": cls.stage.id,
            **vals,
        })  # fmt: skip
        lead.date_closed = closed
        return lead

    def _target(self, **vals):
        return self.targets.create({"measure_id": self.won.id, "goal": 1000, "date_from": "2020-05-01", **vals})


@tagged("post_install", "-at_install")
class TestTarget(TargetCase):
    # ------------------------------------------------------------------ what counts

    def test_a_rep_a_team_with_teams_below_and_the_company(self):
        company = self._target()
        ann, north, south = self._target(user_id=self.ann.id), self._target(team_id=self.north.id), self._target(team_id=self.south.id)
        self.assertEqual([target.achieved for target in (ann, north, south)], [400, 400, 1000])
        others = sum(self.env["crm.lead"].search(self.won._get_domain("2020-05-01", "2020-05-31")).mapped("expected_revenue"))
        self.assertEqual(company.achieved, others)

    def test_month_quarter_and_year_stand_beside_each_other(self):
        periods = ("month", "quarter", "year")
        found = {period: self._target(user_id=self.ann.id, period=period, date_from="2020-05-20") for period in periods}
        self.assertEqual([target.achieved for target in found.values()], [400, 450, 457])
        self.assertEqual(
            [(str(target.date_from), str(target.date_to)) for target in found.values()],
            [("2020-05-01", "2020-05-31"), ("2020-04-01", "2020-06-30"), ("2020-01-01", "2020-12-31")],
        )
        self.assertEqual(found["quarter"].name, "Won Value · Ann · 2020 Q2")

    def test_a_product_line_has_its_categories_below(self):
        target = self._target(user_id=self.ann.id, category_id=self.pumps.id)
        everything = self._target(user_id=self.ann.id)
        self.assertEqual((target.achieved, everything.achieved), (300, 400))

    def test_a_target_opens_what_counted(self):
        for target in (self._target(user_id=self.ann.id, category_id=self.pumps.id), self._target(team_id=self.north.id)):
            action = target.action_open_records()
            deals = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(sum(deals.mapped("expected_revenue")), target.achieved)

    def test_a_company_counts_its_own_deals_in_its_own_currency(self):
        dollar, euro = self.env.ref("base.USD"), self.env.ref("base.EUR")
        (dollar | euro).active = True
        other = self.env["res.company"].create({"name": "Abroad", "currency_id": dollar.id})
        self.env["res.users"].browse(self.env.uid).company_ids |= other
        self._deal(self.env["res.users"], 77, "2020-05-05", company_id=other.id)
        target = self._target(company_id=other.id)
        self.assertEqual((target.achieved, target.currency_id), (77, dollar))
        self.assertEqual(self._target(user_id=self.ann.id).achieved, 400)

    def test_follow_ups_count_by_the_day_they_took_place(self):
        measure = self.env["crm.bi.measure"].search([("code", "=", "follow_ups")])
        moments = (datetime(2020, 5, 4, 8), datetime(2020, 5, 14, 8), datetime(2020, 4, 30, 8))
        for moment in moments:
            self.env["crm.followup"].create({
                "partner_id": self.customer_ann.id,
                "user_id": self.ann.id,
                "team_id": self.east.id,
                "kind": "note",
                "date": moment,
            })  # fmt: skip
        self.assertEqual(self._target(measure_id=measure.id, user_id=self.ann.id, goal=10).achieved, 2)
        self.assertEqual(self._target(measure_id=measure.id, team_id=self.north.id, goal=10).achieved, 2)

    # ------------------------------------------------------------------ progress

    def test_progress_and_what_each_working_day_left_has_to_bring(self):
        calendar = self.env.company.resource_calendar_id
        calendar.tz = "UTC"
        holiday = {"name": "Labour Day", "date_from": "2020-05-01 00:00:00", "date_to": "2020-05-05 23:59:59"}
        self.env["resource.calendar.leaves"].create({**holiday, "calendar_id": calendar.id, "resource_id": False})
        target = self._target(user_id=self.ann.id)
        # 21 working days in May, 3 of them holidays: 7 are over (6–8 and 11–14), 15–29 May are left
        self.assertEqual((target.days_left, round(target.expected, 1)), (11, 38.9))
        self.assertEqual((target.progress, round(target.per_day, 2), target.status), (40, round(600 / 11, 2), "on_track"))

    def test_statuses(self):
        goals = {300: "done", 700: "on_track", 900: "attention", 4000: "late"}
        for goal, status in goals.items():
            target = self._target(user_id=self.ann.id, goal=goal)
            with self.subTest(goal=goal):
                self.assertEqual(target.status, status)
            target.unlink()
        past = self._target(user_id=self.ann.id, date_from="2020-04-01")
        self.assertEqual((past.status, past.days_left, past.per_day), ("late", 0, 0))

    def test_many_targets_cost_as_many_queries_as_few(self):
        def queries(targets):
            self.env["base"].flush()
            targets.mapped("achieved")
            self.env.cache.invalidate()
            before = self.env.cr.sql_log_count
            targets.mapped("achieved")
            return self.env.cr.sql_log_count - before

        few = self._target(user_id=self.ann.id) | self._target(team_id=self.north.id)
        months = [f"{year}-{month:02}-01" for year in range(2015, 2020) for month in range(1, 13)]
        many = few | self.targets.create([
            {"measure_id": self.won.id, "goal": 10, "date_from": month, "user_id": user.id}
            for month in months
            for user in (self.ann, self.bob)
        ])  # fmt: skip
        self.assertLessEqual(queries(many), queries(few) + 2)

    # ------------------------------------------------------------------ rules

    @mute_logger("odoo.sql_db")
    def test_a_second_target_for_the_same_is_refused(self):
        for owner in ({"user_id": self.ann.id}, {"team_id": self.north.id}, {}, {"user_id": self.ann.id, "category_id": self.pumps.id}):
            self._target(**owner)
            with self.subTest(owner), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._target(**owner, date_from="2020-05-31")
            self._target(**owner, period="year")
            self._target(**owner, date_from="2020-06-01")
        messages = {name: message for name, _definition, message in self.targets._sql_constraints}
        self.assertIn("open it and change its goal", messages["scope_unique"])

    @mute_logger("odoo.sql_db")
    def test_what_cannot_be_a_target(self):
        leads = self.env["crm.bi.measure"].search([("code", "=", "lost_value")])
        with self.assertRaises(TargetError):
            self._target(measure_id=leads.id)
        follow_ups = self.env["crm.bi.measure"].search([("code", "=", "follow_ups")])
        with self.assertRaisesRegex(TargetError, "product"):
            self._target(measure_id=follow_ups.id, category_id=self.pumps.id)
        for vals in ({"goal": 0}, {"goal": -5}, {"user_id": self.ann.id, "team_id": self.north.id}):
            with self.subTest(vals), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._target(**vals)

    def test_moving_a_target_keeps_the_first_day(self):
        target = self._target(user_id=self.ann.id)
        target.write({"period": "quarter"})
        self.assertEqual((str(target.date_from), str(target.date_to)), ("2020-04-01", "2020-06-30"))
        target.write({"date_from": "2020-08-09"})
        self.assertEqual(str(target.date_from), "2020-07-01")

    def test_the_form_keeps_rep_or_team(self):
        with Form(self.targets.with_user(self.director)) as form:
            form.measure_id = self.won
            form.user_id = self.ann
            form.team_id = self.north
            self.assertFalse(form.user_id)
            form.goal = 5
        self.assertEqual(form.date_from, "2020-05-01")

    # ------------------------------------------------------------------ who

    def test_reps_see_their_own_and_set_none(self):
        mine, theirs, team = self._target(user_id=self.ann.id), self._target(user_id=self.bob.id), self._target(team_id=self.east.id)
        self.assertEqual(self.visible(mine | theirs | team, self.ann), mine)
        self.assertEqual(mine.with_user(self.ann).achieved, 400)
        with self.assertRaises(AccessError):
            mine.with_user(self.ann).goal = 1
        with self.assertRaises(AccessError):
            self.targets.with_user(self.ann).create({"measure_id": self.won.id, "goal": 1, "user_id": self.ann.id})

    def test_leaders_set_targets_within_their_teams(self):
        vals = {"measure_id": self.won.id, "goal": 1, "date_from": "2020-05-01"}
        as_nora = self.targets.with_user(self.nora)
        made = as_nora.create([{**vals, "user_id": self.ann.id}, {**vals, "team_id": self.east.id}])
        self.assertEqual(made.mapped("achieved"), [400, 400])
        for owner in ({"user_id": self.bob.id}, {"team_id": self.south.id}, {}):
            with self.subTest(owner), self.assertRaises((TargetScopeError, AccessError)):
                as_nora.create({**vals, **owner})
        with self.assertRaises((TargetScopeError, AccessError)):
            made[0].write({"user_id": self.bob.id})
        self.assertEqual(self.visible(made, self.eli), made)
        self.assertFalse(self.visible(made, self.sam))

    def test_readers_read(self):
        target = self._target(user_id=self.ann.id)
        for user in (self.director, self.executive, self.marketer):
            self.assertEqual(self.visible(target, user), target)
        for user in (self.executive, self.marketer):
            with self.assertRaises(AccessError):
                target.with_user(user).goal = 3
        with self.assertRaises(AccessError):
            target.with_user(self.clerk).read(["goal"])

    # ------------------------------------------------------------------ on the workbench

    def test_the_tile_shows_what_runs(self):
        self._target(user_id=self.ann.id)
        self._target(user_id=self.ann.id, date_from="2020-04-01")
        tile = self.targets.with_user(self.ann)._workbench_targets()
        self.assertEqual((tile["value"], len(tile["progress"])), (1, 1))
        line = tile["progress"][0]
        self.assertEqual((line["amount"], line["goal"], line["share"], line["status"]), (400, 1000, 0.4, "attention"))
        self._target(team_id=self.east.id)
        team = self.targets.with_user(self.eli)._workbench_targets()
        self.assertIn("East", team["progress"][0]["title"])


@tagged("post_install", "-at_install")
class TestTargetErrors(RolesCase):
    def test_a_measure_of_an_addon_that_is_gone_counts_nothing(self):
        measure = self.env["crm.bi.measure"].create({
            "name": "Notes", "code": "wb_notes", "model_name": "crm.lead", "date_field": "create_date", "user_field": "user_id",
        })  # fmt: skip
        target = self.env["crm.target"].create({"measure_id": measure.id, "goal": 5, "user_id": self.ann.id})
        self.env.cr.execute("UPDATE crm_bi_measure SET model_name = 'crm.gone' WHERE id = %s", [measure.id])
        self.env.cache.invalidate()
        self.assertEqual((target.achieved, target.with_user(self.ann).status in ("late", "on_track", "attention")), (0, True))
        with self.assertRaises((AccessError, ValidationError)):
            target.action_open_records()
