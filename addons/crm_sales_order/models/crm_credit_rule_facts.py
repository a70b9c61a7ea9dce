# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models

from ..engine import credit


class CrmCreditRule(models.Model):
    """What rules look at, and what they give."""

    _inherit = "crm.credit.rule"

    def _give(self, company, partner_ids):
        """{partner id: values of GIVEN} by the rules of ``self``, in their order."""
        rules = self._to_engine()
        units = self.env["crm.credit"]._get_units(company)
        result = {}
        for partner_id, facts in self._load_facts(company, partner_ids).items():
            index = credit.find_rule(rules, facts)
            found = self.browse() if index is None else self[index]
            result[partner_id] = {
                "amount": rules[index].get_limit(facts) / units if found else 0.0,
                "overdue_days": found.overdue_days,
                "rule_id": found.id or None,
                "turnover": facts.turnover / units,
                "months": facts.months,
                "payment_grade": facts.payment_grade,
                "customer_grade": facts.customer_grade,
            }
        return result

    @api.model
    def _load_facts(self, company, partner_ids):
        """{partner id: engine.credit.Facts}: four queries."""
        today = fields.Date.context_today(self)
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        units = self.env["crm.credit"]._get_units(company)
        invoices = self.env["account.move"].sudo().read_group(
            [
                ("commercial_partner_id", "in", partner_ids),
                ("company_id", "=", company.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("invoice_date", ">", today - relativedelta(years=1)),
            ],
            ["amount_total_signed"],
            ["commercial_partner_id"],
        )
        turnover = {group["commercial_partner_id"][0]: group["amount_total_signed"] for group in invoices}
        since = self._load_first_days(company, partner_ids)
        paying = self._load_payment_grades(company, partner_ids)
        facts = {}
        for partner in partners:
            first = since.get(partner.id)
            age = relativedelta(today, first) if first and first <= today else relativedelta()
            facts[partner.id] = credit.Facts(
                credit.round_half_up(turnover.get(partner.id, 0.0) * units),
                age.years * 12 + age.months,
                paying.get(partner.id),
                partner.customer_grade or None,
            )
        return facts

    @api.model
    def _load_first_days(self, company, partner_ids):
        """{partner id: day of the first order or invoice}"""
        self.env["sale.order"].flush(["state", "date_order"])
        self.env.cr.execute(
            """
            SELECT partner_id, min(day)
              FROM (SELECT debtor.commercial_partner_id AS partner_id, sale.date_order::date AS day
                      FROM sale_order AS sale
                      JOIN res_partner AS debtor ON debtor.id = sale.partner_invoice_id
                     WHERE debtor.commercial_partner_id = ANY(%(ids)s) AND sale.state IN ('sale', 'done')
                       AND sale.company_id = %(company)s
                     UNION ALL
                    SELECT commercial_partner_id, invoice_date
                      FROM account_move
                     WHERE commercial_partner_id = ANY(%(ids)s) AND state = 'posted' AND move_type = 'out_invoice'
                       AND company_id = %(company)s) AS days
             GROUP BY 1
            """,
            {"ids": list(partner_ids), "company": company.id},
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _load_payment_grades(self, company, partner_ids):
        """{partner id: a to e} of those whose payments are known."""
        domain = [("partner_id", "in", list(partner_ids)), ("company_id", "=", company.id), ("grade", "!=", False)]
        return {row.partner_id.id: row.grade for row in self.env["crm.payment.behaviour"].sudo().search(domain)}
