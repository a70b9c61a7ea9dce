# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, models

from .contact_details import MASK


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"note", "summary", "display_name"}  # named after its summary

    def name_get(self):
        """Odoo's own does not go on to the one that masks."""
        hidden = self._hidden_contact_details(["display_name"]).get("display_name", ())
        return [(activity_id, MASK if activity_id in hidden else name) for activity_id, name in super().name_get()]

    def _contact_details_hidden(self):
        """Activities on hidden leads and customers are follow-ups."""
        by_model = defaultdict(set)
        for activity in self:
            by_model[activity.res_model].add(activity.res_id)
        hidden = self.env["base"]._hidden_follow_ups(by_model)
        return self.filtered(lambda activity: (activity.res_model, activity.res_id) in hidden)
