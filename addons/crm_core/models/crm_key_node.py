# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmKeyNode(models.Model):
    """What a quick deal waits for next: sample, offer, decision, …"""

    _name = "crm.key.node"
    _description = "Key Node of a Deal"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _sql_constraints = [("name_unique", "unique (name)", "There is a key node of this name.")]
