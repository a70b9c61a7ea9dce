# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Providers on the net: what is asked, what is filled, and that nothing they do can hurt. The peer is local."""
import socket
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import AccessError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..exceptions import CrmUserError, CrmValidationError
from .common import RolesCase
from .http_peer import HttpPeer

COMPANY = {
    "status": 0,
    "data": {
        "items": [
            {
                "name": "深圳市华强电子有限公司",
                "creditNo": "91440300192244260K",
                "operName": "李强",
                "regCapital": "1000万人民币",
                "regStatus": "存续",
                "industry": "电子制造",
                "address": "福田区深南中路1号",
                "province": "广东省",
                "city": "深圳市",
            }
        ]
    },
}
MAPPING = {
    "credit_code": "data.items[0].creditNo",
    "legal_person": "data.items[0].operName",
    "registered_capital": "data.items[0].regCapital",
    "company_status": "$.data.items[0].regStatus",
    "company_industry": "data.items[0].industry",
    "street": "data.items[0].address",
    "state_id": "data.items[0].province",
    "city": "data.items[0].city",
}


class TestProvider(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = HttpPeer()
        cls.addClassCleanup(cls.peer.close)
        cls.provider = cls.env["crm.enrichment.provider"].create(cls._provider_vals())
        cls.lead = cls._company_lead("华强电子")

    @classmethod
    def _provider_vals(cls, **vals):
        return {
            "name": "Register",
            "active": True,
            "url": cls.peer.url + "/company?q={query}",
            "headers": "Authorization: Bearer {secret}\nX-App: suite",
            "secret": "s3cret",
            "timeout": 10.0,
            "rate_limit": 60000,
            "found_path": "data.items[0]",
            "mapping_ids": [(0, 0, {"target": target, "path": path}) for target, path in MAPPING.items()],
            **vals,
        }

    @classmethod
    def _company_lead(cls, company, **vals):
        return cls._lead(cls.ann, "Pumps for " + company, partner_name=company, **vals)

    def setUp(self):
        super().setUp()
        self.peer.asked.clear()
        self.peer.drip = 0.0
        self.peer.answer = lambda path, body: (200, {}, COMPANY)

        @contextmanager
        def same_transaction(answers, autocommit=False):
            yield answers

        patcher = patch.object(type(self.env["crm.enrichment.answer"]), "_own_transaction", same_transaction)
        patcher.start()
        self.addCleanup(patcher.stop)

    def requests(self, records=None):
        records = self.lead if records is None else records
        link = "lead_id" if records._name == "crm.lead" else "partner_id"
        return self.env["crm.enrichment.request"].search([(link, "in", records.ids)], order="id")

    def ask(self, records=None):
        records = self.lead if records is None else records
        self.env["crm.enrichment"]._schedule(records)
        requests = self.requests(records)
        requests._run()
        return requests

    # -- the way of a question ---------------------------------------------------------------------------------------

    def test_a_lead_is_filled_from_the_register(self):
        request = self.ask()
        lead = self.lead
        self.assertEqual(
            (lead.credit_code, lead.legal_person, lead.registered_capital, lead.company_status, lead.company_industry),
            ("91440300192244260K", "李强", 10_000_000.0, "存续", "电子制造"),
        )
        self.assertEqual((lead.street, lead.city, lead.state_id), ("福田区深南中路1号", "深圳市", self.env.ref("base.state_cn_GD")))
        self.assertEqual(request.state, "found")
        self.assertIn("Legal Person", request.message)
        ((path, headers, _body),) = self.peer.asked
        self.assertEqual(parse_qs(urlsplit(path).query), {"q": ["华强电子"]})
        self.assertEqual((headers["Authorization"], headers["X-App"]), ("Bearer s3cret", "suite"))

    def test_what_is_there_stays(self):
        self.lead.write({"legal_person": "王伟", "city": "广州市"})
        self.ask()
        self.assertEqual((self.lead.legal_person, self.lead.city, self.lead.company_status), ("王伟", "广州市", "存续"))

    def test_the_credit_code_is_asked_for_before_the_name(self):
        self.lead.credit_code = "91440300192244260k"
        self.ask()
        self.assertTrue(self.peer.asked[0][0].endswith("q=91440300192244260K"))

    def test_a_company_is_asked_once_however_many_leads_it_has(self):
        others = self._company_lead("华强电子") | self._company_lead(" 华强电子 ")
        self.ask(self.lead | others)
        later = self._company_lead("华强电子")
        self.ask(later)
        self.assertEqual(len(self.peer.asked), 1)
        self.assertEqual((self.lead | others | later).mapped("legal_person"), ["李强"] * 4)

    def test_an_old_answer_is_asked_for_again(self):
        self.ask()
        self.env.cr.execute("UPDATE crm_enrichment_answer SET date = date - interval '91 days'")
        self.ask(self._company_lead("华强电子"))
        self.assertEqual(len(self.peer.asked), 2)

    def test_a_post_carries_the_query_as_json(self):
        self.provider.write({"url": self.peer.url + "/search", "body": '{"keyword": "{query}"}'})
        self.ask(self._company_lead('A"B\\C'))
        self.assertEqual(self.peer.asked[0][2], b'{"keyword": "A\\"B\\\\C"}')

    def test_coordinates_of_an_address(self):
        self.provider.active = False
        self.env["crm.enrichment.provider"].create(
            self._provider_vals(
                name="Map",
                kind="geocode",
                found_path="location",
                mapping_ids=[
                    (0, 0, {"target": "partner_latitude", "path": "location.lat"}),
                    (0, 0, {"target": "partner_longitude", "path": "location.lng"}),
                ],
            )
        )
        self.peer.answer = lambda path, body: (200, {}, {"location": {"lat": 22.54321, "lng": "114.05"}})
        self.ask(self.customer_ann)
        self.assertAlmostEqual(self.customer_ann.partner_latitude, 22.54321, 5)
        self.assertAlmostEqual(self.customer_ann.partner_longitude, 114.05, 5)
        self.peer.answer = lambda path, body: (200, {}, {"location": {"lat": 2254.3, "lng": "NaN"}})
        self.customer_bob.street = "2 Other Road"
        self.ask(self.customer_bob)
        self.assertFalse(self.customer_bob.partner_latitude or self.customer_bob.partner_longitude)

    # -- nothing is asked needlessly ---------------------------------------------------------------------------------

    def test_no_provider_is_active_by_default(self):
        self.assertFalse(self.env["crm.enrichment.provider"].search([]) - self.provider)
        self.provider.active = False
        self.assertFalse(self.env["crm.enrichment.provider"].create({"name": "New", "url": "https://a.example/"}).active)
        jobs = self.env["queue.job"].search_count([])
        with self.assertQueryCount(1):
            self.env["crm.enrichment"]._schedule(self.lead)
        self.assertEqual(self.env["queue.job"].search_count([]), jobs)

    def test_leads_without_a_company_or_with_all_facts_are_left_out(self):
        person = self._lead(self.ann, "Somebody")
        self.ask()
        self.assertFalse(self.ask(person))
        again = self.env["crm.enrichment.request"]._enqueue(self.provider, self.lead)
        self.assertFalse(again)

    def test_one_job_for_a_batch(self):
        before = self.env["queue.job"].search([])
        leads = self.lead | self._company_lead("B") | self._company_lead("C")
        self.env["crm.enrichment"]._schedule(leads)
        self.env["crm.enrichment"]._schedule(leads)  # they are waiting already
        self.assertEqual(len(self.env["queue.job"].search([]) - before), 1)
        self.assertEqual(len(self.requests(leads)), 3)

    # -- misbehaving providers ---------------------------------------------------------------------------------------

    def test_not_found_is_said_and_remembered(self):
        for answer in ((200, {}, {"status": 0, "data": None}), (404, {}, b"nothing")):
            self.peer.answer = lambda path, body, answer=answer: answer
            lead = self._company_lead("Unknown %d" % answer[0])
            self.assertEqual(self.ask(lead).state, "not_found")
            self.peer.asked.clear()
            self.assertEqual(self.ask(self._company_lead("Unknown %d" % answer[0])).state, "not_found")
            self.assertFalse(self.peer.asked)

    def test_useless_answers_fail_with_the_reason(self):
        for content, reason in (
            (b"<html>", "no JSON"),
            (b'{"a": ' * 100000, "no JSON"),
            (b"\xff\xfe", "no JSON"),
            (b'"text"', "no JSON object"),
            (b"[" + b"0," * 1_000_000 + b"0]", "larger than 1024 KB"),
        ):
            self.peer.answer = lambda path, body, content=content: (200, {}, content)
            request = self.ask(self._company_lead("Bad %s %d" % (reason, len(content))))
            self.assertEqual(request.state, "failed", content[:20])
            self.assertIn(reason, request.message)
        self.peer.answer = lambda path, body: (403, {}, b"")
        self.assertIn("403", self.ask(self._company_lead("Forbidden")).message)

    def test_values_of_the_wrong_kind_are_left_out(self):
        item = {
            "regCapital": "lots",
            "operName": {"a": 1},
            "creditNo": ["x"],
            "regStatus": "存续\0",
            "industry": "x" * 9999,
            "province": "Texas",
        }
        self.peer.answer = lambda path, body: (200, {}, {"data": {"items": [item]}})
        self.ask()
        lead = self.lead
        self.assertFalse(lead.registered_capital or lead.legal_person or lead.credit_code or lead.state_id)
        self.assertEqual((lead.company_status, len(lead.company_industry)), ("存续", 2000))

    def test_a_busy_provider_is_asked_later_with_back_off(self):
        self.peer.answer = lambda path, body: (429, {"Retry-After": "7"}, b"")
        waits = []
        for _attempt in range(4):
            with self.assertRaises(RetryableJobError) as caught:
                self.ask()
            waits.append(caught.exception.seconds)
        self.assertEqual(waits, [7, 14, 28, 56])
        self.assertEqual(self.requests().state, "waiting")
        request = self.ask()
        self.assertEqual(request.state, "failed")
        self.assertIn("5 times", request.message)

    def test_after_errors_the_answer_is_taken(self):
        self.peer.answer = lambda path, body: (500, {}, b"oops")
        with self.assertRaises(RetryableJobError):
            self.ask()
        self.peer.answer = lambda path, body: (200, {}, COMPANY)
        self.assertEqual(self.ask().state, "found")

    def test_what_was_answered_before_an_error_is_not_asked_again(self):
        leads = self.lead | self._company_lead("B")
        self.peer.answer = lambda path, body: (200, {}, COMPANY) if len(self.peer.asked) == 1 else (500, {}, b"")
        with self.assertRaises(RetryableJobError):
            self.ask(leads)
        self.peer.answer = lambda path, body: (200, {}, COMPANY)
        self.requests(leads)._run()
        self.assertEqual(len(self.peer.asked), 3)
        self.assertEqual(self.requests(leads).mapped("state"), ["found", "found"])

    def test_a_hanging_provider_costs_the_timeout(self):
        self.provider.timeout = 0.3
        self.peer.answer = self.peer.hang
        self._assert_times_out()

    def test_a_peer_that_does_not_speak_http(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=lambda: server.accept()[0].sendall(b"SSH-2.0\r\n\r\n"), daemon=True).start()
            self.provider.url = "http://127.0.0.1:%d/" % server.getsockname()[1]
            self.assertIn("BadStatusLine", self.ask().message)

    def test_a_dripping_answer_costs_the_timeout(self):
        self.provider.timeout = 0.3
        self.peer.drip = 0.1
        self._assert_times_out()

    def _assert_times_out(self):
        start = time.monotonic()
        with self.assertRaises(RetryableJobError):
            self.ask()
        self.assertLess(time.monotonic() - start, 15, "the peer takes longer than 20 seconds, the limit is 0.3")

    def test_nobody_there_is_tried_again(self):
        self.provider.url = "http://127.0.0.1:9/?q={query}"
        with self.assertRaisesRegex(RetryableJobError, "no connection"):
            self.ask()

    def test_a_slow_provider_is_waited_for(self):
        self.peer.answer = self.peer.slow(0.3, COMPANY)
        self.assertEqual(self.ask().state, "found")

    def test_redirects_stay_on_the_host(self):
        other = HttpPeer()
        self.addCleanup(other.close)
        self.peer.answer = lambda path, body: (302, {"Location": other.url + "/steal"}, b"")
        self.assertIn("another host", self.ask().message)
        self.assertFalse(other.asked)
        self.peer.answer = lambda path, body: (302, {"Location": "/new"}, b"") if "q=" in path else (200, {}, COMPANY)
        self.assertEqual(self.ask(self._company_lead("Moved")).state, "found")
        self.peer.answer = lambda path, body: (302, {"Location": path}, b"")
        self.assertIn("too many redirects", self.ask(self._company_lead("Loop")).message)

    def test_the_rate_limit_puts_the_rest_off(self):
        self.provider.rate_limit = 6  # one in ten seconds
        with self.assertRaisesRegex(RetryableJobError, "Rate limit"):
            self.ask(self.lead | self._company_lead("B"))
        self.assertEqual(len(self.peer.asked), 1)

    def test_switched_off_meanwhile(self):
        self.env["crm.enrichment"]._schedule(self.lead)
        self.provider.active = False
        self.requests()._run()
        self.assertEqual((self.requests().state, self.peer.asked), ("failed", []))

    def test_a_failed_question_can_be_asked_again(self):
        self.peer.answer = lambda path, body: (403, {}, b"")
        request = self.ask()
        self.peer.answer = lambda path, body: (200, {}, COMPANY)
        request.with_user(self.director).action_retry()
        self.assertEqual(request.state, "waiting")
        request._run()
        self.assertEqual(request.state, "found")

    # -- configuration and rights ------------------------------------------------------------------------------------

    def test_only_questions_that_stay_where_they_belong(self):
        for vals in (
            {"url": "file:///etc/passwd"},
            {"url": "gopher://127.0.0.1/"},
            {"url": "https://{query}.example/"},
            {"url": "https:///x"},
            {"headers": "no colon"},
            {"headers": "Bad Name: x"},
            {"body": "{not json"},
            {"found_path": "a..b["},
        ):
            with self.assertRaises(CrmValidationError, msg=vals):
                self.provider.write(vals)
        with self.assertRaises(CrmValidationError):
            self.provider.mapping_ids[0].path = "a[b"
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.provider.write({"rate_limit": 0})
            self.provider.flush()

    def test_a_query_cannot_leave_its_place(self):
        self.provider.headers = "X-Company: {query}"
        self.ask(self._company_lead("a&admin=1\r\nX-Evil: 1/../../{secret}"))
        ((path, headers, _body),) = self.peer.asked
        self.assertEqual(list(parse_qs(urlsplit(path).query)), ["q"])
        self.assertNotIn("X-Evil", headers)
        self.assertNotIn("s3cret", path + headers["X-Company"])

    def test_only_directors_and_administrators_see_providers(self):
        self.assertEqual(self.provider.with_user(self.director).secret, "s3cret")
        for user in (self.ann, self.nora, self.marketer, self.executive, self.clerk):
            for model in ("provider", "mapping", "request", "answer"):
                with self.assertRaises(AccessError):
                    self.env["crm.enrichment." + model].with_user(user).search_read([])

    def test_a_rep_enriches_own_leads_only(self):
        action = self.lead.with_user(self.ann).action_enrich()
        self.assertEqual(action["tag"], "display_notification")
        self.requests()._run()
        self.assertEqual(self.lead.legal_person, "李强")
        with self.assertRaises(AccessError):
            self.lead.with_user(self.bob).action_enrich()
        with self.assertRaises(AccessError):
            self.lead.with_user(self.executive).action_enrich()

    def test_the_button_says_why_nothing_can_be_asked(self):
        with self.assertRaisesRegex(CrmUserError, "nothing to ask"):
            self._lead(self.ann, "Somebody").with_user(self.ann).action_enrich()
        self.provider.active = False
        with self.assertRaisesRegex(CrmUserError, "No enrichment provider"):
            self.lead.with_user(self.ann).action_enrich()

    def test_old_answers_and_logs_are_forgotten(self):
        request = self.ask()
        self.env.cr.execute("UPDATE crm_enrichment_answer SET date = date - interval '91 days'")
        self.env["crm.enrichment.answer"]._gc_answers()
        self.assertFalse(self.env["crm.enrichment.answer"].search([]))
        request.date_done = "2020-01-01"
        self.env["crm.enrichment.request"]._gc_requests()
        self.assertFalse(request.exists())
