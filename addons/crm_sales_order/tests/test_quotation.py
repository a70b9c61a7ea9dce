# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import hashlib
import io
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.crm_core.exceptions import GateError
from odoo.exceptions import AccessError
from odoo.tools import mute_logger
from PIL import Image

from ..exceptions import SalesOrderError
from .common import SalesOrderCase


def draw_signature(color=(0, 0, 0, 255)):
    """A line on an otherwise empty picture, as base64."""
    image = Image.new("RGBA", (60, 20))
    for x in range(10, 50):
        image.putpixel((x, 10), color)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


class QuotationCase(SalesOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls._create_user("quotation_rep", "crm_core.group_sales_rep")
        cls.lead = cls._create_opportunities([1000.0], user_id=cls.rep.id, stage_id=cls.env.ref("crm.stage_lead1").id)
        cls.order = cls.lead.action_create_quotations()
        cls.env.ref("crm.stage_lead3").is_quoted = True

    def _notices(self, text):
        domain = [("user_id", "=", self.rep.id), ("subject", "ilike", text)]
        return self.env["crm.notification"].search(domain)


class TestFromOpportunity(QuotationCase):
    def test_one_click_takes_everything_known_of_the_customer_over(self):
        terms = self.env.ref("account.account_payment_term_30days")
        self.customer.property_payment_term_id = terms
        lead = self._create_opportunities([0.0], user_id=self.rep.id)
        lead.product_id = False
        action = lead.with_user(self.rep).action_sale_quotations_new()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(action["context"]["form_view_initial_mode"], "edit")
        self.assertEqual((order.partner_id, order.opportunity_id, order.payment_term_id), (self.customer, lead, terms))
        self.assertEqual((order.state, order.user_id, order.order_line.ids), ("draft", self.rep, []))

    def test_many_at_once_still_need_to_know_what_is_sold(self):
        lead = self._create_opportunities([0.0])
        lead.product_id = False
        with self.assertRaisesRegex(SalesOrderError, "set a product"):
            lead.action_create_quotations()

    def test_an_opportunity_without_customer_gets_one(self):
        lead = self.env["crm.lead"].create({"name": "Walk-in", "partner_name": "New Works", "type": "opportunity"})
        lead.action_sale_quotations_new()
        self.assertEqual((lead.partner_id.name, lead.partner_id.is_company), ("New Works", True))

    def test_the_opportunity_is_worth_what_was_offered_last_and_moves_on(self):
        self.order.order_line.price_unit = 1234.5
        self.order.action_quotation_sent()
        self.assertEqual(self.lead.expected_revenue, 1234.5)
        self.assertEqual(self.lead.stage_id, self.env.ref("crm.stage_lead3"))

    def test_a_gate_keeps_the_opportunity_where_it_is_and_the_quotation_says_so(self):
        line = {"kind": "margin", "minimum_margin": 99.0}
        self.env["crm.gate"].create({"stage_id": self.env.ref("crm.stage_lead3").id, "line_ids": [(0, 0, line)]})
        stage = self.lead.stage_id
        with self.assertRaises(GateError), self.cr.savepoint():
            self.lead.stage_id = self.env.ref("crm.stage_lead3")
        self.order.action_quotation_sent()
        self.assertEqual((self.order.state, self.lead.stage_id), ("sent", stage))
        self.assertEqual(self.lead.expected_revenue, 1000.0)
        self.assertIn("stays in", self.order.message_ids[0].body)

    def test_a_stage_further_on_is_not_left(self):
        won = self._create_opportunities([5.0], stage_id=self.env.ref("crm.stage_lead4").id)
        won._create_quotations().action_quotation_sent()
        self.assertEqual(won.stage_id, self.env.ref("crm.stage_lead4"))

    def test_the_response_time_counts_working_hours_from_the_request(self):
        calendar = self.env["resource.calendar"].create({"name": "Office", "tz": "UTC"})  # Monday to Friday, 8–12 and 13–17
        self.company.resource_calendar_id = calendar
        friday = fields.Datetime.to_datetime("2026-11-06 16:00:00")
        monday = fields.Datetime.to_datetime("2026-11-09 10:00:00")
        self.assertEqual(self.order._get_working_hours(friday, monday), 3.0)
        self.order.date_requested = fields.Datetime.now() - timedelta(days=7)
        self.order.action_quotation_sent()
        self.assertEqual(self.order.response_hours, 40.0)

    def test_a_request_in_the_future_is_refused(self):
        with self.assertRaisesRegex(SalesOrderError, "future"):
            self.order.date_requested = fields.Datetime.now() + timedelta(hours=1)


class TestVersions(QuotationCase):
    def test_sent_again_after_a_change_is_a_new_version_with_a_new_link(self):
        order = self.order
        self.assertEqual((order.version, order.online_state), (0, "draft"))
        order.action_quotation_sent()
        first, link = order.version_id, order.access_token
        self.assertEqual((order.version, order.online_state, first.amount_total), (1, "open", 1000.0))
        order.action_send_link()
        self.assertEqual((order.version, order.access_token), (1, link))
        order.order_line.price_unit = 900.0
        self.assertEqual((order.is_revised, order.online_state), (True, "revised"))
        order.with_context(mark_so_as_sent=True).message_post(body="Here is the new one")
        self.assertEqual((order.version, order.online_state, order.is_revised), (2, "open", False))
        self.assertNotEqual(order.access_token, link)
        self.assertEqual((first.outcome, first.amount_total, first.access_token), ("replaced", 1000.0, link))
        self.assertEqual(self.lead.expected_revenue, 900.0)

    def test_two_versions_side_by_side(self):
        order = self.order
        order.action_quotation_sent()
        first = order.version_id
        order.order_line.price_unit = 900.0
        order.write({"order_line": [(0, 0, {"product_id": self.valve.id, "product_uom_qty": 2})]})
        order.action_send_link()
        action = order.version_id.with_user(self.rep).action_compare()
        wizard = self.env["crm.quotation.comparison"].with_user(self.rep).browse(action["res_id"])
        self.assertEqual((wizard.older_id, wizard.newer_id), (first, order.version_id))
        kinds = [(change.kind, change.names) for change in wizard._get_changes()]
        self.assertEqual(kinds, [("changed", ("price", "subtotal")), ("added", ())])
        self.assertIn("160", str(wizard.comparison))
        order.order_line[0].unlink()
        wizard.newer_id = False
        self.assertEqual([change.kind for change in wizard._get_changes()], ["added", "removed"])

    def test_versions_are_for_those_who_see_the_order_and_cannot_be_changed(self):
        self.order.action_quotation_sent()
        version = self.order.version_id
        other = self._create_user("quotation_other", "crm_core.group_sales_rep")
        finance = self._create_user("quotation_finance", "crm_sales_order.group_finance")
        self.assertEqual(version.with_user(self.rep).number, 1)
        for user in (other, finance):
            with self.assertRaises(AccessError):
                version.with_user(user).read(["content"])
        with self.assertRaises(AccessError):
            version.with_user(self.rep).write({"outcome": "signed"})
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            wizard = self.env["crm.quotation.comparison"].with_user(other)
            wizard.create({"order_id": self.order.id, "older_id": version.id}).read(["comparison"])

    def test_many_are_sent_together_at_a_constant_cost_each(self):
        orders = self._create_opportunities([100.0] * 12).action_create_quotations()
        few, many = orders[:2], orders[2:]
        counts = []
        for some in (few, many):
            some.flush()
            before = self.env.cr.sql_log_count
            some.action_quotation_sent()
            some.flush()
            counts.append((self.env.cr.sql_log_count - before) / len(some))
        self.assertLessEqual(counts[1], counts[0])


class TestOnline(QuotationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        option = {"product_id": cls.valve.id, "name": "Valve", "price_unit": 80.0, "quantity": 2, "uom_id": cls.valve.uom_id.id}
        cls.order.sale_order_option_ids = [(0, 0, option)]
        cls.option = cls.order.sale_order_option_ids
        cls.order.action_quotation_sent()
        cls.version = cls.order.version_id

    def _sign(self, name="Li Lei", signature=None, order=None):
        return (order or self.order)._sign_online(name, draw_signature() if signature is None else signature, "192.0.2.7")

    def test_signed_is_confirmed_once_and_the_evidence_kept(self):
        self.assertTrue(self._sign("  Li   Lei "))
        self.assertFalse(self._sign("Somebody Else"))
        order, version = self.order, self.version
        self.assertEqual((order.state, order.signed_by, order.signed_ip), ("sale", "Li Lei", "192.0.2.7"))
        self.assertEqual((version.outcome, len(version.document_sha256), len(order.picking_ids)), ("signed", 64, 1))
        documents = order.message_ids.attachment_ids.filtered(lambda file: file.mimetype == "application/pdf")
        self.assertIn(version.document_sha256, [hashlib.sha256(document.raw).hexdigest() for document in documents])
        self.assertTrue(self._notices("signed quotation"))
        self.assertTrue(self.lead.stage_id.is_won)

    def test_what_is_no_signature_is_refused_and_nothing_is_lost(self):
        empty = draw_signature((255, 255, 255, 255))
        text = base64.b64encode(b"not a picture at all").decode()
        large = "A" * (50 * 1024 * 1024)
        cases = [("", "missing"), (empty, "empty"), (text, "no picture"), ("§§", "no picture"), (large, "too large")]
        for signature, message in cases:
            with self.subTest(message), self.assertRaisesRegex(SalesOrderError, message):
                self._sign(signature=signature)
        with self.assertRaisesRegex(SalesOrderError, "name"):
            self._sign(name="   ")
        self.assertEqual((self.order.state, self.order.signature, self.version.outcome), ("sent", False, "sent"))
        self.assertTrue(self._sign())

    def test_what_is_in_the_way_keeps_the_signature_and_calls_the_rep(self):
        with patch.object(type(self.order), "_check_can_confirm", side_effect=SalesOrderError("The stock is gone.")):
            self.assertTrue(self._sign())
        self.assertEqual((self.order.state, self.order.online_state, self.order.signed_by), ("sent", "signed", "Li Lei"))
        self.assertEqual(self._notices("needs you").body, "The stock is gone.")

        self.order.order_line.price_unit = 950.0
        self.assertEqual(self.order.online_state, "revised")
        self.order.action_send_link()
        self.assertEqual((self.order.online_state, self.order.signed_by, self.version.signed_by), ("open", False, "Li Lei"))

    def test_what_needs_a_contract_is_handed_over_to_it(self):
        self.order.order_type_id = self.order.order_type_id.copy({"code": "by_contract", "contract_required": True})
        self.order.action_send_link()
        self._sign()
        self.assertEqual((self.order.state, self.order.online_state), ("sent", "signed"))
        self.assertEqual((self.order.contract_id.order_ids, self.order.contract_id.state), (self.order, "draft"))

    def test_rejected_with_a_reason(self):
        with self.assertRaisesRegex(SalesOrderError, "why"):
            self.order._reject_online("  ")
        self.order._reject_online("Too expensive")
        self.order._reject_online("Twice")
        self.assertEqual((self.order.state, self.order.reject_reason), ("cancel", "Too expensive"))
        self.assertEqual(self._notices("rejected").body, "Too expensive")
        with self.assertRaisesRegex(SalesOrderError, "rejected"):
            self._sign()

    def test_rejected_and_sent_again_is_a_new_version(self):
        self.order._reject_online("Too late")
        self.order.action_draft()
        self.order.action_quotation_sent()
        self.assertEqual((self.order.version, self.order.reject_reason, self.version.reject_reason), (2, False, "Too late"))

    def test_expired_cannot_be_signed_but_a_new_one_asked_for(self):
        self.order.validity_date = fields.Date.today() - timedelta(days=1)
        self.assertEqual(self.order.online_state, "expired")
        with self.assertRaisesRegex(SalesOrderError, "expired"):
            self._sign()
        self.order.date_requested = fields.Datetime.now() - timedelta(days=9)
        asked = self.order.date_requested
        self.order._ask_online()
        self.order._ask_online()
        self.assertGreater(self.order.date_requested, asked)
        self.assertEqual(len(self._notices("asks for a new")), 1)

    def test_changed_after_it_was_sent_cannot_be_signed(self):
        self.order.order_line.price_unit = 700.0
        with self.assertRaisesRegex(SalesOrderError, "being revised"):
            self._sign()

    def test_options_are_chosen_with_quantities_and_the_version_stays(self):
        self.order._choose_option(self.option)
        self.order._choose_option(self.option)
        line = self.option.line_id
        self.assertEqual((self.order.amount_total, len(self.order.order_line)), (1160.0, 2))
        self.order._choose_quantity(line, "3")
        self.assertEqual((self.order.amount_total, self.order.online_state, self.order.version), (1240.0, "open", 1))
        for quantity in ("-1", "many", "nan", "inf", "1e99", None):
            with self.subTest(quantity), self.assertRaisesRegex(SalesOrderError, "quantity"):
                self.order._choose_quantity(line, quantity)
        with self.assertRaisesRegex(SalesOrderError, "Only options"):
            self.order._choose_quantity(self.order.order_line[0], 0)
        self.order._choose_quantity(line, "0")
        self.assertEqual((self.order.amount_total, self.order.online_state), (1000.0, "open"))
        self.order._choose_option(self.option)
        self._sign()
        with self.assertRaisesRegex(SalesOrderError, "confirmed already"):
            self.order._choose_quantity(self.option.line_id, 9)

    def test_the_rep_hears_of_the_first_visit_and_sees_the_last(self):
        self.order._note_visit()
        self.order._note_visit()
        self.assertEqual((self.order.views_count, self.version.outcome), (1, "viewed"))
        self.version.date_viewed -= timedelta(hours=1)
        self.order._note_visit()
        self.assertEqual(self.order.views_count, 2)
        self.assertGreater(self.order.date_viewed, fields.Datetime.now() - timedelta(minutes=1))
        self.assertEqual(len(self._notices("opened quotation")), 1)

    def test_a_comment_of_the_customer_reaches_the_rep(self):
        self.order.message_post(body="Can you deliver on Friday?", author_id=self.customer.id, message_type="comment")
        self.assertEqual(self._notices("commented").body, "Can you deliver on Friday?")
        self.order.with_user(self.rep).message_post(body="Yes", message_type="comment")
        self.assertEqual(len(self._notices("commented")), 1)
