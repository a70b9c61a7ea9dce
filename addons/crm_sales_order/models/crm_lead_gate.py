# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.gate import Finding
from odoo.tools import float_compare


class CrmLead(models.Model):
    """What stage gates look at in quotations: the latest one that was not cancelled speaks for its opportunity."""

    _inherit = "crm.lead"

    @api.model
    def _get_gate_checks(self):
        return {
            **super()._get_gate_checks(),
            "quotation": self._check_gate_quotations,
            "margin": self._check_gate_margins,
        }

    def _get_gate_quotations(self):
        """{lead id: its latest quotation}, in sudo mode; one query."""
        domain = [("opportunity_id", "in", self.ids), ("state", "!=", "cancel")]
        return {order.opportunity_id.id: order for order in self.env["sale.order"].sudo().search(domain, order="id")}

    @api.model
    def _check_gate_quotations(self, pairs):
        quotations = self.concat(*(lead for lead, _line in pairs))._get_gate_quotations()
        findings = {}
        for lead, line in pairs:
            findings[lead.id, line.id] = Finding(lead.id in quotations, _("No quotation yet"))
        return findings

    @api.model
    def _check_gate_margins(self, pairs):
        quotations = self.concat(*(lead for lead, _line in pairs))._get_gate_quotations()
        return {(lead.id, line.id): self._judge_margin(quotations.get(lead.id), line) for lead, line in pairs}

    @api.model
    def _judge_margin(self, quotation, line):
        if not quotation:
            return Finding(False, _("%s: no quotation yet", line.label))
        if quotation.margin_state != "known":
            return Finding(False, _("%(label)s: the cost of quotation %(order)s is not known", label=line.label, order=quotation.name))
        enough = float_compare(quotation.margin_percent * 100, line.minimum_margin, precision_digits=1) >= 0
        return Finding(enough, _("%(label)s: quotation %(order)s has less", label=line.label, order=quotation.name))

    @api.model
    def _get_gate_fact_labels(self):
        labels = {"quotation_total": _("Total of the quotation"), "quotation_margin": _("Margin of the quotation")}
        return {**super()._get_gate_fact_labels(), **labels}

    @api.model
    def _get_gate_facts(self):
        """An approval is about the quotation, too."""
        facts, quotations = super()._get_gate_facts(), self._get_gate_quotations()
        for lead_id, order in quotations.items():
            facts[lead_id].update(quotation_total=order.amount_untaxed, quotation_margin=order.margin)
        return facts
