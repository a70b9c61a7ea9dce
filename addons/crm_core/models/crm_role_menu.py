# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError


class CrmRoleMenu(models.Model):
    """How a role's menus differ from the addons' own: hidden, or in another order.

    Written by "Menus by Role" (``crm.role.menu.arrange``). Nothing here opens a menu: rights stay as they are. See
    ``ir.ui.menu`` for the effect.
    """

    _name = "crm.role.menu"
    _inherit = "cached.settings"
    _description = "Menu of a Role"
    _order = "group_id, sequence, id"

    group_id = fields.Many2one("res.groups", string="Role", required=True, index=True, ondelete="cascade")
    menu_id = fields.Many2one("ir.ui.menu", string="Menu", required=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    hidden = fields.Boolean()

    _sql_constraints = [
        ("group_menu_uniq", "unique(group_id, menu_id)", "This menu is arranged for this role already: change the existing line."),
    ]

    @api.constrains("group_id")
    def _check_role(self):
        if self.group_id - self._get_all_roles():
            raise CrmValidationError(_("Menus are arranged for the roles of the suite only."))

    @api.model
    def _of_user(self):
        """Lines of the roles no other of the user's roles is built on; empty for administrators.

        A director is a rep, too, but has the director's menus.
        """
        user = self.env.user
        if user._is_superuser() or user.has_group("base.group_system"):
            return self.sudo().browse()
        return self.sudo().search([("group_id", "in", self._get_roles(user.groups_id).ids)])

    @api.model
    def _get_roles(self, groups):
        """Roles of the suite among groups, without those another of them is built on."""
        roles = groups.sudo() & self._get_all_roles()
        return roles - roles.mapped("trans_implied_ids")

    @api.model
    def _get_all_roles(self):
        """Every role of the suite, those of the installed addons included."""
        category = self.env.ref("crm_core.module_category_crm_suite")
        return self.env["res.groups"].sudo().search([("category_id", "=", category.id)])

    @api.model
    def _hidden_menu_ids(self):
        """Menus all of the user's roles hide."""
        lines = self._of_user()
        roles = self._get_roles(self.env.user.groups_id) if lines else lines.group_id
        hidden = lines.filtered("hidden")
        return {menu.id for menu in hidden.menu_id if roles <= hidden.filtered(lambda line, menu=menu: line.menu_id == menu).group_id}

    @api.model
    def _get_sequences(self):
        """{menu id: its place among its neighbours}, by the first of the user's roles that says one."""
        return {line.menu_id.id: line.sequence for line in reversed(self._of_user())}
