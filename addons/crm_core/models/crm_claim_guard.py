# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmClaimGuard(models.Model):
    """One row per person, written by every claim of theirs before limits are counted.

    Odoo runs in REPEATABLE READ: of two claims of one person at once, the second fails when it reaches the row the
    first has written, is repeated, and then counts the first one in.
    """

    _name = "crm.claim.guard"
    _description = "Guard of Claim Limits"
    _log_access = False
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", string="Salesperson", required=True, readonly=True, ondelete="cascade")
    version = fields.Integer(string="Claims Checked", readonly=True)

    _sql_constraints = [("user_unique", "UNIQUE (user_id)", "There is one guard per person.")]

    @api.model
    def _hold(self, user_ids):
        """Make other transactions that want to claim for these users fail or wait until this one ends."""
        self.env.cr.execute(
            """
            INSERT INTO crm_claim_guard (user_id, version)
            SELECT wanted.id, 1 FROM unnest(%s) AS wanted (id) ORDER BY wanted.id
                ON CONFLICT (user_id) DO UPDATE SET version = crm_claim_guard.version + 1
            """,
            (sorted(user_ids),),
        )
        self.invalidate_cache()
