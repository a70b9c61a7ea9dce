# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request


class InvoicePortal(CustomerPortal):
    def _show_report(self, model, report_type, report_ref, download=False):
        """The page of a document a customer may read, which the caller has checked.

        Odoo draws it as the customer, who may not read the taxes of the lines, and answers with “forbidden”. So it is drawn by
        the superuser here.
        """
        if report_type != "html":
            return super()._show_report(model, report_type, report_ref, download=download)
        report = request.env.ref(report_ref).with_user(SUPERUSER_ID)
        page = report._render_qweb_html(model.ids, data={"report_type": report_type})[0]
        return request.make_response(page, headers=[("Content-Type", "text/html"), ("Content-Length", len(page))])
