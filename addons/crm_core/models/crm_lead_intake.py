# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    touchpoint_ids = fields.One2many("crm.touchpoint", "lead_id", string="Touchpoints", readonly=True)
    touchpoint_count = fields.Integer(string="Number of Touchpoints", compute="_compute_touches")
    first_touch_id = fields.Many2one("crm.touchpoint", string="First Touch", compute="_compute_touches")
    last_touch_id = fields.Many2one("crm.touchpoint", string="Last Touch", compute="_compute_touches")
    first_touch_channel_id = fields.Many2one(related="first_touch_id.channel_id", string="First Touch Channel")
    first_touch_at = fields.Datetime(related="first_touch_id.touched_at", string="First Touch on")
    last_touch_channel_id = fields.Many2one(related="last_touch_id.channel_id", string="Last Touch Channel")
    last_touch_at = fields.Datetime(related="last_touch_id.touched_at", string="Last Touch on")
    landing_page = fields.Char(related="first_touch_id.landing_page", string="First Landing Page")
    search_keyword = fields.Char(related="first_touch_id.keyword", string="First Search Keyword")

    @api.depends("touchpoint_ids")
    def _compute_touches(self):
        """One query for all leads. When the visitor did it counts, not when it was processed."""
        self.env["crm.touchpoint"].flush(["lead_id", "occurred_at"])
        found = {}
        if self.ids:
            self.env.cr.execute(
                """
                SELECT lead_id, count(*), (array_agg(id ORDER BY at, id))[1], (array_agg(id ORDER BY at DESC, id DESC))[1]
                  FROM (SELECT id, lead_id, coalesce(occurred_at, received_at) AS at
                          FROM crm_touchpoint WHERE lead_id = ANY(%s)) AS touch
                 GROUP BY lead_id
                """,
                [self.ids],
            )
            found = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for lead in self:
            lead.touchpoint_count, lead.first_touch_id, lead.last_touch_id = found.get(lead.id, (0, False, False))
