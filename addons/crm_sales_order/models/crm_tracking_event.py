# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from .stock_picking_tracking import TRACKING_STATES


class CrmTrackingEvent(models.Model):
    """What a carrier said of a shipment: written by the tracking only."""

    _name = "crm.tracking.event"
    _description = "Tracking Event"
    _order = "date desc, id desc"
    _rec_name = "text"

    picking_id = fields.Many2one("stock.picking", string="Delivery", required=True, readonly=True, ondelete="cascade", index=True)
    date = fields.Datetime(required=True, readonly=True)
    text = fields.Char(readonly=True)
    place = fields.Char(readonly=True)
    state = fields.Selection(TRACKING_STATES, readonly=True)
    milestone = fields.Boolean(readonly=True, help="With this the shipment's state became another.")
    partner_id = fields.Many2one(related="picking_id.partner_id", store=True, index=True)
    sale_id = fields.Many2one(related="picking_id.sale_id", store=True, index=True)
    company_id = fields.Many2one(related="picking_id.company_id", store=True)
