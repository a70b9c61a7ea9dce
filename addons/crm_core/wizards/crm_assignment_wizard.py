# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

from odoo import _, api, fields, models

from ..exceptions import CrmUserError
from ..models.crm_assignment_rule_run import BACKGROUND_LEADS


class CrmAssignmentWizard(models.TransientModel):
    """Assign now, after a look at who would get how many. Leaders use the rules of their own teams."""

    _name = "crm.assignment.wizard"
    _description = "Assign Leads Now"

    lead_ids = fields.Many2many("crm.lead", string="Selected Leads", readonly=True)
    line_ids = fields.One2many("crm.assignment.wizard.line", "wizard_id", string="Who Gets How Many", readonly=True)
    free_count = fields.Integer(string="Leads Without Owner", readonly=True)
    given_count = fields.Integer(string="To Be Assigned", readonly=True)
    waiting_count = fields.Integer(string="Waiting for Room or Working Hours", readonly=True)
    unmatched_count = fields.Integer(string="No Rule Takes Them", readonly=True)
    in_background = fields.Boolean(compute="_compute_in_background")

    @api.depends("given_count")
    def _compute_in_background(self):
        for wizard in self:
            wizard.in_background = wizard.given_count > BACKGROUND_LEADS

    @api.model
    def _open(self, leads=None):
        """The action that shows the preview for ``leads``, or for all that wait.

        :raise CrmUserError: when there is nothing to assign by
        """
        rules = self._get_rules()
        if not rules:
            raise CrmUserError(_("There is no active assignment rule that is yours. A sales director sets them up."))
        if leads is not None:
            leads.check_access_rule("read")
        wizard = self.create({"lead_ids": [(6, 0, leads.ids if leads else [])]})
        wizard._preview(rules)
        return {
            "type": "ir.actions.act_window",
            "name": _("Assign Leads Now"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def action_open(self):
        return self._open()

    @api.model
    def _get_rules(self):
        """Rules the current user may write: a leader's are those of the own teams."""
        rules = self.env["crm.assignment.rule"]
        if not rules.check_access_rights("write", raise_exception=False):
            return rules
        return rules.search([])._filter_access_rules("write")

    def _get_lead_ids(self):
        return self.sudo().lead_ids.ids or self.env["crm.assignment.rule"].sudo()._get_free_ids()

    def _preview(self, rules):
        lead_ids = self._get_lead_ids()
        run = self.env["crm.assignment.rule"].sudo()._plan(lead_ids, rules)
        counts = Counter((rule_id, user) for rule_id, given in run.given.items() for user in given.values())
        matched = {lead_id for rule in rules for lead_id in run.matches.get(rule.id, ())}
        self.write(
            {
                "free_count": len(run.unmatched) + len({lead_id for found in run.matches.values() for lead_id in found}),
                "given_count": sum(counts.values()),
                "waiting_count": len(matched) - sum(counts.values()),
                "unmatched_count": len(run.unmatched),
                "line_ids": [
                    (0, 0, {"rule_id": rule_id, "user_id": user_id, "count": count}) for (rule_id, user_id), count in counts.items()
                ],
            }
        )

    def action_assign(self):
        """Assign what the preview showed, as things stand now; many leads by a job."""
        rules = self._get_rules()
        if self.in_background:
            self.env["crm.assignment.rule"].sudo()._delay_run(rules)
            return self._say(_("The leads are being assigned in the background. Every rep gets one message."))
        run = self.env["crm.assignment.rule"].sudo()._assign_ids(self._get_lead_ids(), rules)
        if run.blocked:
            raise CrmUserError(_("Leads are being assigned to these reps right now. Try again in a moment."))
        return self._say(_("%d leads assigned.", len(run.get_owners())))

    @api.model
    def _say(self, text):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": text,
                "sticky": False,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class CrmAssignmentWizardLine(models.TransientModel):
    _name = "crm.assignment.wizard.line"
    _description = "Preview of an Assignment"
    _order = "rule_id, count desc, id"

    wizard_id = fields.Many2one("crm.assignment.wizard", required=True, ondelete="cascade")
    rule_id = fields.Many2one("crm.assignment.rule", string="Rule", readonly=True)
    user_id = fields.Many2one("res.users", string="Rep", readonly=True)
    count = fields.Integer(string="Leads", readonly=True)
