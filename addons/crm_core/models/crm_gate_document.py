# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmGateDocument(models.Model):
    """A kind of document that a gate may ask for: "Requirements", "Signed contract". Files on leads are of a kind."""

    _name = "crm.gate.document"
    _description = "Kind of Document"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _sql_constraints = [("name_unique", "UNIQUE (name)", "There is a kind of document of this name already.")]
