# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    """Whose orders, invoices and customers a user sees: domains of the record rules, cached by Odoo per user."""

    _inherit = "res.users"

    def _crm_order_limit_domain(self, team_path, user_path):
        """Global rule of orders and all that hangs on them.

        Sales reps see their own, leaders their teams', warehouse people none: they work on transfers, which
        name the order without its prices.
        """
        if self._is_crm_limited():
            return self._crm_own_domain(team_path, user_path)
        return expression.FALSE_DOMAIN if self._is_price_blind() else []

    def _is_price_blind(self):
        """Warehouse people who hold no second role that deals in prices."""
        return self.has_group("crm_sales_order.group_warehouse") and not any(
            self.has_group(group) for group in self._get_price_groups()
        )

    def _sees_margins(self):
        """Whether costs, margins, floors and what is said about them are shown to this user."""
        return self.with_user(self).has_group("crm_sales_order.group_margins")

    def _crm_approval_domain(self):
        """Global rule of crm.approval: shown to whom the document is shown."""
        if not self._is_crm_limited():
            return expression.FALSE_DOMAIN if self._is_price_blind() else []
        fields = self.env["crm.approval"]._get_document_fields()
        return expression.OR([self._crm_own_domain("%s.team_id" % name, "%s.user_id" % name) for name in fields])

    def _get_price_groups(self):
        """Groups whose members see prices even when they are in the warehouse, too; hook for more."""
        return [
            "sales_team.group_sale_salesman",
            "account.group_account_invoice",
            "crm_core.group_executive",
            "base.group_system",
        ]

    def _crm_partner_limit_domain(self):
        """A customer met in an own order counts as own, like one met in an own lead."""
        domain = super()._crm_partner_limit_domain()
        if not domain:
            return domain
        company = "commercial_partner_id.sale_order_ids"
        return expression.OR(
            [
                domain,
                self._crm_own_domain(company + ".team_id", company + ".user_id"),
                self._crm_own_domain("sale_order_ids.team_id", "sale_order_ids.user_id"),
            ]
        )
