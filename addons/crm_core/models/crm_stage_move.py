# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from psycopg2.extras import execute_values

from ..exceptions import CrmUserError


class CrmStageMove(models.Model):
    """Stage history: which lead entered which stage, when, by whom, and how long it had been in the one before.

    One row for every move, and one for the stage a lead was created in. Written by SQL only, by nobody ever changed.
    """

    _name = "crm.stage.move"
    _description = "Stage History"
    _order = "date desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade")
    from_stage_id = fields.Many2one("crm.stage", string="From Stage", readonly=True, ondelete="set null")
    to_stage_id = fields.Many2one("crm.stage", string="To Stage", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="Moved by", readonly=True, ondelete="restrict")
    date = fields.Datetime(string="Moved on", required=True, readonly=True)
    seconds = fields.Integer(string="Seconds in Stage", readonly=True, group_operator="avg", help="Time spent in the stage it left.")
    days = fields.Float(
        string="Days in Stage", readonly=True, group_operator="avg", digits=(16, 1), help="Time spent in the stage it left."
    )
    override_reason = fields.Char(string="Gate Overridden", readonly=True, help="Why the stage was entered without what its gate asks for.")
    team_id = fields.Many2one(related="lead_id.team_id", string="Sales Team")
    company_id = fields.Many2one("res.company", string="Company", readonly=True)

    def init(self):
        # a lead's history, newest last: panel, timeline, time in the stage before
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS crm_stage_move_lead_date_idx ON crm_stage_move (lead_id, date)")

    @api.model_create_multi
    def create(self, vals_list):
        raise CrmUserError(_("The stage history writes itself. Move the opportunity instead."))

    def write(self, vals):
        raise CrmUserError(_("The stage history cannot be changed by anybody."))

    def unlink(self):
        raise CrmUserError(_("The stage history cannot be deleted by anybody."))

    @api.model
    def _log(self, moves):
        """Log moves: one statement, whatever their number.

        :param moves: list of (lead id, id of the stage left or None, id of the stage entered or None, since when it was
            in the stage it left as far as the lead knows or None, when it moved, why the gate was overridden or None)
        """
        if not moves:
            return
        query = """
            INSERT INTO crm_stage_move
                   (lead_id, from_stage_id, to_stage_id, user_id, date, override_reason, company_id, seconds, days)
            SELECT move.lead_id, move.from_stage_id, move.to_stage_id, {uid}, move.date, move.reason, lead.company_id,
                   spent.seconds, spent.seconds / 86400.0
              FROM (VALUES %s) AS move (lead_id, from_stage_id, to_stage_id, since, date, reason)
              JOIN crm_lead AS lead ON lead.id = move.lead_id
              LEFT JOIN LATERAL (SELECT date FROM crm_stage_move AS earlier WHERE earlier.lead_id = move.lead_id
                                  ORDER BY date DESC, id DESC LIMIT 1) AS last ON move.from_stage_id IS NOT NULL
              LEFT JOIN LATERAL (SELECT greatest(0, extract(epoch FROM move.date - coalesce(last.date, move.since)))::int
                                 AS seconds) AS spent ON move.from_stage_id IS NOT NULL
             ORDER BY move.lead_id
        """
        template = "(%s::int, %s::int, %s::int, %s::timestamp, %s::timestamp, %s::text)"
        execute_values(self.env.cr._obj, query.format(uid=int(self.env.uid)), moves, template, len(moves))
        self.invalidate_cache()

    @api.model
    def _log_created(self, leads):
        """Log the stages new leads begin in: history that was imported began when its stage was reached."""
        self._log(
            [
                (lead.id, None, lead.stage_id.id, None, lead.date_last_stage_update or lead.create_date, None)
                for lead in leads
                if lead.stage_id
            ]
        )
