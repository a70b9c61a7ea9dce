# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests.common import new_test_user

from ..exceptions import CrmUserError, CrmValidationError
from .common import RolesCase


class TestTeamTree(RolesCase):
    def test_a_team_cannot_be_below_itself(self):
        with self.assertRaises(CrmValidationError):
            self.north.parent_id = self.east

    def test_leader_of_a_new_team_sees_it_at_once(self):
        self.assertFalse(self.visible(self.lead_bob, self.nora))
        self.south.parent_id = self.north
        self.assertEqual(self.visible(self.lead_bob, self.nora), self.lead_bob)

    def test_who_stops_leading_stops_seeing(self):
        self.assertTrue(self.visible(self.lead_ann, self.eli))
        self.east.user_id = False
        self.assertFalse(self.visible(self.lead_ann, self.eli))


class TestLeads(RolesCase):
    def setUp(self):
        super().setUp()
        self.unowned = self.env["crm.lead"].create({"name": "Nobody's", "user_id": False, "team_id": False})
        self.leads = self.lead_ann + self.lead_bob + self.unowned

    def test_rep_sees_own_leads_only(self):
        self.assertEqual(self.visible(self.leads, self.ann), self.lead_ann)

    def test_leader_sees_own_team(self):
        self.assertEqual(self.visible(self.leads, self.eli), self.lead_ann)

    def test_leader_sees_teams_below(self):
        self.assertEqual(self.visible(self.leads, self.nora), self.lead_ann)

    def test_leader_does_not_see_other_teams(self):
        self.assertEqual(self.visible(self.leads, self.sam), self.lead_bob)

    def test_leader_sees_leads_of_members_in_any_team(self):
        self.lead_ann.team_id = False
        self.assertEqual(self.visible(self.leads, self.nora), self.lead_ann)

    def test_leader_may_reassign_within_the_team(self):
        self.lead_ann.with_user(self.nora).user_id = self.eli
        self.assertEqual(self.lead_ann.user_id, self.eli)

    def test_director_marketing_and_executive_see_all(self):
        for user in self.director + self.marketer + self.executive:
            with self.subTest(user=user.name):
                self.assertEqual(self.visible(self.leads, user), self.leads)

    def test_marketing_and_executive_cannot_write(self):
        for user in self.marketer + self.executive:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.lead_ann.with_user(user).name = "Changed"

    def test_rep_with_odoos_all_documents_group_is_not_limited(self):
        self.ann.groups_id += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertEqual(self.visible(self.leads, self.ann), self.leads)

    def test_plain_odoo_salesman_keeps_odoos_behaviour(self):
        plain = new_test_user(self.env, "plain", groups="sales_team.group_sale_salesman")
        self.assertEqual(self.visible(self.leads, plain), self.unowned)
        self.assertTrue(self.visible(self.customer_ann, plain))

    def test_rep_cannot_put_a_lead_on_anothers_customer(self):
        with self.assertRaises(CrmUserError):
            self.env["crm.lead"].with_user(self.ann).create({"name": "Sly", "partner_id": self.customer_bob.id})
        with self.assertRaises(CrmUserError):
            self.lead_ann.with_user(self.ann).partner_id = self.customer_bob

    def test_follow_ups_of_leads_are_for_sales_only(self):
        report = self.env["crm.activity.report"]
        for lead in self.lead_ann + self.lead_bob:
            lead.message_post(
                body="Called", mail_activity_type_id=self.env.ref("mail.mail_activity_data_call").id
            )
        report.flush()
        leads_seen = {
            user: report.with_user(user).search([("lead_id", "in", self.leads.ids)]).lead_id
            for user in self.ann + self.nora + self.clerk + self.executive
        }
        self.assertEqual(leads_seen[self.ann].ids, self.lead_ann.ids)
        self.assertEqual(leads_seen[self.nora].ids, self.lead_ann.ids)
        self.assertFalse(leads_seen[self.clerk])
        self.assertEqual(set(leads_seen[self.executive].ids), set((self.lead_ann + self.lead_bob).ids))


class TestCustomers(RolesCase):
    def setUp(self):
        super().setUp()
        self.contact_bob = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_bob.id})
        self.customers = self.customer_ann + self.customer_bob + self.contact_bob

    def test_contact_follows_its_company(self):
        self.assertTrue(self.contact_bob.is_customer)
        self.customer_bob.is_customer = False
        self.assertFalse(self.contact_bob.is_customer)

    def test_rep_sees_own_customers_and_their_contacts(self):
        self.assertEqual(self.visible(self.customers, self.ann), self.customer_ann)
        self.assertEqual(self.visible(self.customers, self.bob), self.customer_bob + self.contact_bob)

    def test_rep_sees_the_customer_of_an_own_lead(self):
        self.lead_ann.partner_id = self.contact_bob
        self.assertEqual(self.visible(self.customers, self.ann), self.customers)

    def test_rep_still_sees_the_customer_of_an_own_lost_lead(self):
        self.lead_ann.partner_id = self.contact_bob
        self.lead_ann.action_set_lost()
        self.assertEqual(self.visible(self.customers, self.ann), self.customers)

    def test_leader_sees_the_customers_of_teams_below(self):
        self.assertEqual(self.visible(self.customers, self.nora), self.customer_ann)

    def test_everybody_else_sees_all_customers(self):
        for user in self.director + self.marketer + self.executive + self.clerk:
            with self.subTest(user=user.name):
                self.assertEqual(self.visible(self.customers, user), self.customers)

    def test_users_companies_and_suppliers_stay_visible_to_reps(self):
        others = self.supplier + self.bob.partner_id + self.env.company.partner_id
        self.assertEqual(self.visible(others, self.ann), others)

    def test_what_a_rep_enters_is_the_reps_customer(self):
        partner = self.env["res.partner"].with_user(self.ann).create({"name": "New"})
        self.assertTrue(partner.is_customer)
        self.assertEqual(partner.user_id, self.ann)
        self.assertEqual(partner.team_id, self.east)

    def test_what_others_enter_is_no_customer_unless_said_so(self):
        self.assertFalse(self.env["res.partner"].with_user(self.director).create({"name": "New"}).is_customer)

    def test_rep_cannot_add_a_contact_to_anothers_customer(self):
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.ann).create({"name": "X", "parent_id": self.customer_bob.id})

    def test_converting_a_lead_makes_a_customer_of_company_and_contact(self):
        lead = self._lead(self.ann, "Convert", partner_name="Acme", contact_name="Bea").with_user(self.ann)
        lead.handle_partner_assignment(create_missing=True)
        self.assertTrue(lead.partner_id.is_customer)
        self.assertTrue(lead.partner_id.parent_id.is_customer)
        self.assertEqual(lead.commercial_partner_id, lead.partner_id.parent_id)

    def test_internal_users_and_own_company_never_become_customers(self):
        partners = self.bob.partner_id + self.env.company.partner_id
        for partner in partners:
            self._lead(self.ann, "Internal", partner_id=partner.id)
        self.assertFalse(partners.filtered("is_customer"))

    def test_many_leads_mark_their_customers_in_one_go(self):
        partners = self.env["res.partner"].create([{"name": str(number)} for number in range(20)])
        leads = self.env["crm.lead"].create([{"name": str(number)} for number in range(20)])
        for lead, partner in zip(leads, partners):
            lead.partner_id = partner
        self.assertEqual(partners.filtered("is_customer"), partners)
        with self.assertQueryCount(0):
            partners._mark_as_customer()

    def test_rule_reads_no_record_in_python(self):
        many = self.env["res.partner"].create(
            [{"name": "C%d" % number, "is_customer": True, "user_id": self.ann.id} for number in range(50)]
        )
        many.flush()
        partners = self.env["res.partner"].with_user(self.ann)
        partners.search_count([("id", "in", many[:1].ids)])
        with self.assertQueryCount(1):
            self.assertEqual(partners.search_count([("id", "in", many.ids)]), 50)
