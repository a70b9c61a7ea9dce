# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import re
import time
import uuid
from datetime import timedelta

from odoo import SUPERUSER_ID, _, api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError

from ..engine.vendor import feiyu, ocean, tencent
from ..engine.vendor.calls import PeerBusy, PeerError
from ..engine.vendor.schemes import vendor_key
from .crm_intake_channel_wecom import SECRET
from .peer import Peer

_logger = logging.getLogger(__name__)

WINDOW = timedelta(days=1)  # one job asks for no more at a time
FIRST_PULL = timedelta(days=1)  # how far back a channel without cursor begins


class CrmIntakeChannel(models.Model):
    """Leads fetched from an advertising platform, beside those it pushes; what comes both ways comes once."""

    _inherit = "crm.intake.channel"

    pull_kind = fields.Selection(
        [
            ("ocean", "Ocean Engine clues"),
            ("feiyu", "Feiyu, older interface"),
            ("tencent", "Tencent Ads leads"),
        ],
        string="Fetch From",
        help="Besides what the platform sends by itself.",
    )
    pull_active = fields.Boolean(string="Fetch Regularly", copy=False)
    api_url = fields.Char(string="Interface Address", help="https://… without the path, as the platform's documents say.")
    api_path = fields.Char(string="Path", help="Empty: the one known for this interface.")
    pull_accounts = fields.Char(string="Accounts", help="Advertiser or account ids, separated by commas.")
    pull_token = fields.Char(string="Access Token", **SECRET)
    pull_key = fields.Char(string="Signing Key", **SECRET)
    pull_cursor = fields.Datetime(string="Fetched Until", copy=False, help="Where the next fetch begins, less the overlap.")
    pull_overlap = fields.Integer(
        string="Overlap (minutes)", default=15, help="Asked for once more, since platforms add leads up to ten minutes late."
    )
    pull_log_ids = fields.One2many("crm.intake.pull.log", "channel_id", string="Fetches", readonly=True)

    _sql_constraints = [
        ("pull_overlap_range", "check(pull_overlap BETWEEN 10 AND 1440)", "The overlap is 10 to 1440 minutes."),
    ]

    @api.model
    def _get_secret_fields(self):
        return super()._get_secret_fields() + ["pull_token", "pull_key"]

    # -- scheduling ----------------------------------------------------------------------------------------------------

    @api.model
    def _cron_pull(self):
        """One job per channel that fetches; one already waiting is enough."""
        self.search([("pull_active", "=", True), ("pull_kind", "!=", False)])._schedule_pull()

    def _schedule_pull(self):
        for channel in self:
            channel.with_delay(
                description=_("Fetch leads: %s", channel.name), identity_key="crm-pull-%s" % channel.id
            )._pull()

    def action_pull_now(self):
        """Button: fetch once, in the background."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        self.sudo()._schedule_pull()
        return True

    # -- the job -------------------------------------------------------------------------------------------------------

    def _pull(self):
        """Job: fetch a day at most, from the cursor less the overlap; the rest is another job's.

        The cursor moves only with the leads stored. Leads fetched twice have the same idempotency key.

        :raise RetryableJobError: the platform does not answer or is busy: tried again, later each time
        """
        self.ensure_one()
        channel = self.sudo()
        now = fields.Datetime.now()
        overlap = timedelta(minutes=channel.pull_overlap)
        start = channel.pull_cursor - overlap if channel.pull_cursor else now - FIRST_PULL
        end = min(now, start + WINDOW)
        try:
            fetched, new = channel._pull_between(start, end)
        except PeerError as error:
            _logger.warning("Channel %s: %s", channel.id, error)
            channel._log_failed_pull(start, end, str(error))
            if isinstance(error, PeerBusy):
                raise RetryableJobError(_("The platform is busy: %s", error)) from error
            raise
        channel.pull_cursor = end
        self.env["crm.intake.pull.log"].sudo().create(
            {"channel_id": channel.id, "start": start, "end": end, "fetched": fetched, "new": new}
        )
        if end < now:
            channel._schedule_pull()

    def _pull_between(self, start, end):
        """Store what the platform has between two moments: (leads fetched, new ones)."""
        fetched = new = 0
        for page in self._get_pages(start, end):
            rows = {vendor_key(row, self.id_path or ""): row for row in page}
            fetched += len(page)
            new += len(
                self.env["crm.touchpoint"]._accept_rows(
                    self, [{"idempotency_key": key, "payload": row} for key, row in rows.items()]
                )
            )
        return fetched, new

    def _get_pages(self, start, end):
        """Pages of raw leads, as the platform gives them."""
        fetch = Peer(self.env, self.api_url)
        accounts = [account for account in re.split(r"[,，;\s]+", self.pull_accounts or "") if account]
        path, token = self.api_path or "", self.pull_token or ""
        if self.pull_kind == "ocean":
            yield from ocean.clues(fetch, accounts, token, start, end, path)
        elif self.pull_kind == "feiyu":
            yield from feiyu.clues(fetch, self.pull_key or "", token, start, end, time.time, path)
        elif self.pull_kind == "tencent":
            for account in accounts:
                yield from tencent.leads(fetch, account, token, start, end, time.time, lambda: uuid.uuid4().hex, path)

    def _log_failed_pull(self, start, end, message):
        """Note the failure after the job's transaction is rolled back."""
        registry, vals = self.env.registry, {"channel_id": self.id, "start": start, "end": end, "message": message}

        def note():
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                if env["crm.intake.channel"].browse(vals["channel_id"]).exists():
                    env["crm.intake.pull.log"].create(vals)

        self.env.cr.postrollback.add(note)
