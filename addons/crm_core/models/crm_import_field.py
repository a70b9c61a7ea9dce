# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

KIND_SELECTION = [
    ("account", "Accounts"),
    ("product", "Products"),
    ("rep", "Sales reps"),
    ("deal", "Opportunities"),
]


class CrmImportField(models.Model):
    """What a column of an imported file can be. One record per field of the engine's schema."""

    _name = "crm.import.field"
    _description = "Import Field"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(KIND_SELECTION, required=True)
    code = fields.Char(required=True)
    required = fields.Boolean()
    sequence = fields.Integer(default=10)

    _sql_constraints = [("kind_code_unique", "unique (kind, code)", "This import field exists already.")]
