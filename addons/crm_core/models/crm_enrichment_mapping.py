# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.enrich.answer import parse_path
from ..exceptions import CrmValidationError


class CrmEnrichmentMapping(models.Model):
    """Where a provider's answer says what."""

    _name = "crm.enrichment.mapping"
    _description = "Enrichment: Field of an Answer"
    _order = "provider_id, id"
    _rec_name = "target"

    provider_id = fields.Many2one("crm.enrichment.provider", required=True, ondelete="cascade", index=True)
    target = fields.Selection(
        [
            ("credit_code", "Credit Code"),
            ("legal_person", "Legal Person"),
            ("registered_capital", "Registered Capital (CNY)"),
            ("company_status", "Registration Status"),
            ("company_industry", "Industry (Register)"),
            ("state_id", "Province"),
            ("city", "City"),
            ("street", "Street"),
            ("website", "Website"),
            ("partner_latitude", "Latitude"),
            ("partner_longitude", "Longitude"),
        ],
        string="Field",
        required=True,
    )
    path = fields.Char(required=True, help="Where the value is in the JSON answer, e.g. data.items[0].regCapital")

    _sql_constraints = [
        ("target_unique", "unique (provider_id, target)", "Each field can be filled from one place of the answer only."),
    ]

    @api.constrains("path")
    def _check_path(self):
        for line in self:
            try:
                parse_path(line.path)
            except ValueError:
                raise CrmValidationError(
                    _("“%s” is no path. Write the names on the way, with dots between: data.items[0].name", line.path)
                ) from None
