# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

SHOWN = 10  # opportunities a message names


class CrmReminderNotice(models.AbstractModel):
    """Tells people what a run of the reminders found: one message a person, whatever the number of opportunities."""

    _name = "crm.reminder.notice"
    _description = "Messages of Reminders"

    # -- who ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_leader_rows(self):
        """Who is told of whose opportunities, as four arrays: owner, team (0: none), level and receiver.

        One query for the pairs of owner and team there are, whatever the number of opportunities.
        """
        self.env.cr.execute(
            "SELECT DISTINCT user_id, coalesce(team_id, 0) FROM crm_lead WHERE active AND user_id IS NOT NULL"
            " UNION SELECT activity.user_id, coalesce(lead.team_id, 0) FROM mail_activity AS activity"
            " JOIN crm_lead AS lead ON lead.id = activity.res_id WHERE activity.res_model = 'crm.lead'"
        )
        users, teams = self.env["res.users"].sudo(), self.env["crm.team"].sudo()
        notice = self.env["crm.assignment.notice"]
        rows = []
        for owner_id, team_id in self.env.cr.fetchall():
            owner = users.browse(owner_id)
            if owner.active:
                rows.append((owner_id, team_id, "rep", owner_id))
            for leader in notice._get_leaders_above(owner, owner.sale_team_id or teams.browse(team_id or [])) - owner:
                rows.append((owner_id, team_id, "leader", leader.id))
        columns = list(zip(*rows)) or [()] * 4
        return dict(zip(("owners", "teams", "levels", "receivers"), map(list, columns)))

    # -- what --------------------------------------------------------------------------------------------------------

    @api.model
    def _tell(self):
        """Send what was found and mark it as told."""
        self.env.cr.execute(
            """
            WITH found AS (
                UPDATE crm_reminder SET told = TRUE WHERE NOT told RETURNING id, user_id, level, kind, lead_id, owner_id, days
            ), ranked AS (
                SELECT *, count(*) OVER same AS total, row_number() OVER (same ORDER BY days DESC, id) AS place
                  FROM found WINDOW same AS (PARTITION BY user_id, level, kind)
            )
            SELECT user_id, level, kind, total, id, lead_id, owner_id, days FROM ranked WHERE place <= %s
             ORDER BY user_id, level DESC, kind DESC, place
            """,
            [SHOWN],
        )
        by_user = {}
        for user_id, level, kind, total, *row in self.env.cr.fetchall():
            by_user.setdefault(user_id, {}).setdefault((level, kind, total), []).append(row)
        self.env["crm.reminder"].invalidate_cache()
        lead_ids = {row[1] for sections in by_user.values() for rows in sections.values() for row in rows}
        self.env["crm.lead"].sudo().browse(lead_ids).mapped("name")  # all that are named, read at once
        users = self.env["res.users"].sudo().browse(by_user)
        self.env["crm.notification"]._notify_batch([self._prepare_message(user, by_user[user.id]) for user in users])

    @api.model
    def _prepare_message(self, user, sections):
        """One message for ``user``. ``sections``: {(level, kind, total): [(reminder id, lead id, owner id, days)]}"""
        notice = self.with_context(lang=user.lang or "en_US").sudo()
        total = sum(number for _level, _kind, number in sections)
        last = max(row[0] for rows in sections.values() for row in rows)
        rows = [row for found in sections.values() for row in found]
        alone = len(rows) == 1 == total
        return {
            "users": user,
            "subject": _("%d reminders about your opportunities", total) if not alone else notice._title(*list(sections)[0]),
            "body": "\n\n".join(notice._describe(*section, found) for section, found in sections.items()),
            "record": self.env["crm.lead"].browse(rows[0][1]) if alone else None,
            "key": "crm.reminder,%d" % last,
        }

    @api.model
    def _title(self, level, kind, total):
        titles = {
            "stage": _("Longer in their stage than allowed: %d", total),
            "cycle": _("Longer than deals like them usually take: %d", total),
            "overdue": _("Promised next action overdue: %d", total),
        }
        return titles[kind]

    @api.model
    def _describe(self, level, kind, total, rows):
        """A title and a line for each of the first opportunities."""
        lines = [self._title(level, kind, total)]
        leads, users = self.env["crm.lead"], self.env["res.users"]
        for _reminder, lead_id, owner_id, days in rows:
            name = leads.browse(lead_id).name
            line = _("%(lead)s: %(days)d days over", lead=name, days=days)
            lines.append("• %s (%s)" % (line, users.browse(owner_id).name) if level == "leader" else "• " + line)
        if total > len(rows):
            lines.append(_("and %d more", total - len(rows)))
        return "\n".join(lines)
