# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError


class CrmRoleMenuArrange(models.TransientModel):
    """Which menus a role sees in its apps, and in which order: shown as they are, changed, and kept as differences."""

    _name = "crm.role.menu.arrange"
    _description = "Arranging the Menus of a Role"

    group_id = fields.Many2one(
        "res.groups", string="Role", required=True, domain="[('id', 'in', role_ids)]", ondelete="cascade"
    )
    role_ids = fields.Many2many("res.groups", string="Roles", compute="_compute_role_ids")
    line_ids = fields.One2many("crm.role.menu.arrange.line", "arrange_id", string="Menus")

    @api.depends("group_id")
    def _compute_role_ids(self):
        self.role_ids = self.env["crm.role.menu"]._get_all_roles()

    @api.onchange("group_id")
    def _onchange_group_id(self):
        lines = self._prepare_lines() if self.group_id else []
        self.line_ids = [(5,)] + [(0, 0, line) for line in lines]

    def _prepare_lines(self):
        """A line per menu below the role's apps, app by app, in the order the role sees them."""
        role = self.group_id.sudo()
        known = {line.menu_id.id: line for line in self.env["crm.role.menu"].sudo().search([("group_id", "=", role.id)])}
        groups = role | role.trans_implied_ids
        menus = self.env["ir.ui.menu"].sudo().with_context(**{"ir.ui.menu.full_list": True})
        apps = self.env["crm.role.app"].sudo().search([("group_id", "in", groups.ids)]).menu_id
        lines = []

        def walk(parent, depth):
            below = menus.search([("parent_id", "=", parent.id)])
            below = below.filtered(lambda menu: not menu.groups_id or menu.groups_id & groups)
            for menu in below.sorted(lambda menu: (known[menu.id].sequence if menu.id in known else menu.sequence, menu.id)):
                lines.append({
                    "menu_id": menu.id,
                    "label": "%s%s" % ("　　" * depth, menu.name),
                    "app": apps_of[-1],
                    "sequence": len(lines),
                    "shown": not (menu.id in known and known[menu.id].hidden),
                })  # fmt: skip
                walk(menu, depth + 1)

        apps_of = []
        for app in apps.sorted(lambda app: (app.sequence, app.id)):
            apps_of.append(app.name)
            walk(app, 0)
        replaced = menus._replaced_menu_ids({line["menu_id"] for line in lines})
        return [line for line in lines if line["menu_id"] not in replaced]

    def action_save(self):
        """Keep what differs from the addons' own arrangement."""
        self.ensure_one()
        arrangement = self.env["crm.role.menu"]
        arrangement.check_access_rights("write")
        if self.group_id not in self.role_ids:
            raise CrmUserError(_("Choose one of the roles."))
        arrangement.search([("group_id", "=", self.group_id.id)]).unlink()
        arrangement.create(self._prepare_differences())
        return {"type": "ir.actions.client", "tag": "reload"}

    def _prepare_differences(self):
        """Values of the lines to keep: what is hidden, and all neighbours where the order is another."""
        by_parent = {}
        for line in self.line_ids.sorted(lambda line: (line.sequence, line.id)):
            by_parent.setdefault(line.menu_id.sudo().parent_id.id, []).append(line)
        values = []
        for lines in by_parent.values():
            own = sorted(lines, key=lambda line: (line.menu_id.sudo().sequence, line.menu_id.id))
            moved = [line.menu_id for line in lines] != [line.menu_id for line in own]
            for number, line in enumerate(lines):
                if moved or not line.shown:
                    sequence = number if moved else line.menu_id.sudo().sequence
                    values.append(
                        {"group_id": self.group_id.id, "menu_id": line.menu_id.id, "sequence": sequence, "hidden": not line.shown}
                    )
        return values

    def action_reset(self):
        """Back to the addons' own arrangement."""
        self.ensure_one()
        self.env["crm.role.menu"].search([("group_id", "=", self.group_id.id)]).unlink()
        return {"type": "ir.actions.client", "tag": "reload"}


class CrmRoleMenuArrangeLine(models.TransientModel):
    _name = "crm.role.menu.arrange.line"
    _description = "Menu to Arrange"
    _order = "sequence, id"

    arrange_id = fields.Many2one("crm.role.menu.arrange", required=True, ondelete="cascade")
    menu_id = fields.Many2one("ir.ui.menu", required=True, readonly=True, ondelete="cascade")
    app = fields.Char(readonly=True)
    label = fields.Char(string="Name", readonly=True)
    sequence = fields.Integer(string="Order")
    shown = fields.Boolean()
