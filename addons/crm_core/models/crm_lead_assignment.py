# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

STATES = [("waiting", "Answer due"), ("soon", "Answer due soon"), ("late", "Answer late"), ("answered", "Answered")]
SOON = timedelta(minutes=30)


class CrmLead(models.Model):
    """What the last assignment (crm.assignment) says of a lead. Nothing of it is stored here: leads are large, and a
    run over many would write each of them once more."""

    _inherit = "crm.lead"

    assignment_rule_id = fields.Many2one(
        "crm.assignment.rule", string="Assigned by Rule", compute="_compute_first_response", compute_sudo=True
    )
    first_response_due = fields.Datetime(
        string="First Response Due",
        compute="_compute_first_response",
        compute_sudo=True,
        help="Unless the owner has written, called, finished an activity or moved the stage by then, the next rep gets the lead.",
    )
    first_responded_at = fields.Datetime(string="First Response", compute="_compute_first_response", compute_sudo=True)
    first_response_state = fields.Selection(
        STATES,
        string="First Response Status",
        compute="_compute_first_response",
        compute_sudo=True,
        search="_search_first_response_state",
    )

    @api.depends("user_id")
    def _compute_first_response(self):
        """One query for all."""
        now, last = fields.Datetime.now(), self.env["crm.assignment"]._get_last(self.ids)
        for lead in self:
            row = last.get(lead.id, {})
            due = row.get("due") if row.get("state") in ("waiting", "answered") else None
            lead.assignment_rule_id = row.get("rule_id")
            lead.first_response_due = due
            lead.first_responded_at = row.get("responded_at")
            if row.get("state") == "answered":
                lead.first_response_state = "answered"
            elif not due:
                lead.first_response_state = False
            elif due <= now:
                lead.first_response_state = "late"
            else:
                lead.first_response_state = "soon" if due <= now + SOON else "waiting"

    @api.model
    def _search_first_response_state(self, operator, value):
        """Served by the index on what waits; an answer counts as long as the lead was not assigned again."""
        now = fields.Datetime.now()
        waiting = "SELECT lead_id FROM crm_assignment WHERE state = 'waiting' AND "
        answered = (
            "SELECT lead_id FROM crm_assignment AS given WHERE state = 'answered' AND NOT EXISTS"
            " (SELECT FROM crm_assignment AS later WHERE later.lead_id = given.lead_id AND later.id > given.id)"
        )
        queries = {
            "late": (waiting + "due <= %s", [now]),
            "soon": (waiting + "due > %s AND due <= %s", [now, now + SOON]),
            "waiting": (waiting + "due > %s", [now + SOON]),
            "answered": (answered, []),
        }
        wanted = set(value) if isinstance(value, (list, tuple)) else {value}
        if operator in ("!=", "not in"):
            wanted = {*queries, False} - wanted
        # no status is the lack of all
        chosen = [queries[state] for state in queries if (state in wanted) != (False in wanted)]
        if not chosen:
            return [(1 if False in wanted else 0, "=", 1)]
        query = " UNION ALL ".join(text for text, _params in chosen)
        params = [param for _text, params in chosen for param in params]
        return [("id", "not inselect" if False in wanted else "inselect", (query, params))]

    # -- a stage move by the owner is an answer --------------------------------------------------------------------

    def write(self, vals):
        before = {lead.id: (lead.stage_id, lead.active) for lead in self.sudo()} if {"stage_id", "active"} & vals.keys() else {}
        result = super().write(vals)
        if before:
            self._note_stage_moves(before)
        return result

    def _note_stage_moves(self, before):
        user, now = self.env.user, fields.Datetime.now()
        moved = self.sudo().filtered(lambda lead: lead.user_id == user and before[lead.id] != (lead.stage_id, lead.active))
        self.env["crm.assignment"].sudo()._note_answers([(lead.id, user.partner_id.id, now) for lead in moved])

    # -- by hand ---------------------------------------------------------------------------------------------------

    def action_open_assignment_wizard(self):
        """Preview and assign the selected leads."""
        return self.env["crm.assignment.wizard"]._open(self)
