# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import api, fields, models


class CrmAcceptanceEntry(models.TransientModel):
    """Asks who accepted an order and when, where the customer did so on paper or by word."""

    _name = "crm.acceptance.entry"
    _description = "Accepted by the Customer"
    _inherit = "crm.paper.evidence"
    _scan_required = False

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        order = self.env["sale.order"].browse(values.get("order_id"))
        if order:
            values["signer_name"] = order.partner_id._get_signer_name()
        return values

    def action_take(self):
        """:raise SalesOrderError: saying what is missing, or why it cannot be accepted"""
        signer, moment = self._check_evidence()
        acceptance = self.order_id._get_parts_to_accept()._ask_acceptance()
        evidence = {"answered_on": moment, "entered_by_id": self.env.uid}
        if self.scan:
            values = {**self._prepare_scan(), "res_model": acceptance._name, "res_id": acceptance.id}
            kept = self.env["ir.attachment"].sudo().create(values)
            evidence.update(scan_id=kept.id, scan_sha256=sha256(kept.raw).hexdigest())
        acceptance._accept(signer, evidence)
        return {"type": "ir.actions.act_window_close"}
