# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import SavepointCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.crm_bi_measure import MeasureDefinitionError, MeasureQueryError


@tagged("post_install", "-at_install")
class TestBiMeasure(SavepointCase):
    """The figures of four deals that two reps of one team closed in spring 2020, and one still open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, tz="Asia/Shanghai"))
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.measures = cls.env["crm.bi.measure"]
        cls.stage_open = cls.env["crm.stage"].create({"name": "Talking", "sequence": 1})
        cls.stage_won = cls.env["crm.stage"].create({"name": "Signed", "sequence": 90, "is_won": True})
        cls.ann = new_test_user(cls.env, "bi_ann", groups="crm_core.group_sales_rep")
        cls.bob = new_test_user(cls.env, "bi_bob", groups="crm_core.group_sales_rep")
        cls.boss = new_test_user(cls.env, "bi_boss", groups="crm_core.group_executive")
        cls.clerk = new_test_user(cls.env, "bi_clerk", groups="base.group_user")
        cls.team = cls.env["crm.team"].create({"name": "North"})
        cls._deal(cls.ann, 1000, "2020-03-10 04:00:00")
        cls._deal(cls.ann, 500, "2020-03-31 15:59:59")  # 23:59:59 on the 31st in Shanghai
        cls._deal(cls.bob, 200, "2020-03-31 16:00:00")  # midnight: April in Shanghai
        cls._deal(cls.bob, 70, "2020-04-02 04:00:00", lost=True)
        cls._deal(cls.bob, 40)
        cls.env["crm.lead"].flush()

    @classmethod
    def _deal(cls, user, value, closed=None, lost=False):
        lead = cls.env["crm.lead"].create({
            "name": f"Deal of {value}",
            "type": "opportunity",
            "user_id": user.id,
            "team_id": cls.team.id,
            "expected_revenue": value,
            "stage_id": (cls.stage_won if closed and not lost else cls.stage_open).id,
        })  # fmt: skip
        if lost:
            lead.action_set_lost()
        if closed:
            lead.date_closed = closed
        return lead

    def _measure(self, code, user=None):
        return self.env.ref(f"crm_core.measure_{code}").with_user(user or self.boss)

    # ------------------------------------------------------------------ values

    def test_totals_of_all_time(self):
        self.assertEqual(self._measure("won_value").compute(), 1700)
        self.assertEqual(self._measure("won_deals").compute(), 3)
        self.assertEqual(self._measure("closed_deals").compute(), 4)
        self.assertEqual(self._measure("win_rate").compute(), 0.75)
        self.assertEqual(self._measure("lost_value").compute(), 70)
        self.assertEqual(self._measure("open_pipeline").compute(), 40)
        self.assertEqual(self._measure("opportunities").compute(), 5)

    def test_a_period_has_both_its_days_in_the_users_time_zone(self):
        won = self._measure("won_value")
        self.assertEqual(won.compute("2020-03-01", "2020-03-31"), 1500)
        self.assertEqual(won.compute("2020-04-01", date(2020, 4, 30)), 200)
        self.assertEqual(won.compute("2020-03-11", None), 700)
        self.assertEqual(won.with_context(tz="UTC").compute("2020-03-01", "2020-03-31"), 1700)

    def test_months_add_up_to_the_total(self):
        groups = self._measure("won_value").compute("2020-01-01", "2020-12-31", group_by="month")
        self.assertEqual([(group["key"], group["value"], group["count"]) for group in groups],
                         [("2020-03", 1500, 2), ("2020-04", 200, 1)])  # fmt: skip

    def test_a_deal_lost_today_is_lost_today(self):
        lead = self._deal(self.bob, 9, lost=True)
        today = fields.Date.context_today(lead)
        self.assertEqual(self._measure("lost_value").compute(today, today), 9)
        lead.toggle_active()
        self.assertFalse(lead.date_closed)
        self.assertEqual(self._measure("lost_value").compute(today, today), 0)

    def test_groups_of_reps_and_stages(self):
        groups = self._measure("won_value").compute(group_by="user")
        self.assertEqual({group["key"]: group["value"] for group in groups}, {self.ann.id: 1500, self.bob.id: 200})
        stages = self._measure("opportunities").compute(group_by="stage")
        self.assertEqual([(group["key"], group["value"]) for group in stages],
                         [(self.stage_open.id, 2), (self.stage_won.id, 3)])  # fmt: skip

    def test_a_ratio_divides_group_by_group(self):
        groups = self._measure("win_rate").compute(group_by="user")
        rates = {group["key"]: group["value"] for group in groups}
        self.assertEqual(rates, {self.ann.id: 1, self.bob.id: 0.5})

    def test_a_ratio_of_nothing_is_no_figure(self):
        self.assertIs(self._measure("win_rate").compute("2019-01-01", "2019-12-31"), False)

    def test_an_unknown_group_is_refused_with_what_is_possible(self):
        with self.assertRaisesRegex(MeasureQueryError, "team, user"):
            self._measure("won_value").compute(group_by="colour")
        with self.assertRaises(MeasureQueryError):
            self._measure("open_pipeline").compute(group_by="month")

    def test_foreign_currency_counts_in_the_readers(self):
        company = self.env.company
        foreign = self.env["res.currency"].create({"name": "XTS", "symbol": "x", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "currency_id": foreign.id, "rate": 4, "company_id": company.id}
        )
        branch = self.env["res.company"].create({"name": "Branch abroad", "currency_id": foreign.id})
        self.boss.company_ids |= branch
        self.env["crm.lead"].search([("expected_revenue", "=", 1000)]).company_id = branch
        won = self._measure("won_value").with_context(allowed_company_ids=(company | branch).ids)
        rate = self.env["res.currency"]._get_conversion_rate(foreign, company.currency_id, company, date.today())
        self.assertAlmostEqual(won.compute(), 700 + 1000 * rate)
        self.assertAlmostEqual(rate, 0.25)

    # ------------------------------------------------------------------ rights

    def test_a_rep_never_counts_a_colleagues_deal(self):
        self.assertEqual(self._measure("won_value", self.ann).compute(), 1500)
        self.assertEqual(self._measure("won_value", self.bob).compute(), 200)
        groups = self._measure("won_deals", self.ann).compute(group_by="user")
        self.assertEqual([group["key"] for group in groups], [self.ann.id])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_may_not_read_the_records_has_no_measure(self):
        won = self._measure("won_value", self.clerk)
        self.assertFalse(won._get_readable())
        with self.assertRaises(AccessError):
            won.compute()
        with self.assertRaises(AccessError):
            self._measure("win_rate", self.clerk).compute()

    @mute_logger("odoo.models")
    def test_a_field_closed_to_the_reader_closes_the_measure(self):
        measure = self._new(kind="sum", value_field="recurring_revenue")
        self.assertFalse(measure.with_user(self.ann)._get_readable())
        self.ann.groups_id |= self.env.ref("crm.group_use_recurring_revenues")
        self.assertTrue(measure.with_user(self.ann)._get_readable())

    def test_shown_to_a_group_only(self):
        measure = self._new(group_ids=[(4, self.env.ref("crm_core.group_executive").id)])
        self.assertIn(measure, self.measures.with_user(self.boss).search([]))
        self.assertNotIn(measure, self.measures.with_user(self.ann).search([]))
        measure.invalidate_cache()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            measure.with_user(self.ann).compute()

    def test_only_administrators_define_measures(self):
        for user in (self.ann, self.boss):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self._measure("won_value", user).domain = "[]"

    # ------------------------------------------------------------------ records behind a figure

    def test_the_records_opened_are_those_counted(self):
        leads = self.env["crm.lead"]
        for code, group_by, keys, values in (
            ("won_value", None, None, [1000, 500, 200]),
            ("won_value", "month", ["2020-03"], [1000, 500]),
            ("won_value", "user", [self.bob.id], [200]),
            ("lost_value", "month", ["2020-04"], [70]),
            ("win_rate", "user", [self.bob.id], [200]),
            ("open_pipeline", None, None, [40]),
        ):
            with self.subTest(code=code, group_by=group_by):
                action = self._measure(code).get_records_action("2020-01-01", "2020-12-31", group_by, keys)
                self.assertEqual(action["res_model"], "crm.lead")
                self.assertEqual(action["views"][0][1], "list")
                self.assertCountEqual(leads.search(action["domain"]).mapped("expected_revenue"), values)

    # ------------------------------------------------------------------ definition and cost

    def _new(self, **values):
        return self.measures.create(dict({"name": "Test", "code": "test", "model_name": "crm.lead"}, **values))

    def test_definitions_that_cannot_work_are_refused(self):
        won = self.env.ref("crm_core.measure_won_value")
        rate = self.env.ref("crm_core.measure_win_rate")
        for problem, values in (
            ("no model no.such", {"model_name": "no.such"}),
            ("no model False", {"model_name": False}),
            ("field to sum", {"kind": "sum"}),
            ("name must be a stored field", {"kind": "sum", "value_field": "name"}),
            ("nothing must be a stored field", {"date_field": "nothing"}),
            ("company_currency must be a stored field", {"partner_field": "company_currency"}),
            ("domain cannot be used", {"domain": "[('nothing', '=', 1)]"}),
            ("domain cannot be used", {"domain": "[("}),
            ("domain cannot be used", {"domain": "[('id', '=', __import__('os').getpid())]"}),
            ("choose two measures", {"kind": "ratio", "numerator_id": won.id}),
            ("choose two measures", {"kind": "ratio", "numerator_id": won.id, "denominator_id": rate.id}),
        ):
            refused = self.assertRaisesRegex(MeasureDefinitionError, problem)
            with self.subTest(values=values), refused, self.env.cr.savepoint():
                self._new(**values)

    def test_a_domain_may_speak_of_the_reader_and_of_today(self):
        lead = self._deal(self.bob, 7)
        lead.date_deadline = fields.Date.context_today(lead)
        mine = self._new(domain="[('user_id', '=', uid), ('date_deadline', '=', today)]")
        self.assertEqual(mine.with_user(self.bob).compute(), 1)
        self.assertEqual(mine.with_user(self.ann).compute(), 0)

    def test_one_query_per_figure(self):
        won = self._measure("won_value")
        won.compute(group_by="month")  # warm: definition, rights, stages
        self.measures.flush()
        with self.assertQueryCount(1):
            won.compute("2020-01-01", "2020-12-31")
        with self.assertQueryCount(1):
            won.compute("2020-01-01", "2020-12-31", group_by="month")
