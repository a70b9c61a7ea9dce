# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import _, api, fields, models

from ..exceptions import CrmUserError
from .crm_automation_step import VALUES

#: Beyond so many messages to the same receivers in one run, one message lists the records
SINGLE = 5
LISTED = 20


class CrmAutomationStep(models.Model):
    """What steps do, for all records at once; called in sudo mode and in a savepoint by the automation."""

    _inherit = "crm.automation.step"

    def _run(self, records):
        """Do the steps in order.

        :raise Exception: whatever goes wrong; the caller undoes and logs it
        """
        for step in self:
            getattr(step, "_run_" + step.kind)(records)

    def _run_activity(self, records):
        model_id = self.env["ir.model"]._get_id(records._name)
        deadline = fields.Date.context_today(self) + timedelta(days=self.days)
        activities = [
            {
                "res_model_id": model_id,
                "res_id": record.id,
                "user_id": user.id,
                "activity_type_id": self.activity_type_id.id,
                "summary": self._fill(self.subject or "", record) or False,
                "note": self._fill(self.body or "", record) or False,
                "date_deadline": deadline,
                "automated": True,
            }
            for record, user in self._with_people(records)
        ]
        self.env["mail.activity"].create(activities)

    def _run_assign(self, records):
        by_user = defaultdict(list)
        for record, user in self._with_people(records):
            by_user[user].append(record.id)
        for user, ids in by_user.items():
            moving = records.browse(ids).filtered(lambda record, user=user: record.user_id != user)
            moving.write({"user_id": user.id})

    def _run_tag(self, records):
        tags = self.env["crm.no.code"]._get_model(records._name).tags
        records.write({tags: [(4, self.value_ref.id)]})

    def _run_set(self, records):
        records.write({self.field_id.name: self._get_value()})

    def _run_notify(self, records):
        by_user = defaultdict(list)
        for record, user in self._with_people(records):
            by_user[user].append(record.id)
        messages = [
            dict(message, users=user)
            for user, ids in by_user.items()
            for message in self._prepare_messages(records.browse(ids))
        ]
        self.env["crm.notification"]._notify_batch(messages)

    def _run_robot(self, records):
        if not self.channel_id.active:
            raise CrmUserError(_("The robot “%s” is switched off. Switch it on under Notification Channels.", self.channel_id.name))
        for message in self._prepare_messages(records):
            self.channel_id._post(message["subject"], message["body"], record=message.get("record"))

    def _run_mail(self, records):
        for record in records:
            self.template_id.send_mail(record.id)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _get_value(self):
        """What the field is set to, for ``write``."""
        name = VALUES[self.field_type]
        if name == "value_days":
            moment = fields.Datetime.now() if self.field_type == "datetime" else fields.Date.context_today(self)
            return moment + timedelta(days=self.value_days)
        if name == "value_yes_no":
            return self.value_yes_no == "yes"
        if name == "value_choice_id":
            return self.value_choice_id.value
        if name == "value_number" and self.field_type == "integer":
            return int(self.value_number)
        value = self[name]
        return value.id if name == "value_ref" else value

    def _with_people(self, records):
        """[(record, whom the step is about)]."""
        return [(record, self._get_person(record)) for record in records]

    def _get_person(self, record):
        if self.who == "user":
            return self.user_id
        leader = self._get_leader(record)
        first = (record.user_id, leader) if self.who == "owner" else (leader, record.user_id)
        maker = self.automation_id.create_uid
        return next((user for user in first if user.active), maker if maker.active else self.env.user)

    @api.model
    def _get_leader(self, record):
        """Of the record's team, or of its owner's."""
        team = record["team_id"] if "team_id" in record._fields else record.user_id.sale_team_id
        team = team if "user_id" in team._fields else record.user_id.sale_team_id
        return team.user_id or record.user_id.sale_team_id.user_id

    @api.model
    def _fill(self, text, record):
        """Names for the places in a text; nothing else of the record can get into it."""
        return text.replace("{name}", record.display_name or "").replace("{owner}", record.user_id.name or "")

    def _prepare_messages(self, records):
        """Messages (subject, body, record) about records: one each, or one for all if they are many."""
        if len(records) <= SINGLE:
            return [
                {"subject": self._fill(self.subject, record), "body": self._fill(self.body or "", record), "record": record}
                for record in records
            ]
        names = [record.display_name for record in records[:LISTED]]
        if len(records) > LISTED:
            names.append(_("… and %s more", len(records) - LISTED))
        subject = self.subject.replace("{name}", _("%s records", len(records))).replace("{owner}", "").strip()
        return [{"subject": subject, "body": "\n".join(names)}]
