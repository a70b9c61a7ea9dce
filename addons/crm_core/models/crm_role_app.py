# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmRoleApp(models.Model):
    """Which apps a role works in.

    Each addon brings rows for its roles and apps in ``data/crm.role.app.csv`` (or XML), so they go when
    the addon goes; administrators change them under Settings / CRM Suite. See ``ir.ui.menu`` for the effect.
    """

    _name = "crm.role.app"
    _inherit = "cached.settings"
    _description = "App of a Role"
    _order = "group_id, is_home desc, menu_id"

    group_id = fields.Many2one("res.groups", string="Role", required=True, index=True, ondelete="cascade")
    menu_id = fields.Many2one(
        "ir.ui.menu",
        string="App",
        required=True,
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
    )
    is_home = fields.Boolean(string="Opens First", help="People with this role start here after logging in.")

    _sql_constraints = [
        ("group_menu_uniq", "unique(group_id, menu_id)", "This role has this app already: change the existing line."),
    ]

    @api.model
    def _of_user(self):
        """Apps of the current user's roles; empty for administrators and people without a suite role."""
        user = self.env.user
        if user._is_superuser() or user.has_group("base.group_system"):
            return self.sudo().browse()
        return self.sudo().search([("group_id", "in", user.groups_id.ids)])

    def _home_menu(self):
        """The app to open first: of the role no other of these roles is built on, the line added last.

        So an addon above can bring a better first screen for a role of an addon below.
        """
        homes = self.filtered("is_home")
        implied = homes.group_id.trans_implied_ids
        own = homes.filtered(lambda app: app.group_id not in implied)
        return (own or homes).sorted("id")[-1:].menu_id
