# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError


class CrmAssignmentCapacity(models.Model):
    """How many leads a rep takes over all rules. Reps without a record take any number."""

    _name = "crm.assignment.capacity"
    _description = "Lead Capacity of a Rep"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Rep",
        required=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    daily_limit = fields.Integer(string="New a Day", help="Leads a day given by rules. 0: no limit.")
    held_limit = fields.Integer(string="Open in Total", help="Holding so many open leads, the rep gets no more. 0: no limit.")
    away_until = fields.Date(string="Away Until", help="Gets no leads up to and including this day.")
    today_count = fields.Integer(string="Got Today", compute="_compute_counts")
    held_count = fields.Integer(string="Open Now", compute="_compute_counts")

    _sql_constraints = [
        ("user_once", "UNIQUE (user_id)", "This rep has a capacity already: change that one."),
        (
            "limits_not_negative",
            "CHECK (daily_limit >= 0 AND held_limit >= 0)",
            "A limit cannot be negative. 0 means no limit.",
        ),
    ]

    @api.depends("user_id")
    def _compute_counts(self):
        users = self.user_id
        days = self.env["crm.assignment.day"].sudo()
        today = {day.user_id: day.assigned_count for day in days._get_today(users)}
        held = self.env["crm.assignment.facts"]._get_held_counts(users.ids)
        for capacity in self:
            capacity.today_count = today.get(capacity.user_id, 0)
            capacity.held_count = held.get(capacity.user_id.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        capacities = super().create(vals_list)
        capacities._check_leader()
        return capacities

    def write(self, vals):
        self._check_leader()
        result = super().write(vals)
        self._check_leader()
        return result

    def _check_leader(self):
        if not self.env["crm.assignment.rule"]._is_director():
            strangers = self.user_id.filtered(lambda user: not self.env.user._leads_user(user))
            if strangers:
                raise CrmUserError(_("%s is in none of your teams. Ask a sales director.", ", ".join(strangers.mapped("name"))))
