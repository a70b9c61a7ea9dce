# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    touchpoint_ids = fields.One2many("crm.touchpoint", "lead_id", string="Touchpoints", readonly=True)
    touchpoint_count = fields.Integer(string="Number of Touchpoints", compute="_compute_touches")
    first_touch_id = fields.Many2one("crm.touchpoint", string="First Touch", compute="_compute_touches")
    last_touch_id = fields.Many2one("crm.touchpoint", string="Last Touch", compute="_compute_touches")
    first_touch_channel_id = fields.Many2one("crm.intake.channel", string="First Touch Channel", compute="_compute_touches")
    first_touch_at = fields.Datetime(string="First Touch on", compute="_compute_touches")
    last_touch_channel_id = fields.Many2one("crm.intake.channel", string="Last Touch Channel", compute="_compute_touches")
    last_touch_at = fields.Datetime(string="Last Touch on", compute="_compute_touches")
    landing_page = fields.Char(string="First Landing Page", compute="_compute_touches")
    search_keyword = fields.Char(string="First Search Keyword", compute="_compute_touches")

    @api.depends("touchpoint_ids")
    def _compute_touches(self):
        """A constant number of queries for all leads. When the visitor did it counts, not when it was processed.

        Not related fields: a change of a touchpoint would search the leads by a field that is not stored.
        """
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
        touchpoints = self.env["crm.touchpoint"].sudo()
        for lead in self:
            count, first_id, last_id = found.get(lead.id, (0, False, False))
            first, last = touchpoints.browse(first_id or ()), touchpoints.browse(last_id or ())
            lead.touchpoint_count = count
            lead.first_touch_id, lead.last_touch_id = first_id, last_id
            lead.first_touch_channel_id, lead.last_touch_channel_id = first.channel_id.id, last.channel_id.id
            lead.first_touch_at, lead.last_touch_at = first.touched_at, last.touched_at
            lead.landing_page, lead.search_keyword = first.landing_page, first.keyword
