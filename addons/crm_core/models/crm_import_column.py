# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmImportColumn(models.Model):
    """One column of an imported file and the field it goes to: guessed, then changed by whom it may concern."""

    _name = "crm.import.column"
    _description = "Import Column"
    _order = "table_id, position"

    run_id = fields.Many2one(related="table_id.run_id", store=True, index=True)
    table_id = fields.Many2one("crm.import.table", required=True, ondelete="cascade", index=True)
    kind = fields.Selection(related="table_id.kind")
    position = fields.Integer(required=True, readonly=True)
    name = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="First Values", readonly=True)
    field_id = fields.Many2one(
        "crm.import.field", string="Goes To", domain="[('kind', '=', kind)]", help="Empty: the column is left out."
    )
