# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import SavepointCase

CODE = "91110000600037341L"


class DedupeCase(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, mail_create_nosubscribe=True))
        cls.company = cls.env.company
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)

    @classmethod
    def _lead(cls, **vals):
        return cls.env["crm.lead"].create({"name": "Lead", "user_id": False, **vals})

    @classmethod
    def _customer(cls, **vals):
        return cls.env["res.partner"].create({"name": "Customer", "is_customer": True, **vals})

    def keys(self, record, **columns):
        """The keys of a record as they stand in the table: {(kind, value)}; ``columns`` narrow them down."""
        self.env["base"].flush()
        where = "".join(" AND %s = %%s" % name for name in columns)
        self.env.cr.execute(
            "SELECT kind, value FROM crm_dedupe_key WHERE model = %s AND res_id = %s" + where,
            [record._name, record.id, *columns.values()],
        )
        return set(self.env.cr.fetchall())


class TestKeysFollowTheRecord(DedupeCase):
    def test_every_field_that_identifies_makes_a_key(self):
        lead = self._lead(
            phone="0755-2600 1234",
            mobile="138 0013 8000",
            email_from="Li Lei <LiLei@Example.com>",
            wechat="Li_Lei88",
            credit_code=CODE.lower(),
            partner_name="深圳市华强电子有限公司",
        )
        self.assertEqual(
            self.keys(lead),
            {
                ("phone", "+8675526001234"),
                ("phone", "+8613800138000"),
                ("email", "lilei@example.com"),
                ("wechat", "li_lei88"),
                ("uscc", CODE),
                ("company", "深圳市华强电子"),
            },
        )

    def test_a_change_changes_the_keys(self):
        lead = self._lead(phone="13800138000")
        lead.phone = "13800138001"
        self.assertEqual(self.keys(lead), {("phone", "+8613800138001")})
        lead.phone = False
        self.assertFalse(self.keys(lead))

    def test_a_lead_follows_what_it_takes_from_its_customer(self):
        customer = self._customer(phone="13800138000")
        lead = self._lead(partner_id=customer.id)
        self.assertIn(("phone", "+8613800138000"), self.keys(lead))
        customer.phone = "13800138001"
        self.assertIn(("phone", lead.phone and "+8613800138001"), self.keys(lead))

    def test_a_deleted_record_has_no_keys(self):
        lead = self._lead(phone="13800138000")
        customer = self._customer(phone="13800138000")
        records = [self.env[record._name].browse(record.id) for record in (lead, customer)]
        lead.unlink()
        customer.unlink()
        for record in records:
            self.assertFalse(self.keys(record))

    def test_customers_and_contacts_have_keys_suppliers_have_none(self):
        customer = self._customer(name="华强电子有限公司", is_company=True, vat=CODE)
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": customer.id, "mobile": "13800138000"})
        supplier = self.env["res.partner"].create({"name": "鑫源五金厂", "is_company": True, "phone": "13800138009"})
        self.assertEqual(self.keys(customer), {("company", "华强电子"), ("uscc", CODE)})
        self.assertEqual(self.keys(contact), {("phone", "+8613800138000")})
        self.assertFalse(self.keys(supplier))
        supplier.is_customer = True
        self.assertEqual(self.keys(supplier), {("company", "鑫源五金厂"), ("phone", "+8613800138009")})

    def test_sql_writers_refresh(self):
        lead = self._lead(phone="13800138000")
        self.env["base"].flush()
        self.env.cr.execute("UPDATE crm_lead SET phone = '13800138001' WHERE id = %s", [lead.id])
        self.env["crm.dedupe.key"]._refresh("crm.lead", lead.ids)
        self.assertEqual(self.keys(lead), {("phone", "+8613800138001")})
        self.env.cr.execute("DELETE FROM crm_lead WHERE id = %s", [lead.id])
        self.env["crm.dedupe.key"]._refresh("crm.lead", lead.ids)
        self.assertFalse(self.keys(lead))

    def test_rebuilding_changes_nothing(self):
        lead = self._lead(phone="13800138000", partner_name="华强电子", email_from="a@example.com")
        customer = self._customer(phone="13800138000", is_company=True)
        before = [self.keys(record) for record in (lead, customer)]
        guards = self.keys(lead, guards=True)
        self.env["crm.dedupe.key"]._rebuild()
        self.assertEqual([self.keys(record) for record in (lead, customer)], before)
        self.assertEqual(self.keys(lead, guards=True), guards)

    def test_many_records_cost_few_queries(self):
        leads = self.env["crm.lead"].create(
            [{"name": str(number), "phone": "139%08d" % number, "partner_name": "名%d公司" % number} for number in range(200)]
        )
        self.env["base"].flush()
        with self.assertQueryCount(4):
            self.env["crm.dedupe.key"]._refresh("crm.lead", leads.ids)


class TestGuard(DedupeCase):
    def guards(self, record):
        return {value for _kind, value in self.keys(record, guards=True)}

    def test_the_first_open_lead_guards(self):
        first, second = self._lead(phone="13800138000"), self._lead(phone="13800138000")
        self.assertEqual(self.guards(first), {"+8613800138000"})
        self.assertFalse(self.guards(second))

    def test_the_next_one_guards_when_it_is_lost_won_moved_or_deleted(self):
        for close in (
            lambda lead: lead.action_set_lost(),
            lambda lead: lead.action_set_won(),
            lambda lead: lead.write({"phone": "13800138009"}),
            lambda lead: lead.write({"company_id": False}),
            lambda lead: lead.unlink(),
        ):
            first, second = self._lead(phone="13800138000"), self._lead(phone="13800138000")
            self.keys(first)
            close(first)
            self.assertEqual(self.guards(second), {"+8613800138000"})
            (first.exists() + second).unlink()

    def test_a_reopened_lead_does_not_take_the_guard_back(self):
        first, second = self._lead(phone="13800138000"), self._lead(phone="13800138000")
        first.action_set_lost()
        self.keys(first)
        first.toggle_active()
        self.assertFalse(self.guards(first))
        self.assertEqual(self.guards(second), {"+8613800138000"})

    def test_a_stage_that_becomes_won_closes_its_leads(self):
        stage = self.env["crm.stage"].create({"name": "Nearly"})
        lead = self._lead(phone="13800138000", stage_id=stage.id)
        self.assertTrue(self.guards(lead))
        stage.is_won = True
        self.assertFalse(self.guards(lead))

    def test_each_company_has_a_guard_of_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        first, second = self._lead(phone="13800138000"), self._lead(phone="13800138000", company_id=other.id)
        self.assertTrue(self.guards(first) and self.guards(second))

    def test_a_company_is_no_guard_of_leads_but_of_customers(self):
        """Two people of one company are two leads; two customers of one name are a duplicate."""
        vals = {"name": "华强电子", "is_company": True, "vat": CODE}
        lead, first, second = self._lead(partner_name="华强电子", credit_code=CODE), self._customer(**vals), self._customer(**vals)
        self.assertFalse(self.guards(lead))
        self.assertEqual(self.guards(first), {"华强电子", CODE})
        self.assertFalse(self.guards(second))

    def test_leads_and_customers_guard_apart(self):
        lead, customer = self._lead(phone="13800138000"), self._customer(phone="13800138000")
        self.assertTrue(self.guards(lead) and self.guards(customer))
