# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import _, fields, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import content_disposition, request

from ..exceptions import SalesOrderValidationError

FILES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class AccountStatementPortal(CustomerPortal):
    """A customer's own statement of account: the one of the company they belong to, and no other."""

    def _prepare_home_portal_values(self, counters):
        """Shown to customers only: the count is that of their open documents."""
        values = super()._prepare_home_portal_values(counters)
        if "statement_count" in counters:
            user = request.env.user
            items = request.env["crm.receivable.item"].sudo()
            customer = user.partner_id.commercial_partner_id
            domain = [("partner_id", "=", customer.id), ("company_id", "=", user.company_id.id), ("kind", "!=", "claim")]
            values["statement_count"] = items.search_count(domain) if user.share else 0
        return values

    def _get_statement(self, date_from=None, date_to=None):
        """The statement of whoever is logged in, in sudo mode; of a colleague's own partner it is empty.

        :raise SalesOrderValidationError: for a period that is none
        """
        user = request.env.user
        statements = request.env["crm.account.statement"].sudo().with_company(user.company_id).with_context(lang=user.lang)
        values = {"partner_id": user.partner_id.commercial_partner_id.id, "company_id": user.company_id.id}
        try:
            days = {"date_from": fields.Date.to_date(date_from or None), "date_to": fields.Date.to_date(date_to or None)}
        except ValueError:
            raise SalesOrderValidationError(_("This is no date: choose it from the calendar.")) from None
        values.update({name: day for name, day in days.items() if day})
        defaults = statements.default_get(["date_from", "date_to"])
        statement = statements.new({**defaults, **values})
        statement._check_period()
        return statement

    @http.route("/my/statement", type="http", auth="user", website=True)
    def portal_my_statement(self, date_from=None, date_to=None, **_kw):
        values = {**self._prepare_portal_layout_values(), "page_name": "statement", "problem": ""}
        try:
            statement = self._get_statement(date_from, date_to)
        except SalesOrderValidationError as error:
            values["problem"] = error.args[0]
            statement = self._get_statement()
        currencies = request.env["res.currency"].sudo()
        accounts = [(account, currencies.browse(account.currency)) for account in statement._get_accounts()]
        return request.render("crm_sales_order.portal_my_statement", {**values, "statement": statement, "accounts": accounts})

    @http.route("/my/statement/<string:kind>", type="http", auth="user", website=True)
    def portal_my_statement_file(self, kind, date_from=None, date_to=None, **_kw):
        if kind not in FILES:
            raise request.not_found()
        try:
            statement = self._get_statement(date_from, date_to)
        except SalesOrderValidationError:
            return request.redirect("/my/statement")
        report = request.env.ref("crm_sales_order.action_report_account_statement").sudo()
        content = statement._get_document_bytes(report) if kind == "pdf" else base64.b64decode(statement.book)
        headers = [
            ("Content-Type", FILES[kind]),
            ("Content-Disposition", content_disposition("%s.%s" % (statement._get_file_name(), kind))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)
