# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The door: what is taken, what is refused, and that nothing is stored of what is refused."""
import base64
import io
import time
from unittest.mock import patch

import psycopg2
from odoo.sql_db import PoolError
from odoo.tests.common import tagged

from ..controllers.intake import Door
from ..models import crm_intake_lease
from .intake_common import IntakeCase

LEAD = {"name": "张伟", "phone": "13800000000"}


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *args):
        raise AssertionError("the body was read")

    read1 = read


@tagged("post_install", "-at_install")
class TestDoor(IntakeCase):
    def refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1].get("error")), (status, code), answer)
        self.assertTrue(answer[1]["reason"])
        self.assertFalse(self.stored().filtered(lambda touchpoint: touchpoint.payload != '{"first": 1}'))

    # -- taken -------------------------------------------------------------------------------------------------------

    def test_a_signed_submission_is_stored_word_for_word(self):
        body = '{"name": "张伟",\n "phone": "13800000000"}'.encode()
        status, answer, _headers = self.send(body, "order-1", REMOTE_ADDR="::ffff:203.0.113.7")
        touchpoint = self.stored()
        self.assertEqual((status, answer), (202, {"receipt": touchpoint.receipt, "status": "accepted"}))
        self.assertEqual(touchpoint.payload.encode(), body)
        self.assertFalse(touchpoint.payload_raw)
        self.assertEqual((touchpoint.state, touchpoint.remote_ip, touchpoint.company_id), ("received", "203.0.113.7", self.env.company))

    def test_bytes_that_are_not_utf8_are_kept_beside_their_text(self):
        body = "name=张伟\0".encode("gb18030")
        self.assertEqual(self.send(body, CONTENT_TYPE="application/x-www-form-urlencoded")[0], 202)
        touchpoint = self.stored()
        self.assertEqual(touchpoint.payload, "name=张伟\ufffd")
        self.assertEqual(base64.b64decode(touchpoint.payload_raw), body)

    def test_the_same_submission_again_has_the_same_receipt(self):
        first, again = self.send(LEAD, "order-1"), self.send(LEAD, "order-1")
        self.assertEqual((again[0], again[1]["status"]), (202, "known"))
        self.assertEqual(first[1]["receipt"], again[1]["receipt"])
        self.assertEqual(len(self.stored()), 1)

    def test_without_a_key_the_signature_tells_a_repetition(self):
        now = int(time.time())
        first, again, later = (self.send(LEAD, timestamp=stamp) for stamp in (now, now, now - 1))
        self.assertEqual(first[1]["receipt"], again[1]["receipt"])
        self.assertNotEqual(first[1]["receipt"], later[1]["receipt"])

    def test_the_same_key_with_another_body_is_a_conflict(self):
        self.send({"first": 1}, "order-1")
        self.refused(self.send({"first": 2}, "order-1"), 409, "conflict")

    def test_the_same_key_on_another_channel_is_another_submission(self):
        other = self.new_channel()
        self.send({"first": 1}, "order-1")
        self.assertEqual(self.send({"first": 2}, "order-1", channel=other)[1]["status"], "accepted")

    def test_platforms_get_their_own_acknowledgement(self):
        channel = self.new_channel(kind="json", signature_scheme="token", ack="vendor")
        self.assertEqual(self.call(b'{"clueId": 1}', key=channel.key)[:2], (200, {"code": 0, "message": "success"}))
        self.assertEqual(self.call(b'{"clueId": 1}', key=channel.key)[:2], (200, {"code": 0, "message": "success"}))
        self.assertEqual(len(self.stored(channel)), 1)
        status, answer, _headers = self.call(b"x", key=channel.key, CONTENT_TYPE="image/png")
        self.assertEqual((status, answer["code"]), (415, 415))

    # -- refused -----------------------------------------------------------------------------------------------------

    def test_an_oversize_body_is_refused_before_it_is_read(self):
        with patch.object(Door, "_answer_and_linger", lambda door, content, environ: [content]):
            answer = self.call(b"", CONTENT_LENGTH="65537", **{"wsgi.input": Unread()})
            self.refused(answer, 413, "size")
            self.refused(self.call(b"", CONTENT_LENGTH="9" * 5000, **{"wsgi.input": Unread()}), 413, "size")

    def test_the_largest_body_is_taken(self):
        self.assertEqual(self.send(b'"' + b"x" * (65536 - 2) + b'"')[0], 202)

    def test_a_body_without_length_is_refused(self):
        self.refused(self.call(b"{}", CONTENT_LENGTH=None), 411, "length")
        self.refused(self.call(b"{}", CONTENT_LENGTH=""), 411, "length")
        self.refused(self.call(b"{}", HTTP_TRANSFER_ENCODING="chunked"), 411, "length")

    def test_a_length_that_is_none_or_a_lie(self):
        for length in ("-1", "1e3", "０", "abc", "+2"):
            self.refused(self.call(b"{}", CONTENT_LENGTH=length), 400, "length")
        self.refused(self.call(b"{}", CONTENT_LENGTH="10"), 400, "length")

    def test_other_methods_are_refused(self):
        for method in ("GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "BREW"):
            answer = self.call(b"{}", REQUEST_METHOD=method)
            self.refused(answer, 405, "method")
            self.assertEqual(answer[2]["Allow"], "POST")

    def test_unknown_and_archived_channels_cannot_be_told_apart(self):
        unknown = self.call(b"{}", key="nobody")
        self.refused(unknown, 404, "channel")
        key = self.channel.key
        self.channel.active = False
        self.channel.flush()
        self.assertEqual(self.call(b"{}", key=key)[:2], unknown[:2])

    def test_channels_of_files_take_no_submissions(self):
        channel = self.new_channel(kind="file")
        self.refused(self.call(b"{}", key=channel.key), 404, "channel")
        self.assertFalse(channel.takes_http)

    def test_bad_signatures_are_refused_and_not_stored(self):
        self.refused(self.call(b"{}"), 401, "signature")
        self.refused(self.send(LEAD, secret="guess"), 401, "signature")
        self.refused(self.send(LEAD, timestamp=int(time.time()) - 301), 401, "timestamp")
        self.refused(self.send(LEAD, timestamp=int(time.time()) + 310), 401, "timestamp")
        self.refused(self.send(LEAD, HTTP_IDEMPOTENCY_KEY="added later"), 400, "idempotency_key")
        self.refused(self.send(LEAD, HTTP_IDEMPOTENCY_KEY="added-later"), 401, "signature")

    def test_a_wrong_type_or_an_empty_body_is_refused(self):
        self.refused(self.send(b"<a/>", CONTENT_TYPE="text/xml"), 415, "content_type")
        self.refused(self.send(b" "), 400, "empty")

    def test_senders_that_are_not_on_the_list(self):
        self.channel.ip_allow = "203.0.113.0/24\n2001:db8::1"
        self.channel.flush()
        self.refused(self.send(LEAD), 401, "address")
        self.refused(self.send(LEAD, REMOTE_ADDR="unix:"), 401, "address")
        for address in ("203.0.113.9", "::ffff:203.0.113.9", "2001:db8:0::1"):
            self.assertEqual(self.send(LEAD, REMOTE_ADDR=address)[0], 202)

    def test_a_header_does_not_change_the_sender(self):
        self.channel.ip_allow = "203.0.113.0/24"
        self.channel.flush()
        self.refused(self.send(LEAD, HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_FORWARDED_HOST="x"), 401, "address")

    # -- rate --------------------------------------------------------------------------------------------------------

    def test_the_rate_is_limited_over_all_processes(self):
        channel = self.new_channel(rate_limit=7)
        taken = 0
        for process in range(3):
            crm_intake_lease._held.clear()  # another process knows nothing of the leases of the first
            for number in range(4):
                answer = self.send({"n": number}, "%d-%d" % (process, number), channel=channel)
                taken += answer[0] == 202
        self.assertEqual((taken, len(self.stored(channel))), (7, 7))
        self.assertEqual((answer[0], answer[1]["error"]), (429, "rate"))
        self.assertIn(int(answer[2]["Retry-After"]), range(1, 61))

    def test_leases_are_a_fiftieth_and_never_more_than_the_limit(self):
        leases, channel = self.env["crm.intake.lease"], self.new_channel()
        granted = [leases._take(channel.id, 120)[0] for _ in range(70)]
        self.assertEqual((granted[0], sum(granted), granted[-1]), (2, 120, 0))
        self.env.cr.execute("UPDATE crm_intake_lease SET minute = minute - 1 WHERE channel_id = %s", [channel.id])
        self.assertEqual(leases._take(channel.id, 120)[0], 2)

    def test_an_exhausted_process_does_not_ask_again(self):
        channel = self.new_channel(rate_limit=1)
        self.send(LEAD, "1", channel=channel)
        self.send(LEAD, "2", channel=channel)
        with patch.object(type(self.env["crm.intake.lease"]), "_take", side_effect=AssertionError):
            self.assertEqual(self.send(LEAD, "3", channel=channel)[0], 429)

    # -- trouble -----------------------------------------------------------------------------------------------------

    def test_without_a_connection_the_sender_is_asked_to_come_again(self):
        for error in (PoolError("The Connection Pool Is Full"), psycopg2.OperationalError("gone")):
            with patch.object(Door, "_store", side_effect=error):
                answer = self.send(LEAD)
                self.refused(answer, 503, "busy")
                self.assertTrue(int(answer[2]["Retry-After"]))

    def test_a_conflict_of_transactions_is_tried_again(self):
        conflict = psycopg2.errors.SerializationFailure("x")
        store = Door._store
        with patch.object(Door, "_store", side_effect=[conflict, conflict, ("receipt", "r", False)]):
            self.assertEqual(self.send(LEAD)[0], 202)
        with patch.object(Door, "_store", side_effect=conflict):
            self.refused(self.send(LEAD), 503, "busy")
        self.assertIs(Door._store, store)

    def test_what_goes_wrong_after_the_commit_is_not_the_senders_business(self):
        touchpoints = type(self.env["crm.touchpoint"])
        with patch.object(touchpoints, "_wake_processing", side_effect=Exception("no queue")):
            with self.assertLogs("odoo.addons.crm_core.controllers.intake", "ERROR"):
                self.assertEqual(self.send(LEAD)[0], 202)
        self.assertTrue(self.stored())

    def test_a_database_of_others_is_left_to_odoo(self):
        with patch.object(Door, "_get_database", lambda door, environ: None):
            self.assertIsNone(self.door({"REQUEST_METHOD": "POST", "PATH_INFO": "/crm/intake/x"}, None))
