# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reporting sell-out and stock at the portal: in a form, or with an XLSX file."""
from dateutil.relativedelta import relativedelta
from odoo import _, fields
from odoo.http import content_disposition, request

from ..engine.dealer_file import read_month
from ..exceptions import DealerError
from .dealer import DealerPortal, route

#: Months a dealer may report at the portal
MONTHS = 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DealerReportPortal(DealerPortal):
    def _get_months(self):
        """Of the last :data:`MONTHS`, the newest first."""
        this_month = fields.Date.context_today(request.env.user).replace(day=1)
        return [this_month - relativedelta(months=back) for back in range(MONTHS)]

    def _get_reports(self, dealer):
        return request.env["crm.dealer.report"].with_context(lang=request.env.lang).with_company(dealer.env.company)

    @route("/my/dealer/report", methods=["GET", "POST"])
    def dealer_report(self, month="", done="", **form):
        dealer = self._get_dealer()
        months = self._get_months()
        chosen = read_month(month)
        if chosen not in months:
            chosen = months[1]
        problem = ""
        if request.httprequest.method == "POST":
            reports = self._get_reports(dealer)
            problem = self._try(lambda: reports._take_form(dealer, chosen, form))
            if not problem:
                return request.redirect("/my/dealer/report?month=%s&done=form" % chosen.strftime("%Y-%m"))
        return self._render_report(dealer, chosen, problem=problem, form=form, done=done)

    def _render_report(self, dealer, month, problem="", form=None, done="", answer=""):
        products = dealer._get_dealer_report_products()
        lines = request.env["crm.dealer.report.line"].sudo()
        known = lines.search([("dealer_id", "=", dealer.id), ("company_id", "=", dealer.env.company.id), ("month", "=", month)])
        products |= known.product_id
        typed = form or {}
        values = {}
        for line in known:
            values["sold_%d" % line.product_id.id] = "%g" % line.sold
            values["stock_%d" % line.product_id.id] = "%g" % line.stock
        values.update((name, value) for name, value in typed.items() if name.startswith(("sold_", "stock_")))
        return self._render(
            "dealer_report",
            dealer,
            "report",
            products=products.sorted(lambda product: (product.default_code or "", product.id)),
            values=values,
            month=month,
            months=self._get_months(),
            is_reported=bool(known),
            problem=problem,
            answer=answer or (_("Saved. Thank you.") if done else ""),
        )

    @route("/my/dealer/report/template")
    def dealer_template(self, month="", **kw):
        dealer = self._get_dealer()
        month = read_month(month) or self._get_months()[1]
        content = self._get_reports(dealer)._get_template(dealer, month)
        name = _("sell-out %s.xlsx", month.strftime("%Y-%m"))
        return request.make_response(content, [("Content-Type", XLSX), ("Content-Disposition", content_disposition(name))])

    @route("/my/dealer/report/file", methods=["POST"])
    def dealer_file(self, **kw):
        dealer = self._get_dealer()
        files = self._get_files("file")
        found = []

        def take():
            if len(files) != 1:
                raise DealerError(_("Choose the file to send."))
            found.append(self._get_reports(dealer)._take_file(dealer, *files[0]))

        problem = self._try(take)
        answer = found[0] if found and not problem else ""
        return self._render_report(dealer, self._get_months()[1], problem=problem, answer=answer)

    @route("/my/dealer/api", methods=["GET", "POST"])
    def dealer_api(self, **kw):
        dealer = self._get_dealer()
        keys = request.env["crm.dealer.key"].sudo()
        fresh = keys._make(dealer, dealer.env.company) if request.httprequest.method == "POST" else ""
        key = keys.search([("dealer_id", "=", dealer.id)], limit=1)
        base = request.httprequest.host_url.rstrip("/")
        response = self._render("dealer_api", dealer, "report", fresh=fresh, key=key, address=base + "/crm/dealer/api/report")
        response.headers["Cache-Control"] = "no-store"
        return response
