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
        todo = self.sudo().sorted(lambda one: (one.date, one.id))
        promises = todo._get_promises()
        for one in todo:
            key = one._promise_key()
            earlier = promises.get(key, one.browse()).filtered(lambda other, one=one: other.date <= one.date) - one
            if one.next_action_date:
                one._promise(earlier)
                promises[key] = one
            elif earlier:
                today = fields.Date.context_today(one)
                earlier.activity_id.filtered(lambda due, today=today: due.date_deadline <= today).unlink()

    def _promise(self, earlier):
        """One activity for what this follow-up promises, instead of those of ``earlier`` ones."""
        activity = self.activity_id or earlier[:1].activity_id
        if activity:
            activity.write(self._prepare_activity())
        else:
            activity = activity.with_context(mail_activity_quick_update=True).create(self._prepare_activity())
        (earlier.activity_id - activity).unlink()
        earlier.write({"activity_id": False})
        self.activity_id = activity

    def _promise_key(self):
        return self.user_id, self.lead_id or self.commercial_partner_id

    def _get_promises(self):
        """{salesperson and lead or customer: their follow-ups whose promised activity is still open}. One search."""
        found = self.search([
            ("user_id", "in", self.user_id.ids),
            ("activity_id", "!=", False),
            "|", ("lead_id", "in", self.lead_id.ids), "&", ("lead_id", "=", False),
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
        ])  # fmt: skip
        promises = {}
        for one in found:
            promises[one._promise_key()] = promises.get(one._promise_key(), one.browse()) | one
        return promises

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
