# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools


class CrmDedupePolicy(models.Model):
    """What happens when somebody types a person who is known; submissions follow the policy of their channel."""

    _name = "crm.dedupe.policy"
    _inherit = "cached.settings"
    _description = "Dedupe Policy"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        string="Company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    manual = fields.Selection(
        [("warn", "Warn, saving is allowed"), ("refuse", "Warn, and refuse reps a second open lead")],
        string="When Typed by Hand",
        required=True,
        default="warn",
        help="Refused is who has the phone, e-mail or WeChat of an open lead. Leaders and directors are never refused.",
    )
    scope = fields.Selection(
        [("company", "Own company"), ("all", "All companies")],
        string="Look at Records of",
        required=True,
        default="company",
    )
    threshold = fields.Integer(
        string="Alike from",
        required=True,
        default=80,
        help="From how many points of 100 on two company names are taken for one. More: fewer warnings.",
    )

    _sql_constraints = [
        ("company_unique", "UNIQUE(company_id)", "There is a dedupe policy for this company already. Change that one."),
        ("threshold_range", "CHECK(threshold BETWEEN 50 AND 100)", "Choose a number of points between 50 and 100."),
    ]

    @api.model
    @tools.ormcache("company_id")
    def _get_settings(self, company_id):
        """(manual, scope, threshold) for a company; the defaults if nobody chose."""
        policy = self.sudo().search([("company_id", "=", company_id)], limit=1)
        if policy:
            return (policy.manual, policy.scope, policy.threshold)
        defaults = self.default_get(["manual", "scope", "threshold"])
        return (defaults["manual"], defaults["scope"], defaults["threshold"])
