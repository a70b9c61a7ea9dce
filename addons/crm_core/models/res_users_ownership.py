# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"

    crm_claim_limit_day = fields.Integer(
        string="Claims per Day",
        help="How many leads and customers this person may claim a day, from all public pools. 0: as the pools say.",
    )
    crm_claim_limit_held = fields.Integer(
        string="Leads and Customers Held",
        help="With so many open leads and customers of their own, a person claims no more. 0: as the pools say.",
    )

    _sql_constraints = [
        (
            "crm_claim_limits_not_negative",
            "CHECK (crm_claim_limit_day >= 0 AND crm_claim_limit_held >= 0)",
            "Limits cannot be negative. 0 means no limit.",
        )
    ]

    # ------------------------------------------------------------------
    # Who may change whose
    # ------------------------------------------------------------------
    def _may_own_for_all(self):
        """Whether this user says whose any lead or customer is, outside the public pools."""
        user = self.with_user(self)
        return user.has_group("sales_team.group_sale_salesman_all_leads") or user.has_group("base.group_system")

    def _may_assign(self):
        """Whether this user hands leads and customers to others: everybody's, or within the teams led."""
        return self._may_own_for_all() or bool(
            self.with_user(self).has_group("crm_core.group_team_leader") and self.led_team_ids
        )

    def _reads_all_leads(self):
        """Whether a role other than Odoo's plain salesman opens leads to this user."""
        user = self.with_user(self)
        return self._may_own_for_all() or user.has_group("crm_core.group_all_customers") or not user.has_group(
            "sales_team.group_sale_salesman"
        )

    def _get_led_teams(self):
        """The teams this user leads, and all below."""
        return self.env["crm.team"].sudo().search([("id", "child_of", self.led_team_ids.ids)])

    def _leads_user(self, user):
        """Whether this leader's teams include the other user (or the other is this user)."""
        teams = self._get_led_teams()
        return user == self or user.sale_team_id in teams or user in teams.user_id

    def _leads_owner(self, record):
        """Whether the record belongs to this leader's teams: by its own team or its owner's."""
        teams = self._get_led_teams()
        return record.user_id == self or record.team_id in teams or record.user_id.sale_team_id in teams

    # ------------------------------------------------------------------
    # Domains of record rules
    # ------------------------------------------------------------------
    def _crm_unpooled_domain(self, domain):
        """``domain`` outside the public pools, and for leaders what lies in the pools of their teams."""
        unpooled = expression.AND([[("pool_id", "=", False)], domain])
        if self._crm_leads_teams():
            return expression.OR([unpooled, [("pool_id.team_id", "child_of", self.led_team_ids.ids)]])
        return unpooled

    def _crm_leads_teams(self):
        return bool(self.led_team_ids) and self.with_user(self).has_group("crm_core.group_team_leader")

    def _crm_pooled_write_domain(self):
        """Global rule for changing leads and customers: what lies in a pool is changed by directors only."""
        return [("pool_id", "=", False)] if self._is_crm_limited() else []

    def _crm_holding_limit_domain(self):
        """Global rule of crm.holding: what a rep held or holds, for leaders what their teams did."""
        if not self._is_crm_limited():
            return []
        own = [
            [("from_user_id", "=", self.id)],
            [("to_user_id", "=", self.id)],
            [("lead_id.user_id", "=", self.id)],
            [("partner_id.user_id", "=", self.id)],
        ]
        if self._crm_leads_teams():
            teams = self.led_team_ids.ids
            own += [[(path, "child_of", teams)] for path in ("from_user_id.sale_team_id", "to_user_id.sale_team_id")]
            own += [[(path, "child_of", teams)] for path in ("from_pool_id.team_id", "to_pool_id.team_id")]
        return expression.OR(own)

    def _crm_pool_domain(self, path):
        """Domain of the pools this user may claim from (leaders and directors: and assign from).

        :param path: field path to the pool with its dot, or "" for the pools themselves
        """
        if not self._is_crm_limited():
            return [] if self._reads_all_leads() else expression.FALSE_DOMAIN
        team = [(path + "team_id", "=", False)]
        if self.sale_team_id:
            team = expression.OR([team, [(path + "team_id", "parent_of", self.sale_team_id.ids)]])
        everybody = expression.AND([[(path + "member_ids", "=", False)], team])
        domains = [[(path + "member_ids", "in", self.ids)], everybody]
        if self._crm_leads_teams():
            domains.append([(path + "team_id", "child_of", self.led_team_ids.ids)])
        return expression.OR(domains)

    def write(self, vals):
        result = super().write(vals)
        if "sale_team_id" in vals:
            # record rules hold the ids of a user's teams, and Odoo keeps them per user
            self.env["ir.rule"].clear_caches()
        return result
