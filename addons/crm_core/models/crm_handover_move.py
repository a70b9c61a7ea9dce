# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from psycopg2.extras import execute_values

from ..exceptions import CrmUserError


class CrmHandoverMove(models.Model):
    """One record of a handover and who gets it: the preview, and once it is done the log. Written by SQL only."""

    _name = "crm.handover.move"
    _description = "Record Handed Over"
    _order = "handover_id desc, id"
    _log_access = False

    handover_id = fields.Many2one("crm.handover", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(selection=lambda self: self.env["crm.handover"]._get_kind_selection(), required=True, readonly=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record ID", model_field="res_model", required=True, readonly=True)
    name = fields.Char(string="Record", readonly=True)
    to_user_id = fields.Many2one("res.users", string="To", readonly=True, index=True, ondelete="restrict")
    state = fields.Selection(related="handover_id.state")
    from_user_id = fields.Many2one(related="handover_id.from_user_id")
    date_done = fields.Datetime(related="handover_id.date_done", string="Date")

    def init(self):
        super().init()
        tools.create_index(self.env.cr, "crm_handover_move_record_idx", self._table, ["res_model", "res_id"])

    @api.model
    def _replace(self, handover, rows):
        """Write down the plan of a handover: two statements.

        :param rows: list of (kind, model name, record id, name, user id or None)
        """
        self.env.cr.execute("DELETE FROM crm_handover_move WHERE handover_id = %s", (handover.id,))
        if rows:
            query = "INSERT INTO crm_handover_move (handover_id, kind, res_model, res_id, name, to_user_id) VALUES %s"
            template = "(%d, %%s, %%s, %%s, %%s, %%s)" % handover.id
            execute_values(self.env.cr._obj, query, rows, template=template, page_size=len(rows))
        self.env["crm.handover"].invalidate_cache(["move_ids", "share_ids"], handover.ids)
        self.invalidate_cache()
        self.env["crm.handover.share"].invalidate_cache()

    def action_open(self):
        """The record itself, if the reader may see it."""
        self.ensure_one()
        if self.res_model not in self.env:
            raise CrmUserError(_("The app this record belonged to has been uninstalled."))
        return {
            "type": "ir.actions.act_window",
            "name": self.name or _("Record"),
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }


class CrmHandoverShare(models.Model):
    """How many of a kind somebody gets, and the first ones by name."""

    _name = "crm.handover.share"
    _description = "Share of a Handover"
    _auto = False
    _order = "to_user_id, id"

    handover_id = fields.Many2one("crm.handover", readonly=True)
    kind = fields.Selection(selection=lambda self: self.env["crm.handover"]._get_kind_selection(), readonly=True)
    to_user_id = fields.Many2one("res.users", string="To", readonly=True)
    number = fields.Integer(string="Number", readonly=True)
    sample = fields.Char(string="For Example", readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE VIEW crm_handover_share AS (
                SELECT min(id) AS id, handover_id, kind, to_user_id, count(*)::int AS number,
                       array_to_string((array_agg(name ORDER BY id))[1:3], ' · ') AS sample
                  FROM crm_handover_move GROUP BY handover_id, kind, to_user_id)
            """
        )

    def action_open(self):
        """All of them."""
        self.ensure_one()
        action = self.handover_id.action_open_moves()
        action["domain"] += [("kind", "=", self.kind), ("to_user_id", "=", self.to_user_id.id)]
        return {**action, "context": {}}
