# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import _, api, fields, models

from .crm_approval_mixin import ApprovalReason


class CrmApproval(models.Model):
    _inherit = "crm.approval"

    contract_id = fields.Many2one("crm.contract", string="Contract", readonly=True, index=True, ondelete="cascade")


class CrmApprovalTier(models.Model):
    _inherit = "crm.approval.tier"

    model = fields.Selection(selection_add=[("crm.contract", "Contract")], ondelete={"crm.contract": "cascade"})
    kind = fields.Selection(
        selection_add=[("wording", "Own wording in a contract"), ("contract", "Any contract")],
        ondelete={"wording": "cascade", "contract": "cascade"},
        help="Price conceded: below the floor, or beyond the discount the salesperson may give. "
        "Own wording: a clause is not as it stands in the library. Any contract: from the amount on.",
    )


class CrmContract(models.Model):
    """Contracts need approval where their wording is nobody's but the rep's, and where they are large."""

    _name = "crm.contract"
    _inherit = ["crm.contract", "crm.approval.mixin"]

    approval_ids = fields.One2many(
        "crm.approval", "contract_id", string="Approvals", readonly=True, copy=False, groups="base.group_user"
    )

    def _get_approval_reasons(self):
        tiers = self.env["crm.approval.tier"]._get_tiers("crm.contract")
        reasons = {}
        for contract in self:
            amount = contract._get_company_amount()
            for kind, text in contract._get_approval_causes():
                asked = tiers.filtered(
                    lambda tier, kind=kind, contract=contract, amount=amount: tier._covers(kind, contract.company_id, amount=amount)
                )
                reasons.setdefault(contract, []).extend(ApprovalReason(tier, text) for tier in asked)
        return reasons

    def _get_approval_causes(self):
        """[(kind of tier, reason in words)]; those for which there is no tier need nobody."""
        self.ensure_one()
        own = self.article_ids.filtered("is_changed").mapped("name")
        causes = [("contract", _("Contract over %s", self._say_amount(self.amount_total)))]
        if own and not self.amends_id:
            causes.append(("wording", _("Own wording: %s", ", ".join(own))))
        return causes

    def _get_company_amount(self):
        today = fields.Date.context_today(self)
        return self.currency_id._convert(self.amount_total, self.company_id.currency_id, self.company_id, today)

    def _get_approval_facts(self):
        return {
            contract.id: {
                "amount": contract.amount_total,
                "start": str(contract.date_start or ""),
                "end": str(contract.date_end or ""),
                "customer": contract.partner_id.id,
                "orders": contract._get_document_facts(),
                "text": sha256(repr(contract.article_ids.mapped(lambda one: (one.name, one.text))).encode()).hexdigest(),
            }
            for contract in self
        }

    @api.model
    def _get_approval_fact_labels(self):
        return {
            "amount": _("Amount"),
            "start": _("Start"),
            "end": _("End"),
            "customer": _("Customer"),
            "orders": _("Orders"),
            "text": _("Clauses"),
        }

    def action_request_approval(self, note=""):
        """Ask; while it is asked, the contract is not edited."""
        result = super().action_request_approval(note)
        self._write_guarded({"state": "approval"})
        return result
