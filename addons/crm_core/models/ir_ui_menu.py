# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models, tools


class IrUiMenu(models.Model):
    """Menus by role.

    People with a role of the suite see the apps listed for their roles (``crm.role.app``), Discuss and
    Calendar, and nothing else; the app of their main role opens first. Menus of other modules are not
    changed, so everything is as before when the suite is uninstalled. People without such a role, and
    administrators, see what Odoo shows.
    """

    _inherit = "ir.ui.menu"

    # Menus of Odoo's that a menu of the suite does better: {hidden: shown instead}
    _crm_replaced_menus = {
        "crm.crm_menu_leads": "crm_core.menu_leads",
        "crm.res_partner_menu_customer": "crm_core.menu_customers",
        "crm.crm_lead_menu_my_activities": "crm_core.menu_my_follow_ups",
        "crm.sales_team_menu_team_pipeline": "crm_core.menu_teams",
    }

    @api.model
    @tools.ormcache("frozenset(self.env.user.groups_id.ids)", "debug")
    def _visible_menu_ids(self, debug=False):
        visible = set(super()._visible_menu_ids(debug=debug))
        apps = self.env["crm.role.app"]._of_user().menu_id
        if apps:
            visible = self._limit_to_apps(visible, apps)
        visible -= self._replaced_menu_ids(visible)
        return visible - self._hidden_with_below(visible)

    def _hidden_with_below(self, visible):
        """What "Menus by Role" hides, with everything below it."""
        hidden = self.env["crm.role.menu"]._hidden_menu_ids() & visible
        menus = self.with_context(**{"ir.ui.menu.full_list": True}).sudo()
        return set(menus.search([("id", "child_of", list(hidden))]).ids) if hidden else hidden

    def _limit_to_apps(self, visible, apps):
        """Visible menus under the role's apps. Listing an app also opens its root to the role, unless that leads
        nowhere: the web client stops at an app without a screen."""
        shared = self.browse()
        for xmlid in ("mail.menu_root_discuss", "calendar.mail_menu_calendar"):
            shared |= self.env.ref(xmlid, raise_if_not_found=False) or shared
        menus = self.with_context(**{"ir.ui.menu.full_list": True}).sudo()
        allowed = menus.search([("id", "child_of", (apps | shared).ids)])
        shown = allowed.filtered(lambda menu: menu.id in visible) | apps
        ids = set(shown.ids)
        paths = [[int(key) for key in menu.parent_path.split("/")[:-1]] for menu in shown if menu.action]
        opening = {path[0] for path in paths if ids.issuperset(path)}
        return ids - (set(apps.ids) - opening)

    def _replaced_menu_ids(self, visible):
        replaced = set()
        for hidden, shown in self._crm_replaced_menus.items():
            shown_menu = self.env.ref(shown, raise_if_not_found=False)
            hidden_menu = self.env.ref(hidden, raise_if_not_found=False)
            if shown_menu and hidden_menu and shown_menu.id in visible:
                replaced.add(hidden_menu.id)
        return replaced

    @api.model
    def load_menus(self, debug):
        return self._in_order(self._home_first(super().load_menus(debug)))

    def _in_order(self, menu):
        """A copy of the menu tree in the order "Menus by Role" says, where it says one."""
        sequences = self.env["crm.role.menu"]._get_sequences()
        if not sequences:
            return menu

        def ordered(menu, top):
            children = [ordered(child, False) for child in menu["children"]]
            if not top:
                children.sort(key=lambda child: sequences.get(child["id"], child["sequence"]))
            return dict(menu, children=children)

        return ordered(menu, True)

    @api.model
    def load_menus_root(self):
        return self._home_first(super().load_menus_root())

    def _home_first(self, root):
        """A copy of the (cached) menu tree with the apps of the user's role before Discuss and Calendar."""
        apps = self.env["crm.role.app"]._of_user()
        if not apps:
            return root
        home, own = apps._home_menu().id, set(apps.menu_id.ids)
        children = sorted(root["children"], key=lambda menu: (menu["id"] != home, menu["id"] not in own))
        return dict(root, children=children)
