# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

AREA = "place.area"


class CrmIntakeMapping(models.Model):
    _inherit = "crm.intake.mapping"

    @api.model
    def _get_facts(self):
        return super()._get_facts() + [(AREA, _("Province and city in one text"))]
