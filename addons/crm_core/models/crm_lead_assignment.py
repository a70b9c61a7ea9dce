# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.osv import expression

from ..exceptions import CrmUserError

#: Written by the suite only; a rep who could would have no time limit
RESPONSE_FIELDS = frozenset({"assignment_rule_id", "first_response_due", "first_responded_at"})
STATES = [("waiting", "Answer due"), ("soon", "Answer due soon"), ("late", "Answer late"), ("answered", "Answered")]
SOON = timedelta(minutes=30)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    assignment_rule_id = fields.Many2one(
        "crm.assignment.rule", string="Assigned by Rule", index=True, readonly=True, copy=False, ondelete="set null"
    )
    first_response_due = fields.Datetime(
        string="First Response Due",
        readonly=True,
        copy=False,
        help="Unless the owner has written, called, finished an activity or moved the stage by then, the next rep gets the lead.",
    )
    first_responded_at = fields.Datetime(string="First Response", readonly=True, copy=False)
    first_response_state = fields.Selection(
        STATES, string="First Response Status", compute="_compute_first_response_state", search="_search_first_response_state"
    )

    def init(self):
        super().init()
        # the filters "answer due" and "answer late"
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_lead_first_response_due_index ON crm_lead (first_response_due)"
            " WHERE first_response_due IS NOT NULL AND first_responded_at IS NULL"
        )

    @api.depends("first_response_due", "first_responded_at")
    def _compute_first_response_state(self):
        now = fields.Datetime.now()
        for lead in self:
            if lead.first_responded_at:
                lead.first_response_state = "answered"
            elif not lead.first_response_due:
                lead.first_response_state = False
            elif lead.first_response_due <= now:
                lead.first_response_state = "late"
            else:
                lead.first_response_state = "soon" if lead.first_response_due <= now + SOON else "waiting"

    @api.model
    def _search_first_response_state(self, operator, value):
        now = fields.Datetime.now()
        pending = [("first_response_due", "!=", False), ("first_responded_at", "=", False)]
        domains = {
            "answered": [("first_responded_at", "!=", False)],
            "late": pending + [("first_response_due", "<=", now)],
            "soon": pending + [("first_response_due", ">", now), ("first_response_due", "<=", now + SOON)],
            "waiting": pending + [("first_response_due", ">", now + SOON)],
            False: [("first_response_due", "=", False), ("first_responded_at", "=", False)],
        }
        wanted = value if isinstance(value, (list, tuple)) else [value]
        if operator in ("!=", "not in"):
            wanted = [state for state in domains if state not in wanted]
        return expression.OR([expression.normalize_domain(domains[state]) for state in wanted if state in domains])

    # -- written by the suite only ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_response_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_response_fields(vals)
        before = {lead.id: (lead.stage_id, lead.active) for lead in self.sudo()} if {"stage_id", "active"} & vals.keys() else {}
        result = super().write(vals)
        if before:
            self._note_stage_moves(before)
        return result

    def _check_response_fields(self, vals):
        if RESPONSE_FIELDS & vals.keys() and not self.env.su:
            raise CrmUserError(_("Assignment and first response write themselves. Answer the lead, or hand it to somebody else."))

    def _note_stage_moves(self, before):
        """A stage move by the owner is an answer."""
        user, now = self.env.user, fields.Datetime.now()
        moved = self.sudo().filtered(lambda lead: lead.user_id == user and before[lead.id] != (lead.stage_id, lead.active))
        self.env["crm.assignment"].sudo()._note_answers([(lead.id, user.partner_id.id, now) for lead in moved])

    # -- by hand ---------------------------------------------------------------------------------------------------

    def action_open_assignment_wizard(self):
        """Preview and assign the selected leads."""
        return self.env["crm.assignment.wizard"]._open(self)
