# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    crm_document_id = fields.Many2one(
        "crm.gate.document", string="Kind of Document", ondelete="set null", help="What the file is, where a stage gate asks for it."
    )

    def init(self):
        super().init()
        # serves the gates: the few files that have a kind
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS ir_attachment_crm_document_idx ON ir_attachment (res_id, crm_document_id)"
            " WHERE crm_document_id IS NOT NULL"
        )
