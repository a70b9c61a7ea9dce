# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.gate import Finding, is_filled


class CrmLead(models.Model):
    """What gates look at. Every check works on all leads at once, in a constant number of queries."""

    _inherit = "crm.lead"

    @api.model
    def _get_gate_checks(self):
        """Hook: {kind of requirement: method}. Upper addons call super and add theirs.

        A method gets a list of pairs (lead, line), in sudo mode, and returns {(lead id, line id): Finding} of all of them.
        """
        return {
            "field": self._check_gate_fields,
            "document": self._check_gate_documents,
            "check": self._check_gate_ticks,
            "approval": self._check_gate_approvals,
        }

    @api.model
    def _get_gate_facts(self):
        """Hook: {lead id: {name: value}} of what an approval is about. Values go into JSON; names have a label below."""
        return {
            lead.id: {
                "expected_revenue": lead.expected_revenue,
                "partner_id": lead.commercial_partner_id.id,
                "product_id": lead.product_id.id,
            }
            for lead in self
        }

    @api.model
    def _get_gate_fact_labels(self):
        """Hook: {name of a fact: its label for the reader}."""
        names = ["expected_revenue", "partner_id", "product_id"]
        return {name: field["string"] for name, field in self.fields_get(names, ["string"]).items()}

    @api.model
    def _get_gate_findings(self, pairs):
        """{(lead id, line id): Finding} for the pairs (lead, line); requirements that cannot be used are left out."""
        by_kind = {}
        for lead, line in pairs:
            if not line.problem:
                by_kind.setdefault(line.kind, []).append((lead, line))
        findings = {}
        for kind, check in self._get_gate_checks().items():
            if kind in by_kind:
                findings.update(check(by_kind[kind]))
        return findings

    # -- the kinds -------------------------------------------------------------------------------------------------

    @api.model
    def _check_gate_fields(self, pairs):
        findings = {}
        for lead, line in pairs:
            findings[lead.id, line.id] = Finding(is_filled(lead[line.field_id.name]), _("%s is empty", line.label))
        return findings

    @api.model
    def _check_gate_documents(self, pairs):
        kinds = {line.document_id.id for _lead, line in pairs}
        leads = {lead.id for lead, _line in pairs}
        files = self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", "crm.lead"),
                ("res_id", "in", list(leads)),
                ("crm_document_id", "in", list(kinds)),
                "|", ("file_size", ">", 0), ("type", "=", "url"),
            ]
        )  # fmt: skip
        there = {(file.res_id, file.crm_document_id.id) for file in files}
        findings = {}
        for lead, line in pairs:
            findings[lead.id, line.id] = Finding((lead.id, line.document_id.id) in there, _("%s: no file yet", line.label))
        return findings

    @api.model
    def _check_gate_ticks(self, pairs):
        domain = [
            ("lead_id", "in", list({lead.id for lead, _line in pairs})),
            ("line_id", "in", list({line.id for _lead, line in pairs})),
        ]
        ticked = {(tick.lead_id.id, tick.line_id.id) for tick in self.env["crm.gate.tick"].sudo().search(domain)}
        findings = {}
        for lead, line in pairs:
            findings[lead.id, line.id] = Finding((lead.id, line.id) in ticked, _("%s: not ticked", line.label))
        return findings

    @api.model
    def _check_gate_approvals(self, pairs):
        approvals = self._get_gate_approvals(pairs)
        statuses = self.env["crm.gate.approval"].concat(*approvals.values())._get_statuses()
        findings = {}
        for lead, line in pairs:
            request = approvals.get((lead.id, line.id))
            status, changes = statuses[request.id] if request else ("withdrawn", "")
            text = self._tell_approval(line, status, changes, request and request.reason)
            findings[lead.id, line.id] = Finding(status == "granted", text)
        return findings

    @api.model
    def _get_gate_approvals(self, pairs):
        """{(lead id, line id): the last request}."""
        domain = [
            ("lead_id", "in", list({lead.id for lead, _line in pairs})),
            ("line_id", "in", list({line.id for _lead, line in pairs})),
        ]
        requests = self.env["crm.gate.approval"].sudo().search(domain, order="id")
        return {(request.lead_id.id, request.line_id.id): request for request in requests}

    @api.model
    def _tell_approval(self, line, status, changes, reason):
        if status == "requested":
            return _("%s: requested, not decided yet", line.label)
        if status == "refused":
            return _("%(label)s: refused (%(reason)s)", label=line.label, reason=reason)
        if status == "expired":
            return _("%(label)s: expired, changed since: %(changes)s", label=line.label, changes=changes)
        return "" if status == "granted" else _("%s: not requested yet", line.label)
