# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.osv import expression


class ResUsers(models.Model):
    _inherit = "res.users"
    _contact_details_path = "partner_id"

    led_team_ids = fields.One2many("crm.team", "user_id", string="Teams Led")

    def _is_crm_limited(self):
        """Whether this user sees own (or own teams') leads and customers only.

        True for the suite's sales reps and team leaders, unless another role lifts the limit. People
        who only have Odoo's own sales groups keep Odoo's behaviour.
        """
        user = self.with_user(self)
        return (
            user.has_group("crm_core.group_sales_rep")
            and not user.has_group("crm_core.group_all_customers")
            and not user.has_group("sales_team.group_sale_salesman_all_leads")
        )

    def _sees_contact_details(self):
        """Whether customers' contact details are shown to this user. Portal users only reach their own."""
        user = self.with_user(self)
        return user.has_group("crm_core.group_contact_details") or not user.has_group("base.group_user")

    def _crm_team_domain(self, team_path, user_path):
        """Domain of the records of the teams this leader leads, and of all teams below.

        :param team_path: field path to the record's team
        :param user_path: field path to the record's owner; owned by a member counts, too
        """
        teams = self.led_team_ids.ids
        return expression.OR(
            [
                [(team_path, "child_of", teams)],
                [("%s.sale_team_id" % user_path, "child_of", teams)],
            ]
        )

    def _crm_own_domain(self, team_path, user_path):
        """Domain of the records this limited user may see: own ones, and for leaders their teams'."""
        domain = [(user_path, "=", self.id)]
        if self.led_team_ids and self.with_user(self).has_group("crm_core.group_team_leader"):
            domain = expression.OR([domain, self._crm_team_domain(team_path, user_path)])
        return domain

    def _crm_lead_limit_domain(self):
        """Global rule of crm.lead, evaluated once per user and cached by Odoo.

        What lies in a pool is shown to leaders of the pool's team, and to others by ``crm.pool.lead`` only.
        """
        if self._is_crm_limited():
            return self._crm_unpooled_domain(self._crm_own_domain("team_id", "user_id"))
        return [] if self._reads_all_leads() else [("pool_id", "=", False)]

    def _crm_partner_limit_domain(self):
        """Global rule of res.partner: customers owned, or met in an own lead. Others stay visible."""
        if not self._is_crm_limited():
            return []
        company = "commercial_partner_id"
        customers = expression.OR(
            [
                self._crm_own_domain(company + ".team_id", company + ".user_id"),
                self._crm_own_domain(company + ".crm_lead_ids.team_id", company + ".crm_lead_ids.user_id"),
            ]
        )
        return expression.OR([[("is_customer", "=", False)], self._crm_unpooled_domain(customers)])

    def _crm_activity_report_limit_domain(self):
        """Global rule of crm.activity.report (Odoo opens it to every internal user without a sales group)."""
        if not self._sees_contact_details():
            return expression.FALSE_DOMAIN
        if self._is_crm_limited():
            return self._crm_own_domain("team_id", "user_id")
        return [] if self._reads_all_leads() else [("lead_id.pool_id", "=", False)]

    def _crm_touchpoint_limit_domain(self):
        """Global rule of crm.touchpoint: those of own leads; what has no lead yet is marketing's."""
        return self._crm_own_domain("lead_id.team_id", "lead_id.user_id") if self._is_crm_limited() else []

    def _crm_template_limit_domain(self):
        """Global rule for writing templates: their expressions could print what is masked elsewhere."""
        return [] if self._sees_contact_details() else expression.FALSE_DOMAIN

    @api.model
    def _get_contact_detail_fields(self):
        # a customer's portal login is an e-mail address
        return super()._get_contact_detail_fields() | {"login"}

    @api.model
    def _name_search(self, name="", args=None, operator="ilike", limit=100, name_get_uid=None):
        if self.env.su or self.env.user._sees_contact_details():
            return super()._name_search(
                name, args=args, operator=operator, limit=limit, name_get_uid=name_get_uid
            )
        domain = expression.AND([args or [], [("name", operator, name)]])
        return self._search(domain, limit=limit, access_rights_uid=name_get_uid)
