# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import ContactDetailsError, CrmUserError
from .common import RolesCase

MASK = "******"


class TestFind(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bobs = cls._lead(
            cls.bob, "Bob's secret deal", phone="13700000001", email_from="x@example.org", partner_name="深圳市华强电子有限公司"
        )
        cls.anns = cls._lead(cls.ann, "Ann's deal", phone="13700000002", email_from="y@example.org", wechat=False)
        cls.env["base"].flush()

    def find(self, user, **vals):
        return self.env["crm.dedupe"].with_user(user).find(vals)

    def test_a_rep_is_told_whose_it_is_and_nothing_else(self):
        for vals in ({"phone": "137-0000-0001"}, {"email_from": "X@example.org"}, {"partner_name": "华强电子(深圳)"}):
            with self.subTest(vals=vals):
                hit = self.find(self.ann, **vals)[0]
                self.assertEqual((hit["owner"], hit["team"], hit["visible"]), ("Bob", "South", False))
                self.assertEqual((hit["name"], hit["res_id"], hit["reason"]), (MASK, False, ""))
                self.assertNotIn("13700000001", str(hit))
                self.assertNotIn("华强", str(hit))

    def test_the_owner_the_leader_and_the_director_get_the_record(self):
        for user in self.bob + self.sam + self.director:
            hit = self.find(user, phone="13700000001")[0]
            self.assertEqual((hit["res_id"], hit["name"], hit["kind"]), (self.bobs.id, "Bob's secret deal", "phone"))

    def test_who_may_not_see_contact_details_may_not_ask(self):
        with self.assertRaises(ContactDetailsError):
            self.find(self.clerk, phone="13700000001")

    def test_keys_are_readable_by_nobody_but_the_system(self):
        for user in self.ann + self.eli + self.director + self.marketer + self.executive + self.clerk:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.env["crm.dedupe.key"].with_user(user).search_read([], ["value"])

    def test_a_similar_name_comes_with_its_reason(self):
        hit = self.find(self.bob, partner_name="华墙电子")[0]
        self.assertEqual((hit["kind"], hit["res_id"]), ("similar", self.bobs.id))
        self.assertIn("sounds the same", hit["reason"])
        self.assertFalse(self.find(self.bob, partner_name="华为技术有限公司"))

    def test_the_threshold_is_the_policys(self):
        policy = self.env["crm.dedupe.policy"].create({"company_id": self.env.company.id, "threshold": 95})
        self.assertFalse(self.find(self.bob, partner_name="华墙电子"))
        policy.threshold = 80
        self.assertTrue(self.find(self.bob, partner_name="华墙电子"))

    def test_other_companies_only_where_the_policy_says_so(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.bobs.company_id = other
        self.assertFalse(self.find(self.ann, phone="13700000001"))
        self.env["crm.dedupe.policy"].create({"company_id": self.env.company.id, "scope": "all"})
        self.assertEqual(self.find(self.ann, phone="13700000001")[0]["name"], MASK)

    def test_bad_input_finds_nobody(self):
        for vals in (
            {},
            {"phone": 5, "email_from": ["x"], "partner_name": None, "wechat": {"a": 1}},
            {"phone": "'; DROP TABLE crm_lead; --", "partner_name": "%' OR 1=1 --", "email_from": "x" * 100000},
            {"partner_name": "\x00\ud800"},
            {"partner_name": "{1,2}\\N\t"},
        ):
            with self.subTest(vals=str(vals)[:40]):
                self.assertEqual(self.find(self.ann, **vals), [])

    def test_customers_and_contacts_are_found_too(self):
        hits = self.find(self.ann, phone="13812345678")
        self.assertEqual({(hit["owner"], hit["visible"]) for hit in hits}, {("Ann", True), ("Bob", False)})


class TestWarning(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bobs = cls._lead(cls.bob, "Bob's <b>deal</b>", phone="13700000001", email_from=False, wechat=False)
        cls.env["base"].flush()

    def test_a_rep_who_types_a_duplicate_is_warned_before_saving(self):
        form = Form(self.env["crm.lead"].with_user(self.ann))
        form.name = "New"
        self.assertFalse(form.dedupe_warning)
        form.phone = "137 0000 0001"
        self.assertIn("Belongs to Bob, team South", form.dedupe_warning)
        self.assertNotIn("deal", form.dedupe_warning)
        lead = form.save()
        self.assertTrue(lead.id)
        self.assertFalse(lead.dedupe_warning)

    def test_who_may_see_the_record_gets_a_link_and_no_markup_of_others(self):
        form = Form(self.env["crm.lead"].with_user(self.director))
        form.name = "New"
        form.phone = "13700000001"
        self.assertIn("#id=%d&amp;model=crm.lead" % self.bobs.id, form.dedupe_warning)
        self.assertIn("&lt;b&gt;deal", form.dedupe_warning)

    def test_the_record_itself_and_its_customer_are_no_duplicates(self):
        form = Form(self.bobs.with_user(self.bob))
        form.wechat = "wx_new_one"
        self.assertFalse(form.dedupe_warning)
        form = Form(self.env["crm.lead"].with_user(self.ann))
        form.partner_id = self.customer_ann
        self.assertNotIn("Belongs to Ann", form.dedupe_warning or "")

    def test_a_partner_being_typed_is_warned_of_too(self):
        form = Form(self.env["res.partner"].with_user(self.ann))
        form.name = "New"
        form.mobile = "13700000001"
        self.assertIn("Belongs to Bob", form.dedupe_warning)

    def test_lists_and_exports_cost_nothing(self):
        leads = self.env["crm.lead"].search([], limit=20)
        leads.read(["name"])
        with self.assertQueryCount(1):  # Odoo's own, whether they exist
            leads.read(["dedupe_warning"])

    def test_a_rep_is_refused_a_second_lead_where_the_policy_says_so(self):
        leads = self.env["crm.lead"]
        vals = {"name": "Second", "phone": "13700000001"}
        leads.with_user(self.ann).create(vals).sudo().unlink()
        self.env["crm.dedupe.policy"].create({"company_id": self.env.company.id, "manual": "refuse"})
        with self.assertRaisesRegex(CrmUserError, "Bob"):
            leads.with_user(self.ann).create(vals)
        other = leads.with_user(self.ann).create({"name": "Third", "phone": "13700000009"})
        with self.assertRaises(CrmUserError):
            other.phone = "13700000001"
        leads.with_user(self.eli).create(vals)

    def test_reps_do_not_set_policies(self):
        with self.assertRaises(AccessError):
            self.env["crm.dedupe.policy"].with_user(self.ann).create({"company_id": self.env.company.id})

    def test_the_button_shows_what_the_rep_may_see(self):
        own = self._lead(self.ann, "Mine", phone="13700000001", email_from="c@example.net", wechat=False)
        params = own.with_user(self.ann).action_find_duplicates()["params"]
        self.assertIn("Belongs to Bob", params["message"])
        self.assertNotIn("13700000001", str(params))
        action = own.with_user(self.director).action_find_duplicates()
        self.assertEqual(set(action["domain"][0][2]), {own.id, self.bobs.id})


class TestDuplicates(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        vals = {"email_from": False, "wechat": False, "phone": "13700000001"}
        cls.first = cls._lead(cls.ann, "First", **vals)
        cls.second = cls._lead(cls.ann, "Second", **vals)
        cls.third = cls._lead(cls.bob, "Third", **vals)
        cls.env["base"].flush()

    def rows(self, user):
        rows = self.env["crm.dedupe.duplicate"].with_user(user)
        return rows.search([("lead_id", "in", (self.first + self.second + self.third).ids)])

    def test_directors_see_groups_leaders_their_teams_rows(self):
        self.assertEqual(self.rows(self.director).lead_id, self.first + self.second + self.third)
        self.assertEqual(self.rows(self.eli).lead_id, self.first + self.second)
        self.assertEqual(self.rows(self.eli).mapped("members"), [3, 3])
        self.assertEqual(self.rows(self.eli)[0].read(["group_name"])[0]["group_name"], "+8613700000001")
        for user in self.ann + self.marketer + self.clerk:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.rows(user)

    def test_closed_leads_are_no_duplicates(self):
        (self.second + self.third).action_set_lost()
        self.env["base"].flush()
        self.assertFalse(self.rows(self.director))

    def test_customers_of_one_name_are_duplicates(self):
        customers = self._customer(self.ann, "鑫源五金", phone=False, mobile=False, email=False, wechat=False)
        customers += self._customer(self.bob, "鑫源五金有限公司", phone=False, mobile=False, email=False, wechat=False)
        self.env["base"].flush()
        rows = self.env["crm.dedupe.duplicate"].with_user(self.director).search([("partner_id", "in", customers.ids)])
        self.assertEqual(rows.partner_id, customers)
        self.assertEqual(set(rows.mapped("kind")), {"company"})

    def test_rows_lead_to_the_merge(self):
        action = self.rows(self.director).action_merge()
        self.assertEqual(action["res_model"], "crm.merge.opportunity")
        self.assertEqual(set(action["context"]["active_ids"]), set((self.first + self.second + self.third).ids))
        with self.assertRaises(CrmUserError):
            self.rows(self.director)[:1].action_merge()
