# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import CrmUserError, CrmValidationError, GateError
from .common import RolesCase


class GatesCase(RolesCase):
    """Four stages of their own: Start, Offer (gated), Proof (gated), Won (gated by an approval)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["crm.stage"]
        odoos = stages.search([])
        cls.new, cls.offer, cls.proof, cls.won = (
            stages.create({"name": name, "sequence": number, "is_won": name == "Won"})
            for number, name in enumerate(("Start", "Offer", "Proof", "Won"))
        )
        odoos.write({"sequence": 900, "is_won": False})  # those there are come after these
        cls.contract = cls.env["crm.gate.document"].create({"name": "Contract"})
        cls.gate_offer = cls._gate(cls.offer, cls._asks("expected_revenue"), cls._asks("product_id"))
        cls.gate_proof = cls._gate(
            cls.proof, {"kind": "document", "document_id": cls.contract.id}, {"kind": "check", "name": "Met the boss"}
        )
        cls.gate_won = cls._gate(cls.won, {"kind": "approval", "approver": "leader"})
        cls.check = cls.gate_proof.line_ids.filtered(lambda line: line.kind == "check")
        cls.paper = cls.gate_proof.line_ids - cls.check
        cls.approval = cls.gate_won.line_ids
        cls.product = cls.env["product.product"].create({"name": "Press"})
        cls.lead = cls._lead(cls.ann, "Deal A", type="opportunity", stage_id=cls.new.id, partner_id=cls.customer_ann.id)
        cls.other = cls._lead(cls.ann, "Deal B", type="opportunity", stage_id=cls.new.id, expected_revenue=5)

    @classmethod
    def _asks(cls, name):
        return {"kind": "field", "field_id": cls.env["ir.model.fields"]._get("crm.lead", name).id}

    @classmethod
    def _gate(cls, stage, *lines):
        return cls.env["crm.gate"].create({"stage_id": stage.id, "line_ids": [(0, 0, line) for line in lines]})

    def _complete(self, lead, *, to):
        """Give the lead what it needs to enter ``to``."""
        lead.write({"expected_revenue": 1000, "product_id": self.product.id})
        if to in self.proof | self.won:
            lead.with_user(self.ann).add_gate_document(self.paper.id, "c.pdf", base64.b64encode(b"signed"))
            lead.with_user(self.ann).tick_gate(self.check.id, True)

    def assertRefused(self, call, *texts):
        with self.assertRaises(GateError) as refused, self.env.cr.savepoint():
            call()
        for text in texts:
            self.assertIn(text, refused.exception.args[0])
        return refused.exception.args[0]


class TestGateDoors(GatesCase):
    def test_write_lists_all_that_is_missing_of_all_records(self):
        message = self.assertRefused(
            lambda: (self.lead + self.other).with_user(self.ann).write({"stage_id": self.offer.id}),
            "Deal A", "Deal B", "Expected Revenue is empty",
        )  # fmt: skip
        self.assertEqual(message.count("Product is empty"), 2)
        self.assertEqual(message.count("Expected Revenue is empty"), 1)  # Deal B has one

    def test_refused_move_leaves_no_trace(self):
        moves = self.lead.stage_move_ids
        self.assertRefused(lambda: self.lead.with_user(self.ann).write({"stage_id": self.offer.id}))
        self.lead.invalidate_cache()
        self.assertEqual((self.lead.stage_id, self.lead.stage_move_ids), (self.new, moves))

    def test_fields_and_stage_in_one_write_pass(self):
        self.lead.with_user(self.ann).write({"stage_id": self.offer.id, "expected_revenue": 9, "product_id": self.product.id})
        self.assertEqual(self.lead.stage_id, self.offer)

    def test_form_obeys(self):
        with Form(self.lead.with_user(self.ann), view="crm.crm_lead_view_form") as form:
            form.expected_revenue = 10
        form = Form(self.lead.with_user(self.ann), view="crm.crm_lead_view_form")
        form.stage_id = self.offer
        message = self.assertRefused(form.save, "Product is empty")
        self.assertNotIn("Revenue", message)
        form.product_id = self.product
        form.save()
        self.assertEqual(self.lead.stage_id, self.offer)

    def test_jump_passes_all_gates_on_the_way(self):
        self.assertRefused(
            lambda: self.lead.with_user(self.ann).write({"stage_id": self.won.id}),
            "Expected Revenue is empty", "Contract: no file yet", "Met the boss: not ticked", "Approval",
        )  # fmt: skip

    def test_going_back_is_free(self):
        self._complete(self.lead, to=self.proof)
        self.lead.with_user(self.ann).write({"stage_id": self.proof.id})
        self.lead.with_user(self.ann).write({"expected_revenue": 0})
        self.lead.with_user(self.ann).write({"stage_id": self.new.id})
        self.assertEqual(self.lead.stage_id, self.new)

    def test_create_obeys(self):
        vals = {"name": "Deal C", "type": "opportunity", "stage_id": self.offer.id}
        self.assertRefused(lambda: self.env["crm.lead"].with_user(self.ann).create(vals), "Deal C", "Product is empty")
        self.env["crm.lead"].with_user(self.ann).create({**vals, "expected_revenue": 1, "product_id": self.product.id})

    def test_load_names_every_row(self):
        columns = ["name", "type", "stage_id", "expected_revenue"]
        rows = [["Row 1", "Opportunity", "Offer", "10"], ["Row 2", "Opportunity", "Start", "10"], ["Row 3", "Opportunity", "Offer", "0"]]
        result = self.env["crm.lead"].with_user(self.ann).load(columns, rows)
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"][0]["message"].startswith("Something is still missing"))
        texts = [message["message"] for message in result["messages"]]
        self.assertEqual([("Row 1" in text, "Row 3" in text) for text in texts], [(True, False), (False, True)])

    def test_history_of_a_migration_is_exempt_but_only_by_who_may(self):
        vals = {"name": "Won long ago", "type": "opportunity", "stage_id": self.won.id}
        old = self.env["crm.lead.writer"]._create_leads([vals], origin="import")
        self.assertEqual(old.stage_id, self.won)
        spoofed = self.env["crm.lead"].with_user(self.ann).with_context(crm_lead_origin="import")
        self.assertRefused(lambda: spoofed.create(vals))

    def test_bulk_writer_obeys_otherwise(self):
        vals = {"name": "From a form", "type": "opportunity", "stage_id": self.offer.id}
        self.assertRefused(lambda: self.env["crm.lead.writer"]._create_leads([vals], origin="intake"), "From a form")

    def test_odoos_own_buttons_obey(self):
        lead = (self.lead + self.other).with_user(self.ann)
        self.assertRefused(lead.action_set_won, "Deal A", "Deal B")
        self.assertRefused(lead[0].action_set_won_rainbowman)
        self.assertRefused(lambda: lead[0].write({"probability": 100}), "Contract: no file yet")
        lead.action_set_lost()
        self.assertFalse(self.lead.active)

    def test_converting_a_lead_keeps_its_stage(self):
        self.lead.type = "lead"
        self.lead.with_user(self.ann).convert_opportunity(self.customer_ann.id)
        self.assertEqual((self.lead.type, self.lead.stage_id), ("opportunity", self.new))

    def test_gates_ask_in_constant_queries(self):
        leads = self.lead + self.other
        self._queries(leads)
        few = self._queries(leads)
        many = self.env["crm.lead"].create([{"name": str(n), "stage_id": self.new.id, "user_id": self.ann.id} for n in range(30)])
        self._queries(many)
        self.assertLessEqual(self._queries(many), few)

    def _queries(self, leads):
        leads.flush()
        leads.invalidate_cache()
        before = self.env.cr.sql_log_count
        missing = leads._get_missing([(lead, self.new, self.won) for lead in leads.sudo()])
        self.assertEqual(len(missing), len(leads))
        return self.env.cr.sql_log_count - before


class TestGateRules(GatesCase):
    def test_deleted_field_is_said_in_configuration_and_blocks_nobody(self):
        field = self.env["ir.model.fields"].create(
            {"name": "x_site", "field_description": "Site", "model_id": self.env.ref("crm.model_crm_lead").id, "ttype": "char"}
        )
        self.addCleanup(self.registry.setup_models, self.env.cr)
        self.gate_offer.line_ids = [(5, 0, 0), (0, 0, {"kind": "field", "field_id": field.id})]
        self.assertRefused(lambda: self.lead.with_user(self.ann).write({"stage_id": self.offer.id}), "Site is empty")
        field.unlink()
        self.gate_offer.invalidate_cache()
        self.assertIn("“Site” no longer exists", self.gate_offer.problem)
        self.assertEqual(self.gate_offer.line_ids.label, "Site")
        self.lead.with_user(self.ann).write({"stage_id": self.offer.id})
        self.assertEqual(self.lead.stage_id, self.offer)

    def test_gate_of_the_first_stage_is_said_to_do_nothing(self):
        gate = self._gate(self.new, self._asks("expected_revenue"))
        self.assertIn("nothing moves into it", gate.problem)
        self.assertFalse(self.gate_offer.problem)

    def test_requirement_must_be_complete(self):
        for line in ({"kind": "field"}, {"kind": "document"}, {"kind": "check", "name": " "}, self._asks("stage_id")):
            with self.assertRaises(CrmValidationError):
                self._gate(self.offer, line)

    def test_gate_of_another_company_asks_nothing(self):
        self.gate_offer.company_id = self.env["res.company"].create({"name": "Other"})
        self.lead.with_user(self.ann).write({"stage_id": self.offer.id})

    def test_stage_of_another_team_is_not_on_the_way(self):
        self.offer.team_id = self.south
        self.lead.with_user(self.ann).tick_gate(self.check.id, True)
        message = self.assertRefused(lambda: self.lead.with_user(self.ann).write({"stage_id": self.proof.id}), "Contract")
        self.assertNotIn("Revenue", message)

    def test_gate_of_another_way_of_selling_asks_nothing(self):
        quick = self.env.ref("crm_core.crm_selling_model_quick")
        self.gate_offer.selling_model_id = quick
        self.lead.with_user(self.ann).write({"stage_id": self.offer.id})
        self.other.selling_model_id = quick
        self.assertRefused(lambda: self.other.with_user(self.ann).write({"stage_id": self.offer.id}), "Product")

    def test_another_way_of_selling_does_not_lead_past_the_gates(self):
        quick = self.env.ref("crm_core.crm_selling_model_quick")
        self.gate_offer.selling_model_id = self.lead.selling_model_id
        lead = self.lead.with_user(self.ann)
        lead.write({"selling_model_id": quick.id, "stage_id": self.offer.id})
        self.offer.selling_model_ids = [(6, 0, (quick + self.gate_offer.selling_model_id).ids)]
        moved = {"selling_model_id": self.gate_offer.selling_model_id.id, "stage_id": self.proof.id}
        self.assertRefused(lambda: lead.write(moved), "Product")

    def test_reps_change_no_gates_and_nobody_writes_their_state(self):
        for user in (self.ann, self.eli, self.executive, self.marketer):
            for record in (self.gate_offer, self.gate_offer.line_ids[0], self.contract):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"sequence": 1} if "sequence" in record else {"active": False})
        for user in (self.ann, self.eli, self.director):
            vals = {"lead_id": self.lead.id, "line_id": self.approval.id, "requester_id": self.ann.id, "state": "granted"}
            with self.assertRaises(AccessError):
                self.env["crm.gate.approval"].with_user(user).create(vals)
            with self.assertRaises(AccessError):
                self.env["crm.gate.tick"].with_user(user).create({"lead_id": self.lead.id, "line_id": self.check.id})
            with self.assertRaises(CrmUserError):
                self.lead.stage_move_ids.with_user(user).write({"seconds": 1})

    def test_only_who_may_write_the_lead_brings_what_is_missing(self):
        for user in (self.bob, self.executive, self.marketer, self.clerk):
            lead = self.lead.with_user(user)
            with self.assertRaises(AccessError):
                lead.tick_gate(self.check.id, True)
            with self.assertRaises(AccessError):
                lead.add_gate_document(self.paper.id, "x", base64.b64encode(b"x"))
            with self.assertRaises(AccessError):
                lead.request_gate_approval(self.approval.id)
        with self.assertRaises(AccessError):
            self.lead.with_user(self.bob).get_gate_state()

    def test_empty_and_huge_files_are_refused(self):
        lead = self.lead.with_user(self.ann)
        self.assertRefused(lambda: lead.add_gate_document(self.paper.id, "e.pdf", ""), "is empty")
        huge = base64.b64encode(bytes((25 << 20) + 1))
        self.assertRefused(lambda: lead.add_gate_document(self.paper.id, "h.pdf", huge), "larger than 25 MB")
        self.assertRefused(lambda: lead.tick_gate(self.paper.id, True), "Reload")

    def test_panel_says_what_is_missing_for_the_next_gate(self):
        state = self.lead.with_user(self.ann).get_gate_state()
        self.assertEqual((state["stage"], state["missing"], state["may_write"], state["may_override"]), ("Offer", 2, True, False))
        self.assertEqual([item["field"] for item in state["items"]], ["expected_revenue", "product_id"])
        self._complete(self.lead, to=self.offer)
        self.assertEqual(self.lead.with_user(self.ann).get_gate_state()["missing"], 0)
        self.lead.with_user(self.ann).write({"stage_id": self.offer.id})
        state = self.lead.with_user(self.ann).get_gate_state()
        self.assertEqual((state["stage"], [item["kind"] for item in state["items"]]), ("Proof", ["document", "check"]))
        self.assertFalse(self.lead.with_user(self.executive).get_gate_state()["may_write"])
        self.assertIsNone(self.lead.with_user(self.marketer).get_gate_state())

    def test_panel_is_empty_without_gate(self):
        self.env["crm.gate"].search([]).unlink()
        self.assertIsNone(self.lead.get_gate_state())
        self.assertFalse(self.lead.gate_panel)


class TestGateApproval(GatesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.gate_offer + cls.gate_proof).unlink()

    def _request(self, lead=None, user=None):
        lead = lead or self.lead
        lead.with_user(user or self.ann).request_gate_approval(self.approval.id, "Big one")
        return self.env["crm.gate.approval"].search([("lead_id", "=", lead.id)], limit=1)

    def _win(self):
        self.lead.with_user(self.ann).write({"stage_id": self.won.id})

    def test_leader_grants_and_the_deal_passes(self):
        self.assertRefused(self._win, "not requested yet")
        request = self._request()
        self.assertRefused(self._win, "not decided yet")
        self.assertTrue(request.with_user(self.eli).may_decide)
        request.with_user(self.eli).action_grant()
        self._win()
        self.assertEqual(self.lead.stage_id, self.won)

    def test_refusal_says_why(self):
        request = self._request()
        wizard = request.with_user(self.eli).action_refuse()
        wizard = self.env["crm.gate.reason"].with_user(self.eli).browse(wizard["res_id"])
        self.assertRefused(wizard.action_apply, "Say why")
        wizard.reason = "Too cheap"
        wizard.action_apply()
        self.assertRefused(self._win, "refused (Too cheap)")
        self._request()  # may be asked again

    def test_what_was_granted_expires_with_its_facts(self):
        self._request().with_user(self.eli).action_grant()
        self.lead.with_user(self.ann).write({"description": "Nothing to do with it"})
        self.assertEqual(self.lead.get_gate_state()["missing"], 0)
        self.lead.with_user(self.ann).write({"expected_revenue": 99999})
        self.assertRefused(self._win, "expired", "Expected Revenue")
        self._request().with_user(self.eli).action_grant()
        self._win()

    def test_changing_the_facts_with_the_move_does_not_help(self):
        self._request().with_user(self.eli).action_grant()
        self.assertRefused(
            lambda: self.lead.with_user(self.ann).write({"stage_id": self.won.id, "expected_revenue": 7}), "expired"
        )

    def test_request_that_changed_is_not_granted(self):
        request = self._request()
        self.lead.expected_revenue = 12345
        request.invalidate_cache()
        self.assertRefused(request.with_user(self.eli).action_grant, "changed since")
        again = self._request()
        self.assertEqual((request.state, again.state), ("withdrawn", "requested"))

    def test_nobody_but_a_director_grants_an_own_request(self):
        own = self._lead(self.eli, "Eli's", type="opportunity", stage_id=self.new.id, team_id=self.east.id)
        request = self._request(own, self.eli)
        self.assertRefused(request.with_user(self.eli).action_grant, "own request")
        request.with_user(self.nora).action_grant()  # the leader above
        directors = self._lead(self.director, "Dora's", type="opportunity", stage_id=self.new.id)
        self._request(directors, self.director).with_user(self.director).action_grant()

    def test_reps_and_other_leaders_grant_nothing(self):
        request = self._request()
        self.assertRefused(request.with_user(self.ann).action_grant, "own request")
        for user in (self.sam, self.bob, self.marketer, self.clerk):
            with self.assertRaises(AccessError):
                request.with_user(user).action_grant()
        self.assertRefused(request.with_user(self.executive).action_grant, "Team leader")
        self.approval.approver = "director"
        self.assertRefused(request.with_user(self.eli).action_grant, "Sales director")
        request.with_user(self.director).action_grant()

    def test_is_asked_and_answered_once(self):
        request = self._request()
        self.assertRefused(self._request, "requested already")
        request.with_user(self.eli).action_grant()
        self.assertRefused(self._request, "granted already")
        self.assertRefused(request.with_user(self.eli).action_grant, "decided already")

    def test_who_decides_and_who_asked_are_told(self):
        notes = self.env["crm.notification"].sudo()
        before = notes.search([])
        request = self._request()
        told = notes.search([]) - before
        self.assertEqual(told.user_id, self.eli)
        request.with_user(self.eli).action_grant()
        self.assertEqual((notes.search([]) - before - told).user_id, self.ann)

    def test_director_moves_past_the_gate_with_a_reason(self):
        self.assertRefused(lambda: self.lead.with_user(self.director).write({"stage_id": self.won.id}))
        for user in (self.ann, self.eli):
            spoofed = self.lead.with_user(user).with_context(crm_gate_override="please", crm_gate_fact="order")
            self.assertRefused(lambda lead=spoofed: lead.write({"stage_id": self.won.id}))
        action = self.lead.with_user(self.director).action_override_gate()
        wizard = self.env["crm.gate.reason"].with_user(self.director).browse(action["res_id"])
        wizard.reason = "Key account <b>"
        wizard.action_apply()
        self.assertEqual(self.lead.stage_id, self.won)
        self.assertEqual(self.lead.stage_move_ids[0].override_reason, "Key account <b>")
        self.assertIn("Key account &lt;b&gt;", self.lead.message_ids[0].body)
