# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError

from ..engine.pace import judge, usual
from ..exceptions import CrmValidationError
from .common import RolesCase


class ReminderCase(RolesCase):
    """Two stages; 7 days in the first are all right, 5 more until the leader hears of it. Ann's team is led by Eli."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.reminder.rule"].search([]).unlink()
        cls.env["crm.lead"].search([("id", "not in", (cls.lead_ann + cls.lead_bob).ids)]).active = False
        cls.early, cls.late, cls.won = (
            cls.env["crm.stage"].create({"name": name, "sequence": 700 + n, "is_won": name == "Won"})
            for n, name in enumerate(("Early", "Late", "Won"))
        )
        cls.lead = cls._deal("Deal")

    @classmethod
    def _deal(cls, name, days=0, stage=None, **vals):
        """An opportunity of Ann's that has been in its stage for ``days``."""
        vals = {"type": "opportunity", "stage_id": (stage or cls.early).id, **vals}
        lead = cls._lead(vals.pop("owner", cls.ann), name, **vals)
        cls._age(lead, days)
        return lead

    @classmethod
    def _age(cls, lead, days):
        lead.flush()
        moment = fields.Datetime.now() - timedelta(days=days, minutes=5)
        cls.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = %s, create_date = %s WHERE id = ANY(%s)", [moment, moment, lead.ids]
        )
        lead.invalidate_cache()

    def _rule(self, kind, **vals):
        return self.env["crm.reminder.rule"].create({"kind": kind, **vals})

    def _remind(self):
        """Run; returns the new reminders as (level, kind, lead name, to), sorted."""
        before = self.env["crm.reminder"].search([])
        self.env["crm.reminder"]._cron_remind()
        new = self.env["crm.reminder"].search([]) - before
        return sorted((one.level, one.kind, one.lead_id.name, one.user_id.name) for one in new)


class TestStageReminder(ReminderCase):
    def test_rep_is_told_once_then_the_leader(self):
        self._rule("stage", days=7, leader_days=5)
        self.assertEqual(self._remind(), [])
        self._age(self.lead, 8)
        self.assertEqual(self._remind(), [("rep", "stage", "Deal", "Ann")])
        self.assertEqual(self._remind(), [])
        self._let_pass(self.lead, 5)
        self.assertEqual(self._remind(), [("leader", "stage", "Deal", "Eli")])
        self.assertEqual(self._remind(), [])

    def _let_pass(self, lead, days):
        """As if days had passed: the stay began earlier, and so did the cause that was told."""
        query = "UPDATE crm_lead SET date_last_stage_update = date_last_stage_update - %s * interval '1 day' WHERE id = %s"
        self.env.cr.execute(query, [days, lead.id])
        lead.invalidate_cache()
        self.env.cr.execute(
            "UPDATE crm_reminder SET cause = stage_id || ' ' || date_last_stage_update FROM crm_lead AS lead WHERE lead.id = lead_id"
        )
        self.env["crm.reminder"].invalidate_cache()

    def test_new_stay_in_a_stage_is_a_new_cause(self):
        self._rule("stage", days=7, leader_days=0)
        self._age(self.lead, 8)
        self._remind()
        self.lead.stage_id = self.late
        self.lead.stage_id = self.early
        self.assertEqual(self._remind(), [])
        self._age(self.lead, 20)
        self.assertEqual(self._remind(), [("rep", "stage", "Deal", "Ann")])

    def test_rule_of_the_stage_goes_before_the_general_one(self):
        self._rule("stage", days=3)
        self._rule("stage", days=30, stage_id=self.late.id)
        self._deal("Slow but late", days=10, stage=self.late)
        self._age(self.lead, 4)
        self.assertEqual([name for _level, _kind, name, _to in self._remind()], ["Deal"])

    def test_closed_deals_and_those_without_owner_are_left_alone(self):
        self._rule("stage", days=1)
        self._age(self.lead, 9)
        self._deal("Won", days=9, stage=self.won)
        self._deal("Lost", days=9).action_set_lost()
        self._deal("Certain", days=9).write({"probability": 100})
        pooled = self._deal("Nobody's", days=9)
        pooled.write({"user_id": False})
        self._age(pooled, 9)
        self.assertEqual({name for _level, _kind, name, _to in self._remind()}, {"Deal"})

    def test_leader_of_own_deals_is_the_one_above_and_without_any_the_director(self):
        self._rule("stage", days=1, leader_days=1)
        self._deal("Eli's", days=9, owner=self.eli, team_id=self.east.id)
        self.south.user_id = False
        self._deal("Bob's", days=9, owner=self.bob)
        found = self._remind()
        self.assertIn(("leader", "stage", "Eli's", "Nora"), found)
        self.assertIn(("leader", "stage", "Bob's", "Dora"), found)

    def test_message_names_what_is_late_once_per_person(self):
        self._rule("stage", days=1)
        for number in range(12):
            self._deal("Slow %02d" % number, days=3 + number)
        before = self.env["crm.notification"].search([])
        self._remind()
        sent = self.env["crm.notification"].search([]) - before
        mine = sent.filtered(lambda one: one.user_id == self.ann)
        self.assertEqual(len(mine), 1)
        self.assertIn("12", mine.subject)
        self.assertIn("Slow 11: 13 days over", mine.body)
        self.assertIn("and 2 more", mine.body)

    def test_queries_do_not_grow_with_deals(self):
        self._rule("stage", days=1, leader_days=1)
        self._deal("Warm", days=9)
        self._remind()
        few = self._count([self._deal("x%d" % n, days=9) for n in range(12)])
        many = self._count([self._deal("y%d" % n, days=9) for n in range(40)])
        self.assertLessEqual(many, few)

    def _count(self, _deals):
        self.env["crm.lead"].flush()
        self.env.cache.invalidate()
        before = self.env.cr.sql_log_count
        self.env["crm.reminder"]._cron_remind()
        return self.env.cr.sql_log_count - before


class TestCycleReminder(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steel, cls.paper = cls.env["res.partner.industry"].create([{"name": "Steel"}, {"name": "Paper"}])
        cls.press, cls.pump = cls.env["product.product"].create([{"name": "Press"}, {"name": "Pump"}])
        cls.mill = cls._customer(cls.ann, "Mill", industry_id=cls.steel.id)
        cls.printer = cls._customer(cls.ann, "Printer", industry_id=cls.paper.id)
        for customer, product, days in (
            (cls.mill, cls.press, (10, 20, 90)),
            (cls.mill, cls.pump, (40, 40)),
            (cls.printer, cls.press, (100,)),
        ):
            for number in days:
                cls._won(customer, product, number)

    @classmethod
    def _won(cls, customer, product, days):
        lead = cls._deal("Won", days=days, stage=cls.early, partner_id=customer.id, product_id=product.id)
        lead.write({"stage_id": cls.won.id})
        return lead

    def _medians(self):
        self.env["crm.deal.cycle"]._measure()
        cycles = self.env["crm.deal.cycle"].search([])
        return {(one.industry_id.name, one.product_id.name): (round(one.days), one.deals) for one in cycles}

    def test_medians_by_industry_and_product(self):
        medians = self._medians()
        self.assertEqual(medians["Steel", "Press"], (20, 3))
        self.assertEqual(medians["Steel", "Pump"], (40, 2))
        self.assertEqual(medians["Steel", False], (40, 5))  # 10 20 40 40 90
        self.assertEqual(medians[False, "Press"], (55, 4))  # 10 20 90 100
        self.assertEqual(medians[False, False][1], 6)

    def test_longer_than_deals_like_it(self):
        self._rule("cycle", least_deals=3, leader_days=10)
        self._deal("Fresh", days=19, partner_id=self.mill.id, product_id=self.press.id)
        self._deal("Slow", days=21, partner_id=self.mill.id, product_id=self.press.id)
        self._deal("Very slow", days=31, partner_id=self.mill.id, product_id=self.press.id)
        self.assertEqual(
            self._remind(),
            [("leader", "cycle", "Very slow", "Eli"), ("rep", "cycle", "Slow", "Ann"), ("rep", "cycle", "Very slow", "Ann")],
        )

    def test_too_few_deals_fall_back_and_none_say_nothing(self):
        rule = self._rule("cycle", least_deals=4, leader_days=0)
        self._deal("Pump", days=41, partner_id=self.mill.id, product_id=self.pump.id)  # of the industry: 40
        self._deal("Paper press", days=54, partner_id=self.printer.id, product_id=self.press.id)  # of the product: 55
        self.assertEqual([row[2] for row in self._remind()], ["Pump"])
        rule.least_deals = 7
        self.env.cr.execute("DELETE FROM crm_reminder")
        self.assertEqual(self._remind(), [])

    def test_flag_filter_run_and_engine_agree(self):
        self._rule("cycle", least_deals=3, leader_days=0)
        self._rule("stage", days=25)
        leads = self.env["crm.lead"]
        for customer in (self.mill, self.printer, self.customer_ann):
            for product in (self.press, self.pump, self.env["product.product"]):
                for days in (1, 24, 30, 60):
                    leads |= self._deal("x", days=days, partner_id=customer.id, product_id=product.id)
        self.env["crm.deal.cycle"]._measure()
        flagged = {state: leads.filtered(lambda lead, state=state: lead.pace == state) for state in ("stage", "cycle", False)}
        self.assertTrue(all(flagged.values()))
        for state, expected in flagged.items():
            found = self.env["crm.lead"].search([("pace", "=", state), ("id", "in", leads.ids)])
            self.assertEqual(found, found & expected)
            self.assertEqual(len(found), len(expected))
        either = self.env["crm.lead"].search([("pace", "!=", False), ("id", "in", leads.ids)])
        self.assertEqual(set(either.ids), set((flagged["stage"] + flagged["cycle"]).ids))
        medians, now = self.env["crm.deal.cycle"]._get_medians(), fields.Datetime.now()
        for lead in leads:
            age = (now - lead.create_date).total_seconds() / 86400
            cycle = usual(medians, lead.partner_id.industry_id.id, lead.product_id.id, 3)
            self.assertEqual(lead.pace or "", judge(age, 25, age, cycle).state)
        told = {(kind, name) for _level, kind, name, _to in self._remind()}
        self.assertEqual(told, {("stage", "x"), ("cycle", "x")})

    def test_flag_costs_the_same_for_a_page(self):
        self._rule("cycle", least_deals=3)
        self._rule("stage", days=2)
        one = self._deal("x", days=9, partner_id=self.mill.id)
        page = self.env["crm.lead"].concat(*(self._deal(str(n), days=9, partner_id=self.mill.id) for n in range(20)))
        costs = []
        for leads in (one, one, page):
            leads.flush()
            leads.invalidate_cache()
            before = self.env.cr.sql_log_count
            leads.mapped("pace_text")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[2], costs[1])


class TestOverdueReminder(ReminderCase):
    def _promise(self, days_ago, user=None, **vals):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env.ref("crm.model_crm_lead").id,
                "res_id": self.lead.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": (user or self.ann).id,
                "date_deadline": fields.Date.today() - timedelta(days=days_ago),
                **vals,
            }
        )

    def test_promised_action_overdue_is_told_once_then_to_the_leader(self):
        self._rule("overdue", days=0, leader_days=3)
        promised = self._promise(2)
        self.assertEqual(self._remind(), [("rep", "overdue", "Deal", "Ann")])
        self.assertEqual(self._remind(), [])
        promised.date_deadline -= timedelta(days=3)  # another day was promised: another cause
        self.assertEqual(self._remind(), [("leader", "overdue", "Deal", "Eli"), ("rep", "overdue", "Deal", "Ann")])

    def test_grace_and_what_a_machine_planned(self):
        self._rule("overdue", days=3, leader_days=0)
        self._promise(3)
        self._promise(9, automated=True)
        self.assertEqual(self._remind(), [])
        self._promise(4)
        self.assertEqual(self._remind(), [("rep", "overdue", "Deal", "Ann")])

    def test_day_is_that_of_the_person(self):
        self._rule("overdue", days=0, leader_days=0)
        self._promise(1, date_deadline=fields.Date.today())
        self.ann.tz = "Pacific/Kiritimati"  # UTC+14: there it is tomorrow for most of the day
        local = fields.Date.context_today(self.env["crm.lead"].with_context(tz=self.ann.tz))
        expected = [("rep", "overdue", "Deal", "Ann")] if local > fields.Date.today() else []
        self.assertEqual(self._remind(), expected)


class TestReminderRules(ReminderCase):
    def test_one_rule_of_a_kind(self):
        self._rule("stage", days=3)
        self._rule("stage", days=3, stage_id=self.early.id)
        for vals in ({"days": 4}, {"days": 9, "stage_id": self.early.id}, {"days": 0, "stage_id": self.late.id}):
            with self.assertRaises(CrmValidationError):
                self._rule("stage", **vals)

    def test_rights(self):
        rule = self._rule("stage", days=1)
        for user in (self.ann, self.eli, self.executive):
            with self.assertRaises(AccessError):
                rule.with_user(user).write({"days": 99})
        rule.with_user(self.director).write({"days": 2})
        self._age(self.lead, 9)
        self._deal("Bob's", days=9, owner=self.bob)
        self._remind()
        sent = self.env["crm.reminder"].search([])
        self.assertEqual(self.visible(sent, self.ann).lead_id, self.lead)
        with self.assertRaises(AccessError):
            sent[0].with_user(self.director).write({"days": 1})
