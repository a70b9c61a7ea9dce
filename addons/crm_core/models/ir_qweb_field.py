# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class IrQwebField(models.AbstractModel):
    _inherit = "ir.qweb.field"

    @api.model
    def record_to_html(self, record, field_name, options):
        """Reports and mails print the mask where the reader sees one."""
        if record and record._hidden_contact_details([field_name]):
            return record._mask_value(record[field_name]) or False
        return super().record_to_html(record, field_name, options)


class IrQwebFieldContact(models.AbstractModel):
    _inherit = "ir.qweb.field.contact"

    @api.model
    def value_to_html(self, value, options):
        """The address block of a hidden customer has the name only."""
        if value and value._hidden_contact_details(["phone"]):
            options = dict(options or {}, fields=["name"])
        return super().value_to_html(value, options)
