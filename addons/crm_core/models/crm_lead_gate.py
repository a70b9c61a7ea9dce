# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Stage gates on every door: kanban, form, buttons, RPC, import all end in ``write`` or ``create``.

The gates look at the leads as they are *after* the write, so that a form saves fields and stage in one go. What does
not pass raises one error for all leads, and the transaction ends.

Past a gate go: history that is imported (:mod:`crm_import_deal_loader`); what another document has made a fact, a
confirmed order that wins its deal (:class:`GateFact` in the context); and a director who says why
(``crm_gate_override`` in the context). The last two are logged in the stage history and the chatter.
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
        before = {lead.id: (lead.stage_id, lead.date_last_stage_update, lead.probability) for lead in self.sudo()}
        result = super().write(vals)
        self._stages_written(before)
        return result

    def _stages_written(self, before):
        """Check and log what a write moved. ``before``: {lead id: (stage, since when in it, probability)}"""
        leads = self.sudo()
        moves = [(lead, before[lead.id][0], lead.stage_id) for lead in leads if lead.stage_id != before[lead.id][0]]
        # won by its probability alone: the gate of the won stage holds for that, too
        won = [
            (lead, lead.stage_id, lead._stage_find(domain=[("is_won", "=", True)]))
            for lead in leads
            if lead.stage_id == before[lead.id][0] and lead.probability >= 100 > before[lead.id][2] and not lead.stage_id.is_won
        ]
        reasons = self._pass_gates(moves + won)
        now = fields.Datetime.now()
        self.env["crm.stage.move"]._log(
            [
                (lead.id, origin.id or None, stage.id or None, before[lead.id][1] or None, now, reasons.get(lead.id))
                for lead, origin, stage in moves
            ]
        )

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
            blocks = [(_("“%(lead)s” to “%(stage)s”", lead=lead.name, stage=stage.name), texts) for lead, stage, texts in missing]
            raise GateError(tell(_("Something is still missing for this move."), blocks))
        for lead, stage, texts in missing:
            title = _("To “%(stage)s” past the gate: %(reason)s", stage=stage.name, reason=reason)
            lines = "".join("<li>%s</li>" % escape(text) for text in texts)
            lead.message_post(body="<p>%s</p><ul>%s</ul>" % (escape(title), lines))
        return {lead.id: reason for lead, _stage, _texts in missing}

    @api.model
    def _get_override(self):
        """Why this environment goes past gates, "" if it does not."""
        fact, reason = (self.env.context.get(key) for key in ("crm_gate_fact", "crm_gate_override"))
        if isinstance(fact, GateFact):
            return str(fact)
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
        steps = [Step(stage.sequence, stage.id) for stage in stages if self._passes_stage(stage)]
        start = Step(origin.sequence, origin.id) if origin else None
        return [step.id for step in path(steps, start, Step(target.sequence, target.id))]

    def _passes_stage(self, stage):
        """Whether ``stage`` is one of the lead's pipeline."""
        return not stage.team_id or stage.team_id == self.team_id
