# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..engine import draft
from ..engine.enrich import AnswerError, Failure, Request, TryLater, fetch
from ..engine.enrich.fetch import check_url
from ..exceptions import CrmUserError, CrmValidationError

MAX_TIMEOUT = 120


class CrmAdviceProvider(models.Model):
    """A language model behind an OpenAI-compatible address that drafts follow-ups.

    A new one is inactive; nothing is asked before a director activates it, and then only when somebody presses the button.
    """

    _name = "crm.advice.provider"
    _description = "Drafting Service"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=False, copy=False, help="Nothing leaves this server as long as this is off.")
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    url = fields.Char(
        string="Address", required=True, help="Base address of the OpenAI-compatible service, such as https://llm.example.com/v1"
    )
    model = fields.Char(required=True, help="Name of the model, as the service calls it.")
    api_key = fields.Char(
        string="API Key",
        compute="_compute_api_key",
        inverse="_inverse_api_key",
        help="Kept apart and never shown again. Enter a new one to replace it.",
    )
    has_key = fields.Boolean(string="Key Stored", compute="_compute_has_key")
    style = fields.Text(
        string="Style",
        translate=True,
        help="How your company writes: tone, length, what to mention. Sent along with every question.",
    )
    timeout = fields.Float(string="Timeout (seconds)", default=30.0, required=True, digits=(6, 1))
    draft_count = fields.Integer(string="Drafts", compute="_compute_draft_count")

    _sql_constraints = [
        ("timeout_range", "check (timeout > 0 and timeout <= %d)" % MAX_TIMEOUT, "The timeout must be 1 to %d seconds." % MAX_TIMEOUT),
    ]

    @api.constrains("url")
    def _check_url(self):
        for provider in self:
            try:
                check_url(draft.endpoint(provider.url))
            except ValueError as error:
                raise CrmValidationError(
                    _("%(provider)s cannot be asked like this: %(error)s", provider=provider.name, error=error)
                ) from None

    # -- the key -------------------------------------------------------------------------------------------------------

    def _compute_api_key(self):
        """Never shown, to nobody."""
        self.update({"api_key": False})

    def _inverse_api_key(self):
        for provider in self:
            if provider.api_key:
                provider._set_key(provider.api_key)
        self.invalidate_cache(["api_key", "has_key"], self.ids)

    def _set_key(self, value):
        """Keep the key of this service (ensure_one); none if empty."""
        secrets = self.env["crm.advice.secret"].sudo()
        secrets.search([("provider_id", "=", self.id)]).unlink()
        if value and value.strip():
            secrets.create({"provider_id": self.id, "value": value.strip()})

    def _compute_has_key(self):
        known = self.env["crm.advice.secret"].sudo().search([("provider_id", "in", self.ids)]).provider_id
        for provider in self:
            provider.has_key = provider in known

    def action_forget_key(self):
        self.check_access_rights("write")
        self.check_access_rule("write")
        self._set_key("")
        self.invalidate_cache(["has_key"], self.ids)
        return True

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        result = super().fields_get(allfields=allfields, attributes=attributes)
        result.get("api_key", {})["exportable"] = False
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if any(path and path[0] == "api_key" for path in fields):
            raise AccessError(_("Keys cannot be exported."))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    # -- asking --------------------------------------------------------------------------------------------------------

    @api.model
    def _get_active(self):
        """The service that drafts for the current company; none by default."""
        return self.sudo().search([("company_id", "in", (False, self.env.company.id))], limit=1)

    def _fetch(self, body):
        """The text a JSON ``body`` is answered with.

        :raises TryLater: if the service is busy, slow or away
        :raises Failure: AnswerError, ValueError: if the answer is of no use
        """
        secret = self.env["crm.advice.secret"].sudo().search([("provider_id", "=", self.id)])
        key = "".join(char for char in secret.value or "" if char.isprintable())
        headers = {"Authorization": "Bearer %s" % key} if key else {}
        answer = fetch(Request(draft.endpoint(self.url), headers, body, self.timeout))
        if answer is None:
            raise Failure("answered 404: is the address right?")
        return draft.read_answer(answer)

    def action_test(self):
        """Ask for a greeting, without any customer's facts, and show what comes."""
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        body = draft.build(
            self.model, self.env["res.lang"]._lang_get(self.env.lang or "en_US").name, "", {"": _("a greeting")}, max_tokens=60
        )
        try:
            text = self.sudo()._fetch(body)
        except (TryLater, Failure, AnswerError, ValueError) as error:
            raise CrmUserError(
                _("%(name)s did not answer: %(error)s. Check address, model and key.", name=self.name, error=error)
            ) from None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": _("It answers"), "message": text[:300], "type": "success", "sticky": False},
        }

    # -- log -----------------------------------------------------------------------------------------------------------

    def _compute_draft_count(self):
        groups = self.env["crm.advice.draft"].read_group([("provider_id", "in", self.ids)], ["provider_id"], ["provider_id"])
        counts = {group["provider_id"][0]: group["provider_id_count"] for group in groups}
        for provider in self:
            provider.draft_count = counts.get(provider.id, 0)

    def action_view_drafts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_advice_draft_action")
        return {**action, "domain": [("provider_id", "=", self.id)]}
