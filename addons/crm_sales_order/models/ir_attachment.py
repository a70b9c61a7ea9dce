# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.osv import expression

from ..exceptions import SalesOrderError

#: What makes a file the file it is
IDENTITY = frozenset(
    "name raw datas db_datas store_fname checksum mimetype file_size type url res_model res_id res_field".split()
)


class IrAttachment(models.Model):
    """The PDF and annexes of a contract that was sent, and what a customer accepted, are evidence.

    Nobody changes or deletes them, in sudo mode neither.
    """

    _inherit = "ir.attachment"

    def write(self, vals):
        if IDENTITY & vals.keys():
            self._check_no_evidence()
        return super().write(vals)

    def unlink(self):
        self._check_no_evidence()
        return super().unlink()

    def _check_no_evidence(self):
        """:raise SalesOrderError: naming the contract; no query for files of anything else"""
        accepted = self.sudo().filtered(lambda file: file.res_model == "crm.acceptance" and file.res_id)
        if accepted:
            name = self.env["crm.acceptance"].sudo().browse(accepted[0].res_id).name
            raise SalesOrderError(
                _("This belongs to acceptance %(acceptance)s as the customer got it. It stays as it is.", acceptance=name)
            )
        files = self.sudo().filtered(lambda file: file.res_model == "crm.contract")
        if not files:
            return
        drawn = files.filtered(lambda file: file.res_field == "signature").mapped("res_id")
        domain = expression.OR(
            [
                [("document_id", "in", files.ids)],
                [("scan_id", "in", files.ids)],
                [("annex_ids", "in", files.ids), ("sent_on", "!=", False)],
                [("id", "in", drawn), ("signed_on", "!=", False)],
            ]
        )
        contract = self.env["crm.contract"].sudo().with_context(active_test=False).search(domain, limit=1)
        if contract:
            raise SalesOrderError(
                _("This belongs to contract %(contract)s as the customer got and signed it. It stays as it is.", contract=contract.name)
            )
