# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads written in bulk are the leads ``create`` makes: columns, relations, keys, automations, hooks."""

import random
from unittest.mock import patch

from odoo import api
from odoo.tests.common import SavepointCase, tagged

SEED = 7
#: Times of creation: now, or empty, in both
MOMENTS = {"create_date", "write_date", "date_open", "date_last_stage_update"}
QUIET = {"tracking_disable": True}


@tagged("post_install", "-at_install")
class TestLeadWriter(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        cls.team = cls.env["crm.team"].create({"name": "Writers"})
        cls.user = cls.env["res.users"].create({"name": "Writer", "login": "writer", "sale_team_id": cls.team.id})
        cls.tags = cls.env["crm.tag"].create([{"name": "writer %d" % number} for number in range(4)])
        cls.source = cls.env["utm.source"].create({"name": "writer"})
        cls.places = [cls.env.ref("base.cn").id, cls.env.ref("base.de").id, False]
        cls.train_predictions()

    @classmethod
    def train_predictions(cls):
        """Some won and lost leads, so that predicted probabilities differ."""
        lead_model = cls.env["crm.lead"].with_context(**QUIET)
        leads = lead_model.create([{"name": "Past", "country_id": cls.places[number % 3]} for number in range(30)])
        leads[:14].action_set_won()
        leads[14:24].action_set_lost()
        cls.env["crm.lead"]._cron_update_automated_probabilities()

    def make_customer(self):
        values = {"name": "Known", "phone": "0755 8888 1234", "email": "known@example.com", "city": "深圳", "website": "known.cn"}
        return self.env["res.partner"].create({**values, "is_company": bool(self.random.getrandbits(1))}).id

    def make_values(self, number):
        """Values as a form, an import or a visitor may give them: any of them may be missing."""
        everything = {
            "contact_name": "客户 %d" % number,
            "partner_name": "深圳第%d电子有限公司" % number,
            "phone": self.random.choice(["+86 138%08d" % number, "138%08d" % number, "no number"]),
            "mobile": "139 %04d %04d" % divmod(number, 10000),
            "email_from": self.random.choice(["Wang <w%d@Example.com>" % number, "w%d@example.com" % number, "broken@"]),
            "wechat": "wx_%d" % number,
            "website": "example%d.com" % number,
            "function": "采购经理",
            "city": "广州",
            "street": "Tab\there, a \\ and\na second line",
            "country_id": self.random.choice(self.places),
            "source_id": self.source.id,
            "tag_ids": [(6, 0, self.random.sample(self.tags.ids, 2))],
            "description": "line 1\r\nline 2",
            # of an amount finer than its currency Odoo's own rounding depends on the order of a set
            "expected_revenue": round(self.random.uniform(0, 1e6), 2),
            "date_deadline": "2031-05-06",
            "priority": "2",
            "color": 3,
            "team_id": self.team.id,
            "user_id": self.user.id,
            "probability": 33.0,
            "type": self.random.choice(["lead", "opportunity"]),
            "lang_id": self.env["res.lang"].search([], limit=1).id,
            "company_id": self.env.company.id,
        }
        values = {name: value for name, value in everything.items() if self.random.random() < 0.6}
        values["name"] = "Lead %d" % number
        values.setdefault("user_id", False)
        return values

    def columns(self, leads):
        leads.flush()
        self.env.cr.execute("SELECT * FROM crm_lead WHERE id IN %s", [tuple(leads.ids)])
        rows = {row["id"]: row for row in self.env.cr.dictfetchall()}
        for row in rows.values():
            row.pop("id")
            row.update((name, row[name] and row[name].date()) for name in MOMENTS)
        return [rows[lead.id] for lead in leads]

    def keys(self, leads):
        """Dedupe keys by position of the lead; that of the first writer guards, so guards are left out."""
        query = "SELECT res_id, kind, value, open FROM crm_dedupe_key WHERE model = 'crm.lead' AND res_id IN %s"
        self.env.cr.execute(query, [tuple(leads.ids)])
        return sorted((leads.ids.index(row[0]), *row[1:]) for row in self.env.cr.fetchall())

    def write_both(self, vals_list, twins=None):
        """The leads ``create`` makes, one by one as people do, and the writer's."""
        lead_model = self.env["crm.lead"].with_context(**QUIET)
        created = lead_model.browse()
        for vals in vals_list:
            created |= lead_model.create(dict(vals))
            created.flush()
        written = self.env["crm.lead.writer"]._create_leads(twins or vals_list)
        return created, written.with_env(created.env)

    def assert_same(self, created, written, but=()):
        for number, (expected, got) in enumerate(zip(self.columns(created), self.columns(written))):
            for name in expected.keys() - set(but):
                self.assertEqual(got[name], expected[name], "%s of lead %d" % (name, number))

    # -- equality ----------------------------------------------------------------------------------------------------

    def test_random_leads_have_the_columns_that_create_gives_them(self):
        vals_list = [self.make_values(number) for number in range(150)]
        created, written = self.write_both(vals_list)
        self.assert_same(created, written)
        self.assertEqual(created.mapped(lambda lead: lead.tag_ids.ids), written.mapped(lambda lead: lead.tag_ids.ids))
        self.assertEqual(self.keys(written), self.keys(created))
        rows = self.columns(written)
        self.assertGreater(len({row["probability"] for row in rows}), 1, "the sample is worth comparing")
        self.assertEqual({row["email_state"] for row in rows}, {None, "correct", "incorrect"})
        self.assertEqual({row["phone_state"] for row in rows}, {None, "correct", "incorrect"})

    def test_leads_of_customers_take_over_what_is_known_and_give_back_what_is_new(self):
        vals_list = [self.make_values(number) for number in range(40)]
        twins = [dict(vals, partner_id=self.make_customer()) for vals in vals_list]
        state = self.random.getstate()
        vals_list = [dict(vals, partner_id=self.make_customer()) for vals in vals_list]
        self.random.setstate(state)
        for vals, twin in zip(vals_list, twins):
            self.env["res.partner"].browse(vals["partner_id"]).is_company = self.env["res.partner"].browse(twin["partner_id"]).is_company
        created, written = self.write_both(vals_list, twins)
        self.assert_same(created, written, but={"partner_id", "commercial_partner_id"})
        for name in ("phone", "email", "is_customer"):
            self.assertEqual([lead.partner_id[name] for lead in written], [lead.partner_id[name] for lead in created], name)

    def test_strangers_do_not_change_customers(self):
        partner = self.env["res.partner"].create({"name": "Known", "phone": "0755 8888 1234", "email": "known@example.com"})
        vals = {"name": "Again", "partner_id": partner.id, "phone": "13800000000", "email_from": "other@example.com"}
        lead = self.env["crm.lead.writer"]._create_leads([vals], invert=False)
        self.assertEqual((lead.phone, lead.email_from), ("13800000000", "other@example.com"))
        self.assertEqual((partner.phone, partner.email), ("0755 8888 1234", "known@example.com"))

    def test_won_leads_count_for_predictions_once(self):
        def total():
            self.env.cr.execute("SELECT COALESCE(sum(won_count), 0) FROM crm_lead_scoring_frequency WHERE variable = 'stage_id'")
            return float(self.env.cr.fetchone()[0])

        self.env["ir.config_parameter"].set_param("crm.pls_start_date", "2020-01-01")
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        before = total()
        leads = self.env["crm.lead.writer"]._create_leads([{"name": "Won", "stage_id": won.id, "team_id": self.team.id}] * 5)
        self.env["crm.lead.scoring.frequency"].flush()
        self.assertEqual(set(leads.mapped("probability")), {100.0})
        self.assertGreater(total(), before)

    # -- followers, messages, hooks ----------------------------------------------------------------------------------

    def test_owners_follow_and_nobody_is_written_to(self):
        vals_list = [{"name": "Mine", "user_id": self.user.id}, {"name": "Nobody's", "user_id": False}]
        leads = self.env["crm.lead.writer"]._create_leads(vals_list)
        self.assertEqual(leads[0].message_partner_ids, self.user.partner_id)
        self.assertFalse(leads[1].message_partner_ids)
        self.assertFalse(leads.message_ids)

    def test_the_hook_is_called_once_a_batch_with_the_origin(self):
        calls = []

        @api.model
        def hook(model, leads, origin):
            calls.append((len(leads), origin, leads.mapped("name")))

        with patch.object(type(self.env["crm.lead"]), "_leads_created", hook):
            self.env["crm.lead.writer"]._create_leads([{"name": "A"}, {"name": "B"}], origin="import")
            self.env["crm.lead"].create([{"name": "C"}, {"name": "D"}, {"name": "E"}])
        self.assertEqual(calls, [(2, "import", ["A", "B"]), (3, "", ["C", "D", "E"])])

    def test_pre_allocated_ids_are_used(self):
        ids = self.env["crm.lead.writer"]._new_ids(3)
        leads = self.env["crm.lead.writer"]._create_leads([{"name": name} for name in "ABC"], ids=ids)
        self.assertEqual(leads.ids, ids)
        self.assertEqual(leads.mapped("name"), list("ABC"))

    # -- automated actions -------------------------------------------------------------------------------------------

    def automation(self, trigger, code, **values):
        return self.env["base.automation"].create({
            "name": trigger,
            "model_id": self.env.ref("crm.model_crm_lead").id,
            "trigger": trigger,
            "state": "code",
            "code": code,
            **values,
        })  # fmt: skip

    def test_automations_run_for_those_they_are_meant_for(self):
        self.automation("on_create", "records.write({'referred': 'new'})", filter_domain="[('city', '=', '广州')]")
        self.automation("on_create_or_write", "record.message_post(body='seen')", filter_domain="[('priority', '=', '3')]")
        vals_list = [{"name": "A", "city": "广州"}, {"name": "B", "city": "北京"}, {"name": "C", "priority": "3"}]
        created, written = self.write_both(vals_list)
        self.assertEqual(written.mapped("referred"), ["new", False, False])
        self.assertEqual(written.mapped("referred"), created.mapped("referred"))
        self.assertEqual([bool(lead.message_ids) for lead in written], [False, False, True])
        self.assertTrue(self.env["crm.lead.writer"]._may_write(), "not by giving up")

    def test_automations_on_update_see_new_leads_as_with_create(self):
        self.automation("on_write", "records.write({'referred': 'staged'})", filter_domain="[('stage_id', '!=', False)]",
                        trigger_field_ids=[(6, 0, self.env.ref("crm.field_crm_lead__stage_id").ids)])  # fmt: skip
        created, written = self.write_both([{"name": "A"}, {"name": "B"}])
        self.assertEqual(created.mapped("referred"), ["staged"] * 2)
        self.assertEqual(written.mapped("referred"), created.mapped("referred"))

    def test_a_condition_on_the_state_before_is_left_to_create(self):
        self.automation("on_write", "records.write({'referred': 'x'})", filter_pre_domain="[('stage_id', '=', False)]")
        self.assertFalse(self.env["crm.lead.writer"]._may_write())
        created, written = self.write_both([{"name": "A"}])
        self.assertEqual(written.referred, created.referred)

    # -- what the writer does not know -------------------------------------------------------------------------------

    def test_the_suite_itself_is_known(self):
        self.assertFalse(self.env["crm.lead.writer"]._get_unknown_overrides())

    def test_an_unknown_override_of_create_makes_it_step_back(self):
        seen = []

        class Stranger:
            """As a further addon would."""

            def create(model, vals_list):
                seen.extend(vals["name"] for vals in vals_list)
                return origin(model, vals_list)

        origin = type(self.env["crm.lead"]).create
        create = api.model_create_multi(Stranger.create)
        create.__module__ = "odoo.addons.stranger.models.crm_lead"
        with patch.object(type(self.env["crm.lead"]), "create", create):
            ids = self.env["crm.lead.writer"]._new_ids(2)
            leads = self.env["crm.lead.writer"]._create_leads([{"name": "A"}, {"name": "B"}], ids=ids)
        self.assertEqual(seen, ["A", "B"])
        self.assertEqual(leads.ids, ids)

    def test_values_only_the_orm_writes_are_left_to_it(self):
        vals = {"name": "A", "tag_ids": [(0, 0, {"name": "brand new"})]}
        lead = self.env["crm.lead.writer"]._create_leads([vals])
        self.assertEqual(lead.tag_ids.name, "brand new")

    # -- cost --------------------------------------------------------------------------------------------------------

    def test_the_number_of_queries_does_not_follow_the_number_of_leads(self):
        def queries(number):
            vals_list = [{"name": "Q", "phone": "1370000%04d" % n, "user_id": False} for n in range(number)]
            self.env["crm.lead.writer"]._create_leads(vals_list[:2])
            before = self.env.cr.sql_log_count
            self.env["crm.lead.writer"]._create_leads(vals_list)
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(queries(400) - queries(40), 6)
