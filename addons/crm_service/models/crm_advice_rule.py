# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmAdviceRule(models.Model):
    _inherit = "crm.advice.rule"

    action = fields.Selection(selection_add=[("assets", "Show installed products")], ondelete={"assets": "set null"})

    @api.model
    def _get_assets_action(self, record):
        return {
            "type": "ir.actions.act_window",
            "name": _("Installed at %s", record.display_name),
            "res_model": "crm.service.asset",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "=", record.commercial_partner_id.id)],
        }
