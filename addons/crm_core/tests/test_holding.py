# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from freezegun import freeze_time
from odoo import fields

from ..exceptions import OwnershipError
from .common import RolesCase

#: Stored fields of leads that follow from the owner, directly or through others: ``_transfer`` keeps these right
FOLLOWING = {
    "team_id",
    "date_open",
    "day_open",
    "probability",
    "automated_probability",
    "prorated_revenue",
    "recurring_revenue_monthly_prorated",
    # they depend on the team only as long as the lead has none; a team that sells another way: crm_lead_selling
    "selling_model_id",
    "stage_id",
    "date_last_stage_update",
    "dedupe_synced",
}


class TestTransfer(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls.env["crm.pool"].create({"name": "Pool", "team_id": cls.east.id})
        cls.leads = cls.env["crm.lead"].create(
            [{"name": "Lead %d" % n, "user_id": False, "team_id": False, "type": "opportunity"} for n in range(12)]
        )
        cls.holding = cls.env["crm.holding"]

    def transfer(self, records, user, reason="assigned", **kwargs):
        return self.holding._transfer(records._name, dict.fromkeys(records.ids, user and user.id), reason, **kwargs)

    def history(self, record):
        return [(row.reason, row.from_user_id, row.to_user_id, row.to_pool_id) for row in record.holding_ids]

    def test_sets_what_the_orm_sets(self):
        """Twins, one written by the ORM and one transferred, are equal in every stored column.

        One deal won and two lost teach Odoo's prediction something.
        """
        taught = self.leads[2:5]
        taught.write({"team_id": self.south.id})
        taught[0].action_set_won()
        taught[1:].action_set_lost()
        vals = {"name": "Twin", "user_id": False, "team_id": self.south.id, "type": "opportunity", "expected_revenue": 500}
        by_orm, by_sql = (self.env["crm.lead"].create(vals) for _twin in range(2))
        with freeze_time("2030-01-01 10:00:00"):  # both in one second
            by_orm.user_id = self.ann
            self.leads.flush()
            self.transfer(by_sql, self.ann)
        skipped = {"id", "write_date", "create_date", "date_last_stage_update", "message_main_attachment_id"}
        names = [n for n, field in self.leads._fields.items() if field.store and field.column_type and n not in skipped]
        self.assertGreater(by_sql.probability, 0)
        self.assertEqual(by_sql.read(names)[0], {**by_orm.read(names)[0], "id": by_sql.id})

    def test_no_other_stored_field_follows_from_the_owner(self):
        """An addon that adds one finds out here, and extends ``_transfer``."""
        found = set()

        def walk(node):
            for key, value in (node or {}).items():
                if key is None:
                    found.update(field.name for field in value if field.store and field.model_name == "crm.lead")
                else:
                    walk(value)

        for name in ("user_id", "team_id"):
            walk(self.env.registry.field_triggers.get(self.env["crm.lead"]._fields[name]))
        self.assertLessEqual(found, FOLLOWING)

    def test_stage_date_stays(self):
        self.env.cr.execute("UPDATE crm_lead SET date_last_stage_update = '2020-01-01' WHERE id = %s", self.leads[:1].ids)
        self.leads.invalidate_cache()
        self.transfer(self.leads[0], self.ann)
        self.assertEqual(fields.Datetime.to_string(self.leads[0].date_last_stage_update), "2020-01-01 00:00:00")

    def test_statements_do_not_grow_with_the_number(self):
        def count(leads):
            before = self.env.cr.sql_log_count
            self.transfer(leads, self.ann)
            return self.env.cr.sql_log_count - before

        count(self.leads[:2])  # fills the caches
        self.assertEqual(count(self.leads[2:4]), count(self.leads[4:]))

    def test_returns_what_changed_and_logs_only_that(self):
        self.transfer(self.leads[:2], self.ann)
        self.assertEqual(self.transfer(self.leads[:3], self.ann), self.leads[2].ids)
        self.assertEqual(len(self.leads[0].holding_ids), 1)

    def test_log_says_who_held_it_and_where_it_went(self):
        lead = self.leads[0]
        self.transfer(lead, self.ann)
        self.transfer(lead, False, "released", pool_id=self.pool.id, details={"note": "50% off"})
        self.transfer(lead, self.bob, "batch")
        nobody, no_pool = self.env["res.users"], self.pool.browse()
        self.assertEqual(
            self.history(lead),
            [
                ("batch", nobody, self.bob, no_pool),
                ("released", self.ann, nobody, self.pool),
                ("assigned", nobody, self.ann, no_pool),
            ],
        )
        released = lead.holding_ids[1]
        self.assertEqual((released.note, released.user_id, released.name), ("50% off", self.env.user, "Lead 0"))
        self.assertTrue(released.held_since)

    def test_team_stays_if_the_owner_is_in_it_or_leads_it(self):
        self.leads.team_id = self.east
        self.transfer(self.leads[0], self.ann)
        self.transfer(self.leads[1], self.eli)
        self.transfer(self.leads[2], self.bob)
        self.transfer(self.leads[3], False, "recycled", pool_id=self.pool.id)
        self.assertEqual(self.leads[:4].mapped("team_id.name"), ["East", "South"])
        self.assertEqual(self.leads[2].team_id, self.south)

    def test_given_team_is_taken(self):
        self.transfer(self.leads[0], self.ann, team_ids={self.leads[0].id: self.south.id})
        self.assertEqual(self.leads[0].team_id, self.south)

    def test_followers_go_along(self):
        lead = self.leads[0]
        self.transfer(lead, self.ann)
        self.assertIn(self.ann.partner_id, lead.message_partner_ids)
        self.assertTrue(lead.message_follower_ids.subtype_ids)
        self.transfer(lead, self.bob)
        self.assertEqual(lead.message_partner_ids & (self.ann + self.bob).partner_id, self.bob.partner_id)

    def test_open_activities_go_to_the_new_owner_and_are_dropped_in_a_pool(self):
        lead = self.leads[0]
        self.transfer(lead, self.ann)
        activity = lead.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
        other = lead.activity_schedule("mail.mail_activity_data_call", user_id=self.director.id)
        self.transfer(lead, self.bob)
        self.assertEqual(activity.user_id, self.bob)
        self.transfer(lead, False, "released", pool_id=self.pool.id)
        self.assertEqual(lead.activity_ids, other)

    def test_customer_takes_contacts_of_the_same_owner_along(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.customer_ann.id, "user_id": self.ann.id})
        stranger = self.env["res.partner"].create({"name": "D", "parent_id": self.customer_ann.id, "user_id": self.sam.id})
        self.transfer(self.customer_ann, self.bob, "handed_over")
        self.assertEqual((self.customer_ann + contact).user_id, self.bob)
        self.assertEqual(stranger.user_id, self.sam)
        self.transfer(self.customer_ann, False, "recycled", pool_id=self.pool.id)
        self.assertFalse((self.customer_ann + contact + stranger).user_id)
        self.assertEqual((self.customer_ann + contact + stranger).pool_id, self.pool)

    def test_automations_run_as_after_a_write(self):
        self.env["base.automation"].create(
            {
                "name": "Tag what Ann gets",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "trigger": "on_write",
                "filter_pre_domain": "[('user_id', '=', False)]",
                "filter_domain": "[('user_id', '=', %d)]" % self.ann.id,
                "state": "code",
                "code": "record.write({'referred': 'automation'})",
            }
        )
        self.transfer(self.leads[0], self.ann)
        self.transfer(self.leads[1], self.bob)
        self.assertEqual(self.leads[:2].mapped("referred"), ["automation", False])

    def test_written_owner_is_logged_too(self):
        self.lead_ann.with_user(self.nora).user_id = self.eli
        self.assertEqual(self.history(self.lead_ann)[0][:3], ("manual", self.ann, self.eli))

    def test_nobody_changes_the_log(self):
        self.transfer(self.leads[0], self.ann)
        row = self.leads[0].holding_ids
        for change in (lambda: row.write({"note": "x"}), row.unlink, lambda: row.copy(), lambda: row.create({})):
            with self.assertRaises(OwnershipError):
                change()

    def test_reps_read_their_own_log_leaders_their_teams(self):
        self.transfer(self.leads[0], self.ann)
        self.transfer(self.leads[1], self.bob)
        rows = (self.leads[0] + self.leads[1]).mapped("holding_ids")
        readers = {self.ann: self.leads[0], self.eli: self.leads[0], self.nora: self.leads[0], self.sam: self.leads[1]}
        readers[self.director] = readers[self.executive] = self.leads[0] + self.leads[1]
        for user, leads in readers.items():
            with self.subTest(user=user.name):
                self.assertEqual(self.visible(rows, user).lead_id, leads)
