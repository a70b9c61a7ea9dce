# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tests.common import Form

from ..exceptions import CrmValidationError
from .common import RolesCase


@tagged("post_install", "-at_install")
class TestRoleMenu(RolesCase):
    """Menus a role sees in its apps: hidden and ordered, never more than its rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = cls.env.ref("crm_core.group_sales_rep")
        cls.root = cls.env.ref("crm.crm_menu_root")
        action = cls.env["ir.actions.act_window"].create({"name": "Screen", "res_model": "res.partner"})
        names = ("First", "Second")
        cls.first, cls.second = cls.env["ir.ui.menu"].create([
            {"name": name, "parent_id": cls.root.id, "action": f"ir.actions.act_window,{action.id}", "sequence": 900 + number}
            for number, name in enumerate(names)
        ])  # fmt: skip

    def arrange(self, role, **changes):
        """Save the wizard as a director, with changes {menu name: values}."""
        with Form(self.env["crm.role.menu.arrange"].with_user(self.director)) as form:
            form.group_id = role
            for number in range(len(form.line_ids)):
                with form.line_ids.edit(number) as line:
                    for name, value in changes.get(line.label.strip("　"), {}).items():
                        setattr(line, name, value)
        form.save().action_save()

    def shown(self, user):
        tree = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        (app,) = [app for app in tree["children"] if app["id"] == self.root.id]
        return [menu["id"] for menu in app["children"] if menu["id"] in (self.first | self.second).ids]

    def test_as_brought_without_an_arrangement(self):
        self.assertEqual(self.shown(self.ann), [self.first.id, self.second.id])

    def test_hidden_for_the_role_and_for_no_other(self):
        self.arrange(self.rep, First={"shown": False})
        self.assertEqual(self.shown(self.ann), [self.second.id])
        self.assertEqual(self.shown(self.director), [self.first.id, self.second.id])

    def test_ordered_for_the_role(self):
        self.arrange(self.rep, First={"sequence": 9999})
        self.assertEqual(self.shown(self.ann), [self.second.id, self.first.id])
        self.assertEqual(self.shown(self.director), [self.first.id, self.second.id])

    def test_with_two_roles_one_sees_what_either_shows(self):
        self.arrange(self.rep, First={"shown": False})
        both = new_test_user(self.env, "both", groups="crm_core.group_sales_rep,crm_core.group_marketing")
        self.assertIn(self.first.id, self.shown(both))

    def test_administrators_see_everything(self):
        admin = new_test_user(self.env, "boss", groups="crm_core.group_sales_director,base.group_system")
        self.arrange(self.env.ref("crm_core.group_sales_director"), First={"shown": False})
        self.assertIn(self.first.id, self.shown(admin))

    def test_nothing_is_kept_where_nothing_differs(self):
        self.arrange(self.rep)
        self.assertFalse(self.env["crm.role.menu"].search([("group_id", "=", self.rep.id)]))

    def test_nobody_sees_more_by_it(self):
        self.first.groups_id = self.env.ref("base.group_system")
        self.env["crm.role.menu"].create({"group_id": self.rep.id, "menu_id": self.first.id, "sequence": 1})
        self.assertNotIn(self.first.id, self.shown(self.ann))

    def test_directors_arrange_roles_and_nothing_else(self):
        with self.assertRaises(AccessError):
            self.env["crm.role.menu"].with_user(self.nora).create({"group_id": self.rep.id, "menu_id": self.first.id})
        with self.assertRaises(CrmValidationError):
            group = self.env.ref("base.group_system")
            self.env["crm.role.menu"].with_user(self.director).create({"group_id": group.id, "menu_id": self.first.id})
