# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class StockLocation(models.Model):
    _inherit = "stock.location"

    custody = fields.Selection(selection_add=[("repair", "In Repair")], ondelete={"repair": "set null"})
