# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import GateError


class CrmGateReason(models.TransientModel):
    """Asks why: for an approval, for refusing one, for moving past a gate."""

    _name = "crm.gate.reason"
    _description = "Reason at a Stage Gate"

    kind = fields.Selection(
        [("request", "Request an approval"), ("refuse", "Refuse"), ("override", "Move past the gate")], required=True, readonly=True
    )
    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True, ondelete="cascade")
    line_id = fields.Many2one("crm.gate.line", string="Approval", readonly=True, ondelete="cascade")
    stage_id = fields.Many2one("crm.stage", string="To Stage", ondelete="cascade")
    approval_ids = fields.Many2many("crm.gate.approval", string="Requests", readonly=True)
    reason = fields.Text()

    @api.model
    def _open(self, kind, **vals):
        """The dialog for one of the kinds."""
        wizard = self.create({"kind": kind, **vals})
        titles = {"request": _("Request Approval"), "refuse": _("Refuse"), "override": _("Move Past the Gate")}
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_apply(self):
        """Do what was asked for; the methods called check who may."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if self.kind == "request":
            self.lead_id.request_gate_approval(self.line_id.id, reason)
        elif not reason:
            raise GateError(_("Say why: others will read it."))
        elif self.kind == "refuse":
            self.approval_ids._decide("refused", reason)
        else:
            self._override(reason)
        return {"type": "ir.actions.act_window_close"}

    def _override(self, reason):
        if not self.env.user._is_gate_director():
            raise GateError(_("Only sales directors move opportunities past a gate."))
        self.lead_id.with_context(crm_gate_override=reason).write({"stage_id": self.stage_id.id})
