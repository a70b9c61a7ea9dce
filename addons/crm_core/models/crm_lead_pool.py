# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from psycopg2.extras import execute_values

from ..exceptions import OwnershipError


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.held.mixin"]
    _pool_choice = "crm.pool.lead"

    _sql_constraints = [
        (
            "pool_has_no_owner",
            "CHECK (pool_id IS NULL OR user_id IS NULL)",
            "What lies in a public pool has no owner: claim or assign it.",
        )
    ]

    @api.model
    def _owned_since_field(self):
        return "date_open"

    def _check_open(self):
        closed = self.filtered(lambda lead: not lead.active or lead.probability >= 100)
        if closed:
            raise OwnershipError(_("“%(lead)s” is won or lost: it stays with who closed it.", lead=closed[0].display_name))

    def _team_transferred(self):
        """Probability and score depend on the team: predict again, in one go, as ``_compute_probabilities`` would."""
        self._predict_again()
        if "team_id" in self._get_score_fields():
            self._update_scores()

    def _predict_again(self):
        # Odoo's quick way leaves out leads that are closed or were predicted to be lost
        predicted = self._pls_get_naive_bayes_probabilities(batch_mode=True)
        predicted.update(self.filtered(lambda lead: lead.id not in predicted)._pls_get_naive_bayes_probabilities())
        if not predicted:
            return
        query = """
            UPDATE crm_lead AS lead
               SET automated_probability = new.predicted,
                   probability = new.probability,
                   prorated_revenue = round((coalesce(lead.expected_revenue, 0) * new.probability / 100)::numeric, 2)
              FROM (SELECT old.id, predicted.probability AS predicted,
                           CASE WHEN old.active AND round(coalesce(old.probability, 0)::numeric, 2)
                                                    = round(coalesce(old.automated_probability, 0)::numeric, 2)
                                THEN predicted.probability ELSE coalesce(old.probability, 0) END AS probability
                      FROM (VALUES %s) AS predicted (id, probability)
                      JOIN crm_lead AS old ON old.id = predicted.id) AS new
             WHERE new.id = lead.id
        """
        execute_values(self.env.cr._obj, query, list(predicted.items()), "(%s::int, %s::float)", len(predicted))
        self.invalidate_cache(["probability", "automated_probability", "prorated_revenue"], list(predicted))

    def merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True):
        """A merge must not be a way out of a pool."""
        if self.sudo().filtered("pool_id") and (user_id or self.sudo().filtered("user_id")):
            raise OwnershipError(
                _("Some of these leads lie in a public pool. Claim or assign them first, then merge.")
            )
        return super().merge_opportunity(user_id=user_id, team_id=team_id, auto_unlink=auto_unlink)
