# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmStage(models.Model):
    _inherit = "crm.stage"

    selling_model_ids = fields.Many2many(
        "crm.selling.model",
        "crm_selling_model_stage_rel",
        "stage_id",
        "model_id",
        string="Selling Models",
        help="Deals sold in one of these ways go through this stage. Empty: all deals do.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A stage added as a kanban column is of the model the columns are of."""
        model_id = self.env.context.get("default_selling_model_id")
        if model_id:
            vals_list = [{"selling_model_ids": [(6, 0, [model_id])], **vals} for vals in vals_list]
        stages = super().create(vals_list)
        self.env["crm.selling.model"].clear_caches()
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
        self.env["crm.selling.model"].search([])._check_stages()
        return result
