# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from psycopg2 import sql
from psycopg2.extras import execute_values

from ..exceptions import OwnershipError

REASONS = [
    ("assigned", "Assigned by rule"),
    ("claimed", "Claimed"),
    ("released", "Released"),
    ("recycled", "Recycled"),
    ("handed_over", "Handed over"),
    ("batch", "Assigned by the leader"),
    ("first_response", "No first response in time"),
    ("manual", "Changed by hand"),
]

#: Columns of a row of the log that say what moved, with their SQL types
MOVE = {
    "id": "int",
    "from_user_id": "int",
    "from_pool_id": "int",
    "to_user_id": "int",
    "to_pool_id": "int",
    "held_since": "timestamp",
}


def _place(move, end):
    return move[end + "_user_id"], move[end + "_pool_id"]


class CrmHolding(models.Model):
    """Who held which lead or customer, from when to when, and why it changed hands.

    One row for every change. Rows are written by SQL only (:mod:`crm_holding_transfer`) and by nobody ever changed.
    """

    _name = "crm.holding"
    _description = "Ownership History"
    _order = "date desc, id desc"
    _log_access = False

    name = fields.Char(string="Lead or Customer", readonly=True)
    res_model = fields.Selection(
        [("crm.lead", "Lead"), ("res.partner", "Customer")], string="Kind", required=True, readonly=True
    )
    lead_id = fields.Many2one("crm.lead", string="Lead", index=True, readonly=True, ondelete="set null")
    partner_id = fields.Many2one("res.partner", string="Customer", index=True, readonly=True, ondelete="set null")
    from_user_id = fields.Many2one("res.users", string="Held by", readonly=True, ondelete="restrict")
    from_pool_id = fields.Many2one("crm.pool", string="From Pool", readonly=True, ondelete="restrict")
    held_since = fields.Datetime(string="Held Since", readonly=True)
    date = fields.Datetime(string="Until", required=True, index=True, readonly=True)
    to_user_id = fields.Many2one("res.users", string="To", readonly=True, ondelete="restrict")
    to_pool_id = fields.Many2one("crm.pool", string="To Pool", readonly=True, ondelete="restrict")
    reason = fields.Selection(REASONS, string="Change", required=True, readonly=True)
    release_reason_id = fields.Many2one("crm.release.reason", string="Reason", readonly=True, ondelete="restrict")
    note = fields.Char(string="Note", readonly=True)
    user_id = fields.Many2one("res.users", string="Changed by", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", string="Company", readonly=True)

    def init(self):
        # claims of a user today, and how long ago a user gave a record back
        self.env.cr.execute(
            """
            CREATE INDEX IF NOT EXISTS crm_holding_to_user_date_index ON crm_holding (to_user_id, date);
            CREATE INDEX IF NOT EXISTS crm_holding_from_user_date_index ON crm_holding (from_user_id, date);
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        raise OwnershipError(_("The ownership history writes itself. Claim, release or assign instead."))

    def write(self, vals):
        raise OwnershipError(_("The ownership history cannot be changed by anybody."))

    def unlink(self):
        raise OwnershipError(_("The ownership history cannot be deleted by anybody."))

    # ------------------------------------------------------------------
    # Writing the log
    # ------------------------------------------------------------------
    @api.model
    def _record_field(self, model_name):
        """Name of the field that points to a record of this model."""
        return "lead_id" if model_name == "crm.lead" else "partner_id"

    @api.model
    def _log_moves(self, model_name, moves, reason, details=None):
        """Log what has just moved, and let followers and open activities go along.

        :param moves: list of dicts with the keys of :data:`MOVE`; ``id`` is the record's
        :param reason: key of :data:`REASONS`
        :param details: {"release_reason_id": id, "note": text}, both optional
        """
        moves = [move for move in moves if _place(move, "from") != _place(move, "to")]
        if not moves:
            return
        self._insert_log(model_name, moves, reason, details or {})
        self._move_followers(model_name, moves)
        self._move_activities(model_name, moves)
        self.invalidate_cache()

    @api.model
    def _insert_log(self, model_name, moves, reason, details):
        """One INSERT … SELECT; names and companies come from the records' table."""
        table = self.env[model_name]._table
        note = (details.get("note") or "").replace("%", "%%")  # the statement is a format of execute_values
        query = sql.SQL(
            "INSERT INTO crm_holding (name, res_model, {record}, {move}, date, reason, user_id, company_id,"
            " release_reason_id, note)"
            " SELECT record.name, {model}, {moved}, {now}, {reason}, {actor}, record.company_id, {release}, {note}"
            " FROM (VALUES %s) AS move (id, {move}) JOIN {table} AS record ON record.id = move.id ORDER BY move.id"
        ).format(
            record=sql.Identifier(self._record_field(model_name)),
            move=sql.SQL(", ").join(map(sql.Identifier, list(MOVE)[1:])),
            moved=sql.SQL(", ").join(sql.Identifier("move", name) for name in MOVE),
            model=sql.Literal(model_name),
            now=sql.Literal(fields.Datetime.to_string(fields.Datetime.now())),
            reason=sql.Literal(reason),
            actor=sql.Literal(self.env.uid),
            release=sql.Literal(details.get("release_reason_id") or None),
            note=sql.Literal(note or None),
            table=sql.Identifier(table),
        )
        self.env[model_name].flush()
        self._execute_moves(query, moves)

    @api.model
    def _execute_moves(self, query, moves):
        cursor = self.env.cr._obj
        template = "(%s)" % ", ".join("%%(%s)s::%s" % item for item in MOVE.items())
        execute_values(cursor, query.as_string(cursor), moves, template=template, page_size=max(len(moves), 1))

    @api.model
    def _move_followers(self, model_name, moves):
        """The new owner follows as if subscribed by hand; the old one no longer gets what is not theirs to read."""
        self.env["mail.followers"].flush()
        gone = "DELETE FROM mail_followers AS follower USING (VALUES %s) AS move (id, from_user_id), res_users AS who"
        gone += " WHERE follower.res_model = {} AND follower.res_id = move.id AND who.id = move.from_user_id"
        gone += " AND follower.partner_id = who.partner_id"
        self._execute_pairs(gone, model_name, [(move["id"], move["from_user_id"]) for move in moves])
        subtypes = self.env["mail.message.subtype"].sudo().default_subtypes(model_name)[0]
        new = "WITH new AS (INSERT INTO mail_followers (res_model, res_id, partner_id)"
        new += " SELECT {}, move.id, who.partner_id FROM (VALUES %s) AS move (id, to_user_id)"
        new += " JOIN res_users AS who ON who.id = move.to_user_id AND who.active"
        new += " ON CONFLICT DO NOTHING RETURNING id)"
        new += " INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)"
        new += " SELECT new.id, subtype.id FROM new CROSS JOIN unnest(ARRAY[%s]::int[]) AS subtype (id)" % (
            ", ".join(map(str, subtypes.ids))
        )
        self._execute_pairs(new, model_name, [(move["id"], move["to_user_id"]) for move in moves])
        self.env["mail.followers"].invalidate_cache()

    @api.model
    def _move_activities(self, model_name, moves):
        """Open activities of the old owner become the new one's; on what goes into a pool they are dropped."""
        self.env["mail.activity"].flush()
        moved = "UPDATE mail_activity AS activity SET user_id = move.to_user_id"
        moved += " FROM (VALUES %s) AS move (id, from_user_id, to_user_id) WHERE activity.res_model = {}"
        moved += " AND activity.res_id = move.id AND activity.user_id = move.from_user_id"
        triples = [(move["id"], move["from_user_id"], move["to_user_id"]) for move in moves]
        self._execute_pairs(moved, model_name, [triple for triple in triples if triple[1] and triple[2]])
        dropped = "DELETE FROM mail_activity AS activity USING (VALUES %s) AS move (id, from_user_id)"
        dropped += " WHERE activity.res_model = {} AND activity.res_id = move.id"
        dropped += " AND activity.user_id = move.from_user_id"
        self._execute_pairs(dropped, model_name, [triple[:2] for triple in triples if triple[1] and not triple[2]])
        self.env["mail.activity"].invalidate_cache()

    @api.model
    def _execute_pairs(self, text, model_name, rows):
        rows = [row for row in rows if row[1]]
        if rows:
            cursor = self.env.cr._obj
            query = sql.SQL(text).format(sql.Literal(model_name)).as_string(cursor)
            template = "(%s)" % ", ".join(["%s::int"] * len(rows[0]))
            execute_values(cursor, query, rows, template=template, page_size=len(rows))
