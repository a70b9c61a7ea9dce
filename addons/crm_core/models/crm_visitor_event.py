# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmVisitorEvent(models.Model):
    """One page a visitor saw, and for how long. Written by `crm.visitor._accept_beacon` alone."""

    _name = "crm.visitor.event"
    _description = "Page Seen by a Visitor"
    _rec_name = "page"
    _order = "at desc, id desc"
    _log_access = False

    visitor_id = fields.Many2one("crm.visitor", string="Visitor", required=True, readonly=True, ondelete="cascade")
    view = fields.Char(required=True, readonly=True, help="Names one view of a page, so that repeated beacons count once.")
    at = fields.Datetime(readonly=True, index=True)
    page = fields.Char(readonly=True)
    title = fields.Char(readonly=True)
    referrer = fields.Char(readonly=True)
    seconds = fields.Integer(string="Seconds on Page", readonly=True)

    _sql_constraints = [
        ("view_unique", "UNIQUE (visitor_id, view)", "This view of the page is already counted."),
    ]
