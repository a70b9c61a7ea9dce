# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmIntakeFileColumn(models.Model):
    """A column of an uploaded file: what it is taken for."""

    _name = "crm.intake.file.column"
    _description = "File Import Column"
    _order = "file_id, position"
    _contact_details_guarded = True

    file_id = fields.Many2one("crm.intake.file", required=True, ondelete="cascade", index=True)
    position = fields.Integer(readonly=True)
    name = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="Values", readonly=True)
    target = fields.Selection(selection="_selection_target", string="Goes to")
    keep = fields.Boolean(string="Keep as Note", default=True, help="Values of a column that goes nowhere are kept in the lead's notes.")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"sample"}

    @api.model
    def _selection_target(self):
        return self.env["crm.intake.mapping"]._selection_target()
