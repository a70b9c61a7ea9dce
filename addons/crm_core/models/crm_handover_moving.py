# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, fields, models
from psycopg2 import sql
from psycopg2.extras import execute_values

from ..engine.handover import compare
from ..exceptions import CrmUserError

NAMED = 5  # how many records an error names


class CrmHandover(models.Model):
    """Everything changes hands in one transaction, exactly as previewed, or nothing does."""

    _inherit = "crm.handover"

    def action_hand_over(self):
        """Do what was previewed. A number of statements that does not grow with the number of records.

        Twice at once: the second waits for the first, is repeated by Odoo and finds it done. A record that somebody
        else changes meanwhile: PostgreSQL fails one of the two, which is repeated and then compares anew.

        :raise CrmUserError: when something differs from the preview, saying what
        """
        self.ensure_one()
        self._check_allowed()
        handover = self.sudo()
        if not handover._take_turn():
            return True
        plan = handover._get_plan()
        handover._check_as_previewed(plan)
        handover._check_receivers(plan)
        for kind in handover._get_kinds():
            receivers = {rid: user_id for rid, user_id in plan.get(kind.key, {}).items() if user_id}
            if receivers:
                getattr(handover, kind.mover)(kind, receivers)
        if self.archive_user:
            self.from_user_id.with_user(self.env.user).write({"active": False})
        handover._tell_receivers()
        return True

    def _take_turn(self):
        """Mark it as done, before anything moves; False if it was done already."""
        self.flush()
        if self.state == "draft":
            raise CrmUserError(_("Press Preview first: see who would get what."))
        # of a colleague who claims at this moment, one has to wait
        self.env["crm.claim.guard"]._hold(self.from_user_id.ids)
        query = "UPDATE crm_handover SET state = 'done', date_done = %s, user_id = %s WHERE id = %s AND state = 'previewed'"
        self.env.cr.execute(query, (fields.Datetime.now(), self.env.uid, self.id))
        taken = bool(self.env.cr.rowcount)
        self.invalidate_cache()
        return taken

    # ------------------------------------------------------------------
    # As previewed
    # ------------------------------------------------------------------
    def _check_as_previewed(self, plan):
        """:raise CrmUserError: unless the plan is the one that was written down, saying what differs"""
        self.env.cr.execute("SELECT kind, res_id, to_user_id FROM crm_handover_move WHERE handover_id = %s", (self.id,))
        previewed = defaultdict(dict)
        for key, record_id, user_id in self.env.cr.fetchall():
            previewed[key][record_id] = user_id
        texts = []
        for kind in self._get_kinds():
            difference = compare(previewed[kind.key], plan.get(kind.key, {}))
            if difference:
                texts.append(self._describe(kind, difference))
        if texts:
            raise CrmUserError(
                _("Since the preview something has changed. Preview again and look before you hand over.") + "\n\n" + "\n".join(texts)
            )

    def _describe(self, kind, difference):
        """E.g. "Leads: 2 new (A, B), 1 no longer open (C)"."""
        texts = []
        for ids, text in (
            (difference.new, _("%(number)d new (%(names)s)")),
            (difference.gone, _("%(number)d no longer open or owned (%(names)s)")),
            (difference.other, _("%(number)d would go to somebody else (%(names)s)")),
        ):
            if ids:
                records = self.env[kind.model].browse(ids[:NAMED]).exists()
                names = ", ".join(record.display_name or "" for record in records) + (", …" if len(ids) > NAMED else "")
                texts.append(text % {"number": len(ids), "names": names})
        return "%s: %s" % (kind.label, "; ".join(texts))

    # ------------------------------------------------------------------
    # Moving
    # ------------------------------------------------------------------
    def _move_held(self, kind, receivers):
        """Leads and customers: with ownership history, followers, activities, team and automations."""
        moved = self.env["crm.holding"]._transfer(kind.model, receivers, "handed_over", details={"note": self.note or ""})
        self._check_number(kind, receivers, len(moved))

    def _move_plain(self, kind, receivers):
        """Any other model: owner and sales team by one UPDATE, followers, and what is computed from them.

        Automations on update run as after a ``write``.
        """
        holding = self.env["crm.holding"]
        model = self.env[kind.model].with_context(active_test=False)
        records = model.browse(sorted(receivers))
        actions, pre = holding._get_automations(records)
        model.flush()
        rows = self._prepare_plain_moves(kind, receivers)
        self._check_number(kind, receivers, len(rows))
        names = [name for name in (kind.owner, kind.team) if name]
        set_team = sql.SQL(", {} = move.team_id").format(sql.Identifier(kind.team)) if kind.team else sql.SQL("")
        query = sql.SQL(
            "UPDATE {table} AS record SET {owner} = move.user_id{team}, write_uid = {actor},"
            " write_date = (now() AT TIME ZONE 'UTC') FROM (VALUES %s) AS move (id, user_id, team_id)"
            " WHERE record.id = move.id"
        ).format(
            table=sql.Identifier(model._table),
            owner=sql.Identifier(kind.owner),
            team=set_team,
            actor=sql.Literal(self.env.uid),
        )
        self._execute(query, rows, "(%(id)s::int, %(user_id)s::int, %(team_id)s::int)")
        records.invalidate_cache(ids=records.ids)
        records.modified(names)
        if "message_follower_ids" in model._fields:
            moves = [{"id": row["id"], "from_user_id": row["from_user_id"], "to_user_id": row["user_id"]} for row in rows]
            holding._move_followers(kind.model, moves)
        old = {row["id"]: {kind.owner: row["from_user_id"]} for row in rows}
        holding._run_automations(actions, pre, old)
        records.flush()

    def _prepare_plain_moves(self, kind, receivers):
        """Lock in id order what is still the giver's: dicts of id, from_user_id, user_id, team_id."""
        query = sql.SQL(
            "SELECT id, {owner} AS from_user_id, {team} AS team_id FROM {table} WHERE id = ANY(%s) AND {owner} = %s"
            " ORDER BY id FOR NO KEY UPDATE"
        ).format(
            owner=sql.Identifier(kind.owner),
            team=sql.Identifier(kind.team) if kind.team else sql.SQL("NULL"),
            table=sql.Identifier(self.env[kind.model]._table),
        )
        self.env.cr.execute(query, (list(receivers), self.from_user_id.id))
        rows = self.env.cr.dictfetchall()
        holding = self.env["crm.holding"]
        teams = holding._get_owner_teams(set(receivers.values())) if kind.team else {}
        for row in rows:
            row["user_id"] = receivers[row["id"]]
            row["team_id"] = holding._get_team(teams, row["user_id"], row["team_id"]) if kind.team else None
        return rows

    def _move_activities(self, kind, receivers):
        """Activities; those on leads and customers have moved with them already. One UPDATE."""
        self.env["mail.activity"].flush()
        query = sql.SQL(
            "UPDATE mail_activity AS record SET user_id = move.user_id FROM (VALUES %s) AS move (id, user_id)"
            " WHERE record.id = move.id AND record.user_id IN ({giver}, move.user_id)"
        ).format(giver=sql.Literal(self.from_user_id.id))
        rows = [{"id": record_id, "user_id": user_id} for record_id, user_id in sorted(receivers.items())]
        self._execute(query, rows, "(%(id)s::int, %(user_id)s::int)")
        self._check_number(kind, receivers, self.env.cr.rowcount)
        activities = self.env["mail.activity"].browse(receivers)
        activities.invalidate_cache(ids=activities.ids)
        activities.modified(["user_id"])

    def _execute(self, query, rows, template):
        cursor = self.env.cr._obj
        execute_values(cursor, query.as_string(cursor), rows, template=template, page_size=len(rows))

    def _check_number(self, kind, receivers, number):
        if number != len(receivers):
            raise CrmUserError(
                _(
                    "%(kind)s: only %(moved)d of %(number)d could be handed over, as something changed the others while "
                    "they moved (an automation?). Nothing was handed over. Preview again.",
                    kind=kind.label,
                    moved=number,
                    number=len(receivers),
                )
            )

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------
    def _tell_receivers(self):
        """One message to each: how many of what, from whom."""
        for user in self.share_ids.to_user_id - self.env.user:
            translated = self.with_context(lang=user.lang)
            labels = dict(translated._get_kind_selection())
            shares = [share for share in self.share_ids if share.to_user_id == user]
            body = ", ".join("%s: %d" % (labels[share.kind], share.number) for share in shares)
            subject = translated._get_subject(self.env.user.name, self.from_user_id.name)
            self.env["crm.notification"]._notify(user, subject, body)

    def _get_subject(self, actor, giver):
        return _("%(actor)s handed over to you the work of %(giver)s", actor=actor, giver=giver)
