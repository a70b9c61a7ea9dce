# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import html_escape

from ..engine.migration import mapping
from .crm_import_field import KIND_SELECTION

PREVIEW_ROWS = 8


class CrmImportTable(models.Model):
    """One sheet of one file of an import: what it holds and which column is which."""

    _name = "crm.import.table"
    _description = "Import Table"
    _order = "run_id, id"

    run_id = fields.Many2one("crm.import.run", required=True, ondelete="cascade", index=True)
    name = fields.Char(string="File", required=True, readonly=True)
    kind = fields.Selection(KIND_SELECTION, string="Holds", help="Empty: the file is left out.")
    row_count = fields.Integer(string="Rows", readonly=True)
    column_ids = fields.One2many("crm.import.column", "table_id", string="Columns")
    mapped_text = fields.Char(string="Columns Used", compute="_compute_mapped_text")
    preview = fields.Html(string="First Rows", readonly=True)

    @api.depends("column_ids.field_id")
    def _compute_mapped_text(self):
        for table in self:
            used = table.column_ids.filtered("field_id")
            table.mapped_text = "%d / %d" % (len(used), len(table.column_ids))

    @api.model
    def _prepare_from_engine(self, table):
        """Values of the record that shows ``table`` (an engine Table) and lets people correct it."""
        return {
            "name": table.name,
            "kind": table.kind or False,
            "row_count": len(table.rows),
            "preview": self._render_preview(table),
            "column_ids": [
                (0, 0, {"position": position, "name": name, "sample": self._sample(table, position)})
                for position, name in enumerate(table.header)
            ],
        }

    @api.model
    def _sample(self, table, position):
        """The first different values of a column."""
        values = list(dict.fromkeys(cell for cell in table.cells(position) if cell))[:4]
        return ", ".join(values)[:120]

    @api.model
    def _render_preview(self, table):
        head = "".join("<th>%s</th>" % html_escape(name) for name in ["", *table.header])
        body = "".join(
            "<tr>%s</tr>" % "".join("<td>%s</td>" % html_escape(cell) for cell in [str(line), *cells])
            for line, cells in table.rows[:PREVIEW_ROWS]
        )
        return (
            '<div class="table-responsive"><table class="table table-sm o_crm_import_preview">'
            "<thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>" % (head, body)
        )

    def write(self, vals):
        """Another kind of table: its columns mean something else, so guess them anew."""
        changed = self.filtered(lambda table: "kind" in vals and table.kind != vals["kind"])
        result = super().write(vals)
        for table in changed:
            table._assign(mapping.map_by_name(table.column_ids.mapped("name"), table.kind) if table.kind else {})
        return result

    def _assign(self, columns):
        """Set the columns' fields from ``columns`` (field code → position)."""
        self.ensure_one()
        fields_by_code = {
            item.code: item for item in self.env["crm.import.field"].search([("kind", "=", self.kind or "")])
        }
        codes = {position: code for code, position in columns.items()}
        for column in self.column_ids:
            column.field_id = fields_by_code.get(codes.get(column.position))

    def _apply(self, table):
        """Give the engine's ``table`` the kind and columns chosen here."""
        table.kind = self.kind or ""
        table.columns = {column.field_id.code: column.position for column in self.column_ids if column.field_id}
