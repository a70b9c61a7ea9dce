# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

import xlsxwriter
from odoo import _, api, fields, models
from odoo.tools import split_every

from ..exceptions import CrmUserError

BATCH = 1000


class CrmCustomFieldRemoval(models.TransientModel):
    """Removes a custom field, after telling how many records hold a value and offering the values as a file."""

    _name = "crm.custom.field.removal"
    _description = "Removal of a Custom Field"

    custom_field_id = fields.Many2one("crm.custom.field", required=True, readonly=True, ondelete="cascade")
    value_count = fields.Integer(string="Records With a Value", compute="_compute_value_count")
    confirmed = fields.Boolean(string="The values are saved or not needed")
    file = fields.Binary(compute="_compute_file")
    file_name = fields.Char(compute="_compute_file_name")

    def _search_holders(self):
        """The records that hold a value, archived ones included."""
        field = self.custom_field_id
        model = self.env[field.model].with_context(active_test=False)
        return model.search([(field.technical_name, "!=", False)], order="id")

    @api.depends("custom_field_id")
    def _compute_value_count(self):
        for removal in self:
            field = removal.custom_field_id
            model = self.env[field.model].with_context(active_test=False)
            removal.value_count = model.search_count([(field.technical_name, "!=", False)])

    @api.depends("custom_field_id")
    def _compute_file_name(self):
        for removal in self:
            removal.file_name = "%s.xlsx" % (removal.custom_field_id.name or "").replace("/", "-")

    @api.depends("custom_field_id")
    def _compute_file(self):
        for removal in self:
            removal.file = base64.b64encode(removal._export())

    def _export(self):
        """An XLSX of number, name and value of each record, as its reader sees them.

        Whoever may remove a field may save what is in it, the right to export or not.
        """
        stream = io.BytesIO()
        field = self.custom_field_id
        options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(stream, options) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, [_("ID"), _("Name"), field.name])
            line = 0
            for records in split_every(BATCH, self._search_holders().ids, self.env[field.model].browse):
                for row in records._export_rows([[".id"], ["display_name"], [field.technical_name]]):
                    line += 1
                    sheet.write_row(line, 0, [cell if isinstance(cell, (int, float)) else str(cell or "") for cell in row])
                records.invalidate_cache()
        return stream.getvalue()

    def action_download(self):
        self.ensure_one()
        self.confirmed = True
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file?download=true&filename_field=file_name",
            "target": "self",
        }

    def action_remove(self):
        self.ensure_one()
        if self.value_count and not self.confirmed:
            raise CrmUserError(
                _("%s records hold a value that will be lost. Download them first, or tick that they are not needed.", self.value_count)
            )
        self.custom_field_id.unlink()
        return {"type": "ir.actions.client", "tag": "reload"}
