# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who sets up what, as RPC would try it, and what bad input is told."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests.common import Form
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CrmUserError, CrmValidationError
from .assignment_common import AssignmentCase

MODELS = (
    "crm.assignment",
    "crm.assignment.member",
    "crm.assignment.report",
    "crm.assignment.rule",
    "crm.assignment.wizard",
)


class RightsCase(AssignmentCase):
    def setUp(self):
        super().setUp()
        self.east_rule = self.rule(self.ann, name="East", team_id=self.east.id)
        self.south_rule = self.rule(self.bob, name="South", team_id=self.south.id, sequence=20)


class TestRoles(RightsCase):
    def test_reps_and_clerks_read_nothing_of_the_rules(self):
        for user in self.ann + self.marketer + self.clerk:
            for model in MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_a_rep_reads_the_own_capacity_and_changes_none(self):
        capacities = self.env["crm.assignment.capacity"].create([{"user_id": user.id} for user in self.ann + self.bob])
        own = self.env["crm.assignment.capacity"].with_user(self.ann).search([])
        self.assertEqual(own.user_id, self.ann)
        self.assertEqual(own.read(["daily_limit", "today_count", "held_count"])[0]["held_count"], 1)
        for attempt in (
            lambda: own.write({"daily_limit": 99}),
            lambda: own.unlink(),
            lambda: own.create({"user_id": self.ann.id}),
            lambda: capacities[1].with_user(self.ann).read(["held_count"]),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_guards_and_the_log_are_written_by_nobody(self):
        self.assign(self.free())
        for user in self.ann + self.eli + self.director:
            for model in ("crm.assignment", "crm.assignment.day"):
                records = self.env[model].with_user(user)
                with self.subTest(user=user.login, model=model):
                    for right in ("write", "create", "unlink"):
                        self.assertFalse(records.check_access_rights(right, raise_exception=False))

    def test_a_leader_sees_and_edits_the_rules_of_the_own_teams(self):
        for leader in self.eli + self.nora:
            found = self.env["crm.assignment.rule"].with_user(leader).search([])
            self.assertEqual(found, self.east_rule)
            found.write({"strategy": "weighted", "response_hours": 1, "member_ids": [(0, 0, {"user_id": self.abe.id})]})
            self.assertEqual(found.member_ids.user_id, self.ann + self.abe)
            found.member_ids.filtered(lambda one: one.user_id == self.abe).unlink()

    def test_a_leader_touches_no_other_teams_rule(self):
        rule = self.south_rule.with_user(self.eli)
        for attempt in (
            lambda: rule.read(["name"]),
            lambda: rule.write({"strategy": "weighted"}),
            lambda: rule.unlink(),
            lambda: self.env["crm.assignment.member"].with_user(self.eli).create({"rule_id": rule.id, "user_id": self.ann.id}),
            lambda: self.south_rule.member_ids.with_user(self.eli).write({"weight": 9}),
            lambda: self.east_rule.member_ids.with_user(self.eli).write({"rule_id": rule.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()

    def test_a_leader_neither_makes_rules_nor_says_which_leads_they_take(self):
        rule = self.east_rule.with_user(self.eli)
        with self.assertRaises(AccessError):
            rule.create({"name": "All mine", "team_id": self.east.id, "member_ids": [(0, 0, {"user_id": self.eli.id})]})
        for vals in ({"domain": "[(1, '=', 1)]"}, {"sequence": 0}, {"team_id": self.south.id}, {"company_id": 1}):
            with self.subTest(vals=vals), self.assertRaises(CrmUserError):
                rule.write(vals)
        with self.assertRaises(AccessError):
            rule.unlink()

    def test_a_leader_gives_leads_and_limits_to_own_people_only(self):
        with self.assertRaises(CrmUserError):
            self.east_rule.with_user(self.eli).write({"member_ids": [(0, 0, {"user_id": self.bob.id})]})
        with self.assertRaises(CrmUserError):
            self.east_rule.member_ids.with_user(self.eli).write({"user_id": self.bob.id})
        capacities = self.env["crm.assignment.capacity"].with_user(self.eli)
        capacities.create({"user_id": self.ann.id, "daily_limit": 5})
        with self.assertRaises(AccessError):
            capacities.create({"user_id": self.bob.id, "daily_limit": 5})

    def test_directors_do_everything_executives_read(self):
        rules = self.env["crm.assignment.rule"]
        self.assertEqual(rules.with_user(self.director).search([]), self.east_rule + self.south_rule)
        self.south_rule.with_user(self.director).write({"sequence": 1, "domain": "[('type', '=', 'lead')]"})
        self.south_rule.with_user(self.director).unlink()
        self.assertEqual(rules.with_user(self.executive).search([]), self.east_rule)
        with self.assertRaises(AccessError):
            self.east_rule.with_user(self.executive).write({"sequence": 1})
        self.env["crm.assignment.report"].with_user(self.executive).search([])

    def test_nobody_moves_the_time_limit_of_a_lead(self):
        self.east_rule.response_hours = 2
        lead = self.free()
        self.assign(lead)
        due = lead.first_response_due
        for user in self.ann + self.director:
            lead.with_user(user).write({"first_response_due": False, "first_responded_at": self.now, "first_response_state": "answered"})
            lead.flush()
            lead.invalidate_cache()
            self.assertEqual((lead.first_response_due, lead.first_response_state), (due, "waiting"))

    def test_a_rep_reads_the_status_of_an_own_lead(self):
        lead = self.free()
        self.assign(lead)
        names = ["first_response_state", "first_response_due", "assignment_rule_id"]
        self.assertEqual(lead.with_user(self.ann).read(names)[0]["assignment_rule_id"], (self.east_rule.id, "East"))

    def test_statistics_are_those_of_the_leaders_teams(self):
        self.east_rule.domain = "[('name', '=', 'Free 0')]"
        leads = self.free(2)
        self.assign(leads)
        self.assertEqual(leads.mapped("user_id.login"), ["ann", "bob"])
        for leader, user in ((self.eli, self.ann), (self.nora, self.ann), (self.sam, self.bob)):
            for model in ("crm.assignment", "crm.assignment.report"):
                self.assertEqual(self.env[model].with_user(leader).search([]).user_id, user)


class TestWizard(RightsCase):
    def open(self, user, leads=None):
        wizard = self.env["crm.assignment.wizard"].with_user(user)
        action = wizard._open(leads.with_user(user)) if leads else wizard.action_open()
        return wizard.browse(action["res_id"])

    def test_the_preview_says_who_would_get_how_many_and_changes_nothing(self):
        self.east_rule.domain = "[('name', '=', 'Free 0')]"
        self.south_rule.write({"domain": "[('name', 'in', ('Free 1', 'Free 2'))]"})
        self.south_rule.member_ids.daily_limit = 1
        leads = self.free(5)
        wizard = self.open(self.director, leads)
        self.assertEqual([(line.rule_id, line.user_id, line.count) for line in wizard.line_ids],
                         [(self.east_rule, self.ann, 1), (self.south_rule, self.bob, 1)])  # fmt: skip
        self.assertEqual((wizard.free_count, wizard.given_count, wizard.waiting_count, wizard.unmatched_count), (5, 2, 1, 2))
        self.assertFalse(leads.user_id)
        self.assertFalse(self.env["crm.assignment"].search([("lead_id", "in", leads.ids)]))
        wizard.action_assign()
        self.assertEqual(len(leads.filtered("user_id")), 2)

    def test_a_leader_assigns_by_the_own_teams_rules_only(self):
        self.south_rule.write({"sequence": 1, "domain": "[('name', '=', 'Free 0')]"})
        leads = self.free(2)
        self.open(self.eli).action_assign()
        self.assertEqual(leads.filtered("user_id").mapped("name"), ["Free 1"])  # the other is another team's
        self.assertEqual(leads.user_id, self.ann)

    def test_selected_leads_must_be_the_leaders_to_see(self):
        with self.assertRaises(AccessError):
            self.open(self.eli, self.lead_bob)

    def test_reps_cannot_open_it_by_any_door(self):
        with self.assertRaises(AccessError):
            self.env["crm.assignment.wizard"].with_user(self.ann).create({})
        for attempt in (
            lambda: self.env["crm.assignment.wizard"].with_user(self.ann).action_open(),
            lambda: self.lead_ann.with_user(self.ann).action_open_assignment_wizard(),
        ):
            with self.assertRaises((AccessError, CrmUserError)):
                attempt()

    def test_a_leader_without_rules_is_told_what_to_do(self):
        self.south_rule.active = False
        with self.assertRaisesRegex(CrmUserError, "director"):
            self.open(self.sam)

    def test_many_leads_are_left_to_one_job(self):
        wizard = self.open(self.director, self.free())
        wizard.given_count = 1001
        wizard.action_assign()
        wizard.action_assign()
        jobs = self.env["queue.job"].search([("model_name", "=", "crm.assignment.rule"), ("state", "=", "pending")])
        self.assertEqual(len(jobs), 1)
        leads = self.free(2)
        self.env["crm.assignment.rule"]._run_job((self.east_rule + self.south_rule).ids)
        self.assertEqual(leads.user_id, self.ann)


class TestBadInput(AssignmentCase):
    def test_conditions_that_cannot_be_used_are_refused_with_a_reason(self):
        for domain, reason in (
            ("[('name'", "EOF|closed|syntax"),
            ("[('x_deleted', '=', 1)]", "x_deleted"),
            ("[('partner_id.x_deleted', '=', 1)]", "x_deleted"),
            ("[('name', '~~', 1)]", "operator|Invalid"),
            ("__import__('os').system('id')", "malformed"),
            ("'all'", "list"),
            ("[('user_id.login', '=', uid)]", "malformed"),
        ):
            with self.subTest(domain=domain), mute_logger("odoo.sql_db", "odoo.osv.expression"):
                with self.assertRaisesRegex(CrmValidationError, reason):
                    self.rule(self.ann, domain=domain)

    def test_a_rule_needs_reps(self):
        with self.assertRaisesRegex(CrmValidationError, "at least one"):
            self.rule()
        rule = self.rule(self.ann)
        with self.assertRaisesRegex(CrmValidationError, "at least one"):
            rule.member_ids = [(5, 0, 0)]
        rule.write({"active": False, "member_ids": [(5, 0, 0)]})
        with self.assertRaisesRegex(CrmValidationError, "at least one"):
            rule.active = True

    def test_archived_and_portal_users_get_no_leads(self):
        self.abe.active = False
        with self.assertRaisesRegex(CrmValidationError, "Abe"):
            self.rule(self.abe)
        portal = self._user("port", "base.group_portal")
        with self.assertRaisesRegex(CrmValidationError, "internal user"):
            self.rule(portal)

    def test_reps_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(CrmValidationError, "does not work for Other"):
            self.rule(self.ann, company_id=other.id)

    def test_numbers_below_their_limit_are_refused_by_the_database(self):
        attempts = (
            lambda: self.rule((self.ann, {"weight": 0})),
            lambda: self.rule((self.ann, {"daily_limit": -1})),
            lambda: self.rule(self.ann, self.ann),
            lambda: self.rule(self.ann, response_hours=-1),
            lambda: self.rule(self.ann, warning_minutes=-1),
            lambda: self.env["crm.assignment.capacity"].create({"user_id": self.ann.id, "daily_limit": -1}),
            lambda: self.env["crm.assignment.capacity"].create({"user_id": self.ann.id, "held_limit": -1}),
            lambda: self.env["crm.assignment.capacity"].create([{"user_id": self.ann.id}, {"user_id": self.ann.id}]),
        )
        for number, attempt in enumerate(attempts):
            with self.subTest(number=number), mute_logger("odoo.sql_db"):
                with self.assertRaises((IntegrityError, ValidationError)), self.env.cr.savepoint():
                    attempt()

    def test_the_form_makes_a_rule(self):
        with Form(self.env["crm.assignment.rule"].with_user(self.director)) as form:
            form.name = "By hand"
            with form.member_ids.new() as line:
                line.user_id = self.ann
        rule = form.save()
        self.assertEqual((rule.strategy, rule.member_ids.weight, rule.only_at_work), ("round_robin", 1, True))
