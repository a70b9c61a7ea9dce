# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import _, fields, models

from ..exceptions import SalesOrderError


class CrmContract(models.Model):
    """Signing on paper: what was sent is printed and signed, and a colleague enters who signed when, with the scan as evidence."""

    _inherit = "crm.contract"

    scan_id = fields.Many2one("ir.attachment", string="Signed Original", readonly=True, copy=False, ondelete="restrict")
    scan_sha256 = fields.Char(
        string="Fingerprint of the Scan", readonly=True, copy=False, help="SHA-256 of the scan as it was uploaded."
    )
    signature_entered_by_id = fields.Many2one(
        "res.users", string="Entered by", readonly=True, copy=False, ondelete="restrict", groups="base.group_user"
    )
    signature_entered_on = fields.Datetime(string="Entered on", readonly=True, copy=False, groups="base.group_user")

    def action_print_to_sign(self):
        """Freeze it as :meth:`action_send` does, mail nobody, and print it: it will be signed on paper."""
        self.ensure_one()
        self._check_may_write()
        self._check_can_send()
        self._freeze()
        return self.action_print()

    def action_signed_on_paper(self):
        """Ask who signed when, and for the scan."""
        self.ensure_one()
        self._check_waits_for_customer()
        return {
            "type": "ir.actions.act_window",
            "name": _("%(contract)s Signed on Paper", contract=self.name),
            "res_model": "crm.contract.paper",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _check_waits_for_customer(self):
        """:raise SalesOrderError: in words for the salesperson, when there is nothing the customer can have signed"""
        self.ensure_one()
        contract = self.sudo()
        if contract.state != "sent":
            raise SalesOrderError(
                _(
                    "%(contract)s does not wait for the customer's signature. Print it to sign first: that fixes its text.",
                    contract=self.name,
                )
            )
        if contract._is_outdated() or not contract._is_document_intact():
            raise SalesOrderError(
                _(
                    "%(contract)s is no longer what was printed and sent: its orders or files have changed. "
                    "Take it back to draft and have the new text signed.",
                    contract=self.name,
                )
            )

    def _sign_on_paper(self, signer, signed_on, scan):
        """The customer signed on paper: as by :meth:`_sign`, with the scan for a drawn signature, once.

        :param scan: values of the file to keep, checked before
        :raise SalesOrderError: saying why not
        """
        self.ensure_one()
        self._check_may_write()
        self._lock()
        self._check_waits_for_customer()
        kept = self.env["ir.attachment"].sudo().create({**scan, "res_model": self._name, "res_id": self.id})
        evidence = {
            "signed_on": signed_on,
            "scan_id": kept.id,
            "scan_sha256": sha256(kept.raw).hexdigest(),
            "signature_entered_by_id": self.env.uid,
            "signature_entered_on": fields.Datetime.now(),
        }
        self.sudo()._take_signature(signer, evidence)
