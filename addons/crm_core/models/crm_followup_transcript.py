# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError


class CrmFollowup(models.Model):
    """What is said in the recordings."""

    _inherit = "crm.followup"

    transcription_ids = fields.One2many("crm.transcription.request", "followup_id", string="Requests", groups="base.group_system")
    transcript = fields.Text(compute="_compute_transcript", compute_sudo=True, search="_search_transcript")
    transcript_state = fields.Selection(
        [("none", "Not transcribed"), ("waiting", "Being transcribed"), ("done", "Transcribed"), ("failed", "Failed")],
        string="Transcription",
        compute="_compute_transcript",
        compute_sudo=True,
    )
    transcript_message = fields.Char(string="Transcription Log", compute="_compute_transcript", compute_sudo=True)

    @api.depends("transcription_ids.state", "transcription_ids.text", "transcription_ids.message")
    def _compute_transcript(self):
        for one in self:
            requests = one.transcription_ids.sorted("id")
            one.transcript = "\n\n".join(filter(None, requests.mapped("text"))) or False
            states = set(requests.mapped("state"))
            one.transcript_state = next((state for state in ("waiting", "failed", "done") if state in states), "none")
            one.transcript_message = requests.filtered("message")[-1:].message

    @api.model
    def _search_transcript(self, operator, value):
        requests = self.env["crm.transcription.request"].sudo().search([("text", operator, value)])
        return [("id", "in", requests.followup_id.ids)]

    def _transcribe(self):
        self.env["crm.transcription.request"].sudo()._enqueue(self.sudo())

    def action_transcribe(self):
        """Transcribe the recordings now, those that failed again."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        if not self.sudo().recording_ids:
            raise CrmUserError(_("There is no recording to transcribe."))
        requests = self.env["crm.transcription.request"].sudo()
        if not self.env["crm.transcription.provider"].sudo().search_count([]):
            raise CrmUserError(_("No transcription service is active. A director sets one up under Configuration → Transcription."))
        requests._enqueue(self.sudo())
        requests.search([("followup_id", "in", self.ids), ("state", "=", "failed")]).with_env(requests.env).action_retry()
        return True
