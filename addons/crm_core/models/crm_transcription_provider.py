# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace

from odoo import _, api, fields, models
from urllib3.filepost import encode_multipart_formdata

from ..engine.enrich import Request
from ..engine.enrich.answer import parse_path
from ..engine.enrich.fetch import check_url
from ..exceptions import CrmValidationError
from .crm_enrichment_provider import SECRET_GROUPS

MAX_TIMEOUT = 600


class CrmTranscriptionProvider(models.Model):
    """A service that writes down what is said in a recording: how it is asked, and where its answer has the text.

    The defaults are those of OpenAI's transcriptions, which many services and local Whisper servers speak. A new one is
    inactive: no recording leaves this server before a director switches one on.
    """

    _name = "crm.transcription.provider"
    _description = "Transcription Provider"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=False, copy=False, help="No recording leaves this server as long as this is off.")
    url = fields.Char(string="Address", required=True, help="http(s) address to which a recording is posted.")
    headers = fields.Text(
        help="One header a line; {secret} stands for the secret.", default="Authorization: Bearer {secret}", groups=SECRET_GROUPS
    )
    secret = fields.Char(copy=False, groups=SECRET_GROUPS, help="Key of your account; never shown to others.")
    send_as = fields.Selection([("form", "Form with a file"), ("raw", "The file itself")], string="Send As", required=True, default="form")
    file_field = fields.Char(string="Field of the File", default="file")
    form_fields = fields.Text(string="Other Fields", default="model=whisper-1\nlanguage=zh", help="One a line: name=value")
    text_path = fields.Char(string="Text In", required=True, default="text", help="Where the text is in the JSON answer.")
    timeout = fields.Float(string="Timeout (seconds)", default=120.0, required=True, digits=(6, 1))
    request_count = fields.Integer(string="Recordings", compute="_compute_request_count")

    _sql_constraints = [
        ("timeout_range", "CHECK (timeout > 0 AND timeout <= %d)" % MAX_TIMEOUT, "The timeout must be 1 to 600 seconds."),
    ]

    def _compute_request_count(self):
        groups = self.env["crm.transcription.request"].read_group([("provider_id", "in", self.ids)], ["provider_id"], ["provider_id"])
        counts = {group["provider_id"][0]: group["provider_id_count"] for group in groups}
        for provider in self:
            provider.request_count = counts.get(provider.id, 0)

    @api.constrains("url", "headers", "form_fields", "file_field", "send_as", "text_path")
    def _check_question(self):
        for provider in self.sudo():
            try:
                check_url(provider.url.strip())
                provider._get_headers()
                provider._get_form()
                if provider.send_as == "form" and not (provider.file_field or "").strip():
                    raise ValueError(_("the field of the file has no name"))
                if not parse_path(provider.text_path):
                    raise ValueError(_("the answer cannot be the text itself"))
            except ValueError as error:
                raise CrmValidationError(
                    _("%(provider)s cannot be asked like this: %(error)s", provider=provider.name, error=error)
                ) from None

    def _get_headers(self):
        return self.env["crm.enrichment.provider"]._parse_headers(self.headers)

    def _get_form(self):
        """{name: value} of the other form fields; ValueError for a line that is none."""
        form = {}
        for line in filter(str.strip, (self.form_fields or "").splitlines()):
            name, sign, value = line.partition("=")
            if not sign or not name.strip():
                raise ValueError(_("“%s” is no form field: write name=value", line))
            form[name.strip()] = value.strip()
        return form

    def _get_request(self, recording):
        """The question about a recording (ir.attachment), ready to be sent."""
        self.ensure_one()
        content, kind = recording.raw or b"", recording.mimetype or "application/octet-stream"
        if self.send_as == "form":
            content, kind = encode_multipart_formdata({
                **self._get_form(), self.file_field.strip(): (recording.name, content, kind)
            })  # fmt: skip
        template = Request(self.url.strip(), self._get_headers(), "", self.timeout).filled(secret=self.secret or "")
        return replace(template, headers={**template.headers, "Content-Type": kind}, upload=content)

    def action_view_requests(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_transcription_request_action")
        return {**action, "domain": [("provider_id", "=", self.id)], "context": {}}
