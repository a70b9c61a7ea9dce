# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    crm_private = fields.Boolean(
        string="Contact Detail",
        help="Masked for whoever may not see customers' contact details. Added fields only.",
    )

    def _instanciate_attrs(self, field_data):
        attrs = super()._instanciate_attrs(field_data)
        if attrs and field_data.get("crm_private"):
            attrs["crm_private"] = True
        return attrs

    def name_get(self):
        """Labels only, where people without a technical eye choose (context ``crm_plain_labels``)."""
        if not self.env.context.get("crm_plain_labels"):
            return super().name_get()
        return [(field.id, field.field_description) for field in self]


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _valid_field_parameter(self, field, name):
        return name == "crm_private" or super()._valid_field_parameter(field, name)

    @api.model
    def _contact_detail_path(self, name):
        """Added fields that hold contact details are masked like Odoo's own."""
        if getattr(self._fields.get(name), "crm_private", False):
            return ""
        return super()._contact_detail_path(name)
