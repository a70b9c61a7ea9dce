# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .crm_pool_choice import BLOT
from .crm_score_grade import GRADES


class CrmPoolLead(models.Model):
    _name = "crm.pool.lead"
    _inherit = "crm.pool.choice"
    _description = "Lead in a Public Pool"
    _auto = False
    _pool_model = "crm.lead"

    _order = "score desc, pooled_since desc, id desc"

    grade = fields.Selection(GRADES, string="Grade", readonly=True)
    score = fields.Float(string="Score", readonly=True, digits=(5, 1), group_operator="avg")
    partner_name = fields.Char(string="Company Name", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    source_id = fields.Many2one("utm.source", string="Source", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", string="Campaign", readonly=True)
    stage_id = fields.Many2one("crm.stage", string="Stage", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)

    @api.model
    def _get_view_columns(self):
        names = ("grade", "score", "product_id", "source_id", "medium_id", "campaign_id", "stage_id", "team_id")
        customer = "(SELECT company.name FROM res_partner AS company WHERE company.id = record.commercial_partner_id)"
        return {
            **super()._get_view_columns(),
            **{name: "record." + name for name in names},
            "partner_name": BLOT.format("coalesce(record.partner_name, %s)" % customer),
        }
