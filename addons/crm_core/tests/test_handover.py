# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from unittest.mock import patch

from odoo.exceptions import AccessError

from ..exceptions import CrmUserError, CrmValidationError, OwnershipError
from .common import RolesCase


class HandoverCase(RolesCase):
    """Ann leaves; Cem joins her team East, Dan joins South."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cem = cls._user("cem", "crm_core.group_sales_rep")
        cls.dan = cls._user("dan", "crm_core.group_sales_rep")
        cls.east.member_ids |= cls.cem
        cls.south.member_ids |= cls.dan
        cls.guangdong = cls.env.ref("base.state_cn_GD")

    def handover(self, *rules, actor=None, giver=None, **vals):
        """A handover of Ann's work by the director; rules are dicts, or just receivers."""
        rules = [rule if isinstance(rule, dict) else {"receiver_ids": [(6, 0, rule.ids)]} for rule in rules]
        for number, rule in enumerate(rules):
            rule["sequence"] = number
        values = {"from_user_id": (giver or self.ann).id, "rule_ids": [(0, 0, rule) for rule in rules], **vals}
        return self.env["crm.handover"].with_user(actor or self.director).create(values)

    def only(self, handover, *keys):
        for line in handover.kind_ids:
            line.included = line.kind in keys
        return handover

    def activity(self, record, user, summary="Call"):
        vals = {"res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id}
        return self.env["mail.activity"].create({**vals, "user_id": user.id, "summary": summary})

    def do(self, handover):
        handover.action_preview()
        handover.action_hand_over()
        return handover

    def undone(self, call):
        """What a call that fails has done is undone, as by the web server."""
        try:
            with self.cr.savepoint():
                call()
        finally:
            self.env.cache.invalidate()

    def shares(self, handover):
        return {(share.kind, share.to_user_id.login): share.number for share in handover.share_ids}


class TestHandover(HandoverCase):
    def test_all_to_one(self):
        handover = self.handover(self.bob)
        handover.action_preview()
        self.assertEqual(self.shares(handover), {("customer", "bob"): 1, ("lead", "bob"): 1})
        self.assertEqual(handover.share_ids.mapped("sample"), ["Ann's customer", "Ann's lead"])
        self.assertEqual(self.lead_ann.user_id, self.ann, "a preview moves nothing")
        handover.action_hand_over()
        self.assertEqual((self.lead_ann.user_id, self.customer_ann.user_id), (self.bob, self.bob))
        self.assertEqual(self.lead_ann.team_id, self.south, "the new owner's team")
        self.assertEqual((handover.state, handover.user_id), ("done", self.director))
        self.assertEqual(self.shares(handover), {("customer", "bob"): 1, ("lead", "bob"): 1}, "the log")

    def test_it_is_in_the_ownership_history(self):
        self.do(self.handover(self.bob, note="Ann moves to Berlin"))
        holding = self.env["crm.holding"].search([("lead_id", "=", self.lead_ann.id)], limit=1)
        self.assertEqual((holding.from_user_id, holding.to_user_id, holding.user_id), (self.ann, self.bob, self.director))
        self.assertEqual((holding.reason, holding.note), ("handed_over", "Ann moves to Berlin"))

    def test_everything_about_one_customer_stays_together(self):
        customers = self.customer_ann | self._customer(self.ann, "Second") | self._customer(self.ann, "Third")
        for customer in customers:
            for number in range(4):
                self._lead(self.ann, "Deal %d" % number, partner_id=customer.id)
        self.do(self.handover(self.bob | self.cem | self.dan))
        leads = self.env["crm.lead"].search([("partner_id", "in", customers.ids)])
        self.assertEqual(len(leads), 12)
        for lead in leads:
            self.assertEqual(lead.user_id, lead.partner_id.user_id)
        self.assertEqual(customers.user_id, self.bob | self.cem | self.dan)

    def test_rules_by_region_team_grade_and_domain(self):
        south = self._customer(self.ann, "Of Guangdong", state_id=self.guangdong.id)
        deal = self._lead(self.ann, "Deal in Guangdong", partner_id=south.id)
        hot = self._lead(self.ann, "Hot")
        self.env.cr.execute("UPDATE crm_lead SET grade = 'A' WHERE id = %s", (hot.id,))
        chosen = self._customer(self.ann, "Very important")
        vip = self._customer(self.ann, "VIP")
        self.env.cr.execute("UPDATE res_partner SET customer_grade = 'vip' WHERE id = %s", (vip.id,))
        self.do(
            self.handover(
                {"receiver_ids": [(6, 0, self.dan.ids)], "state_ids": [(6, 0, self.guangdong.ids)]},
                {"receiver_ids": [(6, 0, self.eli.ids)], "lead_grade": "A"},
                {"receiver_ids": [(6, 0, self.sam.ids)], "customer_grade": "vip"},
                {"receiver_ids": [(6, 0, self.nora.ids)], "customer_domain": "[('name', 'ilike', 'important')]"},
                {"receiver_ids": [(6, 0, self.cem.ids)], "team_ids": [(6, 0, self.east.ids)]},
                self.bob,
            )
        )
        self.assertEqual((south.user_id, deal.user_id), (self.dan, self.dan), "a lead goes with its customer")
        self.assertEqual(hot.user_id, self.eli)
        self.assertEqual((vip.user_id, chosen.user_id), (self.sam, self.nora))
        self.assertEqual(self.lead_ann.user_id, self.cem, "a lead of team East")
        self.assertEqual(self.customer_ann.user_id, self.bob, "what is left")

    def test_what_matches_no_rule_stays(self):
        handover = self.handover({"receiver_ids": [(6, 0, self.bob.ids)], "state_ids": [(6, 0, self.guangdong.ids)]})
        handover.action_preview()
        self.assertIn("2 records stay: no rule takes them", handover.hint)
        handover.action_hand_over()
        self.assertEqual(self.lead_ann.user_id, self.ann)

    def test_closed_deals_and_others_records_stay(self):
        won = self._lead(self.ann, "Won", probability=100)
        lost = self._lead(self.ann, "Lost")
        lost.action_set_lost()
        self.do(self.handover(self.cem))
        self.assertEqual((won.user_id, lost.user_id, self.lead_bob.user_id), (self.ann, self.ann, self.bob))

    def test_activities_go_along(self):
        own = self.activity(self.lead_ann, self.ann)
        elsewhere = self.activity(self.supplier, self.ann)
        others = self.activity(self.lead_ann, self.eli)
        self.do(self.handover(self.cem))
        self.assertEqual((own.user_id, elsewhere.user_id, others.user_id), (self.cem, self.cem, self.eli))

    def test_nobody_gets_an_activity_on_what_they_may_not_see(self):
        activity = self.activity(self.lead_ann, self.nora)
        handover = self.handover(self.dan, giver=self.nora)
        handover.action_preview()
        self.assertIn("1 records stay", handover.hint)
        handover.action_hand_over()
        self.assertEqual(activity.user_id, self.nora)
        self.do(self.handover(self.eli, giver=self.nora))
        self.assertEqual(activity.user_id, self.eli)

    def test_chosen_kinds_only(self):
        own = self.activity(self.customer_ann, self.ann)
        elsewhere = self.activity(self.lead_ann, self.ann)
        handover = self.only(self.handover(self.cem), "customer")
        self.do(handover)
        self.assertEqual(self.shares(handover), {("customer", "cem"): 1, ("activity", "cem"): 1})
        self.assertEqual((self.customer_ann.user_id, self.lead_ann.user_id), (self.cem, self.ann))
        self.assertEqual((own.user_id, elsewhere.user_id), (self.cem, self.ann), "activities of what moves go along")

    def test_the_form_says_how_much_there_is(self):
        self.activity(self.lead_ann, self.ann)
        handover = self.handover(self.cem)
        self.assertEqual(
            {line.kind: line.number for line in handover.kind_ids if line.kind in ("customer", "lead", "activity")},
            {"customer": 1, "lead": 1, "activity": 1},
        )

    def test_receivers_are_told_once(self):
        self.do(self.handover(self.bob | self.cem))
        told = self.env["crm.notification"].search([("subject", "like", "Dora handed over to you the work of Ann")])
        self.assertEqual(told.user_id, self.bob | self.cem)


class TestExactness(HandoverCase):
    """What is previewed is what is moved, or it says what changed."""

    def test_something_new_since_the_preview(self):
        handover = self.handover(self.bob)
        handover.action_preview()
        late = self._lead(self.ann, "Came late")
        self.customer_ann.user_id = self.cem
        with self.assertRaisesRegex(CrmUserError, r"(?s)Customers: 1 no longer open or owned \(Ann's cust.*1 new \(Came late\)"):
            self.undone(handover.action_hand_over)
        self.assertEqual((late.user_id, self.lead_ann.user_id, handover.state), (self.ann, self.ann, "previewed"))
        self.do(handover)
        self.assertEqual((late.user_id, self.lead_ann.user_id), (self.bob, self.bob))

    def test_other_rules_than_previewed(self):
        handover = self.handover(self.bob)
        handover.action_preview()
        handover.rule_ids.receiver_ids = self.cem
        with self.assertRaisesRegex(CrmUserError, "1 would go to somebody else"):
            handover.action_hand_over()

    def test_not_without_preview(self):
        with self.assertRaisesRegex(CrmUserError, "Preview first"):
            self.handover(self.bob).action_hand_over()

    def test_a_double_click_does_it_once(self):
        handover = self.do(self.handover(self.bob))
        self.assertTrue(handover.action_hand_over())
        self.assertEqual(self.env["crm.holding"].search_count([("lead_id", "=", self.lead_ann.id)]), 1)

    def test_what_is_done_is_not_changed(self):
        handover = self.do(self.handover(self.bob))
        for call in (
            lambda: handover.write({"note": "Otherwise"}),
            lambda: handover.rule_ids.write({"receiver_ids": [(6, 0, self.cem.ids)]}),
            lambda: handover.unlink(),
            lambda: handover.action_preview(),
        ):
            with self.assertRaises(CrmUserError), self.cr.savepoint():
                call()
        with self.assertRaises(AccessError):
            handover.move_ids.write({"to_user_id": self.cem.id})

    def test_steps_are_not_written_by_hand(self):
        handover = self.handover(self.bob)
        with self.assertRaises(CrmUserError):
            handover.write({"state": "done"})
        with self.assertRaises(CrmUserError):
            self.handover(self.bob, state="previewed")

    def test_nothing_moves_when_the_last_kind_fails(self):
        own = self.activity(self.lead_ann, self.ann)
        handover = self.handover(self.bob)
        handover.action_preview()
        boom = patch.object(type(self.env["crm.handover"]), "_move_activities", side_effect=RuntimeError("half-way"))
        with boom, self.assertRaisesRegex(RuntimeError, "half-way"):
            self.undone(handover.action_hand_over)
        self.assertEqual((self.customer_ann.user_id, self.lead_ann.user_id, own.user_id), (self.ann,) * 3)
        self.assertEqual((handover.state, self.env["crm.holding"].search_count([("from_user_id", "=", self.ann.id)])), ("previewed", 0))

    def test_queries_do_not_grow_with_the_records(self):
        counts = []
        for turn, number in enumerate((10, 10, 40)):
            giver = self._user("giver%d" % turn, "crm_core.group_sales_rep")
            for n in range(number):
                customer = self._customer(giver, "Customer %d" % n)
                lead = self._lead(giver, "Lead %d" % n, partner_id=customer.id)
                self.activity(lead, giver)
            handover = self.handover(self.bob | self.cem, giver=giver)
            handover.flush()
            self.env.cache.invalidate()
            before = self.cr.sql_log_count
            self.do(handover)
            handover.flush()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)


class TestHandoverRights(HandoverCase):
    def test_leaders_hand_over_within_their_teams(self):
        self.do(self.handover(self.cem, actor=self.eli))
        self.assertEqual(self.lead_ann.user_id, self.cem)

    def test_leaders_neither_give_nor_take_elsewhere(self):
        for giver, receiver, name in ((self.ann, self.bob, "Bob"), (self.bob, self.ann, "Bob")):
            handover = self.handover(receiver, actor=self.eli, giver=self.ann)
            handover.sudo().from_user_id = giver
            with self.assertRaisesRegex(OwnershipError, name + " is in none of your teams"):
                handover.action_preview()

    def test_others_hand_over_nothing(self):
        for actor in (self.ann, self.marketer, self.executive, self.clerk):
            with self.assertRaises(AccessError):
                self.handover(self.bob, actor=actor)

    def test_leaders_read_those_of_their_teams_only(self):
        east = self.do(self.handover(self.cem, actor=self.eli))
        south = self.do(self.handover(self.dan, actor=self.sam, giver=self.bob))
        both = (east | south).sudo()
        for user, seen in ((self.eli, east), (self.sam, south), (self.nora, east), (self.executive, both), (self.director, both)):
            self.assertEqual(self.visible(both, user), seen, user.login)
            for lines in ("move_ids", "share_ids", "rule_ids", "kind_ids"):
                self.assertEqual(self.visible(both[lines], user), seen.sudo()[lines], user.login)
        with self.assertRaises(AccessError):
            self.env["crm.handover"].with_user(self.ann).search([])

    def test_who_cannot_work_on_it_gets_nothing(self):
        for receiver, text in (
            (self.ann, "cannot get their own work"),
            (self.clerk, "Carl cannot work on Customers"),
            (self.env["res.users"], "Choose who gets it"),
        ):
            with self.assertRaisesRegex(CrmUserError, text):
                self.handover(receiver).action_preview()
        handover = self.handover(self.bob | self.cem)
        self.cem.active = False
        with self.assertRaisesRegex(CrmUserError, "Cem is no active colleague"):
            handover.action_preview()

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.ann.company_ids |= other
        foreign = self._lead(self.ann, "Foreign", team_id=False, company_id=other.id)
        self.do(self.handover(self.cem))
        self.assertEqual(foreign.user_id, self.ann, "the director does not work there")
        self.director.company_ids |= other
        with self.assertRaisesRegex(CrmUserError, "“Foreign” belongs to Other, where Cem does not work"):
            self.handover(self.cem).action_preview()

    def test_conditions_that_cannot_be_used(self):
        for domain in ("[('nonsense', '=', 1)]", "not a domain"):
            with self.assertRaisesRegex(CrmValidationError, "cannot be used"):
                self.handover({"receiver_ids": [(6, 0, self.bob.ids)], "customer_domain": domain})

    def test_receiving_is_not_limited_but_said(self):
        self.cem.crm_claim_limit_held = 1
        handover = self.handover(self.cem)
        handover.action_preview()
        self.assertIn("Cem will hold 2 leads and customers (limit 1)", handover.hint)
        handover.action_hand_over()
        pool = self.env["crm.pool"].create({"name": "Pool", "res_model": "crm.lead", "claim_limit_day": 0})
        lead = self.env["crm.lead"].create({"name": "Waiting", "pool_id": pool.id})
        with self.assertRaisesRegex(OwnershipError, "You hold 2 leads and customers; your limit is 1"):
            self.env["crm.pool.lead"].with_user(self.cem).browse(lead.id).action_claim()


class TestArchive(HandoverCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._user("otto", "base.group_erp_manager", "crm_core.group_sales_director")

    def test_nobody_with_open_work_is_archived(self):
        ann = self.ann.with_user(self.admin)
        for call in (lambda: ann.write({"active": False}), lambda: ann.toggle_active(), lambda: ann.unlink()):
            with self.assertRaisesRegex(OwnershipError, "Ann still works on: Customers: 1, Leads and Opportunities: 1"):
                call()
        self.assertTrue(self.ann.active)

    def test_the_handover_is_offered(self):
        action = self.ann.with_user(self.admin).action_archive()
        self.assertEqual(action["res_model"], "crm.handover")
        new = self.env["crm.handover"].with_user(self.admin).with_context(**action["context"])
        values = new.default_get(["from_user_id", "archive_user", "kind_ids", "rule_ids"])
        self.assertEqual((values["from_user_id"], values["archive_user"]), (self.ann.id, True))

    def test_handed_over_and_archived_in_one_step(self):
        self.do(self.handover(self.cem, actor=self.admin, archive_user=True))
        self.assertEqual((self.ann.active, self.lead_ann.user_id), (False, self.cem))

    def test_what_would_stay_keeps_everything(self):
        handover = self.only(self.handover(self.cem, actor=self.admin, archive_user=True), "customer")
        handover.action_preview()
        with self.assertRaisesRegex(OwnershipError, "Ann still works on: Leads"):
            self.undone(handover.action_hand_over)
        self.assertEqual((self.customer_ann.user_id, self.ann.active), (self.ann, True))

    def test_only_who_may_archive_users_does(self):
        handover = self.handover(self.cem, archive_user=True)
        handover.action_preview()
        with self.assertRaises(AccessError):
            self.undone(handover.action_hand_over)
        self.assertFalse(handover.can_archive)

    def test_without_open_work_archiving_is_as_ever(self):
        self.eli.with_user(self.admin).action_archive()
        self.assertFalse(self.eli.active)
