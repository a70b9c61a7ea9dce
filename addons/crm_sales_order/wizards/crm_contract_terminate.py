# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models

from ..exceptions import SalesOrderError


class CrmContractTerminate(models.TransientModel):
    """Asks why a contract ends early."""

    _name = "crm.contract.terminate"
    _description = "Terminate a Contract"

    contract_id = fields.Many2one("crm.contract", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()

    def action_terminate(self):
        """:raise SalesOrderError: without a reason, and where the contract is not in force"""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise SalesOrderError(_("Say why the contract ends: others will read it."))
        self.contract_id._terminate(reason)
        return {"type": "ir.actions.act_window_close"}
