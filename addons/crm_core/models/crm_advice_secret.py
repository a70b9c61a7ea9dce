# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmAdviceSecret(models.Model):
    """The key of a drafting service, apart from it. Nobody has access rights here: it is written through the service, and never read
    by people."""

    _name = "crm.advice.secret"
    _description = "Key of a Drafting Service"
    _rec_name = "provider_id"

    provider_id = fields.Many2one("crm.advice.provider", required=True, ondelete="cascade")
    value = fields.Char(required=True)

    _sql_constraints = [("provider_unique", "unique (provider_id)", "A service has one key.")]
