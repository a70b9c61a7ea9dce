# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def load_menus(self, debug):
        """An app whose first screen is the workbench opens with it, whatever Odoo's own action of the app is."""
        root = super().load_menus(debug)
        workbench = self.env.ref("crm_core.crm_workbench_action", raise_if_not_found=False)
        if not workbench:
            return root
        action = "ir.actions.client,%d" % workbench.id
        return dict(
            root,
            children=[
                dict(app, action=action) if app["children"] and app["children"][0]["action"] == action else app
                for app in root["children"]
            ],
        )
