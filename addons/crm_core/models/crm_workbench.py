# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_ERRORS_TO_RETRY
from psycopg2 import OperationalError, errorcodes

from ..exceptions import CrmUserError

_logger = logging.getLogger(__name__)

#: Milliseconds a statement of one tile may take; parameter of the same name below
TIMEOUT = 1500
TIMEOUT_PARAMETER = "crm_core.workbench_timeout"
#: Rows of a list on a tile
SHOWN = 5


class WorkbenchError(CrmUserError):
    """The workbench was asked for a tile the user does not have."""


class CrmWorkbench(models.AbstractModel):
    """A person's first page: the tiles of all installed addons, read as that person, each on its own.

    A tile that fails or takes too long says so in its place. Cost: a constant number of queries, and those of the tiles.
    """

    _name = "crm.workbench"
    _description = "Workbench"

    # ------------------------------------------------------------------ what the page asks for

    @api.model
    def get_page(self):
        """Everything the page draws.

        :return: dict with ``tiles`` (see :meth:`_get_tile_data`) in the user's order, ``hidden`` (tiles that can be added:
            ``id``, ``name``, ``icon``), ``is_arranged`` (whether the order is the user's own), ``today`` and ``currency``
        """
        shown, hidden, is_arranged = self._get_arranged()
        currency = self.env.company.currency_id
        return {
            "tiles": self._get_tiles_data(shown),
            "hidden": [{"id": tile.id, "name": tile.name, "icon": tile.icon} for tile in hidden],
            "is_arranged": is_arranged,
            "user": self.env.user.name,
            "today": fields.Date.to_string(fields.Date.context_today(self)),
            "currency": {"symbol": currency.symbol, "position": currency.position, "decimals": currency.decimal_places},
        }

    @api.model
    def get_tile(self, tile_id):
        """One tile anew, such as one that was too slow or was hidden.

        :raise WorkbenchError: when the user has no such tile
        """
        tile = self.env["crm.workbench.tile"]._get_mine().filtered(lambda tile: tile.id == tile_id)
        if not tile:
            raise WorkbenchError(_("This tile is not there any more. Reload the page."))
        return self._get_tiles_data(tile)[0]

    @api.model
    def save_layout(self, tile_ids, hidden_ids):
        """Keep the user's own arrangement.

        :param tile_ids: ids of the tiles shown, in their order
        :param hidden_ids: ids of the tiles put away; ids of tiles the user does not have are ignored
        """
        layouts = self._get_lines()
        layouts.unlink()
        mine = set(self.env["crm.workbench.tile"]._get_mine().ids)
        wanted = dict.fromkeys([*tile_ids, *hidden_ids])
        layouts.create(
            [
                {"user_id": self.env.uid, "tile_id": tile_id, "sequence": number, "hidden": tile_id in hidden_ids}
                for number, tile_id in enumerate(wanted)
                if tile_id in mine
            ]
        )

    @api.model
    def reset_layout(self):
        """Back to the usual tiles of the role."""
        self._get_lines().unlink()

    # ------------------------------------------------------------------ arrangement

    @api.model
    def _get_lines(self):
        return self.env["crm.workbench.layout"].search([("user_id", "=", self.env.uid)])

    @api.model
    def _get_arranged(self):
        """(tiles shown, tiles hidden, whether the user has arranged them); a tile new since then comes last."""
        tiles = self.env["crm.workbench.tile"]._get_mine()
        lines = {line.tile_id.id: line for line in self._get_lines()}
        hidden = tiles.filtered(lambda tile: lines[tile.id].hidden if tile.id in lines else tile._is_optional())
        order = {tile_id: number for number, tile_id in enumerate(lines)}
        shown = (tiles - hidden).sorted(lambda tile: order.get(tile.id, len(order)))
        return shown, hidden, bool(lines)

    # ------------------------------------------------------------------ tiles

    @api.model
    def _get_tiles_data(self, tiles):
        views = self._get_views(tiles)
        timeout = int(self.env["ir.config_parameter"].sudo().get_param(TIMEOUT_PARAMETER, TIMEOUT))
        self.env.cr.execute("SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [str(timeout)])
        before = self.env.cr.fetchone()[0]
        try:
            return [self._get_tile_data(tile, views) for tile in tiles]
        finally:
            self.env.cr.execute("SELECT set_config('statement_timeout', %s, true)", [before])

    @api.model
    def _get_tile_data(self, tile, views):
        """What is drawn of one tile: what its method says (see ``crm.workbench.tile``), ``action`` and ``error``."""
        data = {
            "id": tile.id,
            "key": tile.key,
            "name": tile.name,
            "description": tile.description or "",
            "icon": tile.icon,
            "width": int(tile.width),
            "unit": "count",
            "error": False,
        }
        try:
            with self.env.cr.savepoint():
                data.update(self._read_tile(tile, views))
        except OperationalError as error:
            if error.pgcode in PG_CONCURRENCY_ERRORS_TO_RETRY:
                raise
            data["error"] = self._explain(tile, error)
        except Exception as error:  # whatever is wrong with one tile, the others are shown
            data["error"] = self._explain(tile, error)
        return data

    @api.model
    def _read_tile(self, tile, views):
        if tile.measure_id:
            content = {"value": tile.measure_id.compute(), "unit": tile.measure_id.unit}
            action = tile.measure_id.get_records_action()
        else:
            records = self.env[tile.model_name]
            content = getattr(records, tile.method)()
            action = self._get_action(tile, views, content.pop("domain"), content.pop("context", {}))
            if "value" not in content:
                content["value"] = records.with_context(**action["context"]).search_count(action["domain"])
        return dict(content, action=dict(action, name=tile.name))

    @api.model
    def _get_action(self, tile, views, domain, context):
        return {
            "type": "ir.actions.act_window",
            "res_model": tile.model_name,
            "views": views.get(tile.action_id.id) or [(False, "list"), (False, "form")],
            "domain": domain,
            "context": context,
        }

    @api.model
    def _get_views(self, tiles):
        """{action id: views, the list first}"""
        actions = tiles.sudo().action_id
        found = {}
        for action in actions:
            views = [(view_id, "list" if kind == "tree" else kind) for view_id, kind in action.views]
            found[action.id] = sorted(views, key=lambda view: view[1] != "list")
        return found

    @api.model
    def _explain(self, tile, error):
        """Why a tile is empty, in words for its reader; what only an administrator can mend goes to the log."""
        if isinstance(error, OperationalError) and error.pgcode == errorcodes.QUERY_CANCELED:
            _logger.warning("Workbench tile %s took too long", tile.key)
            return _("This takes too long right now. Try again in a moment.")
        if isinstance(error, AccessError):
            return _("You may not see these records. Hide this tile, or ask your administrator.")
        if isinstance(error, UserError):
            return error.args[0]
        _logger.exception("Workbench tile %s failed", tile.key)
        return _("This tile cannot be shown. Your administrator finds the reason in the log.")

    # ------------------------------------------------------------------ help for tiles

    @api.model
    def _list(self, records, domain, describe, order=None, **content):
        """A tile of records: their number and the first rows. Two queries, one where few.

        :param records: the model, with the context to search in
        :param domain: which of them; what the tile opens
        :param describe: record → a row as the contract in crm_workbench_tile.py says
        """
        found = records.search(domain, limit=SHOWN + 1, order=order)
        content["value"] = len(found) if len(found) <= SHOWN else records.search_count(domain)
        rows = [dict(describe(record), res_id=record.id) for record in found[:SHOWN]]
        return dict(content, domain=domain, rows=rows)

    @api.model
    def _sum(self, records, domain, amount, currency):
        """Total of a stored field in the currency of the reader's company, at today's rates. One query.

        :param currency: the stored field with the currency of ``amount``
        """
        target, today = self.env.company.currency_id, fields.Date.context_today(self)
        groups = records.read_group(domain, [amount + ":sum"], [currency], lazy=False)
        total = 0.0
        for group in groups:
            origin = self.env["res.currency"].browse(group[currency][0]) if group[currency] else target
            total += origin._convert(group[amount] or 0.0, target, self.env.company, today, round=False)
        return target.round(total)
