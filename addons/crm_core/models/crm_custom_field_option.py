# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from psycopg2 import sql

from ..exceptions import CrmUserError


class CrmCustomFieldOption(models.Model):
    """A choice of a custom field. Renamed, it keeps the records that hold it."""

    _name = "crm.custom.field.option"
    _description = "Choice of a Custom Field"
    _order = "sequence, id"

    custom_field_id = fields.Many2one("crm.custom.field", required=True, index=True, ondelete="cascade")
    name = fields.Char(string="Choice", required=True)
    sequence = fields.Integer(default=10)

    _sql_constraints = [
        ("name_uniq", "unique(custom_field_id, name)", "This choice is in the list already."),
    ]

    @api.model_create_multi
    def create(self, vals_list):
        options = super().create(vals_list)
        options._sync()
        return options

    def write(self, vals):
        if "custom_field_id" in vals and any(option.custom_field_id.id != vals["custom_field_id"] for option in self):
            raise CrmUserError(_("A choice stays with its field. Add it to the other field anew."))
        result = super().write(vals)
        self._sync()
        return result

    def unlink(self):
        self._check_unused()
        columns = self.custom_field_id.sudo().field_id
        values = [option._get_value() for option in self]
        result = super().unlink()
        columns.selection_ids.filtered(lambda selection: selection.value in values).unlink()
        return result

    def _get_value(self):
        """What records hold: survives renaming."""
        return "c%d" % self.id

    def _prepare_selection(self):
        return {"value": self._get_value(), "name": self.name, "sequence": self.sequence}

    def _sync(self):
        """Carry names and order over to the fields that exist already."""
        for option in self:
            column = option.custom_field_id.sudo().field_id
            if not column:
                continue
            selection = column.selection_ids.filtered(lambda line, option=option: line.value == option._get_value())
            if selection:
                selection.write(option._prepare_selection())
            else:
                column.write({"selection_ids": [(0, 0, option._prepare_selection())]})

    def _check_unused(self):
        """:raise CrmUserError: where records hold one of the choices"""
        for option in self:
            column = option.custom_field_id.sudo().field_id
            if not column:
                continue
            self.env[column.model].flush([column.name])
            query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(
                sql.Identifier(self.env[column.model]._table), sql.Identifier(column.name)
            )
            self.env.cr.execute(query, [option._get_value()])
            (count,) = self.env.cr.fetchone()
            if count:
                message = _("%(count)s records hold “%(choice)s”. Give them another choice first.", count=count, choice=option.name)
                raise CrmUserError(message)
