# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from hashlib import sha256
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from ..exceptions import SalesOrderError
from .common import SalesOrderCase
from .contract_common import ContractMixin


class TestContract(ContractMixin, SalesOrderCase):
    """From the template to the last payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_contracts()

    # -- text --------------------------------------------------------------------------------------------------------

    def test_the_text_is_filled_in_and_escaped(self):
        self.customer.name = "Acme <b>& Sons"
        contract = self._create_contract()
        self.assertIn("sells to Acme &lt;b&gt;&amp; Sons.", contract.preview_html)
        self.assertIn("<td>Pump</td>", contract.preview_html)
        self.assertEqual(contract.amount_total, 5000.0)
        words = {"CNY": "人民币伍仟元整", "USD": "美元伍仟元整"}.get(contract.currency_id.name, "伍仟元整")
        self.assertIn(words, contract.preview_html)

    def test_a_clause_with_a_field_that_is_not_there_is_refused_by_name(self):
        with self.assertRaises(ValidationError) as caught:
            self.parties.text = "Sold to {{ customer.nam }}"
        for word in ("Parties", "customer.nam", "customer.name"):
            self.assertIn(word, caught.exception.args[0])
        with self.assertRaises(ValidationError):
            self.parties.text = "Sold to {{ customer.name }"
        with self.assertRaises(ValidationError):
            self.parties.text = "{{ customer.name.__class__ }}"

    def test_a_field_that_is_gone_is_named_when_template_is_saved_and_when_contract_is_sent(self):
        contract = self._create_contract()
        known = {name: label for name, label in contract._get_merge_fields().items() if name != "amount.words"}
        values = {name: "x" for name in known}
        model = type(contract)
        with patch.object(model, "_get_merge_fields", lambda _self: known), patch.object(model, "_get_merge_values", lambda _self: values):
            with self.assertRaisesRegex(ValidationError, "Price.*amount.words"):
                self.template.name = "Saved again"
            with self.assertRaisesRegex(SalesOrderError, "Price.*amount.words"):
                contract.action_send()
            self.assertIn("amount.words", contract.preview_html)
        self.assertEqual(contract.state, "draft")

    # -- sending and signing -----------------------------------------------------------------------------------------

    def test_sending_freezes_text_and_pdf(self):
        contract = self._create_contract()
        contract.action_send()
        order = contract.order_ids
        self.assertEqual((contract.state, order.state), ("sent", "sent"))
        content = contract._get_document_bytes()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertEqual(contract.document_sha256, sha256(content).hexdigest())
        self.customer.name = "Another Name"
        self.assertNotIn("Another Name", contract.preview_html)
        self.assertEqual(contract._get_document_bytes(), content)
        self.assertIn("/my/contracts/%d?access_token=" % contract.id, contract.sign_url)

    def test_nothing_empty_is_sent(self):
        empty = self.env["crm.contract"].create({"title": "Empty", "partner_id": self.customer.id})
        with self.assertRaisesRegex(SalesOrderError, "has no text"):
            empty.action_send()
        without_goods = self.env["crm.contract"].create({"partner_id": self.customer.id, "template_id": self.template.id})
        with self.assertRaisesRegex(SalesOrderError, "nothing to deliver"):
            without_goods.action_send()

    def test_signing_keeps_evidence_and_confirms_the_order_once(self):
        contract = self._create_contract()
        order = contract.order_ids
        with self.assertRaisesRegex(SalesOrderError, "when the customer signs"):
            order.action_confirm()
        self._send_and_sign(contract)
        self.assertEqual((contract.state, order.state), ("signed", "sale"))
        self.assertEqual(contract.signed_sha256, sha256(contract._get_document_bytes()).hexdigest())
        self.assertEqual((contract.signer_name, contract.signer_ip, contract.signer_agent), ("Wang Fang", "203.0.113.9", "Phone"))
        pickings = order.picking_ids
        self.assertFalse(contract._sign("Li Si", self.image, "198.51.100.1"), "the second signer changes nothing")
        self.assertEqual((contract.signer_name, order.picking_ids), ("Wang Fang", pickings))
        contract.action_countersign()
        self.assertEqual((contract.state, contract.company_signed_on), ("executing", fields.Date.context_today(contract)))

    def test_an_order_that_cannot_be_confirmed_leaves_the_contract_unsigned(self):
        contract = self._create_contract()
        contract.action_send()
        model = type(self.env["sale.order"])
        with patch.object(model, "_check_can_confirm", side_effect=SalesOrderError("below the floor")), self.cr.savepoint():
            with self.assertRaises(UserError), self.cr.savepoint():
                contract._sign("Wang Fang", self.image)
        contract.invalidate_cache()
        self.assertEqual((contract.state, contract.signed_on, contract.order_ids.state), ("sent", False, "sent"))

    def test_orders_that_changed_since_sending_cannot_be_signed(self):
        contract = self._create_contract()
        contract.action_send()
        contract.order_ids.order_line.product_uom_qty = 11
        self.assertTrue(contract.document_outdated)
        with self.assertRaisesRegex(SalesOrderError, "has changed since it was sent"):
            contract._sign("Wang Fang", self.image)
        contract.action_back_to_draft()
        self.assertEqual(contract.amount_total, 5500.0)
        self._send_and_sign(contract)

    # -- nobody edits it ---------------------------------------------------------------------------------------------

    def test_a_sent_contract_is_edited_on_no_door(self):
        contract = self._create_contract()
        order = contract.order_ids
        contract.action_send()
        doors = [
            lambda: contract.write({"title": "Other"}),
            lambda: contract.sudo().write({"amount_total": 1.0}),
            lambda: contract.write({"order_ids": [(5, 0, 0)]}),
            lambda: contract.write({"article_ids": [(5, 0, 0)]}),
            lambda: contract.article_ids[0].write({"text": "Other"}),
            lambda: contract.article_ids.unlink(),
            lambda: self.env["crm.contract.article"].create({"contract_id": contract.id, "name": "More", "text": "More"}),
            lambda: order.write({"contract_id": False}),
            lambda: self._create_quotation(contract_id=contract.id),
            lambda: contract.unlink(),
            lambda: contract.document_id.unlink(),
            lambda: contract.document_id.sudo().write({"raw": b"%PDF other"}),
            lambda: contract.document_id.write({"res_id": contract.id + 1}),
        ]
        for number, door in enumerate(doors):
            with self.subTest(door=number), self.assertRaises(SalesOrderError), self.cr.savepoint():
                door()
        for values in ({"state": "signed"}, {"signed_on": fields.Datetime.now()}, {"access_token": "mine"}, {"document_sha256": "0"}):
            with self.subTest(values=values), self.assertRaises(SalesOrderError), self.cr.savepoint():
                contract.write(values)
            with self.assertRaises(SalesOrderError), self.cr.savepoint():
                self.env["crm.contract"].create({"title": "New", "partner_id": self.customer.id, **values})
        contract.write({"alert_days": 30, "note": "For us"})

    def test_a_file_changed_behind_our_back_is_found(self):
        contract = self._send_and_sign(self._create_contract())
        self.assertEqual(contract.action_check_document()["params"]["type"], "success")
        attachment = contract.document_id
        attachment.flush()
        self.env.cr.execute("UPDATE ir_attachment SET db_datas = %s, store_fname = NULL WHERE id = %s", [b"%PDF forged", attachment.id])
        attachment.invalidate_cache()
        self.assertEqual(contract.action_check_document()["params"]["type"], "danger")

    def test_annexes_are_signed_and_frozen_with_the_text(self):
        contract = self._create_contract()
        other = self.env["ir.attachment"].create({"name": "secret.txt", "raw": b"secret", "res_model": "res.partner", "res_id": 1})
        with self.assertRaisesRegex(ValidationError, "belongs to something else"), self.cr.savepoint():
            contract.annex_ids = other
        annex = self.env["ir.attachment"].create({"name": "drawing.txt", "raw": b"a pump", "res_model": "crm.contract", "res_id": 0})
        contract.annex_ids = annex
        self.assertEqual(annex.res_id, contract.id)
        contract.action_send()
        self.assertIn(sha256(b"a pump").hexdigest(), contract.body_html)
        for door in (annex.unlink, lambda: annex.write({"raw": b"two pumps"}), lambda: contract.write({"annex_ids": [(5, 0, 0)]})):
            with self.assertRaises(SalesOrderError), self.cr.savepoint():
                door()
        contract._sign("Wang Fang", self.image)
        self.assertTrue(contract._is_document_intact())
        self.env.cr.execute("UPDATE ir_attachment SET db_datas = %s, store_fname = NULL WHERE id = %s", [b"two pumps", annex.id])
        annex.invalidate_cache()
        self.assertFalse(contract._is_document_intact())

    # -- other ends --------------------------------------------------------------------------------------------------

    def test_what_is_taken_back_or_cancelled_has_no_link_and_frees_its_quotation(self):
        contract = self._create_contract()
        contract.action_send()
        first = contract.access_token
        contract.action_new_link()
        self.assertNotEqual(contract.access_token, first)
        contract.action_back_to_draft()
        self.assertFalse(contract.access_token)
        contract.action_cancel()
        contract.order_ids.action_confirm()
        with self.assertRaises(SalesOrderError):
            contract._sign("Wang Fang", self.image)

    def test_termination_says_why_and_by_whom(self):
        contract = self._send_and_sign(self._create_framework())
        with self.assertRaisesRegex(SalesOrderError, "Say why"):
            self.env["crm.contract.terminate"].create({"contract_id": contract.id, "reason": " "}).action_terminate()
        self.env["crm.contract.terminate"].create({"contract_id": contract.id, "reason": "Bankrupt"}).action_terminate()
        self.assertEqual((contract.state, contract.end_reason, contract.ended_by_id), ("terminated", "Bankrupt", self.env.user))
        with self.assertRaises(SalesOrderError):
            self._create_quotation(contract_id=contract.id)
        with self.assertRaises(SalesOrderError):
            contract.action_amend()

    def test_orders_are_called_off_while_the_framework_contract_is_in_force(self):
        contract = self._create_framework(8000.0)
        order = self._create_quotation(contract_id=contract.id)
        self.assertEqual(contract.amount_total, 8000.0)
        with self.assertRaises(SalesOrderError), self.cr.savepoint():
            order.action_confirm()
        self._send_and_sign(contract)
        second = self._create_quotation(2, contract_id=contract.id)
        (order | second).action_confirm()
        contract.invalidate_cache()
        self.assertEqual((contract.amount_ordered, order.state), (6000.0, "sale"))

    # -- amendments --------------------------------------------------------------------------------------------------

    def test_an_amendment_changes_dates_amount_and_orders_when_signed(self):
        contract = self._send_and_sign(self._create_contract(date_start="2026-01-01", date_end="2026-12-31"))
        first = contract.order_ids
        amendment = self.env["crm.contract"].browse(contract.action_amend()["res_id"])
        amendment.write({"date_end": "2027-06-30", "withdrawn_order_ids": [(6, 0, first.ids)]})
        added = self._create_quotation(12, contract_id=amendment.id)
        self.assertEqual(amendment.amount_total, 6000.0)
        labels = [change[0] for change in amendment._get_changes()]
        self.assertEqual(labels, ["End", "Amount", "Orders added", "Orders withdrawn"])
        self.assertEqual((contract.amount_total, first.state), (5000.0, "sale"), "nothing changes before it is signed")
        self._send_and_sign(amendment)
        self.assertEqual((contract.amount_total, str(contract.date_end)), (6000.0, "2027-06-30"))
        self.assertEqual((first.state, added.state), ("cancel", "sale"))
        self.assertEqual([change[0] for change in amendment._get_shown_changes()], labels, "the history stays")
        self.assertIn("5,000.00", amendment.changes_html)
        contract.invalidate_cache()
        self.assertEqual(contract.amount_ordered, 6000.0)
        amendment.action_countersign()
        self.assertEqual(amendment.state, "done")

    def test_an_amendment_of_what_changed_meanwhile_is_not_signed(self):
        contract = self._send_and_sign(self._create_framework(1000.0))
        one, two = (self.env["crm.contract"].browse(contract.action_amend()["res_id"]) for _number in range(2))
        one.amount_total, two.amount_total = 2000.0, 3000.0
        two.action_send()
        self._send_and_sign(one)
        with self.assertRaisesRegex(SalesOrderError, "has changed since"):
            two._sign("Wang Fang", self.image)
        self.assertEqual(contract.amount_total, 2000.0)

    def test_what_was_delivered_is_not_withdrawn(self):
        contract = self._send_and_sign(self._create_contract())
        amendment = self.env["crm.contract"].browse(contract.action_amend()["res_id"])
        amendment.withdrawn_order_ids = contract.order_ids
        amendment.action_send()
        contract.order_ids.picking_ids.action_deliver_available()
        with self.assertRaisesRegex(SalesOrderError, "delivered in part"), self.cr.savepoint():
            amendment._sign("Wang Fang", self.image)

    # -- carrying out ------------------------------------------------------------------------------------------------

    def test_shares_follow_and_the_last_payment_closes_it(self):
        contract = self._send_and_sign(self._create_contract())
        order = contract.order_ids

        def shares():
            contract.invalidate_cache(["share_delivered", "share_invoiced", "share_collected"])
            return contract.share_delivered, contract.share_invoiced, contract.share_collected

        self.assertEqual(shares(), (0.0, 0.0, 0.0))
        order.picking_ids.action_deliver_available()
        self.assertEqual((shares(), contract.state), ((100.0, 0.0, 0.0), "executing"))
        invoice = order.action_invoice_delivered()
        self.assertEqual(shares(), (100.0, 100.0, 0.0))
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment.create({"amount": 2000.0, "payment_difference_handling": "open"}).action_create_payments()
        self.assertEqual((shares(), contract.state), ((100.0, 100.0, 40.0), "executing"))
        payment.create({"amount": 3000.0}).action_create_payments()
        self.assertEqual((shares(), contract.state), ((100.0, 100.0, 100.0), "done"))
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(contract.state, "executing", "a payment taken back opens it again")

    def test_progress_of_many_contracts_is_one_query(self):
        contracts = self.env["crm.contract"].concat(*(self._send_and_sign(self._create_contract()) for _number in range(3)))
        contracts.flush()
        contracts.invalidate_cache()
        contracts.mapped("state")
        with self.assertQueryCount(2):
            contracts[:1]._get_progress()
        with self.assertQueryCount(2):
            contracts._get_progress()

    # -- coming to the end -------------------------------------------------------------------------------------------

    def test_the_end_is_told_once_and_opens_one_opportunity(self):
        owner = self._create_user("contract_owner", "crm_core.group_sales_rep")
        end = fields.Date.context_today(self.env.user) + timedelta(days=20)
        contract = self._send_and_sign(self._create_framework(9000.0, date_end=end, alert_days=30, user_id=owner.id))
        later = self._send_and_sign(self._create_framework(date_end=end, alert_days=10, user_id=owner.id))
        contracts = self.env["crm.contract"]
        self.assertEqual(contracts._alert() & (contract | later), contract)
        lead = contract.renewal_lead_id
        self.assertEqual((lead.expected_revenue, lead.user_id, lead.date_deadline), (9000.0, owner, end))
        notices = self.env["crm.notification"].search([("user_id", "=", owner.id), ("key", "like", "crm.contract,%,ends,%")])
        count = len(notices)
        self.assertTrue(count)
        self.assertFalse(contracts._alert() & contract)
        contract._write_guarded({"alerted_date": False})
        contracts._alert()
        self.assertEqual(contract.renewal_lead_id, lead, "the open opportunity is used again")
        self.assertEqual(len(notices.search([("id", "in", notices.ids)])), count)
        self.assertEqual(self.env["crm.lead"].search_count([("name", "=", lead.name)]), 1)

    # -- approval ----------------------------------------------------------------------------------------------------

    def test_own_wording_is_approved_as_it_stands(self):
        leader = self._create_user("contract_leader", "crm_core.group_sales_director")
        rep = self._create_user("contract_rep", "crm_core.group_sales_rep")
        contract = self._create_contract(self._create_quotation(user_id=rep.id), user_id=rep.id).with_user(rep)
        self.assertEqual(contract.approval_state, "none")
        contract.article_ids[0].text = "We may do as we like."
        contract.invalidate_cache()
        self.assertEqual(contract.approval_state, "needed")
        with self.assertRaisesRegex(SalesOrderError, "Own wording: Parties"):
            contract.action_send()
        contract.action_request_approval("They insist")
        self.assertEqual(contract.state, "approval")
        contract.with_user(leader).action_grant_approval()
        contract.action_back_to_draft()
        contract.article_ids[0].text = "We may do more."
        with self.assertRaisesRegex(SalesOrderError, "Needs approval"):
            contract.action_send()
        contract.article_ids[0].text = "We may do as we like."
        contract.action_send()
        self.assertEqual(contract.state, "sent")

    # -- order types -------------------------------------------------------------------------------------------------

    def test_an_order_whose_type_needs_a_contract_gets_one_with_the_customers_yes(self):
        kind = self.env["crm.order.type"]._get_type("standard").copy(
            {"code": "by_contract", "name": "By contract", "contract_required": True, "contract_template_id": self.template.id}
        )
        order = self._create_quotation(order_type_id=kind.id)
        order.action_quotation_sent()
        with self.assertRaisesRegex(SalesOrderError, "need a signed contract"), self.cr.savepoint():
            order.action_confirm()
        order._signed_by_customer()
        contract = order.contract_id
        self.assertEqual((order.state, contract.state, contract.amount_total), ("sent", "draft", 5000.0))
        self._send_and_sign(contract)
        self.assertEqual(order.state, "sale")

    def test_a_contract_takes_orders_of_its_own_customer_and_currency(self):
        contract = self._create_contract()
        stranger = self.env["res.partner"].create({"name": "Stranger", "is_company": True})
        with self.assertRaisesRegex(SalesOrderError, "another customer's"):
            self._create_quotation(partner_id=stranger.id, contract_id=contract.id)
