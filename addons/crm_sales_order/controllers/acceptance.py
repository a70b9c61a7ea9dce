# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request
from werkzeug.utils import redirect

from ..exceptions import SalesOrderError
from .portal import QuotationPortal, read_token

URL = "/my/orders/<int:order_id>/acceptance/<int:acceptance_id>"


class AcceptancePortal(QuotationPortal):
    """On the page of an order: the customer accepts, or says what is missing. Whoever may open the order may."""

    @http.route(URL + "/sign", type="json", auth="public", website=True)
    def acceptance_sign(self, order_id, acceptance_id, access_token=None, name=None, signature=None):
        """Called by Odoo's signature form, which shows the error."""
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            acceptance = self._get_answered_acceptance(order_id, acceptance_id, access_token)
        except SalesOrderError as error:
            return {"error": error.args[0]}
        agent = request.httprequest.user_agent.string
        problem = acceptance._accept_online(name, signature, request.httprequest.remote_addr, agent)
        # the page itself again: an address that differs from it by its anchor only would not be loaded
        return {"error": problem} if problem else {"force_refresh": True}

    @http.route(URL + "/refuse", type="http", auth="public", methods=["POST"], website=True)
    def acceptance_refuse(self, order_id, acceptance_id, access_token=None, reason=None, **_post):
        access_token = read_token(access_token)
        try:
            acceptance = self._get_answered_acceptance(order_id, acceptance_id, access_token)
        except SalesOrderError:
            return redirect("/my/orders/%d?access_token=%s" % (order_id, access_token or ""))
        try:
            acceptance._refuse_online(reason)
        except SalesOrderError:
            return redirect(self._get_acceptance_url(acceptance, "&message=acceptance_reason"))
        return redirect(self._get_acceptance_url(acceptance))

    @http.route(URL + "/pdf", type="http", auth="public", website=True)
    def acceptance_pdf(self, order_id, acceptance_id, access_token=None, **_kw):
        """The very bytes the customer is asked about."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        acceptance = order.sudo().acceptance_ids.filtered(lambda one: one.id == acceptance_id)
        if not acceptance:
            return request.redirect("/my")
        headers = [("Content-Disposition", content_disposition("%s.pdf" % acceptance.name)), ("X-Content-Type-Options", "nosniff")]
        return request.make_response(acceptance._get_document_bytes(), [("Content-Type", "application/pdf"), *headers])

    def _get_answered_acceptance(self, order_id, acceptance_id, access_token):
        """In sudo mode.

        :raise SalesOrderError: to be shown to the customer
        """
        order = self._get_answered_quotation(order_id, access_token).sudo()
        acceptance = order.acceptance_ids.filtered(lambda one: one.id == acceptance_id)
        if not acceptance:
            raise SalesOrderError(_("Nothing is asked here any more. Load the page of the order again."))
        return acceptance

    def _get_acceptance_url(self, acceptance, query=""):
        return acceptance.order_id.get_portal_url(query_string=query, anchor="acceptance")
