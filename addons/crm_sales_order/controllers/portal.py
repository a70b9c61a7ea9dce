# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re
import time

from odoo import _, fields, http
from odoo.addons.portal.controllers.mail import MailController, PortalChatter
from odoo.addons.sale_management.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from werkzeug.utils import redirect

from ..exceptions import SalesOrderError

#: What a customer sees the quotation itself in; in other states a page says what to do
SHOWN_STATES = ("open", "signed", "order")
#: A visit ends after so many seconds without a page
VISIT_SECONDS = 1800
ROBOTS = re.compile(r"bot\b|crawl|spider|preview|slurp|scan|facebookexternalhit|headlesschrome/.*lighthouse|curl|wget|python-|^$", re.I)

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")


def read_token(text):
    """What came as a token, False if no link of ours can have it: some characters cannot even be compared or looked up."""
    return isinstance(text, str) and TOKEN.fullmatch(text) and text


def read_id(text):
    """What came as an id in a form, 0 if no record can have it."""
    number = int(text) if re.fullmatch("[0-9]{1,10}", str(text)) else 0
    return number if number < 2**31 else 0


def _is_other_customer(order_id):
    """Whether a customer or supplier who is logged in holds the link of another customer's order."""
    user = request.env.user
    if user._is_public() or not user.share:
        return False
    order = request.env["sale.order"].sudo().browse(order_id).exists()
    owners = (order.partner_id | order.partner_invoice_id | order.partner_shipping_id).commercial_partner_id
    return user.partner_id.commercial_partner_id not in owners


def _is_newer_than(order, token):
    """Whether ``token``, if any, is the link of a version before the one ``order`` has now."""
    return bool(token) and token != order.access_token


class QuotationPortal(CustomerPortal):
    def _document_check_access(self, model_name, document_id, access_token=None):
        """A link opens a quotation for nobody who is logged in as another customer."""
        access_token = read_token(access_token)
        if model_name == "sale.order" and access_token and _is_other_customer(document_id):
            access_token = None
        return super()._document_check_access(model_name, document_id, access_token=access_token)

    # -- the page --------------------------------------------------------------------------------------------------

    @http.route()
    def portal_order_page(self, order_id, report_type=None, access_token=None, message=False, download=False, **kw):
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return self._show_lost_quotation(order_id, access_token)
        if request.env.user.share:
            state = order._get_online_state()
            if state not in SHOWN_STATES:
                return self._show_closed_quotation(state, order, access_token or order.access_token, asked=message == "asked")
            self._count_quotation_visit(order, report_type)
        return super().portal_order_page(
            order_id, report_type=report_type, access_token=access_token, message=message, download=download, **kw
        )

    def _count_quotation_visit(self, order, report_type):
        """Once per visit; a robot that only looks whether the link is alive, and a download, are none."""
        key = "quotation_visit_%d" % order.version_id.id
        now = time.time()
        before, request.session[key] = request.session.get(key, 0), now
        # Odoo writes a note and a mail for each day of looking; the rep is notified by ourselves
        request.session["view_quote_%s" % order.id] = fields.Date.today().isoformat()
        agent = request.httprequest.user_agent.string or ""
        is_person = request.httprequest.method == "GET" and not ROBOTS.search(agent)
        if is_person and not report_type and order.state == "sent" and now - before > VISIT_SECONDS:
            order._note_visit()

    def _show_lost_quotation(self, order_id, access_token):
        """A link that opens nothing: of an earlier version, of somebody else's quotation, or of none."""
        access_token = read_token(access_token)
        order = request.env["sale.order"].sudo().browse(order_id).exists()
        if access_token and order and _is_other_customer(order_id):
            return self._show_closed_quotation("foreign", order.browse(), None)
        version = request.env["crm.quotation.version"]._find_by_token(order_id, access_token)
        if version:
            asked = request.params.get("message") == "asked"
            return self._show_closed_quotation("replaced", version.order_id, access_token, asked=asked)
        return request.redirect("/my")

    def _show_closed_quotation(self, state, order, access_token, asked=False):
        values = {"state": state, "order": order, "token": access_token, "asked": asked, "page_name": "quote", "no_breadcrumbs": True}
        return request.render("crm_sales_order.quotation_closed", values)

    # -- the answers -----------------------------------------------------------------------------------------------

    def _get_answered_quotation(self, order_id, access_token):
        """The order a customer answers, in sudo mode.

        :raise SalesOrderError: to be shown to the customer
        """
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            order = request.env["sale.order"].sudo()
        if order and not request.env.user.share:
            raise SalesOrderError(_("You are logged in as a colleague: only the customer answers here."))
        if not order or _is_newer_than(order, access_token):
            raise SalesOrderError(_("There is a newer version of this quotation. Open the latest link, or load this page again."))
        return order

    def _answer_quotation(self, order_id, access_token, method, *arguments):
        """Call ``method`` of the order; whatever it wrote before it raised is undone.

        :return: (order, what the method returned)
        """
        order = self._get_answered_quotation(order_id, access_token)
        with request.env.cr.savepoint():
            return order, getattr(order, method)(*arguments)

    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            order, _new = self._answer_quotation(order_id, access_token, "_sign_online", name, signature, request.httprequest.remote_addr)
        except SalesOrderError as error:
            return {"error": error.args[0]}
        query = "&message=sign_ok" + ("#allow_payment=yes" if order.has_to_be_paid(True) else "")
        return {"force_refresh": True, "redirect_url": order.get_portal_url(query_string=query)}

    @http.route()
    def decline(self, order_id, access_token=None, **post):
        access_token = read_token(access_token)
        try:
            order, _none = self._answer_quotation(order_id, access_token, "_reject_online", post.get("decline_message"))
        except SalesOrderError:
            return redirect("/my/orders/%d?access_token=%s&message=cant_reject" % (order_id, access_token or ""))
        return redirect(order.get_portal_url())

    @http.route("/my/orders/<int:order_id>/ask", type="http", auth="public", methods=["POST"], website=True)
    def quotation_ask(self, order_id, access_token=None, **_post):
        """One click on the page of an expired, rejected or replaced quotation."""
        access_token = read_token(access_token)
        version = request.env["crm.quotation.version"]
        if not _is_other_customer(order_id):
            version = version._find_by_token(order_id, access_token)
        try:
            order = version.order_id or self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        order._ask_online()
        return redirect("/my/orders/%d?access_token=%s&message=asked" % (order_id, access_token or ""))

    @http.route()
    def update_line_dict(self, line_id, remove=False, unlink=False, order_id=None, access_token=None, input_quantity=False, **kwargs):
        line = request.env["sale.order.line"].sudo().browse(read_id(line_id)).exists()
        if unlink:
            quantity = 0
        elif input_quantity is not False:
            quantity = input_quantity
        else:
            quantity = max(0, line.product_uom_qty + (-1 if remove else 1))
        try:
            self._answer_quotation(order_id, access_token, "_choose_quantity", line, quantity)
        except SalesOrderError as error:
            return {"error": error.args[0]}
        return {}

    @http.route()
    def add(self, order_id, option_id, access_token=None, **post):
        option = request.env["sale.order.option"].sudo().browse(option_id).exists()
        try:
            self._answer_quotation(order_id, access_token, "_choose_option", option)
        except SalesOrderError as error:
            return {"error": error.args[0]}
        return {}

    # -- paying: Odoo takes the number of an order for enough ---------------------------------------------------------

    @http.route()
    def payment_transaction_token(self, acquirer_id, order_id, save_token=False, access_token=None, **kwargs):
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            self._get_answered_quotation(order_id, access_token)
        except SalesOrderError:
            return False
        return super().payment_transaction_token(acquirer_id, order_id, save_token=save_token, access_token=access_token, **kwargs)

    @http.route()
    def payment_token(self, order_id, pm_id=None, **kwargs):
        try:
            self._get_answered_quotation(order_id, kwargs.get("access_token"))
        except SalesOrderError:
            return request.redirect("/my/orders")
        return super().payment_token(order_id, pm_id=pm_id, **kwargs)


class QuotationChatter(PortalChatter):
    """Comments on a quotation, too, are for nobody who is logged in as another customer."""

    def _drop_keys(self, res_model, res_id, values):
        if res_model == "sale.order" and _is_other_customer(int(res_id)):
            for name in self._portal_post_filter_params():
                values.pop(name, None)

    @http.route()
    def portal_chatter_post(self, res_model, res_id, message, redirect=None, attachment_ids="", attachment_tokens="", **kw):
        self._drop_keys(res_model, res_id, kw)
        return super().portal_chatter_post(
            res_model, res_id, message, redirect=redirect, attachment_ids=attachment_ids, attachment_tokens=attachment_tokens, **kw
        )

    @http.route()
    def portal_message_fetch(self, res_model, res_id, domain=False, limit=10, offset=0, **kw):
        self._drop_keys(res_model, res_id, kw)
        return super().portal_message_fetch(res_model, res_id, domain=domain, limit=limit, offset=offset, **kw)


class QuotationMail(MailController):
    @classmethod
    def _redirect_to_record(cls, model, res_id, access_token=None, **kwargs):
        """The button of a mail whose quotation was replaced leads to the page that says so."""
        if model == "sale.order" and access_token and not request.session.uid:
            version = request.env["crm.quotation.version"]._find_by_token(res_id, access_token)
            if version and version != version.order_id.version_id:
                return redirect("/my/orders/%d?access_token=%s" % (res_id, access_token))
        return super()._redirect_to_record(model, res_id, access_token=access_token, **kwargs)
