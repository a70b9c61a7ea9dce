# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _pls_get_naive_bayes_probabilities(self, batch_mode=False):
        """Odoo predicts nothing for a team without won or lost deals, but notices that only at the team's first lead of
        a batch; the others get a number made from another team's. Here a lead is predicted the same alone or among
        others. Cost: one more prediction per team of a batch."""
        chances = super()._pls_get_naive_bayes_probabilities(batch_mode=batch_mode)
        if len(self) > 1 and chances:
            for leads in self._group_predicted(chances):
                if leads[0].id not in super(CrmLead, leads[0])._pls_get_naive_bayes_probabilities(batch_mode=batch_mode):
                    for lead in leads:
                        del chances[lead.id]
        return chances

    def _group_predicted(self, chances):
        """The open leads with a prediction, by team."""
        leads_by_team = {}
        for lead in self:
            if lead.id in chances and lead.stage_id and not lead.stage_id.is_won:
                leads_by_team.setdefault(lead.team_id, []).append(lead)
        return leads_by_team.values()
