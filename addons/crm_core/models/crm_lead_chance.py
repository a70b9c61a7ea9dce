# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from .crm_lead_score import OPEN_CHANCE


class CrmLead(models.Model):
    """One chance of winning: ``probability`` of an open lead is its score, of a won one 100, of a lost one 0.

    So what is weighed by it (expected revenue, forecast) is weighed by the number the rep sees, and everything that
    asks Odoo's way whether a lead is won or lost goes on to work. Odoo's own prediction stays in
    ``automated_probability``, from which scores are made as long as there is no scoring model; nobody is shown it.
    """

    _inherit = "crm.lead"

    def _compute_probabilities(self):
        result = super()._compute_probabilities()
        least, most = OPEN_CHANCE
        for lead in self:
            if lead.grade and lead.active and lead.stage_id and not lead.stage_id.is_won:
                lead.probability = min(max(lead.score, least), most)
        return result
