# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..engine.visit import JOIN_PATTERN

UTM = (("source_id", "utm.source"), ("medium_id", "utm.medium"), ("campaign_id", "utm.campaign"))


class CrmTouchpoint(models.Model):
    """The visitor says who they are: the submission carries the id of the script on the landing page."""

    _inherit = "crm.touchpoint"

    visitor_id = fields.Many2one("crm.visitor", string="Visitor", readonly=True, ondelete="set null", index=True)

    def _parse_submissions(self):
        result = super()._parse_submissions()
        words = self._join_visitors()
        if words:
            self._fill_campaigns(words, result)
        return result

    def _join_visitors(self):
        """Note the visitor on the submissions that name one of the same company, and what is not said about how they came.

        One UPDATE.

        :return: {touchpoint id: (source, medium, campaign)} as the visitor's first page named them
        """
        self.flush(["visitor_id", "landing_page", "referrer", "keyword"])
        self.env.cr.execute(
            """
            UPDATE crm_touchpoint AS touchpoint
               SET visitor_id = visitor.id,
                   landing_page = COALESCE(touchpoint.landing_page, visitor.last_landing_page),
                   referrer = COALESCE(touchpoint.referrer, visitor.last_referrer),
                   keyword = COALESCE(touchpoint.keyword, visitor.last_keyword)
              FROM crm_visitor AS visitor
             WHERE touchpoint.id = ANY(%s)
               AND strpos(touchpoint.payload, 'crm_visitor') > 0
               AND visitor.key = substring(touchpoint.payload from %s)
               AND visitor.company_id = touchpoint.company_id
         RETURNING touchpoint.id, visitor.utm_source, visitor.utm_medium, visitor.utm_campaign
            """,
            [self.ids, JOIN_PATTERN],
        )
        joined = {touchpoint_id: words for touchpoint_id, *words in self.env.cr.fetchall()}
        self.invalidate_cache(["visitor_id", "landing_page", "referrer", "keyword"], list(joined))
        return joined

    def _fill_campaigns(self, words, result):
        """Source, medium and campaign of the visit where the submission says none; names nobody knows are left out."""
        for position, (field, model) in enumerate(UTM):
            wanted = {
                touchpoint_id: found[position]
                for touchpoint_id, found in words.items()
                if found[position] and isinstance(result.get(touchpoint_id), dict) and not result[touchpoint_id].get(field)
            }
            known = self._find_names(model, set(wanted.values())) if wanted else {}
            for touchpoint in self.browse(touchpoint_id for touchpoint_id, name in wanted.items() if name in known):
                result[touchpoint.id][field] = known[wanted[touchpoint.id]]
                touchpoint.sudo()[field] = known[wanted[touchpoint.id]]
