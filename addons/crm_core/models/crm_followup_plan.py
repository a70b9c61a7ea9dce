# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import plaintext2html

from ..exceptions import CrmValidationError

DAYS_AHEAD = 730


class CrmFollowup(models.Model):
    """The next action: a promise, kept as an activity of the lead or customer."""

    _inherit = "crm.followup"

    next_action_type_id = fields.Many2one(
        "mail.activity.type",
        string="Next Action",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
        domain="['|', ('res_model_id', '=', False), ('res_model_id.model', '=', 'crm.lead')]",
        ondelete="set null",
    )
    next_action_date = fields.Date(string="Next Action On")
    next_action_note = fields.Char(string="To Do")
    activity_id = fields.Many2one("mail.activity", readonly=True, copy=False, index=True, ondelete="set null")

    @api.onchange("outcome_id")
    def _onchange_outcome(self):
        """The outcome proposes a date; one typed by hand stays."""
        if self.outcome_id.next_required and not self.next_action_date:
            self.next_action_date = fields.Date.add(fields.Date.context_today(self), days=self.outcome_id.next_days)

    @api.constrains("next_action_date")
    def _check_next_action_date(self):
        for one in self.filtered("next_action_date"):
            days = (one.next_action_date - one.date.date()).days
            if not -1 <= days <= DAYS_AHEAD:
                raise CrmValidationError(_("The next action comes after the follow-up, within two years. Correct its date."))

    def _plan_next_action(self):
        """Make or change the activity each of these finished follow-ups promises.

        A promise of an earlier follow-up of the same salesperson for the same lead or customer is kept or replaced by
        this one: its activity becomes the new one, or goes if it was due and nothing new is promised.
        """
        for one in self.sudo().sorted(lambda one: (one.date, one.id)):
            earlier = one._get_promises()
            activity = one.activity_id or earlier[:1].activity_id
            if one.next_action_date:
                vals = one._prepare_activity()
                if activity:
                    activity.write(vals)
                else:
                    activity = activity.with_context(mail_activity_quick_update=True).create(vals)
                (earlier.activity_id - activity).unlink()
                (earlier - one).write({"activity_id": False})
                one.activity_id = activity
            else:
                today = fields.Date.context_today(one)
                earlier.activity_id.filtered(lambda due, today=today: due.date_deadline <= today).unlink()

    def _get_promises(self):
        """Earlier follow-ups of the same salesperson and record whose promised activity is still open."""
        about = [("lead_id", "=", self.lead_id.id)]
        if not self.lead_id:
            about += [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        mine = [("user_id", "=", self.user_id.id), ("activity_id", "!=", False), ("id", "!=", self.id), ("date", "<=", self.date)]
        return self.search(about + mine)

    def _prepare_activity(self):
        record = self.lead_id or self.partner_id
        kind = self.next_action_type_id or self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        return {
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "user_id": self.user_id.id,
            "activity_type_id": kind.id if kind else False,
            "date_deadline": self.next_action_date,
            "summary": self.next_action_note,
            "note": plaintext2html(self.summary) if self.summary else False,
        }
