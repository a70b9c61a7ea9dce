# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError


class CrmReminderRule(models.Model):
    """When a rep is reminded of an opportunity, and after how many more days the leader."""

    _name = "crm.reminder.rule"
    _description = "Reminder Rule"
    _order = "kind desc, stage_sequence, id"

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("stage", "Too long in a stage"),
            ("cycle", "Longer than usual"),
            ("overdue", "Next action overdue"),
        ],
        string="Reminds of",
        required=True,
        default="stage",
        help="Too long in a stage: longer than allowed there.\n"
        "Longer than usual: longer, from its first day, than the median of won deals of its industry and product.\n"
        "Next action overdue: what was promised has not been done.",
    )
    stage_id = fields.Many2one(
        "crm.stage", string="Stage", index=True, ondelete="cascade", help="Empty: every stage that has no rule of its own."
    )
    stage_sequence = fields.Integer(related="stage_id.sequence", store=True)
    days = fields.Integer(default=14, help="Days in the stage that are all right, or days of grace after the promised day.")
    leader_days = fields.Integer(
        string="Then the Leader After", default=7, help="So many days later the leader is told, too. 0: never."
    )
    least_deals = fields.Integer(
        string="Won Deals Needed",
        default=10,
        help="Fewer won deals of an industry and product say nothing: then those of the product count, of the industry, of all.",
    )
    sent_count = fields.Integer(string="Sent", compute="_compute_sent_count")

    _sql_constraints = [
        ("days_not_negative", "CHECK (days >= 0 AND leader_days >= 0)", "Days cannot be negative."),
        ("deals_positive", "CHECK (least_deals > 0)", "At least one won deal is needed to say what is usual."),
    ]

    @api.depends("kind", "stage_id.name")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            name = kinds.get(rule.kind, "")
            rule.name = "%s: %s" % (name, rule.stage_id.name) if rule.kind == "stage" and rule.stage_id else name

    def _compute_sent_count(self):
        rows = self.env["crm.reminder"].sudo().read_group([("rule_id", "in", self.ids)], ["rule_id"], ["rule_id"])
        counts = {row["rule_id"][0]: row["rule_id_count"] for row in rows}
        for rule in self:
            rule.sent_count = counts.get(rule.id, 0)

    @api.constrains("kind", "stage_id", "active", "days")
    def _check_one_of_each(self):
        for rule in self.filtered("active"):
            if rule.kind == "stage" and not rule.days:
                raise CrmValidationError(_("Say how many days in the stage are all right: at least one."))
            same = [("kind", "=", rule.kind), ("id", "!=", rule.id)]
            if rule.kind == "stage":
                same.append(("stage_id", "=", rule.stage_id.id))
            if self.search_count(same):
                raise CrmValidationError(_("There is a rule “%s” already: change that one.", rule.name))

    # -- for the run and for what is shown -------------------------------------------------------------------------

    @api.model
    def _get_rule(self, kind):
        """The active rule of a kind there is one of; empty if there is none."""
        return self.sudo().search([("kind", "=", kind)], limit=1)

    @api.model
    def _get_stage_rules(self):
        """{stage id: rule} of the stages that are not won: their own rule, or the one for every stage."""
        rules = {rule.stage_id.id: rule for rule in self.sudo().search([("kind", "=", "stage")])}
        if not rules:
            return {}
        stages = self.env["crm.stage"].sudo().search([("is_won", "=", False)])
        found = {stage.id: rules.get(stage.id, rules.get(False)) for stage in stages}
        return {stage_id: rule for stage_id, rule in found.items() if rule}

    def action_open_sent(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_reminder_action")
        return {**action, "domain": [("rule_id", "=", self.id)]}
