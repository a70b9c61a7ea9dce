# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .test_dedupe_key import CODE, DedupeCase

PHONE = "13800138000"


class TestResolve(DedupeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.env.ref("base.user_admin")
        cls.other = cls.env["res.company"].create({"name": "Other"})

    def row(self, policy="attach", scope="company", company=None, **vals):
        self.env.cr.execute("SELECT nextval('crm_lead_id_seq')")
        return {
            "vals": vals,
            "company_id": (company or self.company).id,
            "policy": policy,
            "scope": scope,
            "lead_id": self.env.cr.fetchone()[0],
        }

    def resolve(self, *rows):
        return self.env["crm.dedupe"]._resolve(list(rows))

    def resolve_one(self, **vals):
        return self.resolve(self.row(**vals))[0]

    def test_an_unknown_person_makes_a_lead(self):
        row = self.row(phone=PHONE)
        decision = self.resolve(row)[0]
        self.assertEqual((decision["action"], decision["lead_id"]), ("create", row["lead_id"]))
        self.assertFalse(decision["kind"] or decision["partner_id"] or decision["owner_id"] or decision["closed"])

    def test_the_same_person_joins_the_open_lead_by_any_key(self):
        lead = self._lead(phone=PHONE, email_from="a@example.com", wechat="wx_lilei", user_id=self.owner.id)
        for kind, vals in (
            ("phone", {"mobile": "+86 138-0013-8000"}),
            ("email", {"email_from": "A@Example.com"}),
            ("wechat", {"wechat": "WX_LiLei"}),
        ):
            with self.subTest(kind=kind):
                decision = self.resolve_one(**vals)
                found = (decision["action"], decision["lead_id"], decision["owner_id"], decision["kind"])
                self.assertEqual(found, ("attach", lead.id, self.owner.id, kind))

    def test_policy_link_makes_a_lead_beside_and_reject_makes_none(self):
        customer = self._customer(phone="13800138009")
        lead = self._lead(phone=PHONE, partner_id=customer.id, user_id=self.owner.id)
        row = self.row("link", phone=PHONE)
        linked, rejected = self.resolve(row, self.row("reject", phone=PHONE))
        self.assertEqual((linked["action"], linked["lead_id"]), ("create", row["lead_id"]))
        self.assertEqual((linked["partner_id"], linked["owner_id"]), (customer.id, self.owner.id))
        self.assertEqual((rejected["action"], rejected["lead_id"]), ("reject", lead.id))

    def test_a_customer_without_open_lead_gets_a_new_one_with_the_owner_proposed(self):
        company = self._customer(name="华强电子有限公司", is_company=True, user_id=self.owner.id)
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": company.id, "mobile": PHONE})
        decision = self.resolve_one(phone=PHONE)
        found = (decision["action"], decision["partner_id"], decision["owner_id"], decision["closed"])
        self.assertEqual(found, ("create", contact.id, self.owner.id, True))

    def test_a_customer_is_rejected_by_policy_reject(self):
        self._customer(mobile=PHONE)
        self.assertEqual(self.resolve_one(policy="reject", phone=PHONE)["action"], "reject")

    def test_a_customers_open_lead_is_joined_though_it_lacks_the_key(self):
        contact = self._customer(mobile=PHONE)
        lead = self._lead(partner_id=contact.id)
        lead.write({"phone": False, "mobile": False})
        decision = self.resolve_one(phone=PHONE)
        self.assertEqual((decision["action"], decision["lead_id"]), ("attach", lead.id))

    def test_a_lost_lead_is_not_joined_its_owner_is_proposed(self):
        lead = self._lead(phone=PHONE, user_id=self.owner.id)
        lead.action_set_lost()
        decision = self.resolve_one(phone=PHONE)
        self.assertEqual((decision["action"], decision["owner_id"]), ("create", self.owner.id))
        self.assertTrue(decision["closed"])

    def test_a_colleague_gets_a_lead_with_the_companys_owner(self):
        company = self._customer(name="深圳市华强电子有限公司", is_company=True, user_id=self.owner.id)
        decision = self.resolve_one(phone="13800138001", partner_name="深圳市 华强电子 有限责任公司")
        found = (decision["action"], decision["partner_id"], decision["owner_id"], decision["kind"])
        self.assertEqual(found, ("create", company.id, self.owner.id, "company"))
        lead = self._lead(phone=PHONE, partner_name="鑫源五金", user_id=self.owner.id)
        decision = self.resolve_one(phone="13800138002", partner_name="鑫源五金有限公司")
        found = (decision["action"], decision["owner_id"], decision["known_id"])
        self.assertEqual(found, ("create", self.owner.id, lead.id))

    def test_the_same_company_joins_if_nothing_says_it_is_another_person(self):
        lead = self._lead(partner_name="鑫源五金", credit_code=CODE)
        self.assertEqual(self.resolve_one(credit_code=CODE, phone=PHONE)["lead_id"], lead.id)
        named = self._lead(partner_name="恒通物流", contact_name="李雷")
        self.assertEqual(self.resolve_one(partner_name="恒通物流", contact_name="李 雷")["lead_id"], named.id)
        self.assertEqual(self.resolve_one(partner_name="恒通物流", contact_name="韩梅梅")["action"], "create")

    def test_other_companies_are_looked_at_where_the_policy_says_so(self):
        lead = self._lead(phone=PHONE)
        self.assertEqual(self.resolve_one(company=self.other, phone=PHONE)["action"], "create")
        self.assertEqual(self.resolve_one(company=self.other, scope="all", phone=PHONE)["lead_id"], lead.id)

    def test_in_one_batch_the_first_creates_and_the_others_join(self):
        rows = [self.row(phone=PHONE), self.row(email_from="a@example.com", phone=PHONE), self.row(email_from="a@example.com")]
        decisions = self.resolve(*rows)
        self.assertEqual([decision["action"] for decision in decisions], ["create", "attach", "attach"])
        self.assertEqual({decision["lead_id"] for decision in decisions}, {rows[0]["lead_id"]})

    def test_what_came_with_a_later_submission_identifies_the_person_from_then_on(self):
        lead = self._lead(phone=PHONE)
        self.resolve_one(phone=PHONE, email_from="a@example.com")
        self.assertEqual(self.resolve_one(email_from="a@example.com")["lead_id"], lead.id)
        lead.description = "changed"
        lead.phone = "13800138001"
        self.assertEqual(self.resolve_one(email_from="a@example.com")["lead_id"], lead.id)
        lead.action_set_lost()
        self.assertEqual(self.resolve_one(email_from="a@example.com")["action"], "create")

    def test_a_claim_guards_before_the_lead_is_written(self):
        row = self.row(phone=PHONE)
        self.resolve(row)
        lead = self.env["crm.lead"].browse(row["lead_id"])
        self.assertEqual(self.keys(lead, guards=True), {("phone", "+8613800138000")})

    def test_the_number_of_queries_does_not_grow_with_the_batch(self):
        leads = [self._lead(phone="1390000%04d" % number) for number in range(20)]
        customers = [self._customer(phone="1380000%04d" % number) for number in range(20)]
        self.env["base"].flush()
        rows = [self.row(phone=record.phone) for record in (*leads, *customers)]
        rows += [self.row(phone="1370000%04d" % number, partner_name="名%d公司" % number) for number in range(260)]
        self.env["crm.dedupe.key"]._get_region()
        self.resolve_one(phone="13500000000")
        with self.assertQueryCount(5):
            decisions = self.resolve(*rows)
        self.assertEqual([decision["action"] for decision in decisions].count("attach"), 20)

    def test_no_key_no_duplicate(self):
        rows = [self.row(name="Nobody"), self.row(phone="12345", email_from="none", partner_name="个人")]
        self.assertEqual([decision["action"] for decision in self.resolve(*rows, *rows)], ["create"] * 4)
