# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import SavepointCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRoleApp(SavepointCase):
    """A role's apps: those listed for it, as far as they open anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "app_boss", groups="crm_core.group_executive")
        cls.action = cls.env["ir.actions.act_window"].create({"name": "Screen", "res_model": "res.partner"})
        cls.app = cls.env["ir.ui.menu"].create({"name": "App"})
        cls.folder = cls.env["ir.ui.menu"].create({"name": "Folder", "parent_id": cls.app.id})
        cls.screen = cls.env["ir.ui.menu"].create({
            "name": "Screen",
            "parent_id": cls.folder.id,
            "action": f"ir.actions.act_window,{cls.action.id}",
        })  # fmt: skip
        cls.env["crm.role.app"].create({"group_id": cls.env.ref("crm_core.group_executive").id, "menu_id": cls.app.id})

    def _visible(self):
        return self.env["ir.ui.menu"].with_user(self.boss)._visible_menu_ids()

    def test_a_listed_app_is_shown_with_its_screens(self):
        self.assertTrue({self.app.id, self.folder.id, self.screen.id} <= self._visible())

    def test_listing_opens_the_root_to_the_role(self):
        self.app.groups_id = self.env.ref("base.group_system")
        self.assertIn(self.app.id, self._visible())

    def test_an_app_whose_screens_are_all_closed_is_not_shown(self):
        """The web client stops at an app without a screen: its own, or below a closed folder."""
        for menu in (self.screen, self.folder):
            with self.subTest(closed=menu.name):
                menu.groups_id = self.env.ref("base.group_system")
                self.assertNotIn(self.app.id, self._visible())
                menu.groups_id = False
