# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class CrmTouchpoint(models.Model):
    """A WeCom contact belongs to the colleague who gained it, and brings its tags along."""

    _inherit = "crm.touchpoint"

    def _parse_submissions(self):
        result = super()._parse_submissions()
        for follow in self._get_wecom_follows():
            vals = result.get(follow.touchpoint_id.id)
            if isinstance(vals, dict) and follow.user_id and not vals.get("user_id"):
                vals["user_id"] = follow.user_id.id
        return result

    def _link(self, found):
        result = super()._link(found)
        self._get_wecom_follows()._apply_to_leads()
        return result

    def _get_wecom_follows(self):
        """Relations whose gaining these submissions tell of; no query where no channel is WeCom's."""
        wecom = self.filtered(lambda touchpoint: touchpoint.channel_id.kind == "wecom")
        model = self.env["crm.wecom.follow"].sudo()
        return model.search([("touchpoint_id", "in", wecom.ids)]) if wecom else model
