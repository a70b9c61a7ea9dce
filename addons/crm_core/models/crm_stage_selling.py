# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class CrmStage(models.Model):
    _inherit = "crm.stage"

    selling_model_ids = fields.Many2many(
        "crm.selling.model",
        "crm_selling_model_stage_rel",
        "stage_id",
        "model_id",
        string="Selling Models",
        help="Deals sold in one of these ways go through this stage.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A new stage is of the models whose pipeline it was added to, elsewhere of all."""
        context, models = self.env.context, self.env["crm.selling.model"]
        if context.get("crm_selling_kind") or context.get("default_selling_model_id"):
            models = self.env["crm.lead"]._get_shown_models()
        else:
            models = models.search([])
        stages = super().create([{"selling_model_ids": [(6, 0, models.ids)], **vals} for vals in vals_list])
        models.clear_caches()
        return stages

    def write(self, vals):
        result = super().write(vals)
        if {"selling_model_ids", "is_won"} & vals.keys():
            self.env["crm.selling.model"].clear_caches()
            self.env["crm.selling.model"].search([])._check_stages()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["crm.selling.model"].clear_caches()
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):  # the models go, too
            self.env["crm.selling.model"].search([])._check_stages()
        return result
