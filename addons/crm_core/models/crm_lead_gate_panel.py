# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import json

from odoo import _, api, fields, models

from ..exceptions import GateError

#: No gate needs a larger file
MAX_FILE = 25 * 1024 * 1024


class CrmLead(models.Model):
    """The panel on the form: what is still missing for the next stage, and the ways to bring it. Each of these methods
    is a door of its own, and checks who comes in."""

    _inherit = "crm.lead"

    gate_panel = fields.Text(string="Next Stage", compute="_compute_gate_panel", help="What is still missing for the next stage, as JSON.")
    stage_move_ids = fields.One2many("crm.stage.move", "lead_id", string="Stage History", readonly=True)

    @api.depends_context("uid", "lang")
    @api.depends("stage_id")
    def _compute_gate_panel(self):
        """Nothing to show: no gate ahead."""
        for lead in self:
            state = lead._origin._get_gate_state() if lead._origin else None
            lead.gate_panel = json.dumps(state) if state else False

    def get_gate_state(self):
        """What is missing for the next gated stage, for the panel; None if no gate lies ahead.

        {"stage": name, "stage_id": id, "missing": number, "may_write": bool, "may_override": bool, "items": [{"id", "kind",
        "label", "hint", "done", "text", "field", "approval": {"id", "status", "text", "may_decide"} or None}]}
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        return self._get_gate_state()

    def _get_gate_state(self):
        lead, may_write = self.sudo(), self._may_be_written()
        # what a gate says of quotations is not for everybody who reads the lead
        if not may_write and not self.env.user.has_group("crm_core.group_executive"):
            return None
        stage, lines = lead._get_next_gate()
        if not lines or not lead.active:
            return None
        pairs = [(lead, line) for line in lines]
        findings = self._get_gate_findings(pairs)
        approvals = self._get_gate_approvals([pair for pair in pairs if pair[1].kind == "approval"])
        items = [
            {
                **lead._prepare_gate_item(line, findings[lead.id, line.id]),
                "approval": self._prepare_gate_approval(approvals.get((lead.id, line.id))),
            }
            for line in lines
            if (lead.id, line.id) in findings
        ]
        return {
            "stage": stage.name,
            "stage_id": stage.id,
            "missing": sum(not item["done"] for item in items),
            "may_write": may_write,
            "may_override": self.env.user._is_gate_director(),
            "items": items,
        }

    def _get_next_gate(self):
        """(the first stage ahead that has a gate, its requirements)"""
        gates = self.env["crm.gate"].sudo().search([])
        stages = self.env["crm.stage"].sudo().search([]) if gates else self.env["crm.stage"]
        steps = self._get_steps(stages)
        for stage_id in self._get_stages_ahead(stages, self.stage_id, stages.browse(max(steps).id)) if steps else ():
            lines = gates._get_lines(self, [stage_id])
            if lines:
                return stages.browse(stage_id), lines
        return stages.browse(), gates.line_ids.browse()

    def _prepare_gate_item(self, line, finding):
        """What the panel shows of a requirement; upper addons add to it what their kinds need."""
        return {
            "id": line.id,
            "kind": line.kind,
            "label": line.label,
            "hint": line.name if line.kind in ("field", "document") else False,
            "done": finding.done,
            "text": finding.text,
            "field": line.field_id.name if line.kind == "field" else False,
        }

    @api.model
    def _prepare_gate_approval(self, request):
        if not request:
            return False
        status, _changes = request._get_statuses()[request.id]
        return {
            "id": request.id,
            "status": status,
            "who": (request.decider_id or request.requester_id).name,
            "may_decide": status == "requested" and not request._get_objection(self.env.user),
        }

    def _may_be_written(self):
        """Whether the current user may write this lead."""
        if not self.check_access_rights("write", raise_exception=False):
            return False
        return self.env.su or bool(self._filter_access_rules("write"))

    # -- bringing what is missing ----------------------------------------------------------------------------------

    def _open_gate_line(self, line_id, *kinds):
        """The requirement to fulfil, in sudo mode, once it is clear that the user may write the lead.

        :raise GateError: when there is none of this kind (any more)
        """
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        line = self.env["crm.gate.line"].sudo().browse(int(line_id)).exists()
        if not line or line.kind not in kinds or not line.gate_id._fits(self.sudo()):
            raise GateError(_("This requirement has been changed in the meantime. Reload the page."))
        return line

    def tick_gate(self, line_id, done):
        """Tick a point of the checklist, or take the tick back. Returns :meth:`get_gate_state`."""
        line = self._open_gate_line(line_id, "check")
        if done:
            self.env.cr.execute(
                "INSERT INTO crm_gate_tick (lead_id, line_id, user_id, date) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [self.id, line.id, self.env.uid, fields.Datetime.now()],
            )
        else:
            self.env.cr.execute("DELETE FROM crm_gate_tick WHERE lead_id = %s AND line_id = %s", [self.id, line.id])
        self.env["crm.gate.tick"].invalidate_cache()
        return self._get_gate_state()

    def add_gate_document(self, line_id, name, content):
        """Attach a file (``content`` in base64) as the kind of document asked for. Returns :meth:`get_gate_state`."""
        line = self._open_gate_line(line_id, "document")
        data = base64.b64decode(content or "")
        if not data:
            raise GateError(_("“%s” is empty. Choose another file.", name))
        if len(data) > MAX_FILE:
            limit = MAX_FILE >> 20
            raise GateError(_("“%(name)s” is larger than %(limit)d MB. Make it smaller, then try again.", name=name, limit=limit))
        self.env["ir.attachment"].create(
            {"name": name, "raw": data, "res_model": self._name, "res_id": self.id, "crm_document_id": line.document_id.id}
        )
        return self._get_gate_state()

    def request_gate_approval(self, line_id, note=""):
        """Ask for the approval a gate wants. Returns :meth:`get_gate_state`."""
        line = self._open_gate_line(line_id, "approval")
        self.env["crm.gate.approval"]._request(self, line.with_env(self.env), note)
        return self._get_gate_state()

    def action_request_gate_approval(self):
        """Ask why, then request the approval named in the context (``gate_line_id``)."""
        self.ensure_one()
        return self.env["crm.gate.reason"]._open("request", lead_id=self.id, line_id=self.env.context.get("gate_line_id"))

    def action_override_gate(self):
        """Ask why, then move past the gate (directors)."""
        self.ensure_one()
        stage, _lines = self.sudo()._get_next_gate()
        return self.env["crm.gate.reason"]._open("override", lead_id=self.id, stage_id=stage.id)
