# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .crm_lead_score import OPEN_CHANCE


class CrmLead(models.Model):
    """One chance of winning: ``probability``, the number a rep sees.

    Of an open lead it is the score, as soon as there is something to predict from (a scoring model, or deals Odoo has
    learnt from); before, Odoo's neutral start. Of a won lead it is 100, of a lost one 0: everything that asks Odoo's
    way whether a lead is won or lost goes on to work, and what is weighed by it (prorated revenue, forecast) is weighed
    by the number shown. Odoo's own prediction stays in ``automated_probability``, from which scores are made as long
    as there is no model; nobody is shown it, and nobody sets a chance by hand.
    """

    _inherit = "crm.lead"

    probability = fields.Float(string="Chance of Winning (%)")

    @api.model
    def _is_chance_known(self):
        """Whether scores say how likely a lead is won. At most one query."""
        return self.env["crm.score.version"]._get_active()[1] is not None or self._has_odoo_learnt()

    def _compute_probabilities(self):
        result = super()._compute_probabilities()
        least, most = OPEN_CHANCE
        scored = self.filtered(lambda lead: lead.grade and lead.active and lead.stage_id and not lead.stage_id.is_won)
        if scored and self._is_chance_known():
            for lead in scored:
                lead.probability = min(max(lead.score, least), most)
        return result
