# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Follow-ups go along with their lead or customer; whoever does not see contact details gets nothing of them."""

from odoo.exceptions import AccessError
from odoo.tests.common import tagged
from odoo.tools import mute_logger

from ..exceptions import CrmUserError
from .followup_common import PICTURE, SOUND, FollowupCase
from .served import ServedCase


class TestRights(FollowupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        create = cls.env["crm.followup"].create
        vals = {"kind": "call", "outcome_id": cls.agreed.id, "summary": "Secret"}
        cls.of_ann = create({**vals, "partner_id": cls.customer_ann.id, "user_id": cls.ann.id, "team_id": cls.east.id})
        cls.of_bob = create({**vals, "partner_id": cls.customer_bob.id, "user_id": cls.bob.id, "team_id": cls.south.id})
        cls.of_lead = create({**vals, "lead_id": cls.lead_bob.id, "user_id": cls.bob.id})
        cls.all = cls.of_ann + cls.of_bob + cls.of_lead

    def test_reps_see_own_leaders_those_below_others_all(self):
        expected = {
            self.ann: self.of_ann,
            self.bob: self.of_bob + self.of_lead,
            self.eli: self.of_ann,
            self.nora: self.of_ann,
            self.sam: self.of_bob + self.of_lead,
            self.director: self.all,
            self.marketer: self.all,
            self.executive: self.all,
        }
        for user, records in expected.items():
            with self.subTest(user=user.name):
                self.assertEqual(self.visible(self.all, user), records)

    def test_they_go_along_with_the_customer(self):
        """The knowledge stays with the company: the new owner reads what the old one heard, who no longer does."""
        self.customer_ann.sudo().user_id = self.bob
        self.customer_ann.sudo().team_id = self.south
        self.assertEqual(self.visible(self.all, self.bob), self.all)
        self.assertFalse(self.visible(self.all, self.ann))

    def test_what_lies_in_a_public_pool_is_nobodys(self):
        pool = self.env["crm.pool"].create({"name": "P", "res_model": "res.partner", "team_id": self.north.id})
        self.env["crm.holding"]._transfer("res.partner", {self.customer_ann.id: False}, "released", pool_id=pool.id)
        self.env["base"].invalidate_cache()
        self.assertFalse(self.visible(self.of_ann, self.ann))
        self.assertFalse(self.visible(self.of_ann, self.eli))
        self.assertEqual(self.visible(self.of_ann, self.nora), self.of_ann, "she assigns from that pool")

    def test_who_has_a_lead_with_anothers_customer_sees_the_own_follow_up(self):
        self._lead(self.ann, "Shared", partner_id=self.customer_bob.id)
        mine = self.log(partner_id=self.customer_bob.id)
        self.assertEqual(self.visible(self.all + mine, self.ann), self.of_ann + mine)

    def test_leaders_read_and_readers_read(self):
        for user in self.eli + self.nora + self.marketer + self.executive:
            followup = self.of_ann.with_user(user)
            with self.subTest(user=user.name):
                self.assertEqual(followup.read(["summary"])[0]["summary"], "Secret")
                with self.assertRaises(AccessError):
                    followup.write({"summary": "Better"})
                with self.assertRaises(AccessError):
                    followup.action_finish()
        self.of_ann.with_user(self.director).write({"summary": "Better"})

    def test_reps_delete_nothing(self):
        with self.assertRaises(AccessError):
            self.of_ann.with_user(self.ann).unlink()

    def test_nobody_logs_for_another(self):
        with self.assertRaises(AccessError):
            self.log(user_id=self.bob.id)
        with self.assertRaises(AccessError):
            self.env["crm.followup"].with_user(self.marketer).create({"partner_id": self.customer_ann.id, "kind": "note"})

    def test_without_contact_details_there_is_nothing_on_any_door(self):
        """As finance, buyers and warehouse have it: a plain employee."""
        model, record = self.env["crm.followup"].with_user(self.clerk), self.of_ann.with_user(self.clerk)
        doors = {
            "read": lambda: record.read(["summary"]),
            "search_read": lambda: model.search_read([], ["kind"]),
            "search_count": lambda: model.search_count([("summary", "ilike", "s")]),
            "read_group": lambda: model.read_group([], ["unverified"], ["user_id"]),
            "export": lambda: record.export_data(["summary"]),
            "name_search": lambda: model.name_search("Call"),
            "default_get": lambda: model.create({"partner_id": self.customer_ann.id, "kind": "note"}),
            "check_in": lambda: record.check_in(22, 114, 5),
            "finish": lambda: record.action_finish(),
            "transcribe": lambda: record.action_transcribe(),
            "position": lambda: record.action_set_customer_position(),
            "through the outcome": lambda: self.agreed.with_user(self.clerk).read(["name"]),
            "provider": lambda: self.env["crm.transcription.provider"].with_user(self.clerk).search([]),
            "log": lambda: self.env["crm.transcription.request"].with_user(self.clerk).search([]),
        }
        for name, door in doors.items():
            with (
                self.subTest(door=name),
                mute_logger("odoo.models.unlink", "odoo.addons.base.models.ir_model"),
                self.assertRaises(AccessError),
            ):
                door()

    def test_a_domain_through_another_model_tells_nothing(self):
        clerk_activities = self.env["mail.activity"].with_user(self.clerk)
        self.of_ann.write({"next_action_date": self.soon, "next_action_note": "Ask for Mr Li"})
        activity = self.of_ann.activity_id.with_user(self.clerk)
        self.assertNotIn("Li", str(clerk_activities.browse(activity.id).sudo(False).read(["summary"])))

    def test_an_onchange_tells_nothing(self):
        sound = self.upload(self.ann, SOUND, "call.wav")
        self.of_ann.recording_ids = sound
        provider = self.env["crm.transcription.provider"].create({"name": "W", "url": "http://127.0.0.1:9/"})
        said = {"followup_id": self.of_ann.id, "attachment_id": sound.id, "provider_id": provider.id, "state": "done", "text": "Spoken"}
        self.env["crm.transcription.request"].create(said)
        wanted = {"kind": "1", "summary": "", "transcript": "", "next_action_note": ""}
        self.assertEqual(self.of_ann.with_user(self.ann).transcript, "Spoken")
        for user in self.bob + self.clerk:
            with self.subTest(user=user.name):
                try:
                    answer = self.of_ann.with_user(user).onchange({"kind": "call"}, "kind", wanted)
                except AccessError:
                    continue
                self.assertNotIn("Spoken", str(answer))
                self.assertNotIn("Secret", str(answer))

    def test_reps_do_not_see_the_transcription_log(self):
        with self.assertRaises(AccessError):
            self.env["crm.transcription.request"].with_user(self.ann).search([])
        self.assertNotIn("transcription_ids", self.env["crm.followup"].with_user(self.ann).fields_get())


class TestFileRights(FollowupCase):
    def test_files_are_read_by_who_reads_the_follow_up(self):
        photo = self.upload(self.ann)
        self.log(photo_ids=[(4, photo.id)])
        for user, sees in ((self.ann, True), (self.eli, True), (self.executive, True), (self.bob, False), (self.clerk, False)):
            with self.subTest(user=user.name):
                if sees:
                    self.assertEqual(photo.with_user(user).raw, PICTURE)
                else:
                    with self.assertRaises(AccessError):
                        photo.with_user(user).read(["datas"])

    def test_a_file_that_waits_is_its_uploaders(self):
        photo = self.upload(self.ann)
        self.assertTrue(photo.with_user(self.ann).read(["datas"]))
        with self.assertRaises(AccessError):
            photo.with_user(self.bob).read(["datas"])
        with self.assertRaises(CrmUserError):
            self.log(user=self.bob, photo_ids=[(4, photo.id)])


@tagged("post_install", "-at_install")
class TestFileUrls(FollowupCase, ServedCase):
    def log_in(self, user):
        user.sudo().password = "pw-" + user.login
        self.env["base"].flush()
        self.http.cookies.clear()
        params = {"db": self.env.cr.dbname, "login": user.login, "password": "pw-" + user.login}
        self.assertTrue(self.post("/web/session/authenticate", json={"params": params}).json()["result"]["uid"])

    def test_addresses_of_photos_and_recordings(self):
        photo, sound = self.upload(self.ann), self.upload(self.ann, SOUND, "call.wav")
        self.log(photo_ids=[(4, photo.id)], recording_ids=[(4, sound.id)])
        paths = ["/web/content/%d" % photo.id, "/web/content/%d?download=true" % sound.id, "/web/image/%d/160x160" % photo.id]
        secrets = (PICTURE, SOUND)
        for user, sees in ((self.ann, True), (self.bob, False), (self.clerk, False)):
            self.log_in(user)
            for path in paths:
                with self.subTest(user=user.name, path=path), mute_logger("odoo.http", "odoo.addons.base.models.ir_http"):
                    answer = self.get(path)
                    if not sees:
                        self.assertFalse([1 for secret in secrets if secret in answer.content], "%s gets it" % user.name)
                    elif "image" not in path:
                        self.assertIn(answer.content, secrets)
        self.http.cookies.clear()
        self.assertFalse([1 for path in paths if self.get(path).content in secrets], "strangers get it")
