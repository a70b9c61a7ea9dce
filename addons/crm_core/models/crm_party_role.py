# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmPartyRole(models.Model):
    """What a company does in a project: owner, designer, general contractor, …"""

    _name = "crm.party.role"
    _description = "Role in a Project"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _sql_constraints = [("name_unique", "unique (name)", "There is a role of this name.")]
