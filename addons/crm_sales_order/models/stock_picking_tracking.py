# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.enrich import Failure, TryLater, fetch
from odoo.addons.queue_job.exception import RetryableJobError

from ..engine import tracking
from ..exceptions import SalesOrderError

TRACKING_STATES = [
    (tracking.TRANSIT, "In Transit"),
    (tracking.DELIVERING, "Out for Delivery"),
    (tracking.DELIVERED, "Delivered to Customer"),
    (tracking.PROBLEM, "Problem"),
    (tracking.RETURNED, "Sent Back"),
]
ENDED = (tracking.DELIVERED, tracking.RETURNED)
#: A parcel nobody has heard of for so long is not asked about any more
GIVE_UP_DAYS = 45
MAX_TRIES = 5


class StockPicking(models.Model):
    """Where a delivery is after it has left: asked of the carrier's tracking service, told to the rep."""

    _inherit = "stock.picking"

    tracking_state = fields.Selection(TRACKING_STATES, string="Shipment", readonly=True, copy=False)
    tracking_text = fields.Char("Last News", readonly=True, copy=False)
    tracking_date = fields.Datetime("News of", readonly=True, copy=False)
    tracking_asked = fields.Datetime("Asked on", readonly=True, copy=False)
    tracking_error = fields.Char("Tracking Trouble", readonly=True, copy=False)
    tracking_event_ids = fields.One2many("crm.tracking.event", "picking_id", string="Tracking Events", readonly=True)

    def init(self):
        super().init()
        # the shipments the cron asks about: few of all deliveries; the uninstall hook drops it
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS stock_picking_tracked_idx ON stock_picking (tracking_asked)"
            " WHERE carrier_tracking_ref IS NOT NULL AND state = 'done'"
        )

    def write(self, vals):
        """Another number is another parcel: what was known of the old one is forgotten."""
        renumbered = self.browse()
        if "carrier_tracking_ref" in vals:
            number = (vals["carrier_tracking_ref"] or "").strip()
            vals = dict(vals, carrier_tracking_ref=number or False)
            renumbered = self.filtered(lambda picking: (picking.carrier_tracking_ref or "") != number)
        result = super().write(vals)
        if renumbered:
            renumbered.sudo().tracking_event_ids.unlink()
            names = ("tracking_state", "tracking_text", "tracking_date", "tracking_asked", "tracking_error")
            super(StockPicking, renumbered).write(dict.fromkeys(names, False))
        return result

    def action_track(self):
        """Ask now; whoever may read the delivery may ask."""
        self.check_access_rights("read")
        self.check_access_rule("read")
        silent = self.filtered(lambda picking: not picking._get_tracking_provider())
        if silent:
            names = ", ".join(silent.mapped("name"))
            raise SalesOrderError(
                _("%(deliveries)s: enter a carrier that has a tracking service, and the tracking number, first.", deliveries=names)
            )
        self.sudo()._delay_tracking()
        return True

    def _get_tracking_provider(self):
        self.ensure_one()
        provider = self.sudo().carrier_id.tracking_provider_id
        return provider if provider.active and self.carrier_tracking_ref else provider.browse()

    @api.model
    def _cron_track(self):
        """Give a job to each shipment that is due to be asked about."""
        now = fields.Datetime.now()
        for provider in self.env["crm.tracking.provider"].search([]):
            due = now - timedelta(hours=provider.interval_hours)
            domain = [
                ("carrier_tracking_ref", "!=", False),
                ("state", "=", "done"),
                ("carrier_id.tracking_provider_id", "=", provider.id),
                ("date_done", ">", now - timedelta(days=GIVE_UP_DAYS)),
                "|",
                ("tracking_asked", "=", False),
                ("tracking_asked", "<", due),
                "|",
                ("tracking_state", "=", False),
                ("tracking_state", "not in", ENDED),
            ]
            self.search(domain, order="tracking_asked, id", limit=1000)._delay_tracking()

    def _delay_tracking(self):
        """One job for each; one that waits already is not doubled."""
        for picking in self:
            picking.with_delay(
                description=_("Tracking: %s", picking.carrier_tracking_ref),
                identity_key="crm_tracking,%d" % picking.id,
                max_retries=MAX_TRIES,
            )._track()

    def _track(self):
        """Body of the job: ask about one shipment.

        :raises RetryableJobError: the service is busy; queue_job asks again, later and later
        """
        provider = self.exists()._get_tracking_provider() if self.exists() else None
        if not provider:
            return
        try:
            events = provider._read_answer(fetch(provider._get_request(self)))
        except TryLater as error:
            raise RetryableJobError("%s: %s" % (provider.name, error), seconds=error.seconds) from None
        except (Failure, ValueError) as error:
            self.write({"tracking_asked": fields.Datetime.now(), "tracking_error": "%s: %s" % (provider.name, error)})
            return
        self._take_events(events)

    def _take_events(self, events):
        """Keep what is new; a state that changed is told to the rep."""
        known = {(event.date, event.text) for event in self.tracking_event_ids}
        state, values = "", []
        for event in events:
            following = event.state or state or tracking.TRANSIT
            if (event.date, event.text) not in known:
                values.append(
                    {
                        "picking_id": self.id,
                        "date": event.date,
                        "text": event.text,
                        "place": event.place,
                        "state": event.state,
                        "milestone": following != state,
                    }
                )
            state = following
        self.env["crm.tracking.event"].create(values)
        changed = state != (self.tracking_state or "")
        last = events[-1] if events else None
        self.write(
            {
                "tracking_asked": fields.Datetime.now(),
                "tracking_error": False,
                "tracking_state": state or False,
                "tracking_text": last.text if last else False,
                "tracking_date": last.date if last else False,
            }
        )
        if changed and state in (tracking.DELIVERED, tracking.PROBLEM, tracking.RETURNED):
            self._tell_tracking()

    def _tell_tracking(self):
        """Arrived, held up or on its way back: the rep hears of it, once for each state."""
        user = self.sale_id.user_id
        if user:
            env = self.with_context(lang=user.lang).env
            states = dict(self._fields["tracking_state"]._description_selection(env))
            subject = "%s: %s" % (self.sale_id.name, states[self.tracking_state])
            key = "crm.tracking,%d,%s" % (self.id, self.tracking_state)
            self.env["crm.notification"]._notify(user, subject, self.tracking_text or "", record=self.sale_id, key=key)
