# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError

#: What a tile's method is called: data must not name any other method of a model
PREFIX = "_workbench_"


class TileDefinitionError(CrmValidationError):
    """A tile names a model, method or measure that does not exist."""


class CrmWorkbenchTile(models.Model):
    """One tile of the workbench. Every addon brings its own as data records (``data/crm_workbench_data.xml``).

    A tile shows a measure of this moment (``measure_id``) or what a method says. The method is named
    ``_workbench_<key>``, is an ``api.model`` method of the tile's model, takes no argument, runs as the reader and only
    reads. It returns a dict, of which everything is optional but ``domain``:

    * ``domain``, ``context``: the records of ``model_name`` the tile stands for; it opens exactly these
    * ``value``: the figure, by default the number of these records; ``unit``: ``count``, ``money``, ``percent``, ``days``
    * ``status``: ``on_track``, ``attention``, ``late`` or ``done``; ``note``: a few words below the figure
    * ``rows``: the first records, as dicts ``title``, ``text``, one of ``due`` (a day, late when over), ``date`` (a day),
      ``amount`` (money) and ``side`` (a few words), ``status`` and ``res_id`` (with ``res_model`` if not the tile's)
    * ``progress``: lines with a bar, the same with ``share`` and, if known, ``expected`` by now (1.0 is all)
    """

    _name = "crm.workbench.tile"
    _description = "Workbench Tile"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(required=True, copy=False, help="Unique technical name, such as my_leads.")
    description = fields.Char(string="When Empty", translate=True, help="What the tile says when there is nothing in it.")
    icon = fields.Char(default="fa-square-o", help="A name of Font Awesome 4, such as fa-phone.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    width = fields.Selection([("1", "One column"), ("2", "Two columns")], required=True, default="1")
    group_ids = fields.Many2many("res.groups", string="Roles", help="Who has this tile. Empty: everybody who may read the records.")
    optional_group_ids = fields.Many2many(
        "res.groups",
        "crm_workbench_tile_optional_group_rel",
        string="Hidden at First For",
        help="Roles that do not start with this tile, but may add it.",
    )
    model_name = fields.Char(string="Model", help="Technical name of the model, such as crm.lead.")
    method = fields.Char(compute="_compute_method", store=True, readonly=False, help="Method of the model that fills the tile.")
    measure_id = fields.Many2one("crm.bi.measure", string="Measure", ondelete="cascade", help="Instead of a method.")
    action_id = fields.Many2one("ir.actions.act_window", string="Opens", help="Its views show the records of the tile.")

    _sql_constraints = [("key_unique", "unique (key)", "There is already a tile with this key.")]

    @api.depends("key", "measure_id")
    def _compute_method(self):
        for tile in self:
            tile.method = False if tile.measure_id else PREFIX + (tile.key or "")

    @api.constrains("model_name", "method", "measure_id")
    def _check_definition(self):
        for tile in self:
            if tile.measure_id:
                continue
            model = self.env.get(tile.model_name)
            if model is None or not (tile.method or "").startswith(PREFIX) or not hasattr(type(model), tile.method):
                raise TileDefinitionError(
                    _(
                        "Tile %(tile)s: there is no model %(model)s with a method %(method)s. Choose a measure, or correct "
                        "the names.",
                        tile=tile.name,
                        model=tile.model_name or "",
                        method=tile.method or "",
                    )
                )

    # ------------------------------------------------------------------ who sees it

    @api.model
    def _get_mine(self):
        """The tiles of the current user, in their usual order: of the user's roles, and of records the user may read.

        A tile of an addon that is gone, or that lost its model, is left out.
        """
        return self.search([])._filter_readable()

    def _filter_readable(self):
        return self.filtered(lambda tile: tile._is_readable())

    def _is_readable(self):
        if self.measure_id:
            return self.measure_id._is_readable()
        model = self.env.get(self.model_name)
        return model is not None and hasattr(type(model), self.method or "") and model.check_access_rights("read", False)

    def _is_optional(self):
        """Whether the current user starts without it."""
        return bool(self.sudo().optional_group_ids & self.env.user.groups_id)
