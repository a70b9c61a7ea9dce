# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

DAYS = 7


class CrmTouchpoint(models.Model):
    """Tiles of the workbench about intake. Contract: crm_workbench_tile.py."""

    _inherit = "crm.touchpoint"

    @api.model
    def _workbench_intake(self):
        """What came in during the last days, by channel. One grouped query."""
        since = fields.Datetime.to_string(fields.Datetime.subtract(fields.Datetime.now(), days=DAYS))
        domain = [("received_at", ">=", since)]
        groups = self.read_group(domain, ["__count"], ["channel_id"], lazy=False)
        groups.sort(key=lambda group: -group["__count"])
        most = groups[0]["__count"] if groups else 1
        lines = [
            {"title": str(group["channel_id"][1]), "share": group["__count"] / most, "side": str(group["__count"])}
            for group in groups[:6]
        ]
        total = sum(group["__count"] for group in groups)
        return {"domain": domain, "value": total, "progress": lines, "note": _("in the last %d days", DAYS)}

    @api.model
    def _workbench_dead_letters(self):
        """What could not become a lead and waits for a correction."""

        def describe(touchpoint):
            return {
                "title": touchpoint.channel_id.name,
                "text": touchpoint.reason or "",
                "side": fields.Datetime.context_timestamp(self, touchpoint.received_at).strftime("%m-%d %H:%M"),
                "status": "late",
            }

        tile = self.env["crm.workbench"]._list(self, [("state", "=", "dead")], describe)
        return dict(tile, status="late" if tile["value"] else "on_track")
