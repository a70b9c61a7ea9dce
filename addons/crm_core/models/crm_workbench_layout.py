# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmWorkbenchLayout(models.Model):
    """Where a user has put a tile, or that it is hidden. Users without lines have the tiles in their usual order."""

    _name = "crm.workbench.layout"
    _description = "Workbench Layout"
    _order = "user_id, sequence, id"
    _rec_name = "tile_id"

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade", default=lambda self: self.env.uid)
    tile_id = fields.Many2one("crm.workbench.tile", required=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    hidden = fields.Boolean()

    _sql_constraints = [("tile_unique", "unique (user_id, tile_id)", "This tile is on the page already.")]
