# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError


class CrmContract(models.Model):
    """Annexes: files that are part of the contract. The text names each with its fingerprint, so that the signature of the
    text covers them; they are frozen with it (ir_attachment.py)."""

    _inherit = "crm.contract"

    annex_ids = fields.Many2many(
        "ir.attachment",
        "crm_contract_annex_rel",
        "contract_id",
        "attachment_id",
        string="Annexes",
        copy=False,
        help="Files the customer gets and signs with the contract, such as a specification.",
    )

    annex_count = fields.Integer(compute="_compute_annex_count")

    @api.depends("annex_ids")
    def _compute_annex_count(self):
        for contract in self:
            contract.annex_count = len(contract.sudo().annex_ids)

    @api.constrains("annex_ids")
    def _check_annexes(self):
        """Only files uploaded here: whatever else one can name would be shown to the customer."""
        for contract in self:
            for annex in contract.sudo().annex_ids:
                fresh = not annex.res_id and annex.create_uid == self.env.user
                if annex.res_model != self._name or annex.res_field or not (fresh or annex.res_id == contract.id):
                    raise ValidationError(_("“%(file)s” belongs to something else. Upload it on the contract itself.", file=annex.name))

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._adopt_annexes()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "annex_ids" in vals:
            self._adopt_annexes()
        return result

    def _adopt_annexes(self):
        """A file that was uploaded before the contract was saved belongs to it from now on."""
        for contract in self:
            contract.sudo().annex_ids.filtered(lambda annex: not annex.res_id).write({"res_id": contract.id})

    def _get_annex_prints(self):
        """[[name, SHA-256]] of the annexes as they are stored now, in their order."""
        self.ensure_one()
        return [[annex.name, sha256(annex.raw or b"").hexdigest()] for annex in self.sudo().annex_ids.sorted("id")]

    def _get_annex_blocks(self):
        """The list of annexes as the last clause: [(title, [text])], [] without any; in the language of the context."""
        annexes = self._get_annex_prints()
        lines = ["%d. %s (SHA-256 %s)" % (number, name, digest) for number, (name, digest) in enumerate(annexes, 1)]
        return [(_("Annexes"), lines)] if lines else []
