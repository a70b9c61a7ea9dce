# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models

from ..engine.enrich import Failure, TryLater, fetch, get_path

MAX_ATTEMPTS = 5
#: Characters of a transcript that are kept: some ten hours of talk
MAX_TEXT = 200_000


class CrmTranscriptionRequest(models.Model):
    """One recording given to a provider, how often, and what came back: the log of transcription.

    The recording is stored before it is sent, and stays whatever the provider does. One that is busy, slow or broken is
    asked again later, up to :data:`MAX_ATTEMPTS` times; then the request waits for somebody to try again by hand.
    """

    _name = "crm.transcription.request"
    _description = "Transcription"
    _order = "id desc"
    _rec_name = "attachment_id"
    _contact_details_path = "followup_id"

    followup_id = fields.Many2one("crm.followup", string="Follow-up", required=True, readonly=True, ondelete="cascade", index=True)
    attachment_id = fields.Many2one("ir.attachment", string="Recording", required=True, readonly=True, ondelete="cascade", index=True)
    provider_id = fields.Many2one(
        "crm.transcription.provider", string="Provider", required=True, readonly=True, ondelete="cascade", index=True
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")], required=True, default="waiting", readonly=True, index=True
    )
    attempts = fields.Integer(readonly=True)
    message = fields.Char(string="Result", readonly=True)
    date_done = fields.Datetime(string="Answered On", readonly=True)
    text = fields.Text(string="Transcript", readonly=True)

    _sql_constraints = [
        ("once", "UNIQUE (followup_id, attachment_id)", "This recording is in the log already: try that line again."),
    ]

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"text"}

    @api.model
    def _enqueue(self, followups):
        """Give those recordings of finished follow-ups to the first active provider that it was not given yet."""
        provider = self.env["crm.transcription.provider"].search([], limit=1)
        wanted = {(one.id, recording.id) for one in followups for recording in one.recording_ids}
        if not provider or not wanted:
            return self
        known = self.search([("followup_id", "in", followups.ids)])
        wanted -= {(one.followup_id.id, one.attachment_id.id) for one in known}
        requests = self.create([
            {"followup_id": followup, "attachment_id": recording, "provider_id": provider.id} for followup, recording in sorted(wanted)
        ])  # fmt: skip
        requests._delay()
        return requests

    def _delay(self, seconds=0):
        """One job for each: a long recording keeps no other one waiting."""
        for request in self:
            request.with_delay(description=_("Transcription: %s", request.attachment_id.name), eta=seconds or None)._run()

    def action_retry(self):
        """Try again what failed, with the provider that is active now."""
        self.check_access_rights("write")
        failed = self.sudo().filtered(lambda one: one.state == "failed")
        provider = self.env["crm.transcription.provider"].sudo().search([], limit=1)
        if provider and failed:
            failed.write({"state": "waiting", "attempts": 0, "message": False, "date_done": False, "provider_id": provider.id})
            failed._delay()
        return True

    def _run(self):
        """Body of the job."""
        self.ensure_one()
        if not self.exists() or self.state != "waiting":
            return
        if not self.provider_id.active:
            self._finish("failed", _("The provider was switched off."))
            return
        try:
            self._take(fetch(self.provider_id._get_request(self.attachment_id)))
        except TryLater as error:
            self._try_later(str(error), error.seconds)
        except (Failure, ValueError) as error:
            self._finish("failed", str(error))

    def _take(self, answer):
        text = get_path(answer, self.provider_id.text_path)
        if not isinstance(text, str):
            raise Failure(_("The answer has no text at “%s”.", self.provider_id.text_path))
        text = text.replace("\0", "").strip()[:MAX_TEXT]
        self.attempts += 1
        self._finish("done", False if text else _("Nothing is said in it."), text)

    def _try_later(self, reason, seconds):
        self.attempts += 1
        if self.attempts >= MAX_ATTEMPTS:
            self._finish("failed", _("%(error)s, %(count)d times", error=reason, count=self.attempts))
            return
        wait = seconds * 2 ** (self.attempts - 1)
        self.message = _("%(error)s; trying again in %(seconds)d seconds", error=reason, seconds=wait)
        self._delay(wait)

    def _finish(self, state, message, text=False):
        self.write({"state": state, "message": message, "text": text, "date_done": fields.Datetime.now()})

    @api.model
    def _cron_resume(self):
        """Give jobs to requests that wait without one: lost with a deleted job, say."""
        old = fields.Datetime.now() - timedelta(hours=12)
        self.search([("state", "=", "waiting"), ("write_date", "<", old)], limit=100)._delay()
