# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmCreditGuard(models.Model):
    """One row per customer and company that whoever uses credit writes before looking at what is left of it.

    Odoo runs REPEATABLE READ: of two who confirm at once the later one gets a serialization error, and is started
    again on a snapshot that holds what the first one ordered (by Odoo for web calls, by queue_job for jobs).
    """

    _name = "crm.credit.guard"
    _description = "Credit Guard"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    version = fields.Integer(required=True, default=1)

    _sql_constraints = [
        ("partner_company_uniq", "UNIQUE (partner_id, company_id)", "A customer has one guard per company."),
    ]

    @api.model
    def _acquire(self, pairs):
        """Make all others who use these customers' credit wait for this transaction, and then start again.

        Written in one order by everybody, so nobody waits for each other in a circle.

        :param pairs: iterable of (commercial partner id, company id)
        :raise psycopg2.errors.SerializationFailure: another one used the credit since this transaction began
        """
        pairs = sorted(set(pairs))
        if not pairs:
            return
        self.env.cr.execute(
            """
            INSERT INTO crm_credit_guard (partner_id, company_id, version)
                 SELECT partner_id, company_id, 1
                   FROM unnest(%s, %s) AS pair (partner_id, company_id)
                  ORDER BY partner_id, company_id
            ON CONFLICT (partner_id, company_id) DO UPDATE SET version = crm_credit_guard.version + 1
            """,
            [[partner_id for partner_id, _company_id in pairs], [company_id for _partner_id, company_id in pairs]],
        )
