# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..exceptions import CrmUserError
from ..models.crm_workbench import TIMEOUT_PARAMETER, WorkbenchError
from ..models.crm_workbench_tile import TileDefinitionError
from .common import RolesCase

LOGGER = "odoo.addons.crm_core.models.crm_workbench"


@tagged("post_install", "-at_install")
class TestWorkbench(RolesCase):
    """One page per role: the tiles' figures are the records they open, and a broken tile breaks nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workbench = cls.env["crm.workbench"]
        cls.tiles = cls.env["crm.workbench.tile"]
        cls.today = fields.Date.context_today(cls.workbench)
        cls._promise(cls.lead_ann, cls.ann, 0)
        cls._promise(cls.lead_ann, cls.ann, -3)
        cls._promise(cls.lead_ann, cls.ann, 2)
        cls._promise(cls.lead_bob, cls.bob, -1)
        cls.lead_ann.write({"type": "opportunity", "date_deadline": cls.today})
        now = fields.Datetime.now()
        cls.env["calendar.event"].create({
            "name": "Ann's meeting",
            "start": now + timedelta(hours=2),
            "stop": now + timedelta(hours=3),
            "partner_ids": [(6, 0, cls.ann.partner_id.ids)],
        })  # fmt: skip
        pool = cls.env["crm.pool"].create({"name": "North's pool", "team_id": cls.north.id, "company_id": cls.env.company.id})
        cls.env["crm.lead"].create([{"name": f"Pooled {number}", "pool_id": pool.id, "user_id": False} for number in range(7)])
        for number in range(8):
            cls._lead(cls.bob, f"Bob's {number}")
        cls.env.cr.execute(
            "INSERT INTO crm_assignment (lead_id, user_id, team_id, assigned_at, day, due, state)"
            " VALUES (%s, %s, %s, now() - interval '3 hours', current_date, now() AT TIME ZONE 'UTC' - interval '1 hour', 'waiting')",
            [cls.lead_ann.id, cls.ann.id, cls.east.id],
        )
        channel = cls.env["crm.intake.channel"].create({"name": "Form", "kind": "json"})
        cls.env["crm.touchpoint"].sudo().create([
            {
                "channel_id": channel.id,
                "company_id": channel.company_id.id,
                "receipt": f"wb-{number}",
                "idempotency_key": str(number),
                "digest": "0",
                "state": "dead" if number else "done",
                "reason": "no phone" if number else False,
            }
            for number in range(3)
        ])  # fmt: skip
        cls.env["base"].flush()

    @classmethod
    def _promise(cls, lead, user, days):
        cls.env["mail.activity"].create({
            "res_model_id": cls.env["ir.model"]._get_id("crm.lead"),
            "res_id": lead.id,
            "user_id": user.id,
            "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
            "date_deadline": cls.today + timedelta(days=days),
        })  # fmt: skip

    def _page(self, user):
        return self.workbench.with_user(user).get_page()

    def _tile(self, user, key):
        return next(tile for tile in self._page(user)["tiles"] if tile["key"] == key)

    def _keys(self, user):
        return [tile["key"] for tile in self._page(user)["tiles"]]

    # ------------------------------------------------------------------ figures

    def test_a_tile_opens_exactly_the_records_it_counts(self):
        users = (self.ann, self.bob, self.nora, self.eli, self.director, self.marketer, self.executive, self.clerk)
        counted = 0
        for user in users:
            everything = self.tiles.with_user(user)._get_mine()
            for tile in self.workbench.with_user(user)._get_tiles_data(everything):
                with self.subTest(user=user.login, tile=tile["key"]):
                    self.assertFalse(tile["error"])
                    if tile["unit"] != "count":
                        continue
                    action = tile["action"]
                    records = self.env[action["res_model"]].with_user(user).with_context(**action["context"])
                    self.assertEqual(records.search_count(action["domain"]), tile["value"])
                    counted += tile["value"]
        self.assertGreater(counted, 30)

    def test_figures_of_a_rep(self):
        page = {tile["key"]: tile for tile in self._page(self.ann)["tiles"]}
        due = page["follow_ups"]
        self.assertEqual((due["value"], due["status"]), (2, "late"))
        self.assertEqual([row["status"] for row in due["rows"]], ["late", "attention"])
        self.assertEqual({(row["res_model"], row["res_id"]) for row in due["rows"]}, {("crm.lead", self.lead_ann.id)})
        self.assertEqual((page["to_answer"]["value"], page["to_answer"]["status"]), (1, "late"))
        self.assertEqual((page["my_leads"]["value"], page["closing"]["value"]), (1, 1))
        self.assertEqual([row["title"] for row in page["calendar"]["rows"]], ["Ann's meeting"])

    def test_a_long_list_shows_its_first_rows_and_counts_all(self):
        mine = self._tile(self.bob, "my_leads")
        self.assertEqual((mine["value"], len(mine["rows"])), (9, 5))

    def test_a_leader_sees_the_teams_below_and_nobody_elses(self):
        page = {tile["key"]: tile for tile in self._page(self.nora)["tiles"]}
        self.assertEqual((page["unanswered"]["value"], page["team_overdue"]["value"], page["pool"]["value"]), (1, 1, 7))
        other = {tile["key"]: tile for tile in self._page(self.sam)["tiles"]}
        self.assertEqual((other["unanswered"]["value"], other["pool"]["value"]), (0, 0))
        self.assertEqual([row["res_id"] for row in other["team_overdue"]["rows"]], [self.lead_bob.id])

    def test_stage_alerts_are_a_reps_own_and_a_leaders_teams(self):
        self.env["crm.reminder.rule"].search([]).unlink()
        self.env["crm.reminder.rule"].create({"kind": "stage", "days": 5})
        self.lead_bob.type = "opportunity"
        self.env["base"].flush()
        self.env.cr.execute("UPDATE crm_lead SET date_last_stage_update = now() - interval '9 days' WHERE type = 'opportunity'")
        self.env.cache.invalidate()
        for user in (self.ann, self.nora):
            self.assertEqual([row["res_id"] for row in self._tile(user, "stage_alerts")["rows"]], [self.lead_ann.id])
        self.assertIn(self.ann.name, self._tile(self.nora, "stage_alerts")["rows"][0]["text"])
        self.assertEqual(self._tile(self.bob, "stage_alerts")["value"], 9)

    def test_colleagues_meetings_are_shown_and_private_ones_hidden(self):
        event = self.env["calendar.event"].search([("name", "=", "Ann's meeting")])
        self.east.member_ids |= self.eli
        self.assertEqual(self._tile(self.eli, "calendar")["rows"][0]["text"], "Ann")
        event.privacy = "private"
        self.assertNotIn("Ann's meeting", str(self._tile(self.eli, "calendar")["rows"]))
        self.assertEqual(self._tile(self.bob, "calendar")["value"], 0)

    def test_intake_and_dead_letters_are_marketings(self):
        page = {tile["key"]: tile for tile in self._page(self.marketer)["tiles"]}
        self.assertEqual((page["intake"]["value"], page["dead_letters"]["value"]), (3, 2))
        self.assertEqual(page["dead_letters"]["rows"][0]["text"], "no phone")

    # ------------------------------------------------------------------ who has which

    def test_tiles_by_role(self):
        rep, leader = self._keys(self.ann), self._keys(self.nora)
        self.assertTrue({"follow_ups", "my_leads", "targets", "pool", "calendar"} <= set(rep))
        self.assertFalse({"unanswered", "team_month", "intake", "dead_letters"} & set(rep))
        self.assertTrue({"unanswered", "team_overdue", "approvals", "team_month"} <= set(leader))
        director = self._page(self.director)
        self.assertNotIn("my_leads", [tile["key"] for tile in director["tiles"]])
        self.assertIn("My New Leads", [tile["name"] for tile in director["hidden"]])
        self.assertEqual(self._keys(self.clerk), ["calendar"])

    def test_a_tile_of_another_role_is_not_there_by_any_door(self):
        foreign = self.env.ref("crm_core.workbench_tile_dead_letters")
        self.assertFalse(self.tiles.with_user(self.ann).search([("id", "=", foreign.id)]))
        with self.assertRaises(WorkbenchError):
            self.workbench.with_user(self.ann).get_tile(foreign.id)
        self.workbench.with_user(self.ann).save_layout([foreign.id], [])
        self.assertNotIn("dead_letters", self._keys(self.ann))

    def test_the_app_of_sales_opens_with_the_workbench(self):
        action = "ir.actions.client,%d" % self.env.ref("crm_core.crm_workbench_action").id
        root = self.env.ref("crm.crm_menu_root").id
        for user in (self.ann, self.nora, self.director, self.marketer):
            with self.subTest(user=user.login):
                apps = self.env["ir.ui.menu"].with_user(user).load_menus(False)["children"]
                self.assertEqual((apps[0]["id"], apps[0]["action"]), (root, action))

    # ------------------------------------------------------------------ a broken tile

    def _broken(self, key, error):
        def fail(records):
            raise error

        return patch.object(type(self.env["crm.lead"]), f"_workbench_{key}", fail)

    def test_a_failing_tile_says_so_in_its_place(self):
        with self._broken("my_leads", ZeroDivisionError("oops")), mute_logger(LOGGER):
            page = {tile["key"]: tile for tile in self._page(self.ann)["tiles"]}
        self.assertIn("log", page["my_leads"]["error"])
        self.assertNotIn("oops", page["my_leads"]["error"])
        self.assertEqual((page["follow_ups"]["value"], page["follow_ups"]["error"]), (2, False))
        with self._broken("my_leads", CrmUserError("Choose a team first.")):
            self.assertEqual(self._tile(self.ann, "my_leads")["error"], "Choose a team first.")

    def test_a_slow_tile_is_cut_off_and_can_be_asked_again(self):
        def sleep(records):
            records.env.cr.execute("SELECT pg_sleep(20)")

        self.env["ir.config_parameter"].set_param(TIMEOUT_PARAMETER, "1000")  # the other tiles stay below it on a busy machine, too
        with patch.object(type(self.env["crm.lead"]), "_workbench_my_leads", sleep), mute_logger(LOGGER, "odoo.sql_db"):
            page = {tile["key"]: tile for tile in self._page(self.ann)["tiles"]}
        self.assertIn("too long", page["my_leads"]["error"])
        self.assertEqual(page["closing"]["value"], 1)
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")
        again = self.workbench.with_user(self.ann).get_tile(page["my_leads"]["id"])
        self.assertEqual((again["error"], again["value"]), (False, 1))

    # ------------------------------------------------------------------ arrangement

    def test_everybody_has_an_own_arrangement(self):
        mine, theirs = self._page(self.ann), self._keys(self.bob)
        ids = [tile["id"] for tile in mine["tiles"]]
        wanted = [ids[2], ids[0], *ids[3:]]
        self.workbench.with_user(self.ann).save_layout(wanted, [ids[1]])
        page = self._page(self.ann)
        self.assertEqual(([tile["id"] for tile in page["tiles"]], [tile["id"] for tile in page["hidden"]]), (wanted, [ids[1]]))
        self.assertTrue(page["is_arranged"])
        self.assertEqual(self._keys(self.bob), theirs)
        self.workbench.with_user(self.ann).reset_layout()
        self.assertEqual([tile["id"] for tile in self._page(self.ann)["tiles"]], ids)

    def test_a_tile_new_since_the_arrangement_comes_last(self):
        ids = [tile["id"] for tile in self._page(self.ann)["tiles"]]
        self.workbench.with_user(self.ann).save_layout(ids[::-1], [])
        self.tiles.create({"name": "Won", "key": "won", "sequence": 1, "measure_id": self.env.ref("crm_core.measure_won_deals").id})
        self.assertEqual(self._keys(self.ann)[-1], "won")
        self.assertEqual(self._tile(self.ann, "won")["value"], 0)

    def test_layouts_of_others_cannot_be_touched(self):
        layouts = self.env["crm.workbench.layout"]
        tile = self.env.ref("crm_core.workbench_tile_calendar")
        line = layouts.create({"user_id": self.bob.id, "tile_id": tile.id})
        self.assertFalse(layouts.with_user(self.ann).search([("user_id", "=", self.bob.id)]))
        with self.assertRaises(AccessError):
            line.with_user(self.ann).write({"hidden": True})
        with self.assertRaises(AccessError):
            layouts.with_user(self.ann).create({"user_id": self.eli.id, "tile_id": tile.id})

    def test_a_tile_without_method_or_measure_is_refused(self):
        for vals in ({"model_name": "crm.nothing"}, {"model_name": "crm.lead"}, {"model_name": "crm.lead", "method": "unlink"}):
            with self.subTest(vals), self.assertRaises(TileDefinitionError), self.env.cr.savepoint():
                self.tiles.create({"name": "Wrong", "key": "wrong", **vals})

    # ------------------------------------------------------------------ cost

    def test_more_records_cost_no_more_queries(self):
        def queries(user):
            self.env["base"].flush()
            self._page(user)  # warm: rights, rules, translations
            self.env.cache.invalidate()
            before = self.env.cr.sql_log_count
            self._page(user)
            return self.env.cr.sql_log_count - before

        for number in range(8):  # lists are full and counted: the most queries a tile makes
            self._lead(self.ann, f"Full {number}")
            self._promise(self.lead_ann, self.ann, -number)
        first = {user: queries(user) for user in (self.ann, self.nora)}
        for number in range(40):
            self._lead(self.ann, f"More {number}")
            self._promise(self.lead_ann, self.ann, -number)
        for user, count in first.items():
            with self.subTest(user=user.login):
                self.assertLessEqual(queries(user), count + 3)
                self.assertLess(count, 150)
