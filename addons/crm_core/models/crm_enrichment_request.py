# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import time
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError

from ..engine.enrich import AnswerError, Failure, TryLater, fetch, read_values
from .crm_enrichment_answer import MAX_ATTEMPTS

JOB_SECONDS = 120  # a job gives way to others after this; what is left is asked by its next run
PATIENCE = 5  # seconds a job waits for its turn at the rate limit, before it gives way
KEEP_DAYS = 180


class CrmEnrichmentRequest(models.Model):
    """One question to a provider about one lead or customer, and what came of it: the log of enrichment."""

    _name = "crm.enrichment.request"
    _description = "Enrichment Request"
    _order = "id desc"
    _rec_name = "query"

    provider_id = fields.Many2one("crm.enrichment.provider", required=True, readonly=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="cascade", index=True)
    query = fields.Char(string="Asked For", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("found", "Found"), ("not_found", "Not found"), ("failed", "Failed")],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    message = fields.Char(string="Result", readonly=True)
    date_done = fields.Datetime(string="Answered On", readonly=True)

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"query"}

    # -- asking ------------------------------------------------------------------------------------------------------

    @api.model
    def _enqueue(self, provider, records):
        """Requests about those ``records`` (leads or partners) that ``provider`` could add something to, and one job."""
        link = "lead_id" if records._name == "crm.lead" else "partner_id"
        waiting = self.search([("provider_id", "=", provider.id), (link, "in", records.ids), ("state", "=", "waiting")])
        records = (records - waiting[link]).sudo()._lacks_any(provider._get_targets())
        queries = [(record.id, record._get_enrichment_query(provider)) for record in records]
        requests = self.create(
            [{"provider_id": provider.id, link: record_id, "query": query} for record_id, query in queries if query]
        )
        if requests:
            requests.with_delay(description=_("Enrichment: %s", provider.name))._run()
        return requests

    def action_retry(self):
        """Ask again about what failed or was not found."""
        self.check_access_rights("write")
        unanswered = self.sudo().filtered(lambda one: one.state in ("failed", "not_found"))
        for provider in unanswered.provider_id.filtered("active"):
            again = unanswered & self.search([("provider_id", "=", provider.id), ("id", "in", self.ids)])
            again.write({"state": "waiting", "message": False, "date_done": False})
            again.with_delay(description=_("Enrichment: %s", provider.name))._run()
        return True

    def _run(self):
        """Body of the job: answer the waiting requests (of one provider); each distinct query is asked once.

        :raises RetryableJobError: if the provider is busy or time is up; nothing answered so far is lost
        """
        todo = self.exists().filtered(lambda one: one.state == "waiting")
        provider = todo.provider_id
        if not todo:
            return
        if not provider.active:
            todo._finish("failed", _("The provider was switched off."))
            return
        answers = self.env["crm.enrichment.answer"]
        known = answers._get_valid(provider, set(todo.mapped("query")))
        end = time.monotonic() + JOB_SECONDS
        for query in dict.fromkeys(todo.mapped("query")):
            if query not in known:
                if time.monotonic() > end:
                    raise RetryableJobError("More than %d seconds of questions" % JOB_SECONDS, seconds=1, ignore_retry=True)
                known[query] = self._ask(provider, query)
        for request in todo:
            request._take(*known[request.query])

    @api.model
    def _ask(self, provider, query):
        """Ask about one ``query``: (state, values, message), kept for others. RetryableJobError to try later."""
        answers = self.env["crm.enrichment.answer"]
        wait = provider._take_slot(PATIENCE)
        if wait is None:
            raise RetryableJobError("Rate limit of %s" % provider.name, seconds=PATIENCE, ignore_retry=True)
        time.sleep(wait)
        try:
            data = fetch(provider._get_request(query))
            values = {} if data is None else read_values(data, provider._get_mapping(), provider.found_path or "")
            result = ("found", values, "") if values else ("not_found", {}, "")
        except (Failure, AnswerError, ValueError) as error:
            result = ("failed", {}, str(error))
        except TryLater as error:
            attempts = answers._keep(provider, query, "trying", message=str(error))
            if attempts < MAX_ATTEMPTS:
                seconds = error.seconds * 2 ** (attempts - 1)
                raise RetryableJobError("%s: %s" % (provider.name, error), seconds=seconds, ignore_retry=True) from None
            result = ("failed", {}, _("%(error)s, %(count)d times", error=error, count=attempts))
        answers._keep(provider, query, *result)
        return result

    # -- answers -----------------------------------------------------------------------------------------------------

    def _take(self, state, values, message):
        """Put an answer into the record and the log."""
        record = self.lead_id or self.partner_id
        if state == "found":
            filled = record.sudo()._take_answer(values)
            labels = [record._fields[name]._description_string(self.env) for name in filled]
            message = _("Filled: %s", ", ".join(labels)) if labels else _("Nothing that was missing.")
        self._finish(state, message)

    def _finish(self, state, message):
        self.write({"state": state, "message": message or False, "date_done": fields.Datetime.now()})

    @api.autovacuum
    def _gc_requests(self):
        """The log goes back half a year."""
        oldest = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("state", "!=", "waiting"), ("date_done", "<", oldest)], limit=10000).unlink()
