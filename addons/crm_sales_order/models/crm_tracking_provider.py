# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.enrich import Request, get_path
from odoo.addons.crm_core.engine.enrich.answer import parse_path
from odoo.addons.crm_core.engine.enrich.fetch import check_url
from odoo.addons.crm_core.models.crm_enrichment_provider import SECRET_GROUPS

from ..engine.tracking import Layout, TrackingError, parse_states, read_events
from ..exceptions import SalesOrderValidationError


class CrmTrackingProvider(models.Model):
    """A service that knows where parcels are: how it is asked, and how its answer is read.

    Services differ and change, so nothing of one is written into the code. A new one is inactive: no number leaves this
    server before a director switches one on.
    """

    _name = "crm.tracking.provider"
    _description = "Tracking Service"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=False, copy=False, help="No tracking number leaves this server as long as this is off.")
    url = fields.Char(
        string="Address",
        required=True,
        help="http(s) address; {number} stands for the tracking number, {carrier} for the carrier's code with this service, "
        "{phone} for the last four digits of the consignee's phone, {secret} for the secret.",
    )
    headers = fields.Text(help="One header a line, e.g. Authorization: Bearer {secret}", default="", groups=SECRET_GROUPS)
    body = fields.Text(string="JSON to Post", help='Empty: asked by GET. Otherwise e.g. {"num": "{number}"}')
    secret = fields.Char(copy=False, groups=SECRET_GROUPS, help="Key of your account; never shown to others.")
    timeout = fields.Float(string="Timeout (seconds)", default=10.0, required=True, digits=(6, 1))
    interval_hours = fields.Integer(string="Ask Every (hours)", default=4, required=True)
    events_path = fields.Char(string="Events In", required=True, default="data", help="Where the list of events is in the JSON answer.")
    time_field = fields.Char(string="Field of the Time", required=True, default="time")
    text_field = fields.Char(string="Field of the Text", required=True, default="context")
    place_field = fields.Char(string="Field of the Place")
    state_field = fields.Char(string="Field of the State")
    states = fields.Text(
        string="Meaning",
        default="签收=delivered\n派送=delivering\n派件=delivering\n退回=returned\n拒收=problem",
        help="One a line: a code of that field, or a word in the text, = transit, delivering, delivered, problem or returned.",
    )
    zone = fields.Char(string="Time Zone", required=True, default="Asia/Shanghai")

    _sql_constraints = [
        ("timeout_range", "CHECK (timeout > 0 AND timeout <= 60)", "The timeout must be 1 to 60 seconds."),
        ("interval_positive", "CHECK (interval_hours > 0)", "Ask at most once an hour."),
    ]

    @api.constrains("url", "headers", "events_path", "states", "zone")
    def _check_question(self):
        for provider in self.sudo():
            try:
                check_url(provider.url.strip())
                self.env["crm.enrichment.provider"]._parse_headers(provider.headers)
                parse_path(provider.events_path)
                read_events([{provider.time_field: "2026-01-01 00:00:00"}], provider._get_layout())
            except (ValueError, KeyError) as error:
                raise SalesOrderValidationError(
                    _("%(provider)s cannot be asked like this: %(error)s", provider=provider.name, error=error)
                ) from None

    def _get_layout(self):
        return Layout(
            self.time_field, self.text_field, self.place_field or "", self.state_field or "", parse_states(self.states or ""), self.zone
        )

    def _get_request(self, picking):
        """The question about one shipment, ready to be sent."""
        headers = self.env["crm.enrichment.provider"]._parse_headers(self.headers)
        template = Request(self.url.strip(), headers, self.body or "", self.timeout)
        phone = picking.partner_id.mobile or picking.partner_id.phone or ""
        return template.filled(
            number=picking.carrier_tracking_ref,
            carrier=picking.carrier_id.tracking_code or "",
            phone="".join(char for char in phone if char.isdigit())[-4:],
            secret=self.secret or "",
        )

    def _read_answer(self, answer):
        """The events of an answer; none for a number the service does not know (yet).

        :raises TrackingError: the answer is not laid out as this says
        """
        if answer is None:
            return []
        items = get_path(answer, self.events_path)
        if items is None:
            raise TrackingError(_("nothing at “%s”", self.events_path))
        return read_events(items, self._get_layout())
