# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io

from odoo import fields, models
from PyPDF2 import PdfFileMerger


class IrActionsReport(models.Model):
    """Reports drawn by the suite instead of being printed from HTML, behind all of Odoo's doors: print menu, mail, portal."""

    _inherit = "ir.actions.report"

    is_paper = fields.Boolean(
        "Drawn as Paper", help="The PDF is drawn from what the document's crm.paper says, with its fonts, chop and letterhead."
    )

    def _render_qweb_pdf(self, res_ids=None, data=None):
        report = self.sudo()
        if not (report.is_paper and res_ids):
            return super()._render_qweb_pdf(res_ids, data=data)
        records = self.env[report.model].browse(res_ids)
        records.check_access_rights("read")
        records.check_access_rule("read")
        return self._merge_pdfs([record._get_document_bytes(report) for record in records]), "pdf"

    def _merge_pdfs(self, documents):
        if len(documents) == 1:
            return documents[0]
        merger, stream = PdfFileMerger(strict=False), io.BytesIO()
        for document in documents:
            merger.append(io.BytesIO(document))
        merger.write(stream)
        return stream.getvalue()
