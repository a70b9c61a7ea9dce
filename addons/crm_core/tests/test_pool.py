# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests.common import Form, new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CrmUserError, CrmValidationError, OwnershipError
from .common import RolesCase


class PoolCase(RolesCase):
    """A pool of team East for leads of product interest "Drill", a general one, and one for customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.pool"].search([]).active = False
        pools = cls.env["crm.pool"].create(
            [
                {"name": "East", "team_id": cls.east.id, "domain": "[('name', 'like', 'Drill')]", "sequence": 1},
                {"name": "General", "sequence": 2, "cooldown_days": 3},
                {"name": "Customers", "res_model": "res.partner"},
            ]
        )
        cls.pool_east, cls.pool_general, cls.pool_customer = pools
        cls.reason = cls.env.ref("crm_core.release_reason_no_answer")
        cls.carol = cls._user("carol", "crm_core.group_sales_rep")
        cls.east.member_ids += cls.carol
        cls.pooled = cls._pooled(cls.pool_general, "Pooled")
        cls.pooled_east = cls._pooled(cls.pool_east, "Drill")

    @classmethod
    def _pooled(cls, pool, name, **vals):
        return cls.env["crm.lead"].create(
            {"name": name, "pool_id": pool.id, "team_id": False, "phone": "13911112222", "email_from": "p@x.example", **vals}
        )

    def claim(self, records, user):
        model = "crm.pool.lead" if records._name == "crm.lead" else "crm.pool.customer"
        action = self.env[model].with_user(user).browse(records.ids).action_claim()
        records.invalidate_cache()
        return action

    def choices(self, user, model="crm.pool.lead"):
        """What lies in the pools made here, as the user sees it."""
        pools = self.pool_east + self.pool_general + self.pool_customer
        return self.env[model].with_user(user).search([("pool_id", "in", pools.ids)])


class TestWhatRepsSee(PoolCase):
    def test_pooled_leads_are_hidden_from_reps_and_plain_salesmen(self):
        plain = new_test_user(self.env, "plain", groups="sales_team.group_sale_salesman")
        for user in self.ann + self.bob + plain:
            with self.subTest(user=user.name):
                self.assertFalse(self.visible(self.pooled + self.pooled_east, user))
                with self.assertRaises(AccessError):
                    self.pooled.with_user(user).read(["name"])

    def test_pooled_leads_show_to_leaders_of_the_pool_and_to_directors(self):
        leads = self.pooled + self.pooled_east
        self.assertEqual(self.visible(leads, self.nora), self.pooled_east)
        self.assertFalse(self.visible(leads, self.sam))
        self.assertEqual(self.visible(leads, self.director), leads)

    def test_reps_choose_from_the_pools_of_their_teams(self):
        seen = {user: set(self.choices(user).mapped("name")) for user in (self.ann, self.bob, self.nora, self.director)}
        self.assertEqual(seen[self.ann], {"Pooled", "Drill"})
        self.assertEqual(seen[self.bob], {"Pooled"})
        self.assertEqual(seen[self.nora], {"Pooled", "Drill"})
        self.assertEqual(seen[self.director], {"Pooled", "Drill"})

    def test_members_only_if_the_pool_names_some(self):
        self.pool_east.member_ids = self.bob
        self.assertEqual(set(self.choices(self.ann).mapped("name")), {"Pooled"})
        self.assertEqual(set(self.choices(self.bob).mapped("name")), {"Pooled", "Drill"})

    def test_choices_hold_no_contact_details(self):
        names = set(self.env["crm.pool.lead"]._fields) | set(self.env["crm.pool.customer"]._fields)
        details = self.env["crm.lead"]._get_contact_detail_fields() | self.env["res.partner"]._get_contact_detail_fields()
        self.assertFalse(names & (details | {"contact_name", "partner_id", "commercial_partner_id"}))

    def test_details_typed_into_a_subject_are_blotted_out(self):
        texts = {
            "Call 13912345678 or +86 139-1234-5678": "Call ****** or ******",
            "Mail to li.wei@example.com, 3 drills": "Mail to ******, 3 drills",
            "全角１３９１２３４５６７８": "全角******",
            "Order of 2026, 1200 pieces": "Order of 2026, 1200 pieces",
        }
        leads = {text: self._pooled(self.pool_general, text, partner_name=text) for text in texts}
        self.env["crm.lead"].flush()
        for text, blotted in texts.items():
            entry = self.env["crm.pool.lead"].with_user(self.ann).browse(leads[text].id)
            self.assertEqual((entry.name, entry.partner_name), (blotted, blotted))

    def test_pooled_customer_is_hidden_even_with_an_own_lost_lead_on_it(self):
        self.lead_ann.partner_id = self.customer_bob
        self.lead_ann.action_set_lost()
        self.customer_bob.with_user(self.bob)._release(self.reason)
        contact = self.env["res.partner"].create({"name": "New contact", "parent_id": self.customer_bob.id})
        self.assertFalse(self.visible(self.customer_bob + contact, self.ann))
        self.assertEqual(self.choices(self.ann, "crm.pool.customer").mapped("name"), ["Bob's customer"])

    def test_choice_says_how_often_it_was_held_and_why_it_is_here(self):
        self.lead_ann.with_user(self.ann)._release(self.reason)
        entry = self.env["crm.pool.lead"].with_user(self.bob).browse(self.lead_ann.id)
        self.assertEqual((entry.times_held, entry.last_reason), (1, self.reason.name))


class TestClaim(PoolCase):
    def test_claiming_makes_owner_and_opens_the_lead(self):
        action = self.claim(self.pooled, self.ann)
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", self.pooled.id))
        self.assertEqual((self.pooled.user_id, self.pooled.team_id), (self.ann, self.east))
        self.assertFalse(self.pooled.pool_id)
        self.assertEqual(self.pooled.claimed_pool_id, self.pool_general)
        self.assertEqual(self.pooled.with_user(self.ann).read(["phone"])[0]["phone"], "13911112222")

    def test_second_one_is_told_who_was_faster(self):
        self.claim(self.pooled, self.ann)
        with self.assertRaisesRegex(OwnershipError, "just claimed by a colleague, Ann"):
            self.claim(self.pooled, self.bob)
        self.assertEqual(self.pooled.user_id, self.ann)

    def test_nothing_is_told_of_what_was_never_in_reach(self):
        for lead in self.lead_bob + self.pooled_east:
            with self.assertRaisesRegex(OwnershipError, "none of the public pools you may claim from"):
                self.claim(lead, self.sam if lead == self.pooled_east else self.ann)

    def test_claims_a_day(self):
        self.pool_general.claim_limit_day = 2
        leads = self.pooled + self._pooled(self.pool_general, "2") + self._pooled(self.pool_general, "3")
        action = self.claim(leads, self.ann)
        self.assertEqual(leads.mapped("user_id.name"), ["Ann"])
        self.assertEqual(len(leads.filtered("user_id")), 2)
        self.assertIn("limit of “General” is 2", action["params"]["message"])
        with self.assertRaisesRegex(OwnershipError, "tomorrow"):
            self.claim(leads[2], self.ann)
        self.env.cr.execute("UPDATE crm_holding SET date = date - interval '1 day'")
        self.env["crm.holding"].invalidate_cache()
        self.claim(leads[2], self.ann)
        self.assertEqual(leads[2].user_id, self.ann)

    def test_held_in_total_counts_open_ones_claimed_there(self):
        self.pool_general.claim_limit_held = 1
        second = self._pooled(self.pool_general, "2")
        self.claim(self.pooled, self.ann)
        with self.assertRaisesRegex(OwnershipError, "You hold 1 of “General”"):
            self.claim(second, self.ann)
        self.pooled.action_set_lost()
        self.claim(second, self.ann)
        self.assertEqual(second.user_id, self.ann)

    def test_own_limit_counts_leads_and_customers_over_all_pools(self):
        self.ann.crm_claim_limit_held = 3  # has a lead and a customer
        self.claim(self.pooled, self.ann)
        with self.assertRaisesRegex(OwnershipError, "You hold 3 leads and customers; your limit is 3"):
            self.claim(self.pooled_east, self.ann)

    def test_own_limit_a_day(self):
        self.ann.crm_claim_limit_day = 1
        self.claim(self.pooled, self.ann)
        with self.assertRaisesRegex(OwnershipError, "1 claims a day"):
            self.claim(self.pooled_east, self.ann)

    def test_cool_down_before_the_same_rep_claims_again(self):
        self.lead_ann.with_user(self.ann)._release(self.reason)
        with self.assertRaisesRegex(OwnershipError, "You had “Ann's lead”"):
            self.claim(self.lead_ann, self.ann)
        self.env.cr.execute("UPDATE crm_holding SET date = date - interval '4 days'")
        self.env["crm.holding"].invalidate_cache()
        self.claim(self.lead_ann, self.ann)
        self.assertEqual(self.lead_ann.user_id, self.ann)

    def test_cool_down_does_not_bind_others(self):
        self.lead_ann.with_user(self.ann)._release(self.reason)
        self.claim(self.lead_ann, self.bob)
        self.assertEqual(self.lead_ann.user_id, self.bob)

    def test_statements_do_not_grow_with_the_number(self):
        self.pool_general.write({"claim_limit_day": 0, "claim_limit_held": 0})
        leads = self.env["crm.lead"].create(
            [{"name": str(number), "pool_id": self.pool_general.id, "team_id": False} for number in range(22)]
        )
        leads.flush()

        def count(records):
            before = self.env.cr.sql_log_count
            self.claim(records, self.ann)
            return self.env.cr.sql_log_count - before

        self.claim(leads[:2], self.ann)
        self.assertEqual(count(leads[2:4]), count(leads[4:]))

    def test_claiming_a_customer_brings_its_contacts(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer_bob.id})
        self.customer_bob.with_user(self.bob)._release(self.reason)
        self.claim(self.customer_bob, self.ann)
        self.assertEqual((self.customer_bob + contact).mapped("user_id"), self.ann)
        self.assertFalse((self.customer_bob + contact).pool_id)
        self.assertEqual(self.visible(contact, self.ann), contact)

    def test_readers_do_not_claim(self):
        for user in self.marketer + self.executive + self.clerk:
            with self.subTest(user=user.name), self.assertRaises((AccessError, OwnershipError)):
                self.claim(self.pooled, user)

    def test_lead_goes_into_the_first_pool_that_takes_it(self):
        self.lead_ann.name = "Drill wanted"
        self.lead_ann.with_user(self.ann)._release(self.reason, "Never answers")
        self.assertEqual(self.lead_ann.pool_id, self.pool_east)
        self.assertEqual(self.lead_ann.holding_ids.note, "Never answers")

    def test_no_pool_no_release(self):
        self.pool_general.active = False
        with self.assertRaisesRegex(OwnershipError, "No public pool takes"):
            self.lead_ann.with_user(self.ann)._release(self.reason)

    def test_pool_of_another_company_takes_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["crm.pool"].create({"name": "Other's", "company_id": other.id, "sequence": 0})
        self.lead_ann.with_user(self.ann)._release(self.reason)
        self.assertEqual(self.lead_ann.pool_id, self.pool_general)


class TestRelease(PoolCase):
    def wizard(self, records, user):
        action = records.with_user(user).action_release()
        return Form(self.env["crm.pool.release"].with_user(user).with_context(**action["context"]))

    def test_release_asks_for_a_reason(self):
        with self.wizard(self.lead_ann, self.ann) as form:
            with self.assertRaises(AssertionError):
                form.save()
            form.reason_id = self.reason
        wizard = form.save()
        wizard.action_release()
        self.assertEqual(self.lead_ann.pool_id, self.pool_general)
        self.assertEqual(self.lead_ann.holding_ids.release_reason_id, self.reason)

    def test_without_a_reason_through_the_back_door(self):
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.ann)._release(self.env["crm.release.reason"])

    def test_others_leads_are_not_released(self):
        wizard = self.env["crm.pool.release"].with_user(self.ann)
        vals = {"res_model": "crm.lead", "res_ids": str(self.lead_bob.id), "reason_id": self.reason.id}
        with self.assertRaises(OwnershipError):
            wizard.create(vals).action_release()
        self.assertEqual(self.lead_bob.user_id, self.bob)

    def test_leader_releases_the_teams_leads_only(self):
        self.lead_ann.with_user(self.nora)._release(self.reason)
        self.assertEqual(self.lead_ann.pool_id, self.pool_general)
        with self.assertRaises(OwnershipError):
            self.lead_bob.with_user(self.nora)._release(self.reason)

    def test_closed_leads_stay(self):
        self.lead_ann.action_set_won()
        with self.assertRaisesRegex(OwnershipError, "won or lost"):
            self.lead_ann.with_user(self.ann)._release(self.reason)

    def test_customer_with_an_open_lead_stays(self):
        self.lead_bob.partner_id = self.customer_bob
        with self.assertRaisesRegex(OwnershipError, "still open"):
            self.customer_bob.with_user(self.bob)._release(self.reason)


class TestBatch(PoolCase):
    def assign(self, records, actor, users):
        action = records.with_user(actor).action_assign_batch()
        form = Form(self.env["crm.pool.assign"].with_user(actor).with_context(**action["context"]))
        for user in users:
            form.user_ids.add(user)
        return form.save().action_assign()

    def test_evenly(self):
        leads = self.pooled_east + sum(
            (self._pooled(self.pool_east, "Drill %d" % n) for n in range(6)), self.env["crm.lead"]
        )
        self.assign(leads, self.eli, self.ann + self.carol)
        owners = [lead.user_id for lead in leads]
        self.assertEqual(sorted([owners.count(self.ann), owners.count(self.carol)]), [3, 4])
        self.assertEqual(leads.holding_ids.mapped("reason"), ["batch"] * 7)

    def test_each_is_told_in_one_message(self):
        leads = self.pooled_east + self._pooled(self.pool_east, "Drill 2")
        before = self.env["mail.message"].search_count([])
        self.assign(leads, self.eli, self.ann)
        self.assertEqual(self.env["mail.message"].search_count([]) - before, 1)

    def test_leader_assigns_within_the_teams_led_only(self):
        with self.assertRaises(OwnershipError):
            self.pooled_east.with_user(self.eli)._assign_batch(self.bob)
        with self.assertRaises(OwnershipError):
            self.pooled_east.with_user(self.sam)._assign_batch(self.bob)
        with self.assertRaises(OwnershipError):
            self.pooled_east.with_user(self.ann)._assign_batch(self.ann)

    def test_leader_assigns_from_pools_of_everybody(self):
        self.assign(self.pooled, self.eli, self.ann)
        self.assertEqual(self.pooled.user_id, self.ann)

    def test_director_assigns_everything(self):
        self.assign(self.pooled + self.lead_ann, self.director, self.bob)
        self.assertEqual((self.pooled + self.lead_ann).user_id, self.bob)
        self.assertEqual(self.lead_ann.holding_ids.reason, "handed_over")

    def test_reps_cannot_open_it(self):
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.ann).action_assign_batch()


class TestGuard(PoolCase):
    def test_nobody_takes_a_pooled_lead_by_writing_its_owner(self):
        for user in self.env.user + self.director + self.nora + self.eli + self.ann:
            for vals in (
                {"user_id": user.id},
                {"user_id": user.id, "pool_id": False},
                {"pool_id": False},
                {"pool_id": self.pool_general.id},
                {"claimed_pool_id": self.pool_general.id},
            ):
                with self.subTest(user=user.name, vals=vals), self.assertRaises((AccessError, OwnershipError)):
                    self.pooled_east.with_user(user).write(vals)
        with self.assertRaises(OwnershipError):
            self.pooled_east.sudo().user_id = self.ann

    def test_not_even_below_the_orm(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE crm_lead SET user_id = 1 WHERE id = %s", self.pooled.ids)

    def test_reps_do_not_hand_over_by_themselves(self):
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.ann).user_id = self.bob
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.ann).user_id = False

    def test_reps_do_not_take_a_customer_they_met_in_an_own_lead(self):
        self.lead_ann.partner_id = self.customer_bob
        with self.assertRaises(OwnershipError):
            self.customer_bob.with_user(self.ann).user_id = self.ann

    def test_reps_do_not_create_for_others(self):
        with self.assertRaises(AccessError):
            self.env["crm.lead"].with_user(self.ann).create({"name": "For Bob", "user_id": self.bob.id})
        with self.assertRaises((AccessError, OwnershipError)):
            self.env["crm.lead"].with_user(self.ann).create({"name": "Parked", "pool_id": self.pool_general.id})

    def test_unowned_leads_are_not_taken_by_plain_salesmen(self):
        plain = new_test_user(self.env, "plain", groups="sales_team.group_sale_salesman")
        lead = self.env["crm.lead"].create({"name": "Nobody's", "user_id": False})
        with self.assertRaises(OwnershipError):
            lead.with_user(plain).user_id = plain

    def test_unowned_leads_are_given_by_leaders_of_their_team(self):
        lead = self.env["crm.lead"].create({"name": "Nobody's", "user_id": False, "team_id": self.east.id})
        lead.with_user(self.eli).user_id = self.ann
        self.assertEqual(lead.user_id, self.ann)

    def test_leader_does_not_give_to_other_teams(self):
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.eli).user_id = self.bob

    def test_copy_of_a_claimed_lead_is_in_no_pool(self):
        self.claim(self.pooled, self.ann)
        copy = self.pooled.with_user(self.ann).copy()
        self.assertFalse(copy.pool_id or copy.claimed_pool_id)

    def test_copy_of_a_pooled_lead_is_for_directors_and_in_no_pool(self):
        with self.assertRaises(AccessError):
            self.pooled.with_user(self.ann).copy()
        self.assertFalse(self.pooled.with_user(self.director).copy().pool_id)

    def test_import_does_not_take(self):
        for user in self.ann + self.director:
            result = self.env["crm.lead"].with_user(user).load(
                [".id", "user_id/.id"], [[str(self.pooled.id), str(user.id)]]
            )
            self.assertFalse(result["ids"])
            self.assertFalse(self.pooled.user_id)

    def test_convert_wizard_does_not_take(self):
        for user in self.ann + self.nora + self.director:
            wizard = self.env["crm.lead2opportunity.partner"].with_user(user).with_context(
                active_model="crm.lead", active_id=self.pooled_east.id, active_ids=self.pooled_east.ids
            )
            with self.subTest(user=user.name), self.assertRaises((AccessError, OwnershipError)):
                wizard.create({"name": "convert", "user_id": user.id, "action": "nothing"}).action_apply()
            self.assertFalse(self.pooled_east.user_id)

    def test_merge_does_not_take(self):
        self.lead_ann.name = self.pooled_east.name
        for user in self.nora + self.director:
            wizard = self.env["crm.merge.opportunity"].with_user(user)
            leads = (self.pooled_east + self.lead_ann).ids
            with self.subTest(user=user.name), self.assertRaises((AccessError, OwnershipError)):
                wizard.create({"opportunity_ids": [(6, 0, leads)], "user_id": user.id}).action_merge()

    def test_activities_and_messages_do_not_reach_it(self):
        self.pooled.with_user(self.director).message_post(body="internal")
        for call in (
            lambda lead: lead.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id),
            lambda lead: lead.message_post(body="mine"),
        ):
            with self.assertRaises(AccessError):
                call(self.pooled.with_user(self.ann))
        self.pooled.with_user(self.ann).message_subscribe(self.ann.partner_id.ids)
        self.assertNotIn(self.ann.partner_id, self.pooled.message_partner_ids)

    def test_lead_on_a_pooled_customer_is_not_a_way_in(self):
        self.customer_bob.with_user(self.bob)._release(self.reason)
        with self.assertRaises(CrmUserError):
            self.env["crm.lead"].with_user(self.ann).create({"name": "Sly", "partner_id": self.customer_bob.id})

    def test_contact_of_a_pooled_company_has_no_owner(self):
        self.customer_bob.with_user(self.bob)._release(self.reason)
        with self.assertRaises(OwnershipError):
            self.env["res.partner"].create(
                {"name": "Contact", "parent_id": self.customer_bob.id, "user_id": self.ann.id}
            )

    def test_protection_is_for_leaders(self):
        with self.assertRaises(OwnershipError):
            self.lead_ann.with_user(self.ann).recycle_protected = True
        self.lead_ann.with_user(self.nora).recycle_protected = True

    def test_old_owner_loses_sight(self):
        self.lead_ann.with_user(self.ann).message_post(body="<p>secret plan</p>")
        self.lead_ann.with_user(self.ann)._release(self.reason)
        self.assertFalse(self.visible(self.lead_ann, self.ann))


class TestPool(PoolCase):
    def test_conditions_are_checked(self):
        for domain in ("[('nonsense', '=', 1)]", "oops", "[("):
            with self.subTest(domain=domain), self.assertRaises(CrmValidationError):
                self.pool_general.domain = domain

    def test_used_pool_keeps_its_kind(self):
        with self.assertRaises(CrmValidationError):
            self.pool_general.res_model = "res.partner"

    def test_used_pool_is_not_deleted(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.pool_general.unlink()

    def test_directors_set_pools_up_others_do_not(self):
        self.pool_general.with_user(self.director).cooldown_days = 5
        for user in self.ann + self.nora + self.executive:
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.pool_general.with_user(user).cooldown_days = 0

    def test_limits_are_not_negative(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.pool_general.claim_limit_day = -1
            self.pool_general.flush()

    def test_time_in_pool_is_kept(self):
        self.lead_ann.with_user(self.ann)._release(self.reason)
        self.assertLess(fields.Datetime.now() - self.lead_ann.pooled_since, timedelta(minutes=1))
