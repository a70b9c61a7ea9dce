# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models
from odoo.osv import expression

from ..exceptions import CrmValidationError

MODELS = [("crm.lead", "Leads"), ("res.partner", "Customers")]


class CrmPool(models.Model):
    """A public pool: leads or customers nobody owns, and who may claim them how often."""

    _name = "crm.pool"
    _description = "Public Pool"
    _order = "sequence, id"

    name = fields.Char(string="Pool", required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="What is released goes into the first pool, in this order, whose conditions it meets."
    )
    active = fields.Boolean(default=True)
    res_model = fields.Selection(MODELS, string="Holds", required=True, default="crm.lead")
    domain = fields.Char(
        string="Conditions", required=True, default="[]", help="Which leads or customers go into this pool."
    )
    company_id = fields.Many2one("res.company", string="Company", default=lambda self: self.env.company)
    team_id = fields.Many2one(
        "crm.team",
        string="Team",
        help="Leaders of the team, and of teams above, see what lies here and assign it. Empty: directors do.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_pool_member_rel",
        "pool_id",
        "user_id",
        string="May Claim",
        domain=[("share", "=", False)],
        help="Empty: everybody in the team and in teams below it, or every sales rep if there is no team.",
    )
    claim_limit_day = fields.Integer(
        string="Claims per Day", default=10, help="How many a sales rep may claim here a day. 0: as many as there are."
    )
    claim_limit_held = fields.Integer(
        string="Held in Total",
        default=50,
        help="How many open ones claimed here a sales rep may hold at a time. 0: as many as there are.",
    )
    cooldown_days = fields.Integer(
        string="Cool-down (Days)",
        default=7,
        help="After giving one back, or losing it by a recycle rule, a sales rep waits so long to claim it again.",
    )

    _sql_constraints = [
        (
            "limits_not_negative",
            "CHECK (claim_limit_day >= 0 AND claim_limit_held >= 0 AND cooldown_days >= 0)",
            "Limits and days cannot be negative. 0 means no limit.",
        )
    ]

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    @api.constrains("domain", "res_model")
    def _check_domain(self):
        for pool in self:
            try:
                self.env[pool.res_model].search(pool._get_domain(), limit=1)
            except Exception as error:
                raise CrmValidationError(
                    _("The conditions of “%(pool)s” cannot be used: %(error)s", pool=pool.name, error=error)
                ) from error

    @api.constrains("res_model", "company_id")
    def _check_empty_before_change(self):
        for pool in self:
            for model_name, _label in MODELS:
                domain = [("pool_id", "=", pool.id)]
                if model_name == pool.res_model:
                    domain += [("company_id", "not in", [False, pool.company_id.id])] if pool.company_id else [(0, "=", 1)]
                if self.env[model_name].sudo().with_context(active_test=False).search(domain, limit=1):
                    raise CrmValidationError(_("Empty “%(pool)s” before changing what it holds.", pool=pool.name))

    def _get_domain(self):
        """The pool's conditions as a domain.

        :raise ValueError, SyntaxError: when they are none
        """
        return literal_eval(self.domain or "[]")

    # ------------------------------------------------------------------
    # Which pool takes what
    # ------------------------------------------------------------------
    @api.model
    def _get_pools_for(self, model_name, ids):
        """The pool each record goes into: the first of the record's company whose conditions it meets.

        :return: {record id: pool id}, without records that no pool takes. One query per pool.
        """
        records = self.env[model_name].sudo().with_context(active_test=False)
        found = {}
        for pool in self.sudo().search([("res_model", "=", model_name)]):
            left = [record_id for record_id in ids if record_id not in found]
            if not left:
                break
            domain = [[("id", "in", left)], pool._get_domain()]
            if pool.company_id:
                domain.append([("company_id", "in", [False, pool.company_id.id])])
            found.update(dict.fromkeys(records.search(expression.AND(domain), order="id").ids, pool.id))
        return found
