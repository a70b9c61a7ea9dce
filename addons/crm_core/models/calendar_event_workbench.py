# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models

DAYS = 7


class CalendarEvent(models.Model):
    """The tile of the workbench about the team's calendar. Contract: crm_workbench_tile.py."""

    _inherit = "calendar.event"

    @api.model
    def _workbench_calendar(self):
        """Meetings of the reader and of the colleagues in the team, today and the days after. Odoo hides what is private."""
        now = fields.Datetime.now()
        partners = self.env.user._get_workbench_team().partner_id
        domain = [
            ("partner_ids", "in", partners.ids),
            ("stop", ">=", fields.Datetime.to_string(now)),
            ("start", "<", fields.Datetime.to_string(now + timedelta(days=DAYS))),
        ]
        me = self.env.user.partner_id
        found = self.search(domain, limit=6, order="start, id")
        names = {event["id"]: event["name"] for event in found[:5].read(["name"])}  # read() is where Odoo hides names
        people = {event.id: (event.partner_ids & partners).mapped("name") for event in found[:5].sudo()}
        rows = [
            {
                "title": names[event.id],
                "text": "" if event.partner_ids & partners == me else ", ".join(people[event.id]),
                "side": self._get_tile_start(event),
                "status": "attention" if event.start <= now else False,
                "res_id": event.id,
            }
            for event in found[:5]
        ]
        value = len(found) if len(found) < 6 else self.search_count(domain)
        return {"domain": domain, "value": value, "rows": rows, "note": _("in the next %d days", DAYS)}

    @api.model
    def _get_tile_start(self, event):
        if event.allday:
            return fields.Date.to_string(event.start_date)[5:]
        return fields.Datetime.context_timestamp(self, event.start).strftime("%m-%d %H:%M")
