# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

import pytz
from odoo import _, api, fields, models
from odoo.tools import html_escape

from ..engine.local_day import local_day

NAMED_LEADS = 10  # how many leads a summary names


class CrmAssignmentNotice(models.AbstractModel):
    """Tells people what a run did, each person once: a message in the inbox, and activities on the leads. No mail."""

    _name = "crm.assignment.notice"
    _description = "Notices of Assignments"

    # -- messages --------------------------------------------------------------------------------------------------

    @api.model
    def _notify(self, messages):
        """Put one message into each user's inbox. The number of queries does not depend on the number of users.

        :param messages: {user: (subject, list of lines in HTML)}
        """
        if not messages:
            return
        subtype = self.env.ref("mail.mt_note")
        author = self.env.ref("base.partner_root")
        users = list(messages)
        created = (
            self.env["mail.message"]
            .sudo()
            .create(
                [
                    {
                            "body": "<p><b>%s</b></p><ul>%s</ul>"
                        % (html_escape(messages[user][0]), "".join("<li>%s</li>" % line for line in messages[user][1])),
                        "message_type": "user_notification",
                        "subtype_id": subtype.id,
                        "author_id": author.id,
                        "email_from": author.email_formatted,
                        "partner_ids": [(6, 0, user.partner_id.ids)],
                    }
                    for user in users
                ]
            )
        )
        self.env["mail.notification"].sudo().create(
            [
                {
                    "mail_message_id": message.id,
                    "res_partner_id": user.partner_id.id,
                    "notification_type": "inbox",
                    "notification_status": "sent",
                    "is_read": False,
                }
                for user, message in zip(users, created)
            ]
        )
        self.env["bus.bus"].sudo().sendmany(
            [[(self.env.cr.dbname, "ir.needaction", user.partner_id.id), values] for user, values in zip(users, created.message_format())]
        )

    @api.model
    def _link_leads(self, leads):
        """Lines that name the first leads and count the others."""
        lines = [
            '<a href="#" data-oe-model="crm.lead" data-oe-id="%d">%s</a>' % (lead.id, html_escape(lead.name))
            for lead in leads[:NAMED_LEADS]
        ]
        if len(leads) > NAMED_LEADS:
            lines.append(_("and %d more", len(leads) - NAMED_LEADS))
        return lines

    @api.model
    def _in_language(self, user):
        """This model in the user's language; people of one language share an environment."""
        return self.with_context(lang=user.lang or "en_US")

    # -- occasions -------------------------------------------------------------------------------------------------

    @api.model
    def _tell_new_owners(self, rows, reason):
        """A summary for each rep, and a "first response" activity on each lead with a time limit.

        :param rows: as for ``crm.assignment._insert``
        """
        by_user = defaultdict(list)
        for lead_id, _rule_id, user_id, *_rest in rows:
            by_user[user_id].append(lead_id)
        users = self.env["res.users"].sudo().browse(by_user)
        shown = {user_id: lead_ids[:NAMED_LEADS] for user_id, lead_ids in by_user.items()}
        self.env["crm.lead"].sudo().browse(lead_id for ids in shown.values() for lead_id in ids).mapped("name")
        self._notify({user: self._in_language(user)._get_summary(by_user[user.id], reason) for user in users})
        self._schedule_first_responses(rows, users)

    @api.model
    def _get_summary(self, lead_ids, reason):
        if reason == "first_response":
            subject = _("%d leads passed on to you: their first rep did not answer in time", len(lead_ids))
        else:
            subject = _("%d new leads for you", len(lead_ids))
        return subject, self._link_leads(self.env["crm.lead"].sudo().browse(lead_ids))

    @api.model
    def _schedule_first_responses(self, rows, users):
        """Activities by one INSERT: creating them one by one would cost more than the run."""
        zones = {user.id: pytz.timezone(user.tz or "UTC") for user in users}
        wanted = [(lead_id, user_id, local_day(due, zones[user_id])) for lead_id, _rule, user_id, _team, _company, _day, due in rows if due]
        self._insert_activities("crm_core.mail_activity_first_response", wanted, {})

    @api.model
    def _insert_activities(self, type_xmlid, rows, summaries):
        """One activity per row (lead id, user id, day); ``summaries`` {lead id: text}. One statement."""
        if not rows:
            return
        self.env["crm.lead"].flush(["name"])
        lead_ids, user_ids, days = (list(column) for column in zip(*rows))
        now = fields.Datetime.now()
        self.env.cr.execute(
            "INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, user_id, date_deadline,"
            " summary, automated, create_uid, create_date, write_uid, write_date)"
            " SELECT %(model)s, 'crm.lead', lead.id, lead.name, %(type)s, new.user_id, new.day, nullif(new.summary, ''),"
            " TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s"
            " FROM unnest(%(leads)s::int[], %(users)s::int[], %(days)s::date[], %(texts)s::text[])"
            " AS new (lead_id, user_id, day, summary) JOIN crm_lead AS lead ON lead.id = new.lead_id",
            {
                "model": self.env["ir.model"].sudo()._get_id("crm.lead"),
                "type": self.env.ref(type_xmlid).id,
                "uid": self.env.uid,
                "now": now,
                "leads": lead_ids,
                "users": user_ids,
                "days": days,
                "texts": [summaries.get(lead_id, "") for lead_id in lead_ids],
            },
        )
        self.env["mail.activity"].invalidate_cache()
        self.env["crm.lead"].invalidate_cache(
            ["activity_ids", "activity_state", "activity_user_id", "activity_type_id", "activity_date_deadline", "activity_summary"],
            lead_ids,
        )

    @api.model
    def _drop_first_responses(self, lead_ids):
        """The activity has served its purpose."""
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", "crm.lead"),
                ("res_id", "in", list(lead_ids)),
                ("activity_type_id", "=", self.env.ref("crm_core.mail_activity_first_response").id),
                ("automated", "=", True),
            ]
        ).unlink()

    @api.model
    def _get_warning(self, lead_ids):
        subject = _("%d leads wait for your first answer; soon they go to the next rep", len(lead_ids))
        return subject, self._link_leads(self.env["crm.lead"].sudo().browse(lead_ids))

    @api.model
    def _tell_leaders(self, leads, heirs):
        """Leads that were not answered in time: a message per leader, an activity per lead.

        :param leads: {lead: who let it wait}
        :param heirs: {lead id: id of the user who has it now}; others stay where they are
        """
        by_leader, rows, summaries = defaultdict(list), [], {}
        for lead, owner in leads.items():
            for leader in self._get_leaders(lead, owner):
                heir = self.env["res.users"].sudo().browse(heirs.get(lead.id))
                line = self._in_language(leader)._describe_late(owner, heir)
                by_leader[leader].append((lead, line))
                rows.append((lead.id, leader.id, fields.Date.context_today(self.with_context(tz=leader.tz))))
                summaries[lead.id] = line
        self._notify({leader: self._in_language(leader)._get_leader_summary(items) for leader, items in by_leader.items()})
        self._insert_activities("mail.mail_activity_data_todo", rows, summaries)

    @api.model
    def _describe_late(self, owner, heir):
        if heir:
            return _("%(rep)s did not answer in time, now with %(heir)s", rep=owner.name, heir=heir.name)
        return _("%(rep)s did not answer in time, and nobody else has room", rep=owner.name)

    @api.model
    def _get_leader_summary(self, items):
        lines = ["%s: %s" % (self._link_leads(lead)[0], html_escape(line)) for lead, line in items[:NAMED_LEADS]]
        if len(items) > NAMED_LEADS:
            lines.append(_("and %d more", len(items) - NAMED_LEADS))
        return _("%d leads were not answered in time", len(items)), lines

    @api.model
    def _get_leaders(self, lead, owner):
        """Who answers for the rep: see below, of the rep's or the lead's team."""
        return self._get_leaders_above(owner, owner.sale_team_id or lead.team_id)

    @api.model
    def _get_leaders_above(self, owner, team):
        """The leader of the team, of the one above if that is the owner; without any the directors."""
        while team:
            if team.user_id.active and team.user_id != owner:
                return team.user_id
            team = team.parent_id
        return self.env.ref("crm_core.group_sales_director").sudo().users.filtered("active")
