# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import namedtuple

from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models
from psycopg2.extras import execute_values

from ..engine.dealer_stock import cover

#: Months whose sell-out is the pace a stock is used up at
PACE_MONTHS = 3
Finding = namedtuple("Finding", "dealer_id kind product_id company_id value limit")

#: Dealers of the company with the thresholds of their levels
DEALERS = """
    SELECT dealer.id, level.slow_days, level.least_sell_out, level.cover_days
      FROM res_partner AS dealer JOIN crm_dealer_level AS level ON level.id = dealer.dealer_level_id
     WHERE dealer.is_dealer AND dealer.active AND coalesce(dealer.company_id, %(company)s) = %(company)s
"""
SLOW_ORDERS = f"""
    SELECT dealer.id, %(today)s - coalesce(max(sale.date_order)::date, min(partner.create_date)::date), dealer.slow_days
      FROM ({DEALERS}) AS dealer
      JOIN res_partner AS partner ON partner.commercial_partner_id = dealer.id
      LEFT JOIN sale_order AS sale ON sale.partner_id = partner.id AND sale.state IN ('sale', 'done') AND sale.company_id = %(company)s
     WHERE dealer.slow_days > 0
     GROUP BY dealer.id, dealer.slow_days
    HAVING %(today)s - coalesce(max(sale.date_order)::date, min(partner.create_date)::date) >= dealer.slow_days
"""
SLOW_SELL_OUT = f"""
    SELECT dealer.id, coalesce(sum(line.sold), 0), dealer.least_sell_out
      FROM ({DEALERS}) AS dealer
      JOIN LATERAL (SELECT id FROM crm_dealer_report
                     WHERE dealer_id = dealer.id AND company_id = %(company)s AND month < %(this_month)s
                     ORDER BY month DESC LIMIT 1) AS report ON TRUE
      LEFT JOIN crm_dealer_report_line AS line ON line.report_id = report.id
     WHERE dealer.least_sell_out > 0
     GROUP BY dealer.id, dealer.least_sell_out
    HAVING coalesce(sum(line.sold), 0) < dealer.least_sell_out
"""
#: Of each listed product: stock as it stands (NULL: nobody knows), what was sold in the months of the pace, the first and last of
#: them that were reported
LISTED = f"""
    SELECT dealer.id, listed.product_id, dealer.cover_days, last.stock, coalesce(pace.sold, 0), pace.first, pace.last
      FROM ({DEALERS}) AS dealer
      JOIN crm_dealer_product_rel AS listed ON listed.dealer_id = dealer.id
      LEFT JOIN LATERAL (
           SELECT coalesce(flow.stock_reported, flow.stock_computed) AS stock
             FROM crm_dealer_flow AS flow
            WHERE flow.dealer_id = dealer.id AND flow.product_id = listed.product_id AND flow.company_id = %(company)s
            ORDER BY flow.month DESC LIMIT 1) AS last ON TRUE
      LEFT JOIN LATERAL (
           SELECT sum(line.sold) AS sold, min(line.month) AS first, max(line.month) AS last
             FROM crm_dealer_report_line AS line
            WHERE line.dealer_id = dealer.id AND line.product_id = listed.product_id AND line.company_id = %(company)s
              AND line.month >= %(pace_from)s) AS pace ON TRUE
     WHERE dealer.cover_days > 0
"""
OPEN = """
    INSERT INTO crm_dealer_flag (dealer_id, kind, product_id, company_id, value, "limit", state, date, region_id, user_id, team_id,
                                 create_uid, create_date, write_uid, write_date)
    SELECT new.dealer_id, new.kind, new.product_id, new.company_id, new.value, new.least, 'open', new.date,
           dealer.dealer_region_id, dealer.user_id, dealer.team_id, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
      FROM (VALUES %s) AS new (dealer_id, kind, product_id, company_id, value, least, date)
      JOIN res_partner AS dealer ON dealer.id = new.dealer_id
        ON CONFLICT (dealer_id, kind, coalesce(product_id, 0), company_id) WHERE state = 'open'
        DO UPDATE SET value = excluded.value, "limit" = excluded."limit"
 RETURNING id, (xmax = 0)
"""


class CrmDealerFlag(models.Model):
    """The daily look at all dealers: a constant number of queries, and a second run changes nothing."""

    _inherit = "crm.dealer.flag"

    @api.model
    def _cron_flag(self):
        """Each night: also what no transaction has noted, such as dealers that were merged."""
        dealers = self.env["res.partner"].with_context(active_test=False).search([("is_dealer", "=", True)])
        self.env["crm.dealer.flow"]._refresh(dealers.ids)
        for company in self.env["res.company"].search([]):
            self._flag(company)._tell_reps()

    @api.model
    def _flag(self, company):
        """Open what is new, refresh what still holds, close what does not.

        :return: the flags just opened
        """
        self.env["base"].flush()
        findings = self._find_slow(company) + self._find_empty(company)
        today = fields.Date.context_today(self)
        found = []
        if findings:
            rows = [(*finding, today) for finding in findings]
            template = "(%s, %s, %s::int, %s, %s::float, %s::float, %s::date)"
            found = execute_values(self.env.cr._obj, OPEN, rows, template=template, page_size=len(rows), fetch=True)
        self.env.cr.execute(
            "UPDATE crm_dealer_flag SET state = 'closed', date_closed = %s WHERE state = 'open' AND company_id = %s AND id <> ALL(%s)",
            [today, company.id, [flag_id for flag_id, _new in found]],
        )
        self.invalidate_cache()
        self.env["res.partner"].invalidate_cache(["dealer_flag_ids"])
        return self.browse([flag_id for flag_id, new in found if new])

    @api.model
    def _get_params(self, company):
        today = fields.Date.context_today(self)
        this_month = today.replace(day=1)
        return {
            "company": company.id,
            "today": today,
            "this_month": this_month,
            "pace_from": this_month - relativedelta(months=PACE_MONTHS),
        }

    @api.model
    def _find_slow(self, company):
        params, findings = self._get_params(company), []
        for kind, query in (("slow_order", SLOW_ORDERS), ("slow_sell_out", SLOW_SELL_OUT)):
            self.env.cr.execute(query, params)
            findings += [Finding(dealer, kind, None, company.id, value, limit) for dealer, value, limit in self.env.cr.fetchall()]
        return findings

    @api.model
    def _find_empty(self, company):
        """Listed products that last for fewer days than the level asks for, or are not there at all.

        Since the last report the stock is taken to go down at the pace of the last months. What was never there is no news.
        """
        params = self._get_params(company)
        today = params["today"]
        self.env.cr.execute(LISTED, params)
        findings = []
        for dealer_id, product_id, limit, stock, sold, first, last in self.env.cr.fetchall():
            if stock is None:
                continue
            days = since = 0
            if last:
                end = min(today, last + relativedelta(months=1))
                days, since = max(1, (end - first).days), (today - end).days
            left = 0.0 if stock <= 0 else cover(stock, sold, days, since)
            if left is not None and left < limit:
                findings.append(Finding(dealer_id, "empty", product_id, company.id, left, limit))
        return findings

    def _tell_reps(self):
        """One message for each dealer, whatever was found, in the language of who reads it."""
        messages = []
        for dealer in self.dealer_id:
            users = dealer.user_id or dealer.team_id.user_id
            if users:
                flags = self.filtered(lambda flag, dealer=dealer: flag.dealer_id == dealer)
                messages.append(flags.with_context(lang=users.lang)._prepare_notice(dealer, users))
        self.env["crm.notification"]._notify_batch(messages)

    def _prepare_notice(self, dealer, users):
        return {
            "users": users,
            "subject": _("%s needs your attention", dealer.name),
            "body": "\n".join(flag._get_text() for flag in self),
            "record": dealer,
            "key": "dealer-flags-%s" % "-".join(map(str, sorted(self.ids))),
        }

    @api.model
    def _workbench_dealer_flags(self):
        """Dealers of the reader that are slow or about to have none of something."""

        def describe(flag):
            return {
                "title": flag.dealer_id.name,
                "text": flag.text,
                "date": flag.date,
                "status": "late" if flag.kind == "empty" else "attention",
            }

        return self.env["crm.workbench"]._list(self, [("state", "=", "open")], describe, order="date, id")
