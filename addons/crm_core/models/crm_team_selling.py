# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    selling_model_id = fields.Many2one(
        "crm.selling.model",
        string="Selling Model",
        index=True,
        ondelete="set null",
        help="How this team's new deals are sold. Empty: the first of the selling models.",
    )
