# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request
from odoo.tools import consteq

from ..exceptions import ContractError, SalesOrderError
from .portal import read_token


class ContractPortal(CustomerPortal):
    """A customer's contracts: the list for who is logged in, and one contract also by the link that was sent."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "contract_count" in counters:
            contracts = request.env["crm.contract"]
            readable = contracts.check_access_rights("read", raise_exception=False)
            values["contract_count"] = contracts.search_count(self._get_contract_domain()) if readable else 0
        return values

    def _get_contract_domain(self):
        """A colleague sees here what the customer of their own partner would: nothing, mostly."""
        company = request.env.user.partner_id.commercial_partner_id
        return [("commercial_partner_id", "=", company.id), ("sent_on", "!=", False)]

    @http.route(["/my/contracts", "/my/contracts/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_contracts(self, page=1, **_kw):
        contracts = request.env["crm.contract"]
        if not contracts.check_access_rights("read", raise_exception=False):
            return request.redirect("/my")
        domain = self._get_contract_domain()
        pager = portal_pager("/my/contracts", contracts.search_count(domain), page=page, step=self._items_per_page)
        found = contracts.search(domain, order="sent_on desc, id desc", limit=self._items_per_page, offset=pager["offset"])
        values = {**self._prepare_portal_layout_values(), "contracts": found.sudo(), "page_name": "contract", "pager": pager}
        return request.render("crm_sales_order.portal_my_contracts", values)

    # ------------------------------------------------------------------ one contract

    @http.route("/my/contracts/<int:contract_id>", type="http", auth="public", website=True)
    def portal_contract_page(self, contract_id, access_token=None, **_kw):
        try:
            contract = self._get_contract(contract_id, access_token)
        except ContractError as error:
            return self._show_closed(error.args[0])
        if request.env.user.share:
            self._note_visit(contract)
        values = {"contract": contract, "token": access_token or "", "page_name": "contract", "no_breadcrumbs": bool(access_token)}
        return request.render("crm_sales_order.portal_contract", {**self._prepare_portal_layout_values(), **values})

    @http.route("/my/contracts/<int:contract_id>/pdf", type="http", auth="public", website=True)
    def portal_contract_pdf(self, contract_id, access_token=None, **_kw):
        """The very bytes that were sent."""
        try:
            contract = self._get_contract(contract_id, access_token)
        except ContractError as error:
            return self._show_closed(error.args[0])
        return self._send_file(contract._get_document_bytes(), "%s.pdf" % contract.name, "application/pdf")

    @http.route("/my/contracts/<int:contract_id>/annex/<int:annex_id>", type="http", auth="public", website=True)
    def portal_contract_annex(self, contract_id, annex_id, access_token=None, **_kw):
        try:
            contract = self._get_contract(contract_id, access_token)
        except ContractError as error:
            return self._show_closed(error.args[0])
        annex = contract.annex_ids.filtered(lambda annex: annex.id == annex_id)
        if not annex:
            return self._show_closed(_("The contract has no such annex. Open the contract again."))
        return self._send_file(annex.raw or b"", annex.name, "application/octet-stream")

    @http.route("/my/contracts/<int:contract_id>/scan", type="http", auth="public", website=True)
    def portal_contract_scan(self, contract_id, access_token=None, **_kw):
        """What the customer signed on paper."""
        try:
            contract = self._get_contract(contract_id, access_token)
        except ContractError as error:
            return self._show_closed(error.args[0])
        scan = contract.scan_id
        if not scan:
            return self._show_closed(_("The contract was not signed on paper. Open the contract again."))
        return self._send_file(scan.raw or b"", scan.name, scan.mimetype)

    def _send_file(self, content, name, mimetype):
        """To be saved, never run in the page."""
        headers = [("Content-Disposition", content_disposition(name)), ("X-Content-Type-Options", "nosniff")]
        return request.make_response(content, [("Content-Type", mimetype), *headers])

    @http.route("/my/contracts/<int:contract_id>/sign", type="json", auth="public", website=True)
    def portal_contract_sign(self, contract_id, access_token=None, name=None, signature=None):
        """Called by Odoo's signature form; what is wrong is shown there, and nothing has changed then."""
        access_token = access_token or request.httprequest.args.get("access_token")
        orders = request.env["sale.order"]
        try:
            contract = self._get_contract(contract_id, access_token)
            if not request.env.user.share:
                return {"error": _("You are logged in as a colleague. Only the customer signs here.")}
            name = orders._check_signer(name)
            orders._check_signature(signature)
        except SalesOrderError as error:
            return {"error": error.args[0]}
        problem = self._sign(contract, name, signature)
        # the page itself again: an address that differs from it by its anchor only would not be loaded
        return {"error": problem} if problem else {"force_refresh": True}

    def _sign(self, contract, name, signature):
        """Sign in a savepoint, so that nothing stays of what fails.

        :return: what to tell the customer when it failed, "" otherwise
        """
        agent = request.httprequest.user_agent.string
        try:
            with request.env.cr.savepoint():
                contract._sign(name, signature, request.httprequest.remote_addr, agent)
        except ContractError as error:
            contract._tell_not_signed(error.args[0])
            return error.args[0]
        except UserError as error:
            # what keeps an order from being confirmed, such as a price, is for the salesperson's eyes
            contract._tell_not_signed(error.args[0])
            contact = contract.user_id.name or contract.company_id.name
            return _("It cannot be signed at the moment; nothing has changed. %(contact)s was told and will contact you.", contact=contact)
        return ""

    def _get_contract(self, contract_id, access_token):
        """The contract a visitor may see, in sudo mode: as its customer, or by a link that is valid.

        :raise ContractError: in words for the visitor
        """
        access_token = read_token(access_token)
        user = request.env.user
        contract = request.env["crm.contract"].browse(contract_id)
        shown = contract.sudo().exists()
        if shown and shown.sent_on and not user._is_public():
            try:
                contract.check_access_rights("read")
                contract.check_access_rule("read")
                return shown
            except AccessError:
                if user.share and user.partner_id.commercial_partner_id != shown.commercial_partner_id:
                    access_token = None
        if not (shown and access_token and shown.access_token and consteq(shown.access_token, access_token)):
            raise ContractError(
                _("This link opens no contract for you. It was replaced, or sent to somebody else: ask who sent it for a link of your own.")
            )
        if not shown._has_live_link():
            expired = shown._say_date(fields.Date.to_date(shown.link_expires_on))
            contact = shown.user_id.name or shown.company_id.name
            raise ContractError(
                _("This link has expired on %(date)s. Ask %(contact)s for a new one, or log in.", date=expired, contact=contact)
            )
        return shown

    def _note_visit(self, contract):
        """Once a day and browser."""
        today, key = fields.Date.today().isoformat(), "view_contract_%d" % contract.id
        if request.session.get(key) != today:
            request.session[key] = today
            contract._note_viewed()

    def _show_closed(self, message):
        response = request.render("crm_sales_order.portal_contract_closed", {"message": message, "no_breadcrumbs": True})
        response.status_code = 403
        return response
