# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import ipaddress
from collections import namedtuple

from odoo import api, models, tools

from ..engine.intake import SCHEMES, Refusal, check_type

#: What the door needs to know of a channel: a plain value, since it outlives the cursor it was read with
DoorChannel = namedtuple("DoorChannel", "id company_id credentials scheme window rate networks ack")


class CrmIntakeChannel(models.Model):
    """Who may submit over HTTP. The door itself: controllers/intake.py."""

    _inherit = "crm.intake.channel"

    @api.model
    @tools.ormcache()
    def _get_door_channels(self):
        """{key: DoorChannel} of the active channels that take submissions over HTTP. Call in sudo mode.

        One entry in the cache, however many keys strangers try.
        """
        return {channel.key: channel._prepare_door_channel() for channel in self.search(self._get_door_domain())}

    @api.model
    def _get_door_domain(self):
        return [("kind", "not in", ("file", "email"))]

    def _prepare_door_channel(self):
        self.ensure_one()
        return DoorChannel(
            id=self.id,
            company_id=self.company_id.id,
            credentials={name: self[name] or "" for name in self._get_secret_fields()},
            scheme=self.signature_scheme,
            window=self.replay_window,
            rate=self.rate_limit,
            networks=[ipaddress.ip_network(line, strict=False) for line in (self.ip_allow or "").split()],
            ack=self.ack,
        )

    @api.model
    def _forget_door(self):
        """All processes read the channels anew: now, and once more when others can see the change."""
        self.clear_caches()
        self.env.cr.postcommit.add(self.clear_caches)

    @api.model
    def _admit(self, channel, incoming, address):
        """Judge a submission and store it; the caller commits. Nothing is stored of what is refused.

        :param channel: a :class:`DoorChannel`
        :param incoming: the engine's :class:`Incoming`
        :param address: :mod:`ipaddress` address of the sender, or None
        :return: (receipt, whether it was known)
        :raise Refusal: 400, 401, 409, 415, 429
        """
        if channel.networks and not any(address in network for network in channel.networks if address):
            raise Refusal(401, "address", "This address is not on the channel's list of allowed senders.")
        scheme = SCHEMES[channel.scheme]
        scheme.verify(incoming, channel.credentials, channel.window)
        content_type = incoming.headers.get("content-type", "")
        check_type(content_type, incoming.body)
        if not incoming.body.strip():
            raise Refusal(400, "empty", "The body is empty.")
        self.env["crm.intake.lease"]._spend(channel.id, channel.rate)
        touchpoints = self.env["crm.touchpoint"]
        values = touchpoints._prepare_accept(
            channel.id,
            channel.company_id,
            incoming.body,
            scheme.idempotency_key(incoming, channel.credentials),
            content_type=content_type,
            remote_ip=str(address) if address else None,
        )
        receipt, repeated, same = touchpoints._accept(values)
        if not same and scheme.conflicts:
            raise Refusal(409, "conflict", "This Idempotency-Key was used for another submission.")
        return receipt, repeated
