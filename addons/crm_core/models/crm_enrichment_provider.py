# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine.enrich import Request
from ..engine.enrich.answer import parse_path
from ..engine.enrich.fetch import check_url
from ..exceptions import CrmValidationError

SECRET_GROUPS = "crm_core.group_sales_director,base.group_system"
MAX_TIMEOUT = 60


class CrmEnrichmentProvider(models.Model):
    """A service on the net that knows companies or addresses: how it is asked and how its answer is read.

    A new one is inactive; nothing is asked before a director activates it.
    """

    _name = "crm.enrichment.provider"
    _description = "Enrichment Provider"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=False, copy=False, help="Nothing leaves this server as long as this is off.")
    automatic = fields.Boolean(
        "Ask for New Leads", default=True, help="Otherwise it is asked only when somebody presses “Enrich now”."
    )
    kind = fields.Selection(
        [("company", "Company register"), ("geocode", "Address to coordinates")], required=True, default="company"
    )
    query_by = fields.Selection(
        [("any", "Credit code, else name"), ("name", "Company name"), ("code", "Credit code")],
        string="Ask By",
        required=True,
        default="any",
    )
    url = fields.Char(
        string="Address",
        required=True,
        help="http(s) address of the service; {query} stands for the name, code or address asked for, "
        "{secret} for the secret.",
    )
    headers = fields.Text(
        help="One header a line, e.g. Authorization: Bearer {secret}", default="", groups=SECRET_GROUPS
    )
    body = fields.Text(string="JSON to Post", help='Empty: asked by GET. Otherwise e.g. {"keyword": "{query}"}')
    secret = fields.Char(copy=False, groups=SECRET_GROUPS, help="Key of your account; never shown to others.")
    timeout = fields.Float(string="Timeout (seconds)", default=10.0, required=True, digits=(6, 1))
    rate_limit = fields.Integer(string="Questions a Minute", default=60, required=True)
    cache_days = fields.Integer(
        string="Keep Answers (days)", default=90, required=True, help="The same company is not asked for again meanwhile."
    )
    found_path = fields.Char(
        string="Found If", help="Path that has a value only if something was found, e.g. data.items[0]. Empty: any mapped field."
    )
    mapping_ids = fields.One2many("crm.enrichment.mapping", "provider_id", string="Answer", copy=True)
    request_count = fields.Integer(string="Questions", compute="_compute_request_count")
    next_slot = fields.Datetime(readonly=True, copy=False, help="When the rate limit allows the next question.")

    _sql_constraints = [
        ("timeout_range", "check (timeout > 0 and timeout <= %d)" % MAX_TIMEOUT, "The timeout must be 1 to 60 seconds."),
        ("rate_limit_positive", "check (rate_limit > 0)", "The rate limit must be at least one question a minute."),
        ("cache_days_positive", "check (cache_days >= 0)", "Answers cannot be kept for less than no day."),
    ]

    def _compute_request_count(self):
        groups = self.env["crm.enrichment.request"].read_group([("provider_id", "in", self.ids)], ["provider_id"], ["provider_id"])
        counts = {group["provider_id"][0]: group["provider_id_count"] for group in groups}
        for provider in self:
            provider.request_count = counts.get(provider.id, 0)

    @api.constrains("url", "headers", "body", "found_path")
    def _check_question(self):
        for provider in self.sudo():
            try:
                check_url(provider.url.strip())
                provider._get_headers()
                if provider.body:
                    json.loads(provider.body)
                parse_path(provider.found_path or "")
            except ValueError as error:
                raise CrmValidationError(
                    _("%(provider)s cannot be asked like this: %(error)s", provider=provider.name, error=error)
                ) from None

    def _get_headers(self):
        """{name: template}; ValueError for a line that is no header."""
        return self._parse_headers(self.headers)

    @api.model
    def _parse_headers(self, text):
        """{name: template} of lines "name: template"; ValueError for a line that is no header."""
        headers = {}
        for line in (text or "").splitlines():
            name, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not colon or not name.strip().replace("-", "").isalnum() or not name.isascii():
                raise ValueError(_("“%s” is no header", line))
            headers[name.strip()] = value.strip()
        return headers

    def _get_request(self, query):
        """The question about ``query``, ready to be sent."""
        template = Request(self.url.strip(), self._get_headers(), self.body or "", self.timeout)
        return template.filled(query=query, secret=self.secret or "")

    def _get_targets(self):
        return [line.target for line in self.mapping_ids]

    def _get_mapping(self):
        return {line.target: line.path for line in self.mapping_ids}

    def _take_slot(self, patience):
        """Wait-free turn at the rate limit, across all workers: seconds until this caller's turn, None if that is
        more than ``patience`` seconds away (then no turn is taken)."""
        with self.env["crm.enrichment.answer"]._own_transaction(autocommit=True) as answers:
            answers.env.cr.execute(
                """UPDATE crm_enrichment_provider
                      SET next_slot = greatest(next_slot, now() at time zone 'UTC') + interval '60 seconds' / rate_limit
                    WHERE id = %s AND coalesce(next_slot, 'epoch') <= (now() at time zone 'UTC') + interval '1 second' * %s
                RETURNING extract(epoch FROM next_slot - interval '60 seconds' / rate_limit - (now() at time zone 'UTC'))""",
                [self.id, patience],
            )
            row = answers.env.cr.fetchone()
        return max(0.0, float(row[0])) if row else None

    def action_view_requests(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_enrichment_request_action")
        return {**action, "domain": [("provider_id", "=", self.id)], "context": {}}
