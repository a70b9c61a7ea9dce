# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    def _crm_followup_limit_domain(self):
        """Global rule of crm.followup: follow-ups belong to the lead or customer they are about, and go along with it.

        Limited users see those of own leads (leaders: their teams'), and what is about no lead by the customer's owner.
        Where somebody else owns the customer, but they have a lead with it, they see what they logged themselves.
        """
        if not self._is_crm_limited():
            return []
        about_lead = self._crm_place_domain("lead_id")
        about_customer = expression.OR([
            self._crm_place_domain("commercial_partner_id"),
            [("user_id", "=", self.id), ("commercial_partner_id.crm_lead_ids.user_id", "=", self.id)],
        ])  # fmt: skip
        return expression.OR([
            expression.AND([[("lead_id", "!=", False)], about_lead]),
            expression.AND([[("lead_id", "=", False)], about_customer]),
        ])  # fmt: skip

    def _crm_place_domain(self, path):
        """What is owned by this limited user or the teams led, and for leaders what lies in their teams' public pools."""
        owned = self._crm_own_domain(path + ".team_id", path + ".user_id")
        unpooled = expression.AND([[(path + ".pool_id", "=", False)], owned])
        if self._crm_leads_teams():
            return expression.OR([unpooled, [(path + ".pool_id.team_id", "child_of", self.led_team_ids.ids)]])
        return unpooled

    def _crm_followup_write_domain(self):
        """Global rule for changing follow-ups: reps and leaders their own."""
        return [("user_id", "=", self.id)] if self._is_crm_limited() else []
