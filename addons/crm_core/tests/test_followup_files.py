# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Photos and recordings on their way in."""

import os
import re
import resource
import tempfile

from odoo.tests.common import tagged
from odoo.tools import mute_logger

from ..exceptions import CrmUserError
from .followup_common import PICTURE, SOUND, FollowupCase
from .served import ServedCase

BOUNDARY = "followup"


class TestFiles(FollowupCase):
    def test_they_become_the_follow_ups(self):
        photo = self.upload(self.ann)
        followup = self.log(photo_ids=[(4, photo.id)])
        self.assertEqual((photo.res_model, photo.res_id), ("crm.followup", followup.id))
        followup.sudo().unlink()
        self.assertFalse(photo.exists())

    def test_somebody_elses_file_is_refused(self):
        theirs = self.upload(self.bob)
        document = self.env["ir.attachment"].create(
            {"name": "Contract", "raw": PICTURE, "res_model": "res.partner", "res_id": self.customer_bob.id}
        )
        hers = self.upload(self.ann, PICTURE + b"2")
        self.log(photo_ids=[(4, hers.id)])
        for file in (theirs, document, hers):
            with self.subTest(file=file.name), self.assertRaisesRegex(CrmUserError, "not a file of this follow-up"):
                self.log(photo_ids=[(6, 0, file.ids)])

    def test_they_are_what_they_are_called(self):
        with self.assertRaisesRegex(CrmUserError, "no photo"):
            self.log(photo_ids=[(4, self.upload(self.ann, b"<html><script>alert(1)</script>", "door.png").id)])
        with self.assertRaisesRegex(CrmUserError, "no recording"):
            self.log(recording_ids=[(4, self.upload(self.ann, PICTURE, "call.mp3").id)])

    def test_the_limit_holds_on_every_door(self):
        self.env["ir.config_parameter"].set_param("crm_core.followup_recording_mb", "1")
        sound = self.upload(self.ann, SOUND + b"\0" * (1 << 20), "call.wav")
        visit = self.visit(summary="Typed")
        with self.assertRaisesRegex(CrmUserError, "at most 1 MB.*still there"):
            visit.write({"recording_ids": [(4, sound.id)]})
        self.assertEqual(visit.summary, "Typed")
        self.assertEqual(self.env["crm.followup"].with_user(self.ann).get_file_limits(), {"photo_ids": 20 << 20, "recording_ids": 1 << 20})


@tagged("post_install", "-at_install")
class TestUpload(FollowupCase, ServedCase):
    def setUp(self):
        super().setUp()
        self.ann.sudo().password = "pw-ann"
        self.env["base"].flush()
        params = {"db": self.env.cr.dbname, "login": "ann", "password": "pw-ann"}
        self.post("/web/session/authenticate", json={"params": params})
        self.token = re.search(r'csrf_token: "(\w+)"', self.get("/web").text).group(1)

    def send(self, content, name="call.wav", field="recording_ids", size=None):
        """Posts a form as a browser does; with ``size`` its file is padded with zeros, from the disk."""
        fields = {"csrf_token": self.token, "field": field}
        head = "".join('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY, *pair) for pair in fields.items())
        head += '--%s\r\nContent-Disposition: form-data; name="ufile"; filename="%s"\r\nContent-Type: audio/wav\r\n\r\n' % (BOUNDARY, name)
        tail = ("\r\n--%s--\r\n" % BOUNDARY).encode()
        with tempfile.TemporaryFile() as body:
            body.write(head.encode() + content)
            body.seek(max(0, (size or 0) - len(content)), os.SEEK_CUR)
            body.write(tail)
            body.seek(0)
            headers = {"Content-Type": "multipart/form-data; boundary=" + BOUNDARY}
            return self.http.post(self.url + "/crm/followup/upload", data=body, headers=headers, timeout=60).json()

    def test_a_recording_arrives(self):
        answer = self.send(SOUND)
        file = self.env["ir.attachment"].browse(answer["id"])
        self.assertEqual((file.raw, file.mimetype, file.create_uid), (SOUND, "audio/wav", self.ann))
        self.assertTrue(self.log(recording_ids=[(4, file.id)]).verified)

    def test_200_megabytes_are_refused_without_being_read(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = self.send(SOUND, size=200 << 20)
        self.assertIn("has 200 MB, and at most 50 MB", answer["error"])
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 40 * 1024, "KB more than ever before")
        self.assertFalse(self.env["ir.attachment"].search([("name", "=", "call.wav"), ("res_model", "=", "crm.followup")]))

    def test_other_files_are_refused(self):
        with mute_logger("odoo.http"):
            self.assertIn("no recording", self.send(b"MZ not a sound")["error"])
            self.assertIn("no photo", self.send(SOUND, "door.jpg", "photo_ids")["error"])
            self.assertIn("Choose", self.send(SOUND, field="summary")["error"])
