# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmGateTick(models.Model):
    """A point of a gate's checklist that somebody has ticked for a lead (:meth:`crm.lead.tick_gate`)."""

    _name = "crm.gate.tick"
    _description = "Ticked Point of a Checklist"
    _order = "id desc"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    line_id = fields.Many2one("crm.gate.line", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Ticked by", readonly=True, ondelete="restrict")
    date = fields.Datetime(readonly=True)

    _sql_constraints = [("once", "UNIQUE (lead_id, line_id)", "This point is ticked already.")]
