# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from psycopg2 import sql
from psycopg2.extras import execute_values

#: What changing the owner sets, by model; ``old`` is the record, ``move`` the wanted change, ``{now}`` the moment
UPDATES = {
    "crm.lead": """
        team_id = move.team_id,
        date_open = CASE WHEN move.user_id IS NULL THEN NULL
                         WHEN move.user_id IS DISTINCT FROM old.user_id THEN {now} ELSE old.date_open END,
        day_open = CASE WHEN move.user_id IS NULL THEN 0
                        WHEN move.user_id IS DISTINCT FROM old.user_id THEN abs(floor(extract(epoch FROM
                             {now} - date_trunc('second', old.create_date)) / 86400)) ELSE old.day_open END
    """,
    "res.partner": """
        team_id = move.team_id,
        owner_since = CASE WHEN move.user_id IS NULL THEN NULL
                           WHEN move.user_id IS DISTINCT FROM old.user_id THEN {now} ELSE old.owner_since END
    """,
}


class CrmHolding(models.Model):
    _inherit = "crm.holding"

    @api.model
    def _transfer(self, model_name, owners, reason, pool_id=False, team_ids=None, details=None):
        """Give records to owners, or put them into pools: the one way in which many change hands.

        The number of statements does not depend on the number of records. Values that follow from the owner are set as
        the ORM would (team, assignment date, days to assign, and the predicted probability where the team changes);
        stage and stage date stay. Automations on update run as after a ``write``. The caller has checked rights and
        limits. A transaction that changed one of the records meanwhile makes this one fail with PostgreSQL's
        serialization error: web calls and jobs are repeated by Odoo, own loops must repeat themselves.

        :param model_name: "crm.lead" or "res.partner" (companies; contacts of the same owner go along)
        :param owners: {record id: user id, or False for nobody}
        :param reason: key of ``crm_holding.REASONS``
        :param pool_id: the pool into which records without owner go: one id, or {record id: pool id}
        :param team_ids: {record id: team id} where the team is known; others keep their team if the new owner belongs
            to it and get the owner's otherwise, as in Odoo. Without a new owner the team stays.
        :param details: {"release_reason_id": id, "note": text} for the log, both optional
        :return: ids of the records that changed hands, in ascending order
        """
        model = self.env[model_name].sudo().with_context(active_test=False)
        actions, pre = self._get_automations(model.browse(sorted(owners)))
        model.flush()
        rows = self._prepare_transfer(model, owners, pool_id, team_ids or {})
        if not rows:
            return []
        self._update_owners(model_name, rows, claimed=reason == "claimed")
        moves = [
            {
                **{name: row[name] for name in ("id", "from_user_id", "from_pool_id", "held_since")},
                "to_user_id": row["user_id"],
                "to_pool_id": row["pool_id"],
            }
            for row in rows
        ]
        records = model.browse([row["id"] for row in rows])
        records.invalidate_cache(ids=None if model_name == "res.partner" else records.ids)
        self._log_moves(model_name, moves, reason, details)
        model.browse([row["id"] for row in rows if row["team_id"] != row["old_team_id"]])._team_transferred()
        old = {
            row["id"]: {"user_id": row["from_user_id"], "pool_id": row["from_pool_id"], "team_id": row["old_team_id"]}
            for row in rows
        }
        self._run_automations(actions, pre, old)
        return records.ids

    @api.model
    def _prepare_transfer(self, model, owners, pool_id, team_ids):
        """Lock the records in id order and say what each becomes.

        :return: list of dicts: id, user_id, team_id, pool_id, and as they are now from_user_id, from_pool_id,
            old_team_id, held_since; without those that would stay as they are
        """
        query = sql.SQL(
            "SELECT id, user_id AS from_user_id, pool_id AS from_pool_id, team_id AS old_team_id, {since} AS held_since"
            " FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
        ).format(since=sql.Identifier(model._owned_since_field()), table=sql.Identifier(model._table))
        self.env.cr.execute(query, (list(owners),))
        locked = self.env.cr.dictfetchall()
        teams = self._get_owner_teams({user_id for user_id in owners.values() if user_id})
        rows = []
        for row in locked:
            record_id = row["id"]
            row["user_id"] = owners[record_id] or None
            pool = pool_id.get(record_id) if isinstance(pool_id, dict) else pool_id
            row["pool_id"] = None if row["user_id"] else pool or None
            if record_id in team_ids:
                row["team_id"] = team_ids[record_id] or None
            else:
                row["team_id"] = self._get_team(teams, row["user_id"], row["old_team_id"])
            if (row["user_id"], row["pool_id"]) != (row["from_user_id"], row["from_pool_id"]):
                rows.append(row)
        return rows

    @api.model
    def _get_owner_teams(self, user_ids):
        """{user id: (ids of the teams the user is in or leads, id of the team of a new record of the user)}."""
        teams = self.env["crm.team"].sudo()
        users = self.env["res.users"].sudo().browse(user_ids)
        led = {}
        for team in teams.search([("user_id", "in", users.ids)]):
            led.setdefault(team.user_id.id, set()).add(team.id)
        return {
            user.id: (
                led.get(user.id, set()) | set(user.sale_team_id.ids),
                teams._get_default_team_id(user_id=user.id, domain=[("use_opportunities", "=", True)]).id,
            )
            for user in users
        }

    @api.model
    def _get_team(self, teams, user_id, team_id):
        """The team as ``crm.lead._compute_team_id`` would have it."""
        if not user_id or (team_id and team_id in teams[user_id][0]):
            return team_id
        return teams[user_id][1] or None

    @api.model
    def _update_owners(self, model_name, rows, claimed):
        """One UPDATE of all rows; a customer's contacts lie in its pool and share its owner."""
        now = sql.Literal(fields.Datetime.to_string(fields.Datetime.now()))
        now = sql.SQL("{}::timestamp").format(now)
        wanted = "id, user_id, pool_id, team_id, from_user_id, from_pool_id"
        template = "(%(id)s::int, %(user_id)s::int, %(pool_id)s::int, %(team_id)s::int, %(from_user_id)s::int,"
        template += " %(from_pool_id)s::int)"
        join = "old.id = move.id"
        if model_name == "res.partner":
            join = (
                "old.commercial_partner_id = move.id AND (old.id = move.id OR move.user_id IS NULL"
                " OR old.user_id IS NULL OR old.user_id = move.from_user_id)"
            )
        query = sql.SQL(
            "UPDATE {table} AS record SET user_id = move.user_id, pool_id = move.pool_id,"
            " claimed_pool_id = CASE WHEN {claimed} THEN move.from_pool_id END, write_uid = {actor},"
            " pooled_since = CASE WHEN move.pool_id IS NULL THEN NULL WHEN move.pool_id IS DISTINCT FROM old.pool_id"
            " THEN {now} ELSE old.pooled_since END,"
            " write_date = (now() AT TIME ZONE 'UTC'), " + UPDATES[model_name] + " FROM (VALUES %s) AS move (" + wanted + ")"
            " JOIN {table} AS old ON " + join + " WHERE record.id = old.id"
        ).format(
            table=sql.Identifier(self.env[model_name]._table),
            claimed=sql.Literal(claimed),
            actor=sql.Literal(self.env.uid),
            now=now,
        )
        cursor = self.env.cr._obj
        execute_values(cursor, query.as_string(cursor), rows, template=template, page_size=len(rows))

    # ------------------------------------------------------------------
    # Automations: as base_automation does around write()
    # ------------------------------------------------------------------
    @api.model
    def _get_automations(self, records):
        """Automations that a write of the owner would run, and the records each would look at."""
        actions = self.env["base.automation"].sudo()._get_actions(records, ["on_write", "on_create_or_write"])
        records = records.with_env(actions.env)
        return actions, {action: action._filter_pre(records) for action in actions}

    @api.model
    def _run_automations(self, actions, pre, old):
        """:param old: {record id: values of the written fields before}"""
        for action in actions.with_context(old_values=old):
            records, domain_post = action._filter_post_export_domain(pre[action].filtered(lambda rec: rec.id in old))
            action._process(records, domain_post=domain_post)
