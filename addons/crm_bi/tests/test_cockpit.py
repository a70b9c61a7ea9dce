# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.addons.crm_bi.models.crm_bi_cockpit import CockpitRequestError
from odoo.exceptions import AccessError
from odoo.tests import SavepointCase, new_test_user, tagged
from odoo.tools import mute_logger

TODAY = date(2020, 5, 15)


@tagged("post_install", "-at_install")
class TestCockpit(SavepointCase):
    """15 May 2020: North (Ann, Bob) and South (Cid) have closed deals this year and last."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, tz="UTC"))
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.cockpit = cls.env["crm.bi.cockpit"]
        cls.env["crm.selling.model"].search([]).unlink()  # they hold on to the stages they begin and end with
        cls.stages = cls.env["crm.stage"].search([])
        cls.stages.write({"is_won": False, "team_id": False})
        cls.first, cls.second, cls.won = cls.stages[:3]
        cls.stages[3:].unlink()
        cls.won.is_won = True
        cls.ann = new_test_user(cls.env, "bi_ann", groups="crm_core.group_sales_rep")
        cls.bob = new_test_user(cls.env, "bi_bob", groups="crm_core.group_sales_rep")
        cls.cid = new_test_user(cls.env, "bi_cid", groups="crm_core.group_sales_rep")
        cls.leader = new_test_user(cls.env, "bi_leader", groups="crm_core.group_team_leader")
        cls.boss = new_test_user(cls.env, "bi_boss", groups="crm_core.group_executive")
        cls.north = cls.env["crm.team"].create({"name": "North", "user_id": cls.leader.id})
        cls.south = cls.env["crm.team"].create({"name": "South"})
        cls._deal(cls.ann, cls.north, 1000, cls.won, "2020-05-02")
        cls._deal(cls.bob, cls.north, 300, cls.won, "2020-02-10")
        cls._deal(cls.cid, cls.south, 2000, cls.won, "2020-04-20")
        cls._deal(cls.cid, cls.south, 500, cls.won, "2019-05-10")
        cls._deal(cls.cid, cls.south, 900, cls.won, "2019-06-01")  # after 15 May: not compared with
        cls._deal(cls.bob, cls.north, 70, cls.second, "2020-05-05", lost=True)
        cls._deal(cls.bob, cls.north, 40, cls.first, None)
        cls.env["crm.lead"].flush()
        cls.env.cr.execute("UPDATE crm_lead SET create_date = '2020-03-01'")

    def setUp(self):
        super().setUp()
        today = patch.object(fields.Date, "context_today", lambda record, timestamp=None: TODAY)
        today.start()
        self.addCleanup(today.stop)

    @classmethod
    def _deal(cls, user, team, value, stage, closed, lost=False):
        lead = cls.env["crm.lead"].create({
            "name": f"Deal of {value}",
            "type": "opportunity",
            "user_id": user.id,
            "team_id": team.id,
            "expected_revenue": value,
            "stage_id": stage.id,
        })  # fmt: skip
        if lost:
            lead.action_set_lost()
        if closed:
            lead.date_closed = closed

    def _data(self, user, *args, **kwargs):
        return self.cockpit.with_user(user).get_data(*args, **kwargs)

    def _cards(self, user, *args):
        return {card["code"]: card for card in self._data(user, *args)["cards"]}

    # ------------------------------------------------------------------ figures

    def test_cards_compare_a_running_year_with_the_same_days_of_the_last(self):
        cards = self._cards(self.boss, "company", "year")
        won = cards["won_value"]
        self.assertEqual((won["value"], won["previous"], won["change"]), (3300, 500, 5.6))
        self.assertEqual((cards["won_deals"]["value"], cards["won_deals"]["previous"]), (3, 1))
        self.assertEqual(cards["lost_value"]["value"], 70)
        rate = cards["win_rate"]
        self.assertEqual((rate["value"], rate["previous"], rate["change"]), (0.75, 1, -0.25))

    def test_a_state_of_today_has_no_period(self):
        pipeline = self._cards(self.boss, "company", "month")["open_pipeline"]
        self.assertEqual((pipeline["value"], pipeline["is_dated"], pipeline["change"]), (40, False, False))

    def test_every_period_counts_its_days_only(self):
        for period, value, previous in (
            ("month", 1000, 0),  # 1–15 May, 1–15 April
            ("quarter", 3000, 300),  # 1 April–15 May, 1 January–15 February
            ("year", 3300, 500),
            ("last_year", 1400, 0),
            ("all", 4700, False),
        ):
            with self.subTest(period=period):
                won = self._cards(self.boss, "company", period)["won_value"]
                self.assertEqual((won["value"], won["previous"]), (value, previous))

    def test_the_card_is_what_the_measure_computes(self):
        measures = self.env["crm.bi.measure"].with_user(self.boss)
        for period in ("quarter", "all"):
            data = self._data(self.boss, "company", period)
            span = data["period"]
            for card in data["cards"]:
                with self.subTest(period=period, measure=card["code"]):
                    measure = measures.search([("code", "=", card["code"])])
                    self.assertAlmostEqual(card["value"], measure.compute(span["date_from"], span["date_to"]))

    def test_the_chart_has_a_year_of_months_without_gaps(self):
        chart = self._data(self.boss, "company", "quarter")["chart"]
        self.assertEqual(
            [row["key"] for row in chart["rows"]],
            [f"2019-{month:02}" for month in range(6, 13)] + [f"2020-{month:02}" for month in range(1, 6)],
        )
        values = {row["key"]: row["value"] for row in chart["rows"] if row["value"]}
        self.assertEqual(values, {"2019-06": 900, "2020-02": 300, "2020-04": 2000, "2020-05": 1000})
        self.assertEqual([row["key"] for row in chart["rows"] if row["in_period"]], ["2020-04", "2020-05"])

    def test_pages_rank_by_team_or_rep_and_the_reader_may_choose(self):
        ranking = self._data(self.boss, "company")["ranking"]
        self.assertEqual([(row["label"], row["value"]) for row in ranking["rows"]], [("South", 2000), ("North", 1300)])
        ranking = self._data(self.boss, "team")["ranking"]
        self.assertEqual([row["key"] for row in ranking["rows"]], [self.cid.id, self.ann.id, self.bob.id])
        ranking = self._data(self.boss, "team", "year", "win_rate", "team")["ranking"]
        self.assertEqual(
            [(row["key"], row["value"]) for row in ranking["rows"]], [(self.south.id, 1), (self.north.id, 2 / 3)]
        )

    def test_the_funnel_counts_who_reached_a_stage_lost_deals_included(self):
        rows = self._data(self.boss, "company")["funnel"]["rows"]
        self.assertEqual([(row["value"], row["share"]) for row in rows], [(7, 1), (6, 6 / 7), (5, 5 / 7)])
        self.assertEqual(rows[1]["keys"], [self.second.id, self.won.id])

    def test_a_measure_of_any_other_addon_is_shown(self):
        self.env["crm.bi.measure"].create(
            {"name": "Partners", "code": "test_partners", "model_name": "res.partner", "date_field": "create_date"}
        )
        self.assertIn("test_partners", self._cards(self.boss))
        chart = self._data(self.boss, "company", "all", "test_partners")["chart"]
        self.assertEqual(chart["measure"]["name"], "Partners")

    def test_without_any_figure_the_page_is_empty_not_broken(self):
        self.env["crm.bi.measure"].search([]).active = False
        data = self._data(self.boss)
        self.assertEqual((data["cards"], data["chart"], data["ranking"], data["funnel"]), ([], False, False, False))

    def test_an_unknown_page_or_period_is_refused(self):
        for arguments in (("nowhere", "year"), ("company", "century")):
            with self.subTest(arguments=arguments), self.assertRaises(CockpitRequestError):
                self._data(self.boss, *arguments)

    # ------------------------------------------------------------------ rights

    def test_a_rep_counts_own_deals_only_on_every_page(self):
        for page in ("company", "team", "marketing"):
            with self.subTest(page=page):
                data = self._data(self.ann, page, "all", "won_value", "user")
                cards = {card["code"]: card["value"] for card in data["cards"]}
                self.assertEqual((cards["won_value"], cards["won_deals"], cards["new_leads"]), (1000, 1, 1))
                self.assertEqual([row["key"] for row in data["ranking"]["rows"]], [self.ann.id])
                self.assertEqual(sum(row["value"] for row in data["chart"]["rows"]), 1000)
                self.assertEqual(data["funnel"]["rows"][0]["value"], 1)

    def test_a_leader_counts_the_team_only(self):
        data = self._data(self.leader, "team", "all")
        self.assertEqual({row["key"] for row in data["ranking"]["rows"]}, {self.ann.id, self.bob.id})
        self.assertEqual(self._cards(self.leader, "team", "all")["won_value"]["value"], 1300)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_may_read_no_lead_sees_no_card_of_leads(self):
        clerk = new_test_user(self.env, "bi_clerk", groups="base.group_user")
        self.assertNotIn("won_value", self._cards(clerk))
        portal = new_test_user(self.env, "bi_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self._data(portal)

    def test_menus_by_role(self):
        pages = {
            "crm_core.group_sales_rep": set(),
            "crm_core.group_team_leader": {"team"},
            "crm_core.group_sales_director": {"company", "team", "marketing"},
            "crm_core.group_executive": {"company", "team", "marketing"},
            "crm_core.group_marketing": {"marketing"},
        }
        menus = {page: self.env.ref(f"crm_bi.menu_{page}") for page in ("company", "team", "marketing")}
        for number, (group, expected) in enumerate(pages.items()):
            with self.subTest(group=group):
                user = new_test_user(self.env, f"bi_menu_{number}", groups=group)
                visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertEqual({page for page, menu in menus.items() if menu.id in visible}, expected)
                self.assertEqual(self.env.ref("crm_bi.menu_root").id in visible, bool(expected))

    # ------------------------------------------------------------------ cost

    def test_the_cost_is_two_queries_a_measure_however_many_records(self):
        core = self.env["ir.model.data"].search([("model", "=", "crm.bi.measure"), ("module", "=", "crm_core")])
        self.env["crm.bi.measure"].search([("id", "not in", core.mapped("res_id"))]).active = False
        for number in range(30):
            self._deal(self.ann, self.north, number, self.won, "2020-05-03")
        self.env["crm.lead"].flush()
        self._data(self.boss)  # warm: rights and rules
        self.env["crm.bi.measure"].invalidate_cache()
        with self.assertQueryCount(29):  # 17 for 9 measures, 2 to find them, ranking, funnel, names, currency, user
            self._data(self.boss)
