# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Stage gates on every door: kanban, form, buttons, RPC, import all end in ``write`` or ``create``.

The gates look at the leads as they are *after* the write, so that a form saves fields and stage in one go. What does
not pass raises one error for all leads, and the transaction ends.

Past a gate go: history that is imported (:mod:`crm_import_deal_loader`); what another document has made a fact, a
confirmed order that wins its deal, another team that sells in another way (:class:`GateFact` in the context); and a
director who says why (``crm_gate_override`` in the context, which goes into the chatter, too). The stage history has why.
"""
import re
from html import escape

from odoo import _, api, fields, models

from ..engine.gate import Step, path, tell
from ..exceptions import GateError

#: The origin of new leads that are history: they were won and lost elsewhere, before
HISTORY = "import"


class GateFact(str):
    """Why code moves a lead past a gate: the value of ``crm_gate_fact`` in the context. None comes by RPC."""


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def write(self, vals):
        if "stage_id" not in vals and not (vals.get("probability") or 0) >= 100:
            return super().write(vals)
        names = ("stage_id", "selling_model_id", "probability", "date_last_stage_update")
        before = {lead.id: {name: lead[name] for name in names} for lead in self.sudo()}
        result = super().write(vals)
        self._stages_written(before)
        return result

    def _stages_written(self, before):
        """Check and log what a write moved. ``before``: {lead id: {name: value}}"""
        moved = self.sudo().filtered(lambda lead: lead.stage_id != before[lead.id]["stage_id"])
        # won by its probability alone: the gate of the won stage holds for that, too
        marked = (self.sudo() - moved).filtered(
            lambda lead: lead.probability >= 100 > before[lead.id]["probability"] and not lead.stage_id.is_won
        )
        moves = [(lead, lead._get_gate_origin(before[lead.id]), lead.stage_id) for lead in moved]
        reasons = self._pass_gates(moves + [(lead, lead.stage_id, lead._stage_find(domain=[("is_won", "=", True)])) for lead in marked])
        self.env["crm.stage.move"]._log([lead._prepare_stage_move(before[lead.id], reasons.get(lead.id)) for lead in moved])

    def _get_gate_origin(self, before):
        """The stage a lead comes from. Who changes the way of selling meets the gates of the new one from its beginning."""
        return before["stage_id"] if self.selling_model_id == before["selling_model_id"] else self.env["crm.stage"]

    def _prepare_stage_move(self, before, reason):
        since, now = before["date_last_stage_update"] or None, fields.Datetime.now()
        return (self.id, before["stage_id"].id or None, self.stage_id.id or None, since, now, reason)

    @api.model
    def _leads_created(self, leads, origin):
        super()._leads_created(leads, origin)
        new = leads.sudo().filtered("stage_id")
        self.env["crm.stage.move"]._log_created(new)
        if origin != HISTORY or not (self.env.su or self.env.user._is_gate_director()):
            self._pass_gates([(lead, self.env["crm.stage"], lead.stage_id) for lead in new])

    @api.model
    def load(self, fields, data):
        """Odoo's import calls whatever is refused an "unknown error" of a Python class: leave what it says."""
        result = super().load(fields, data)
        for message in result["messages"]:
            message["message"] = re.sub(r"^[^<]*<class 'odoo\.addons\.crm_\w+\.exceptions\.\w+'>: ", "", str(message["message"]))
        return result

    # -- the gates -------------------------------------------------------------------------------------------------

    @api.model
    def _check_stage_gates(self, leads, stage):
        """Whether ``leads`` may enter ``stage`` from where they are, with what they have now.

        :raise GateError: listing all that is missing, of all leads
        """
        self._pass_gates([(lead, lead.stage_id, stage) for lead in leads.sudo()])

    @api.model
    def _pass_gates(self, moves):
        """Check moves (lead in sudo mode, stage left, stage entered).

        Cost: a query for the gates; if there are any, one for the stages and those of the kinds of requirement in use.

        :return: {lead id: why it went past its gate}
        :raise GateError: listing all that is missing, of all leads
        """
        missing = self._get_missing(moves)
        if not missing:
            return {}
        reason = self._get_override()
        if not reason:
            blocks = []
            for lead, stage, texts in missing:
                blocks.append((_("“%(lead)s” to “%(stage)s”", lead=lead.name, stage=stage.name), texts))
            raise GateError(tell(_("Something is still missing for this move."), blocks))
        for lead, stage, texts in missing if not isinstance(reason, GateFact) else ():
            title = _("To “%(stage)s” past the gate: %(reason)s", stage=stage.name, reason=reason)
            lines = "".join("<li>%s</li>" % escape(text) for text in texts)
            body = "<p>%s</p><ul>%s</ul>" % (escape(title), lines)
            lead.message_post(body=body)
        return {lead.id: reason for lead, _stage, _texts in missing}

    @api.model
    def _get_override(self):
        """Why this environment goes past gates, "" if it does not."""
        fact, reason = (self.env.context.get(key) for key in ("crm_gate_fact", "crm_gate_override"))
        if isinstance(fact, GateFact):
            return fact
        return str(reason).strip() if reason and self.env.user._is_gate_director() else ""

    @api.model
    def _get_missing(self, moves):
        """[(lead, stage entered, texts)] of the moves that lack something, in the order given."""
        gates = self.env["crm.gate"].sudo().search([]) if moves else ()
        if not gates:
            return []
        stages = self.env["crm.stage"].sudo().search([])
        lines = [gates._get_lines(lead, lead._get_stages_ahead(stages, origin, stage)) for lead, origin, stage in moves]
        pairs = [(lead, line) for (lead, _origin, _stage), asked in zip(moves, lines) for line in asked]
        findings = self._get_gate_findings(pairs)
        missing = []
        for (lead, _origin, stage), asked in zip(moves, lines):
            found = [findings[lead.id, line.id] for line in asked if (lead.id, line.id) in findings]
            texts = [finding.text for finding in found if not finding.done]
            if texts:
                missing.append((lead, stage, texts))
        return missing

    def _get_stages_ahead(self, stages, origin, target):
        """Ids of the stages, of all ``stages``, this lead enters on its way from ``origin`` to ``target``, in order."""
        steps = self._get_steps(stages)
        start = Step(origin.sequence, origin.id) if origin else None
        return [step.id for step in path(steps, start, Step(target.sequence, target.id))]

    def _get_steps(self, stages):
        """The lead's pipeline, out of all ``stages``, for the engine."""
        return [Step(stage.sequence, stage.id) for stage in stages if self._passes_stage(stage)]

    def _passes_stage(self, stage):
        """Whether ``stage`` is one of the lead's pipeline: of its team and its way of selling, or for all."""
        return stage.team_id <= self.team_id and self.selling_model_id._has_stage(stage)
