# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.dealer_file import MONTH, PRODUCT, SOLD, STOCK, judge
from ..exceptions import DealerError

#: Problems that are named in one message
SHOWN = 10


class CrmDealerReport(models.Model):
    """Taking what dealers report: judged as a whole, and stored as a whole or not at all."""

    _inherit = "crm.dealer.report"

    @api.model
    def _get_codes(self, dealer):
        """{folded code, barcode or name: product id} of what the dealer may report: what it is offered, lists or reported before."""
        before = self.env["crm.dealer.report.line"].sudo().search([("dealer_id", "=", dealer.id)]).product_id
        products = dealer._find_dealer_products() | dealer.dealer_product_ids | before
        codes = {}
        for name in ("name", "barcode", "default_code"):  # where two are alike, the last counts
            codes.update((product[name].strip().casefold(), product.id) for product in products if product[name])
        return codes

    @api.model
    def _judge(self, dealer, company, rows, codes=None, correct=False, skip_blank=True):
        """Rows to store and problems, see :func:`engine.dealer_file.judge`; reported months are no problem to ``correct``."""
        known = {}
        if not correct:
            lines = self.env["crm.dealer.report.line"].sudo().search([("dealer_id", "=", dealer.id), ("company_id", "=", company.id)])
            known = {(line.product_id.id, line.month): (line.sold, line.stock) for line in lines}
        codes = self._get_codes(dealer) if codes is None else codes
        return judge(rows, codes, fields.Date.context_today(self), known, skip_blank)

    @api.model
    def _take(self, dealer, company, rows, source):
        """Store judged rows; months that have no report yet get one, figures that are the same are left.

        :param rows: of :class:`engine.dealer_file.Row`
        :return: how many figures were new or changed. Cost: a constant number of searches
        """
        reports = self.sudo().with_company(company)
        base = [("dealer_id", "=", dealer.id), ("company_id", "=", company.id)]
        months = sorted({row.month for row in rows})
        by_month = {report.month: report for report in reports.search([*base, ("month", "in", months)])}
        missing = [{"dealer_id": dealer.id, "company_id": company.id, "month": month} for month in months if month not in by_month]
        by_month.update((report.month, report) for report in reports.create(missing))
        lines = reports.env["crm.dealer.report.line"]
        known = {(line.report_id.id, line.product_id.id): line for line in lines.search([*base, ("month", "in", months)])}
        new, touched, changed = [], reports.browse(), 0
        for row in rows:
            report, values = by_month[row.month], {"sold": row.sold, "stock": row.stock}
            line = known.get((report.id, row.product_id))
            if line and (line.sold, line.stock) == (row.sold, row.stock):
                continue
            changed += 1
            touched |= report
            if line:
                line.write(values)
            else:
                new.append({"report_id": report.id, "product_id": row.product_id, **values})
        lines.create(new)
        touched.write({"source": source, "date_reported": fields.Datetime.now()})
        return changed

    @api.model
    def _get_problem_texts(self, problems, where):
        """What is wrong, one sentence each, beginning with where.

        :param where: ``problem → words`` for the row, such as “Row 5”
        """
        names = {MONTH: _("Month"), PRODUCT: _("Product"), SOLD: _("Sold"), STOCK: _("Stock")}
        texts = {
            "month": _("“%(value)s” is no month. Write it like 2026-10."),
            "future": _("%(value)s has not begun yet."),
            "unknown": _("there is no product “%(value)s” among yours. Use the codes of the template."),
            "missing": _("the number is missing. Write 0 if there was none."),
            "number": _("“%(value)s” is no number."),
            "negative": _("“%(value)s” is negative. Write 0 or more."),
            "twice": _("the product is there for this month already, in row %(value)s. Keep one of them."),
            "reported": _("%(value)s is reported already with other figures. Correct it in the form of that month."),
        }
        return [
            "%s, %s: %s" % (where(problem), names[problem.field], texts[problem.code].replace("%(value)s", problem.value))
            for problem in problems
        ]

    @api.model
    def _refuse(self, texts):
        """:raise DealerError: naming the first problems"""
        more = [_("… and %d more.", len(texts) - SHOWN)] if len(texts) > SHOWN else []
        raise DealerError("\n".join([_("Nothing was stored. Correct this and send it again:"), *texts[:SHOWN], *more]))

    @api.model
    def _get_collision_text(self):
        return _("Somebody of your company reported at the same moment. Reload the page, look, and send again what is missing.")
