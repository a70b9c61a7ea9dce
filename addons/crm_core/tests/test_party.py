# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.api import call_kw
from odoo.exceptions import AccessError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CrmUserError, CrmValidationError, OwnershipError
from .common import RolesCase


class TestParty(RolesCase):
    """Ann's project has three parties; bob, of another team, works on the designer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.projects = cls.env.ref("crm_core.crm_selling_model_multiparty")
        cls.project = cls._lead(cls.ann, "Airport", type="opportunity", selling_model_id=cls.projects.id, partner_id=cls.customer_ann.id)
        cls.other_lead = cls._lead(cls.ann, "Other deal", partner_id=cls.customer_ann.id)
        cls.designer = cls._customer(cls.ann, "Design institute")
        cls.architect, cls.secretary = cls.env["res.partner"].create(
            [{"name": name, "parent_id": cls.designer.id, "phone": "0755-1"} for name in ("Architect", "Secretary")]
        )
        cls.contractor = cls._customer(cls.ann, "General contractor")
        roles = {name: cls.env.ref("crm_core.crm_party_role_" + name) for name in ("owner", "designer", "contractor")}
        cls.parties = cls.env["crm.party"].create(
            [
                {"lead_id": cls.project.id, "role_id": roles["owner"].id, "partner_id": cls.customer_ann.id},
                {
                    "lead_id": cls.project.id,
                    "role_id": roles["designer"].id,
                    "partner_id": cls.designer.id,
                    "contact_id": cls.architect.id,
                    "member_ids": [(6, 0, cls.bob.ids)],
                },
                {"lead_id": cls.project.id, "role_id": roles["contractor"].id, "partner_id": cls.contractor.id},
            ]
        )
        cls.owner_party, cls.design_party, cls.contractor_party = cls.parties

    def rpc(self, user, model, method, *args, **kwargs):
        """As a web client or a script calls."""
        self.env["base"].flush()
        self.env["base"].invalidate_cache()
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)

    def plan(self, user, party, summary="Hand in samples", days=3, **vals):
        values = {
            "crm_party_id": party.id,
            "summary": summary,
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            "date_deadline": fields.Date.to_string(fields.Date.today() + timedelta(days=days)),
            "user_id": user.id,
            **vals,
        }
        return self.env["mail.activity"].browse(self.rpc(user, "mail.activity", "create", values))

    # -- what a member of a sub-team sees ------------------------------------------------------------------------------

    def test_members_find_the_project_and_no_other_lead_of_the_customer(self):
        found = self.rpc(self.bob, "crm.lead", "search_read", [("partner_id", "child_of", self.customer_ann.id)], ["name"])
        self.assertEqual([lead["name"] for lead in found], ["Airport"])
        [group] = self.rpc(self.bob, "crm.lead", "read_group", [("user_id", "=", self.ann.id)], ["user_id"], ["user_id"])
        self.assertEqual(group["user_id_count"], 1)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self.rpc(self.bob, "crm.lead", "read", self.other_lead.ids, ["name"])

    def test_members_see_all_parties_of_the_project(self):
        found = self.rpc(self.bob, "crm.party", "search_read", [], ["partner_id", "role_id"])
        self.assertEqual([party["partner_id"][0] for party in found], self.parties.partner_id.ids)

    def test_members_see_the_company_and_the_contact_of_their_party_only(self):
        everybody = self.customer_ann | self.designer | self.architect | self.secretary | self.contractor
        self.assertEqual(self.visible(everybody, self.bob), self.designer | self.architect)
        [architect] = self.rpc(self.bob, "res.partner", "read", self.architect.ids, ["phone"])
        self.assertEqual(architect["phone"], "0755-1")

    def test_who_leaves_the_sub_team_sees_nothing_any_more(self):
        self.assertEqual(self.visible(self.project, self.bob), self.project)
        self.rpc(self.ann, "crm.party", "write", self.design_party.ids, {"member_ids": [(3, self.bob.id)]})
        self.assertFalse(self.visible(self.project, self.bob))
        self.assertFalse(self.visible(self.designer, self.bob))

    def test_a_project_in_the_public_pool_is_nobodys(self):
        pool = self.env["crm.pool"].create({"name": "Pool", "team_id": self.east.id})
        self.env["crm.holding"]._transfer("crm.lead", {self.project.id: False}, "released", pool_id=pool.id)
        self.assertFalse(self.visible(self.project, self.bob))

    def test_others_see_nothing(self):
        self.assertFalse(self.visible(self.parties, self.sam))
        self.assertEqual(self.visible(self.parties, self.nora), self.parties)  # leads the team above ann's
        doors = (
            ("crm.party", "search_read", [[]]),
            ("crm.party", "name_search", [""]),
            ("crm.party", "read_group", [[], [], ["role_id"]]),
        )
        for model, method, args in doors:
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.rpc(self.clerk, model, method, *args)

    def test_executives_and_marketing_read_and_change_nothing(self):
        for user in (self.executive, self.marketer):
            self.assertEqual(self.visible(self.parties, user), self.parties)
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.rpc(user, "crm.party", "write", self.design_party.ids, {"note": "x"})

    # -- what a member may do ------------------------------------------------------------------------------------------

    def test_members_keep_their_party_up_to_date_and_talk_about_the_project(self):
        self.rpc(self.bob, "crm.party", "write", self.design_party.ids, {"attitude": "supporter", "note": "Wants our type"})
        self.assertEqual(self.design_party.attitude, "supporter")
        self.rpc(self.bob, "crm.lead", "message_post", self.project.ids, body="Met the architect")
        self.assertIn("Met the architect", self.project.message_ids[0].body)

    def test_members_change_nothing_else_and_are_told_whom_to_ask(self):
        for vals in ({"stage_id": self.projects.stage_ids[1].id}, {"expected_revenue": 5}, {"active": False}):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaisesRegex(OwnershipError, "Ask Ann"):
                self.rpc(self.bob, "crm.lead", "write", self.project.ids, vals)
        with self.assertRaises(OwnershipError):
            self.rpc(self.bob, "crm.lead", "write", self.project.ids, {"user_id": self.bob.id})
        for vals in ({"partner_id": self.customer_bob.id}, {"member_ids": [(4, self.sam.id)]}, {"contact_id": self.secretary.id}):
            with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(CrmUserError):
                self.rpc(self.bob, "crm.party", "write", self.design_party.ids, vals)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(CrmUserError):
            self.rpc(self.bob, "crm.party", "unlink", self.design_party.ids)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises((AccessError, CrmUserError)):
            self.rpc(self.bob, "crm.lead", "unlink", self.project.ids)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises((AccessError, CrmUserError)):
            self.rpc(self.bob, "crm.lead", "merge_opportunity", (self.project | self.lead_bob).ids)
        role = self.env.ref("crm_core.crm_party_role_dealer")
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(CrmUserError):
            self.rpc(self.bob, "crm.party", "create", {"lead_id": self.project.id, "role_id": role.id, "partner_id": self.customer_bob.id})

    def test_nobody_gets_to_a_colleagues_customer_by_making_it_a_party(self):
        role = self.env.ref("crm_core.crm_party_role_dealer")
        with self.assertRaisesRegex(CrmUserError, "belongs to somebody else"):
            self.rpc(self.ann, "crm.party", "create", {"lead_id": self.project.id, "role_id": role.id, "partner_id": self.customer_bob.id})

    def test_who_owns_the_project_sees_a_party_the_leader_added(self):
        self.assertFalse(self.visible(self.customer_bob, self.ann))
        role = self.env.ref("crm_core.crm_party_role_dealer")
        self.rpc(self.director, "crm.party", "create", {"lead_id": self.project.id, "role_id": role.id, "partner_id": self.customer_bob.id})
        self.assertEqual(self.visible(self.customer_bob, self.ann), self.customer_bob)

    def test_parties_are_on_the_customers_side(self):
        role = self.env.ref("crm_core.crm_party_role_dealer")
        self.env["crm.party"].create({"lead_id": self.project.id, "role_id": role.id, "partner_id": self.supplier.id})
        self.assertTrue(self.supplier.is_customer)

    # -- tasks ---------------------------------------------------------------------------------------------------------

    def test_a_partys_task_is_an_activity_of_the_project(self):
        task = self.plan(self.bob, self.design_party)
        self.assertEqual((task.res_model, task.res_id), ("crm.lead", self.project.id))
        self.assertEqual(self.design_party.activity_ids, task)
        self.assertIn(task, self.project.activity_ids)

    def test_members_tick_their_tasks_off(self):
        task = self.plan(self.bob, self.design_party)
        self.rpc(self.bob, "mail.activity", "action_feedback", task.ids, feedback="Done at the site")
        self.assertFalse(task.exists())
        self.assertIn("Done at the site", self.project.message_ids[0].body)

    def test_who_gets_a_task_joins_the_sub_team(self):
        task = self.plan(self.ann, self.contractor_party, user_id=self.bob.id)
        self.assertEqual(self.contractor_party.member_ids, self.bob)
        task.with_user(self.ann).user_id = self.nora
        self.assertEqual(self.contractor_party.member_ids, self.bob | self.nora)
        self.plan(self.ann, self.contractor_party)
        self.assertNotIn(self.ann, self.contractor_party.member_ids)  # the owner works on all of them

    def test_a_task_is_planned_on_the_partys_own_project(self):
        task = self.plan(self.ann, self.contractor_party, res_id=self.other_lead.id, res_model="crm.lead")
        self.assertEqual(task.res_id, self.project.id)
        with self.assertRaisesRegex(CrmValidationError, "belongs to the party's project"):
            task.res_id = self.other_lead.id

    def test_parties_say_what_is_due(self):
        self.plan(self.ann, self.contractor_party, days=4)
        self.plan(self.ann, self.contractor_party, days=-1)
        self.plan(self.ann, self.owner_party, days=0)
        self.parties.invalidate_cache()
        self.assertEqual(self.parties.mapped("task_count"), [1, 0, 2])
        self.assertEqual(self.parties.mapped("task_state"), ["today", False, "overdue"])

    def test_what_is_due_is_so_where_the_reader_is(self):
        east, west = (self.owner_party.with_context(tz=tz) for tz in ("Pacific/Kiritimati", "Pacific/Pago_Pago"))
        today = fields.Date.context_today(east)  # never the same day in both
        self.plan(self.ann, self.owner_party).date_deadline = today
        self.assertEqual((east.task_state, west.task_state), ("today", "planned"))

    def test_a_party_removed_takes_its_tasks_along(self):
        task = self.plan(self.ann, self.contractor_party)
        self.rpc(self.ann, "crm.party", "unlink", self.contractor_party.ids)
        self.assertFalse(task.exists())

    # -- rules ---------------------------------------------------------------------------------------------------------

    def test_a_contact_is_of_the_partys_company(self):
        with self.assertRaisesRegex(CrmValidationError, "does not belong to"):
            self.contractor_party.contact_id = self.architect

    def test_a_company_has_a_role_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.design_party.copy()

    def test_merged_leads_keep_their_parties(self):
        twin = self._lead(self.ann, "Airport again", type="opportunity", selling_model_id=self.projects.id, partner_id=self.customer_ann.id)
        role = self.env.ref("crm_core.crm_party_role_dealer")
        party = self.env["crm.party"].create({"lead_id": twin.id, "role_id": role.id, "partner_id": self.designer.id})
        head = (self.project | twin).merge_opportunity()
        self.assertEqual(head.party_ids, self.parties | party)

    def test_a_reps_search_stays_on_indexes(self):
        """The projects stand in the rule as ids: a condition on the table itself, no subquery per row."""
        domain = self.env["ir.rule"].with_user(self.bob)._compute_domain("crm.lead", "read")
        self.assertIn(("id", "in", self.project.ids), [tuple(leaf) for leaf in domain if isinstance(leaf, (tuple, list))])
        query = self.env["crm.lead"].with_user(self.bob)._where_calc([])
        self.env["crm.lead"].with_user(self.bob)._apply_ir_rules(query, "read")
        self.assertNotIn("SELECT", " ".join(str(part) for part in query.get_sql()))
        self.assertEqual(self.env["res.users"].browse(self.ann.id)._get_project_ids(), [])

    def test_parties_cost_the_same_for_one_and_many(self):
        def count(parties):
            parties.invalidate_cache()
            before = self.env.cr.sql_log_count
            parties.with_user(self.ann).read(["role_id", "partner_id", "contact_id", "member_ids", "task_count", "task_state"])
            return self.env.cr.sql_log_count - before

        count(self.parties)
        self.assertEqual(count(self.design_party), count(self.parties))
