# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.tools import split_every

from ..engine.vendor import wecom
from ..engine.vendor.calls import PeerBusy, PeerError
from ..exceptions import CrmUserError
from .crm_intake_channel import ADDRESS_GROUPS
from .peer import Peer

_logger = logging.getLogger(__name__)

WECOM_URL = "https://qyapi.weixin.qq.com"
#: Attributes of a field that is kept in crm.intake.secret
SECRET = {
    "compute": "_compute_secrets",
    "inverse": "_inverse_secrets",
    "copy": False,
    "groups": "crm_core.group_sales_director,base.group_system",
}
CONTACTS_A_JOB = 50
TOKEN_MARGIN = timedelta(minutes=5)
REFRESH_AFTER = timedelta(days=1)
REFRESH_A_POLL = 1000


class CrmIntakeChannel(models.Model):
    """WeCom's external contacts: fetched when the callback tells of a change, and by polling in case it does not."""

    _inherit = "crm.intake.channel"

    wecom_corp_id = fields.Char(string="WeCom Corp ID")
    wecom_callback_token = fields.Char(string="Callback Token", **SECRET)
    wecom_aes_key = fields.Char(string="EncodingAESKey", help="43 letters and digits, as set in WeCom.", **SECRET)
    wecom_access_token = fields.Char(**SECRET)
    wecom_access_token_until = fields.Datetime(copy=False)
    wecom_user_ids = fields.One2many("crm.wecom.user", "channel_id", string="WeCom Colleagues")
    wecom_callback_url = fields.Char(string="Callback URL", compute="_compute_wecom_callback_url", groups=ADDRESS_GROUPS)

    @api.model
    def _get_secret_fields(self):
        return super()._get_secret_fields() + ["wecom_callback_token", "wecom_aes_key", "wecom_access_token"]

    @api.model
    def _get_door_domain(self):
        """WeCom comes in by its own callback."""
        return super()._get_door_domain() + [("kind", "!=", "wecom")]

    @api.depends("key", "kind")
    def _compute_wecom_callback_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        for channel in self:
            channel.wecom_callback_url = channel.kind == "wecom" and "%s/crm/wecom/%s" % (base, channel.key)

    # -- what starts a fetch -------------------------------------------------------------------------------------------

    def _schedule_wecom_contacts(self, external_userids):
        """Jobs that fetch these contacts; one already waiting for the same contacts is enough."""
        self.ensure_one()
        for chunk in split_every(CONTACTS_A_JOB, sorted(external_userids), list):
            self.with_delay(
                description=_("WeCom contacts of %s", self.name),
                identity_key="crm-wecom-%s-%s" % (self.id, ",".join(chunk)),
            )._sync_wecom_contacts(chunk)

    @api.model
    def _cron_poll_wecom(self):
        """The fallback: one job per active WeCom channel."""
        for channel in self.search([("kind", "=", "wecom"), ("wecom_corp_id", "!=", False)]):
            channel.with_delay(
                description=_("Poll WeCom: %s", channel.name), identity_key="crm-wecom-poll-%s" % channel.id
            )._poll_wecom()

    def _poll_wecom(self):
        """Job: compare whom everybody follows with what is known, and fetch what differs or has not been fetched for a day.

        Costs one call and one query per colleague.
        """
        self.ensure_one()
        differing = set()
        for userid in self._fetch_wecom_userids():
            there = set(self._call_wecom(wecom.external_userids, userid))
            here = self.env["crm.wecom.follow"].search(
                [
                    ("contact_id.channel_id", "=", self.id),
                    ("wecom_user_id.userid", "=", userid),
                    ("lost_at", "=", False),
                ]
            )
            differing |= there ^ set(here.mapped("contact_id.external_userid"))
        old = self.env["crm.wecom.contact"].search(
            [("channel_id", "=", self.id), ("synced_at", "<", fields.Datetime.now() - REFRESH_AFTER)],
            order="synced_at",
            limit=REFRESH_A_POLL,
        )
        self._schedule_wecom_contacts(differing | set(old.mapped("external_userid")))

    def _fetch_wecom_userids(self):
        """WeCom accounts that may have contacts; new ones are added to the channel's list."""
        userids = self._call_wecom(wecom.follow_userids)
        self.env["crm.wecom.user"]._ensure(self, userids)
        return userids

    def action_fetch_wecom_users(self):
        """Button: proves that corp ID and secret are right and lists the colleagues to be mapped."""
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        try:
            self.sudo()._fetch_wecom_userids()
        except (PeerError, RetryableJobError) as error:
            raise CrmUserError(_("WeCom answers: %s. Check address, corp ID and secret.", error)) from error
        return True

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def _sync_wecom_contacts(self, external_userids):
        """Job: fetch contacts and bring records, touchpoints and leads in line. Doing it twice changes nothing."""
        self.ensure_one()
        for external_userid in external_userids:
            person = self._call_wecom(wecom.contact, external_userid)
            self.env["crm.wecom.contact"]._upsert(self, person)._sync_follows(person)

    def _call_wecom(self, function, *arguments):
        """A function of engine/vendor/wecom with a valid access token; an expired one is renewed once.

        :raise RetryableJobError: WeCom does not answer or is busy: the job is tried again, later each time
        :raise PeerRefused: it says no
        """
        channel = self.sudo()
        fetch = Peer(self.env, channel.api_url or WECOM_URL)
        try:
            try:
                return function(fetch, channel._get_wecom_token(fetch), *arguments)
            except wecom.TokenExpired:
                channel._set_secrets({"wecom_access_token": False})
                return function(fetch, channel._get_wecom_token(fetch), *arguments)
        except PeerBusy as error:
            _logger.info("WeCom, channel %s: %s; to be tried again", channel.id, error)
            raise RetryableJobError(_("WeCom: %s", error)) from error

    def _get_wecom_token(self, fetch):
        """The access token, kept until five minutes before it expires."""
        now = fields.Datetime.now()
        if not self.wecom_access_token or not self.wecom_access_token_until or self.wecom_access_token_until <= now:
            token, seconds = wecom.access_token(fetch, self.wecom_corp_id or "", self.secret or "")
            self._set_secrets({"wecom_access_token": token})
            self.wecom_access_token_until = now + max(timedelta(seconds=seconds) - TOKEN_MARGIN, timedelta())
            return token
        return self.wecom_access_token
