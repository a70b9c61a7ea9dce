# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.assign import Rep, fold_city
from ..exceptions import CrmUserError, CrmValidationError


class CrmAssignmentMember(models.Model):
    """A rep in a rule: how large a share, how much a day, and of which leads."""

    _name = "crm.assignment.member"
    _description = "Rep of an Assignment Rule"
    _order = "sequence, id"
    _rec_name = "user_id"

    rule_id = fields.Many2one("crm.assignment.rule", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id")
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one("res.users", string="Rep", required=True, index=True, ondelete="cascade", domain=[("share", "=", False)])
    user_active = fields.Boolean(related="user_id.active", string="Rep Active")
    weight = fields.Integer(default=1, help="Share of the leads beside the other reps.")
    daily_limit = fields.Integer(
        string="A Day", help="Leads of this rule a day. 0: no limit of its own; the rep's limits over all rules still hold."
    )
    state_ids = fields.Many2many("res.country.state", string="Provinces")
    cities = fields.Char(help="Names of cities, separated by commas. They go before provinces.")
    industry_ids = fields.Many2many("res.partner.industry", string="Industries")
    categ_ids = fields.Many2many("product.category", string="Product Categories", help="Categories below count, too.")
    lag = fields.Float(
        string="Turns Owed", readonly=True, copy=False, digits=(16, 9), help="Where the rotation continues: leads behind (+) or ahead (−)."
    )

    _sql_constraints = [
        ("user_once", "UNIQUE (rule_id, user_id)", "A rep can be in a rule only once. Raise the weight instead."),
        ("weight_positive", "CHECK (weight > 0)", "A weight must be 1 or more. Remove a rep who is to get nothing."),
        ("daily_limit_not_negative", "CHECK (daily_limit >= 0)", "A limit cannot be negative. 0 means no limit."),
    ]

    @api.constrains("user_id")
    def _check_user(self):
        for member in self:
            user = member.user_id
            if not user.active or user.share:
                raise CrmValidationError(
                    _("%s cannot get leads: choose an active internal user.", user.with_context(active_test=False).name)
                )
            company = member.rule_id.company_id
            if company and company not in user.company_ids:
                raise CrmValidationError(
                    _("%(user)s does not work for %(company)s, whose leads this rule gives away.", user=user.name, company=company.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members._check_leader()
        return members

    def write(self, vals):
        result = super().write(vals)
        self.check_access_rule("write")  # also of the rule it was moved to
        self._check_leader()
        return result

    def _check_leader(self):
        """A leader gives leads to people of the own teams only.

        :raise CrmUserError: naming who is none
        """
        if self.rule_id._is_director():
            return
        strangers = self.user_id.filtered(lambda user: not self.env.user._leads_user(user))
        if strangers:
            raise CrmUserError(_("%s is in none of your teams. Ask a sales director.", ", ".join(strangers.mapped("name"))))

    def _prepare_reps(self):
        """Engine reps of these members, in their order."""
        return [
            Rep(
                user=member.user_id.id,
                weight=member.weight,
                lag=member.lag,
                states=frozenset(member.state_ids.ids),
                cities=frozenset(fold_city(name) for name in (member.cities or "").replace("，", ",").split(",") if name.strip()),
                industries=frozenset(member.industry_ids.ids),
                categories=frozenset(member.categ_ids.ids),
            )
            for member in self
        ]
