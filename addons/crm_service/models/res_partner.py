# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_order_ids = fields.One2many("crm.service.order", "partner_id", string="Work Orders")
    service_site_order_ids = fields.One2many("crm.service.order", "address_id", string="Work Orders at this Address")
