# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmIntakeSecret(models.Model):
    """A secret of a channel, apart from it: whoever may read channels, search and group them still cannot guess it."""

    _name = "crm.intake.secret"
    _description = "Secret of an Intake Channel"
    _order = "channel_id, name"

    channel_id = fields.Many2one("crm.intake.channel", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    value = fields.Char(required=True)

    _sql_constraints = [
        ("channel_name_uniq", "unique(channel_id, name)", "A channel has one secret of each name."),
    ]
