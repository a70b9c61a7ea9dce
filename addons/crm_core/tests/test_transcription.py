# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Recordings are written down by a service that may be slow, broken or gone. The peer is local."""

import time

from odoo.exceptions import AccessError

from ..exceptions import CrmUserError, CrmValidationError
from .followup_common import SOUND, FollowupCase
from .http_peer import HttpPeer


class TestTranscription(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = HttpPeer()
        cls.addClassCleanup(cls.peer.close)
        cls.provider = cls.env["crm.transcription.provider"].create(
            {"name": "Whisper", "active": True, "url": cls.peer.url + "/v1/audio/transcriptions", "secret": "s3cret", "timeout": 10.0}
        )

    def setUp(self):
        super().setUp()
        self.peer.asked.clear()
        self.peer.drip = 0.0
        self.peer.answer = lambda path, body: (200, {}, {"text": " 他要两台泵 "})

    def call(self, *contents):
        files = [self.upload(self.ann, content, "call.wav").id for content in contents or (SOUND,)]
        return self.log(recording_ids=[(6, 0, files)])

    def requests(self, followup):
        return followup.sudo().transcription_ids.sorted("id")

    def jobs(self):
        return self.env["queue.job"].search([("model_name", "=", "crm.transcription.request"), ("state", "=", "pending")])

    def test_a_recording_is_sent_and_written_down(self):
        followup = self.call()
        self.assertEqual(followup.transcript_state, "waiting")
        self.assertFalse(self.peer.asked, "saving never waits for the service")
        self.assertEqual((len(self.jobs()), self.jobs().channel), (1, "root.transcription"))
        self.requests(followup)._run()
        self.assertEqual((followup.transcript, followup.transcript_state), ("他要两台泵", "done"))
        ((path, headers, body),) = self.peer.asked
        self.assertEqual((path, headers["Authorization"]), ("/v1/audio/transcriptions", "Bearer s3cret"))
        for part in (SOUND, b'name="file"; filename="call.wav"', b'name="model"\r\n\r\nwhisper-1', b'name="language"\r\n\r\nzh'):
            self.assertIn(part, body)
        self.assertEqual(self.env["crm.followup"].with_user(self.ann).search([("transcript", "ilike", "两台")]), followup)

    def test_the_file_itself_may_be_sent(self):
        self.provider.write({"send_as": "raw", "text_path": "result[0]"})
        self.peer.answer = lambda path, body: (200, {}, {"result": ["Yes"]})
        followup = self.call()
        self.requests(followup)._run()
        self.assertEqual(followup.transcript, "Yes")
        self.assertEqual((self.peer.asked[0][2], self.peer.asked[0][1]["Content-Type"]), (SOUND, "audio/wav"))

    def test_a_service_that_hangs_loses_nothing(self):
        self.peer.answer = self.peer.hang
        self.provider.timeout = 1.0
        followup = self.call()
        request = self.requests(followup)
        start = time.monotonic()
        request._run()
        self.assertLess(time.monotonic() - start, 15, "the service hangs for 20 seconds; the limit is one")
        self.assertEqual((request.state, request.attempts), ("waiting", 1))
        self.assertIn("no answer within 1 seconds; trying again in 60 seconds", request.message)
        self.assertEqual(len(self.jobs()), 2, "one more, for later")
        self.assertTrue(followup.verified)
        self.assertEqual(followup.recording_ids.raw, SOUND)
        self.peer.answer = lambda path, body: (200, {}, {"text": "At last"})
        request._run()
        self.assertEqual((followup.transcript, request.attempts, request.message), ("At last", 2, False))

    def test_one_that_drips_hangs_too(self):
        self.provider.timeout = 1.0
        self.peer.drip = 0.2
        followup = self.call()
        self.requests(followup)._run()
        self.assertEqual(followup.transcript_state, "waiting")

    def test_it_gives_up_and_can_be_tried_by_hand(self):
        self.peer.answer = lambda path, body: (503, {"Retry-After": "7"}, {})
        followup = self.call()
        request = self.requests(followup)
        waits = []
        for _attempt in range(5):
            before = self.jobs()
            request._run()
            waits += [round((job.eta - job.date_created).total_seconds()) for job in self.jobs() - before]
        self.assertEqual(waits, [7, 14, 28, 56])
        self.assertEqual((request.state, followup.transcript_state), ("failed", "failed"))
        self.assertIn("5 times", followup.transcript_message)
        request._run()
        self.assertEqual(len(self.peer.asked), 5, "what failed is left alone")
        self.peer.answer = lambda path, body: (200, {}, {"text": "Now"})
        followup.with_user(self.ann).action_transcribe()
        self.assertEqual((request.state, request.attempts), ("waiting", 0))
        request._run()
        self.assertEqual(followup.transcript, "Now")

    def test_answers_of_no_use_are_said_so(self):
        for answer, message in (
            ((200, {}, {"data": 1}), "no text at “text”"),
            ((200, {}, b"<html>"), "no JSON"),
            ((401, {}, {}), "answered 401"),
            ((302, {"Location": "http://192.0.2.1/"}, {}), "another host"),
        ):
            self.peer.answer = lambda path, body, answer=answer: answer
            request = self.requests(self.call())
            request._run()
            with self.subTest(answer=answer):
                self.assertEqual(request.state, "failed")
                self.assertIn(message, request.message)

    def test_two_recordings_are_read_in_order(self):
        self.peer.answer = lambda path, body: (200, {}, {"text": "two" if b"\2\2\2" in body else "one"})
        followup = self.call(SOUND, SOUND + b"\2\2\2")
        first, second = self.requests(followup)
        second._run()
        self.assertEqual(followup.transcript_state, "waiting")
        first._run()
        self.assertEqual(followup.transcript, "one\n\ntwo")

    def test_each_is_asked_for_once(self):
        followup = self.call()
        followup.action_transcribe()
        followup.write({"summary": "Again"})
        self.assertEqual(len(self.requests(followup)), 1)
        self.requests(followup)._run()
        self.requests(followup)._run()
        self.assertEqual(len(self.peer.asked), 1)

    def test_a_recording_added_later_is_written_down_too(self):
        followup = self.log()
        followup.recording_ids = self.upload(self.ann, SOUND, "call.wav")
        self.assertEqual(followup.transcript_state, "waiting")
        self.assertTrue(followup.verified)

    def test_nothing_is_sent_while_no_service_is_on(self):
        self.provider.active = False
        followup = self.call()
        self.assertEqual((followup.transcript_state, len(self.jobs())), ("none", 0))
        with self.assertRaisesRegex(CrmUserError, "No transcription service is active"):
            followup.action_transcribe()
        self.provider.active = True
        followup.action_transcribe()
        self.provider.active = False
        self.requests(followup)._run()
        self.assertFalse(self.peer.asked)
        self.assertEqual(followup.transcript_state, "failed")

    def test_wrong_settings_are_explained(self):
        for vals in (
            {"url": "file:///etc/passwd"},
            {"headers": "no colon"},
            {"form_fields": "model"},
            {"text_path": "a..["},
            {"file_field": ""},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(CrmValidationError, "cannot be asked like this"):
                self.provider.write(vals)

    def test_the_secret_stays_secret(self):
        provider = self.provider.with_user(self.director)
        self.assertEqual(provider.secret, "s3cret")
        with self.assertRaises(AccessError):
            self.provider.with_user(self.ann).read(["url"])
