# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.tools import plaintext2html

from ..engine import draft
from ..engine.enrich import AnswerError, Failure, TryLater
from ..exceptions import CrmUserError

MAX_ATTEMPTS = 3
KEEP_DAYS = 90
SHOWN_DAYS = 7


class CrmAdviceDraft(models.Model):
    """A drafted follow-up somebody asked for: what was sent to the service, and the text that came back.

    The text is a proposal to a person. Nothing here sends, runs or stores it anywhere else.
    """

    _name = "crm.advice.draft"
    _description = "Drafted Follow-up"
    _order = "id desc"
    _rec_name = "subject"

    provider_id = fields.Many2one("crm.advice.provider", required=True, readonly=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one("crm.lead", string="Lead", readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    subject = fields.Char(string="About", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed"), ("discarded", "Discarded")],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    sent = fields.Text(string="What Was Sent", readonly=True, help="Exactly what left this server.")
    text = fields.Text(string="Draft", readonly=True)
    message = fields.Char(string="Reason", readonly=True)
    date_done = fields.Datetime(string="Answered On", readonly=True)

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"subject", "sent", "text"}

    # -- asking --------------------------------------------------------------------------------------------------------

    @api.model
    def _ask(self, record, rule):
        """A draft about ``record`` (customer or lead; the caller has checked the rights), made in the background.

        One that is waiting already is not asked for again. Returns what :meth:`_show` says.
        """
        provider = self.env["crm.advice.provider"]._get_active()
        if not provider:
            raise CrmUserError(_("No drafting service is active. A director sets one up under Configuration / Advice."))
        link = "lead_id" if record._name == "crm.lead" else "partner_id"
        mine = self.sudo().search([(link, "=", record.id), ("user_id", "=", self.env.uid), ("state", "!=", "discarded")])
        waiting = mine.filtered(lambda one: one.state == "waiting")
        if not waiting:
            mine.write({"state": "discarded"})
            waiting = self.sudo().create(
                {
                    "provider_id": provider.id,
                    link: record.id,
                    "user_id": self.env.uid,
                    "subject": rule.name or record.display_name,
                    "sent": self._get_question(provider, record, rule),
                }
            )
            waiting.with_delay(description=_("Draft of a follow-up"), priority=5, max_retries=MAX_ATTEMPTS + 1)._run()
        return waiting[0]._show()

    @api.model
    def _get_question(self, provider, record, rule):
        """The JSON to post: facts of the record, with everything scrubbed that could be a contact detail."""
        known = self.env["crm.advice.rule"]._get_facts(record._get_advice_subject())
        facts = {
            known[name].label: str(value) if known[name].unit == "date" else value
            for name, value in record._get_advice_facts().items()
            if value
        }
        secrets = record._get_draft_secrets()
        texts = {label: self._scrub(value, secrets) for label, value in record._get_draft_facts().items() if value}
        purpose = {_("Purpose"): ". ".join(filter(None, (rule.name, rule.text)))} if rule else {}
        language = self.env["res.lang"]._lang_get(self.env.user.lang or "en_US").name
        now = {_("Today"): str(fields.Date.context_today(self)), _("Currency"): self.env.company.currency_id.name}
        question = {**now, **purpose, **texts, **facts}
        return draft.build(provider.model, language, provider.style or "", question)

    @api.model
    def _scrub(self, value, secrets):
        return [draft.scrub(one, secrets) for one in value] if isinstance(value, list) else draft.scrub(value, secrets)

    def _run(self):
        """Body of the job: one question, one answer.

        :raises RetryableJobError: if the service is busy; the last time the draft says so instead
        """
        self.ensure_one()
        if self.state != "waiting":
            return
        if not self.provider_id.active:
            return self._finish("failed", message=_("The service was switched off."))
        try:
            self._finish("ready", text=self.provider_id._fetch(self.sent))
        except TryLater as error:
            attempt = self._get_attempt()
            if attempt < MAX_ATTEMPTS:
                seconds = min(error.seconds, 10 * attempt)
                raise RetryableJobError("%s: %s" % (self.provider_id.name, error), seconds=seconds) from None
            self._finish("failed", message=_("%(error)s, %(count)d times", error=error, count=attempt))
        except (Failure, AnswerError, ValueError) as error:
            self._finish("failed", message=str(error))

    @api.model
    def _get_attempt(self):
        """How many times the present job was begun, this time included."""
        uuid = self.env.context.get("job_uuid")
        job = self.env["queue.job"].sudo().search([("uuid", "=", uuid)], limit=1) if uuid else self.env["queue.job"]
        return job.retry + 1

    def _finish(self, state, text="", message=""):
        self.write({"state": state, "text": text, "message": message, "date_done": fields.Datetime.now()})

    # -- showing -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_last(self, record):
        """The user's last draft about ``record`` as :meth:`_show` says, or False."""
        link = "lead_id" if record._name == "crm.lead" else "partner_id"
        oldest = fields.Datetime.now() - timedelta(days=SHOWN_DAYS)
        domain = [(link, "=", record.id), ("user_id", "=", self.env.uid), ("create_date", ">=", oldest)]
        last = self.sudo().search(domain, limit=1)
        return last._show() if last and last.state != "discarded" else False

    def _show(self):
        return {"id": self.id, "state": self.state, "text": self.text or "", "message": self.message or "", "subject": self.subject or ""}

    # -- what people do with it ----------------------------------------------------------------------------------------

    def _check_mine(self):
        """The draft in sudo mode, if it is the user's own; for methods that people call."""
        self.ensure_one()
        own = self.sudo().exists()
        if own.user_id != self.env.user:
            raise CrmUserError(_("This draft is somebody else's."))
        (own.lead_id or own.partner_id).with_env(self.env)._check_may_act()
        return own

    def action_discard(self):
        self._check_mine().write({"state": "discarded"})
        return True

    def action_write_mail(self):
        """The mail composer with the draft in it: it is sent when the person presses Send, and not before."""
        own = self._check_mine()
        record = own.lead_id or own.partner_id
        recipient = record if record._name == "res.partner" else record.partner_id
        return {
            "type": "ir.actions.act_window",
            "name": _("Write E-mail"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_composition_mode": "comment",
                "default_model": record._name,
                "default_res_id": record.id,
                "default_use_template": False,
                "default_subject": own.subject,
                "default_partner_ids": recipient.ids,
                "default_body": plaintext2html(own.text or ""),
            },
        }

    @api.autovacuum
    def _gc_drafts(self):
        oldest = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", oldest)], limit=10000).unlink()
