# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.customer import Fact, purchases

#: A lead that is neither won nor lost
OPEN = "lead.active AND coalesce(lead.probability, 0) < 100"
WON = "lead.active AND lead.probability = 100"


class ResPartner(models.Model):
    """What is known of a customer, for rules: every figure by one grouped query, however many customers."""

    _inherit = "res.partner"

    def _get_customer_facts(self):
        """The facts on which lifecycle, grade, tags and advice stand, read past record rules.

        Whoever shows one to a user has to ask first whether the user may see it. Contacts have the facts of their company.
        Cost: one query for each of :meth:`_get_fact_queries` and two more, however many records.

        :return: {id: {name: value}} with every name of :meth:`_get_fact_definitions`: counts are int, money is float in the
            currency of ``self.env.company``, days are ``date`` (UTC) or None
        """
        self.flush()
        self.env.cr.execute("SELECT id, commercial_partner_id FROM res_partner WHERE id = ANY(%s)", [self.ids])
        company_of = dict(self.env.cr.fetchall())
        nothing = {name: fact.nothing for name, fact in self._get_fact_definitions().items()}
        found = {company_id: dict(nothing) for company_id in company_of.values()}
        params = self._get_fact_params(list(found))
        for names, query in self._get_fact_queries():
            self.env.cr.execute(query, params)
            for partner_id, *values in self.env.cr.fetchall():
                found[partner_id].update(
                    (name, float(value) if isinstance(nothing[name], float) else value)
                    for name, value in zip(names, values)
                    if value is not None
                )
        for facts in found.values():
            bought = purchases(facts)
            facts.update(last_purchase_date=bought.last, purchase_count=bought.count, purchase_value=bought.value)
        return {partner_id: found[company_id] for partner_id, company_id in company_of.items()}

    @api.model
    def _get_fact_params(self, ids):
        """Parameters of the queries: ``ids`` of commercial partners, and what a unit of each company's currency is worth."""
        companies = self.env["res.company"].sudo().search([])
        currency, today = self.env.company.currency_id, fields.Date.context_today(self)
        rates = {
            one: self.env["res.currency"]._get_conversion_rate(one, currency, self.env.company, today) for one in companies.currency_id
        }
        return {
            "ids": ids,
            "companies": companies.ids,
            "rates": [rates[company.currency_id] for company in companies],
            "company": self.env.company.id,
            "today": today,
        }

    @api.model
    def _get_fact_definitions(self):
        """{name: :class:`Fact`}: what can be known of a customer, with a label for the reader. Addons add theirs."""
        return {
            "created": Fact(_("Known since"), "date"),
            "last_contact": Fact(_("Last contact"), "date"),
            "next_activity_date": Fact(_("Next planned step"), "date"),
            "open_leads": Fact(_("Open leads")),
            "open_opportunities": Fact(_("Open opportunities")),
            "next_closing_date": Fact(_("Earliest expected closing"), "date"),
            "won_count": Fact(_("Deals won")),
            "won_value": Fact(_("Value of deals won"), "money"),
            "last_won_date": Fact(_("Last deal won"), "date"),
            "lost_count": Fact(_("Deals lost")),
            "purchase_count": Fact(_("Purchases")),
            "purchase_value": Fact(_("Purchase value"), "money"),
            "last_purchase_date": Fact(_("Last purchase"), "date"),
        }

    @api.model
    def _get_fact_queries(self):
        """[(names of facts, SQL)]: each query gives a row (commercial partner, value of each name) for those of ``%(ids)s`` that
        have something to tell. ``JOIN {rates}`` is for amounts in a company's currency: see :data:`RATES`."""
        return [
            (
                ("created", "last_contact"),
                "SELECT id, create_date::date, date_last_follow_up::date FROM res_partner WHERE id = ANY(%(ids)s)",
            ),
            (
                ("open_leads", "open_opportunities", "next_closing_date", "won_count", "won_value", "last_won_date", "lost_count"),
                f"""
                SELECT lead.commercial_partner_id,
                       count(*) FILTER (WHERE {OPEN} AND lead.type = 'lead'),
                       count(*) FILTER (WHERE {OPEN} AND lead.type = 'opportunity'),
                       min(lead.date_deadline) FILTER (WHERE {OPEN} AND lead.type = 'opportunity'),
                       count(*) FILTER (WHERE {WON}),
                       sum(lead.expected_revenue * coalesce(rates.rate, 1)) FILTER (WHERE {WON}),
                       max(lead.date_closed::date) FILTER (WHERE {WON}),
                       count(*) FILTER (WHERE NOT lead.active AND lead.probability = 0)
                  FROM crm_lead AS lead
                  LEFT JOIN {RATES} ON rates.company_id = lead.company_id
                 WHERE lead.commercial_partner_id = ANY(%(ids)s)
                 GROUP BY 1
                """,
            ),
            (
                ("next_activity_date",),
                f"""
                SELECT company_id, min(date_deadline) FROM (
                    SELECT partner.commercial_partner_id AS company_id, activity.date_deadline
                      FROM mail_activity AS activity
                      JOIN res_partner AS partner ON partner.id = activity.res_id
                     WHERE activity.res_model = 'res.partner' AND partner.commercial_partner_id = ANY(%(ids)s)
                     UNION ALL
                    SELECT lead.commercial_partner_id, activity.date_deadline
                      FROM mail_activity AS activity
                      JOIN crm_lead AS lead ON lead.id = activity.res_id
                     WHERE activity.res_model = 'crm.lead' AND lead.commercial_partner_id = ANY(%(ids)s) AND {OPEN}
                ) AS planned GROUP BY 1
                """,
            ),
        ]


#: What one unit of a company's currency is worth in that of the reader's company
RATES = "unnest(%(companies)s::int[], %(rates)s::numeric[]) AS rates (company_id, rate)"
