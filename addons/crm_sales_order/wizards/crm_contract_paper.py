# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmContractPaper(models.TransientModel):
    """Asks who signed a contract on paper and when, and for the scan."""

    _name = "crm.contract.paper"
    _description = "Contract Signed on Paper"
    _inherit = "crm.paper.evidence"

    contract_id = fields.Many2one("crm.contract", required=True, readonly=True, ondelete="cascade")
    countersigned = fields.Boolean(string="Signed and Chopped by Us, too", default=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        contract = self.env["crm.contract"].browse(values.get("contract_id"))
        if contract:
            values["signer_name"] = (contract.signatory_id or contract.partner_id)._get_signer_name()
        return values

    def action_take(self):
        """:raise SalesOrderError: saying what is missing, or why the contract cannot be signed"""
        signer, moment = self._check_evidence()
        contract = self.contract_id
        contract._sign_on_paper(signer, moment, self._prepare_scan())
        if self.countersigned and not contract.company_signed_on:
            contract.action_countersign()
        return {"type": "ir.actions.act_window_close"}
