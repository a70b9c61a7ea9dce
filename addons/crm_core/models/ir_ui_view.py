# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import api, models
from odoo.tools import locate_node

from .crm_custom_field_view import KEY

_logger = logging.getLogger(__name__)


class IrUiView(models.Model):
    _inherit = "ir.ui.view"

    def _is_of_custom_fields(self):
        return len(self) == 1 and bool(self.key) and self.key.startswith(KEY)

    @api.model
    def apply_inheritance_specs(self, source, specs_tree, pre_locate=lambda spec: True):
        """A custom field whose place has gone with an upgrade of another module is left out: the form opens."""
        if self._is_of_custom_fields():
            if self.env.context.get("crm_without_custom_fields"):
                return source
            for spec in list(specs_tree):
                if locate_node(source, spec) is None:
                    _logger.warning("%s: the place %s is gone, choose another.", self.key, spec.get("expr"))
                    specs_tree.remove(spec)
        return super().apply_inheritance_specs(source, specs_tree, pre_locate)
