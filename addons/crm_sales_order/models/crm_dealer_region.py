# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmDealerRegion(models.Model):
    """Where dealers sell, as the company divides its market."""

    _name = "crm.dealer.region"
    _description = "Dealer Region"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    dealer_ids = fields.One2many("res.partner", "dealer_region_id", string="Dealers")
