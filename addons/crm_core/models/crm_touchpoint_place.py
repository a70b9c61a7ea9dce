# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..engine.vendor.place import split_area
from .crm_intake_mapping_area import AREA


class CrmTouchpoint(models.Model):
    _inherit = "crm.touchpoint"

    @api.model
    def _match_names(self, mapped):
        """An area stands for a province to be found by its name, and a city; what is said apart wins."""
        mapped = list(mapped)
        for found in mapped:
            province, city = split_area(str(found.values.pop(AREA, "")))
            if province:
                found.values.setdefault("name.state", province)
            if city:
                found.values.setdefault("city", city)
        return super()._match_names(mapped)
