# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.addons.crm_core.models.crm_customer_grade import GRADES

from ..engine import credit
from ..exceptions import CreditRuleError

#: What finance decides; the rest follows from rules
DECIDED = frozenset({"partner_id", "company_id", "policy", "amount", "overdue_days", "note"})
#: What a rule gives, and the facts it was given on
GIVEN = ("amount", "overdue_days", "rule_id", "turnover", "months", "payment_grade", "customer_grade")
UPSERT = """
    INSERT INTO crm_credit_limit AS kept
           (partner_id, company_id, {columns}, policy, create_uid, create_date, write_uid, write_date)
    SELECT given.*, 'rule', %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
      FROM unnest(
               %s::int[], %s::int[], %s::numeric[], %s::int[], %s::int[], %s::numeric[], %s::int[], %s::text[], %s::text[]
           ) AS given
    ON CONFLICT (partner_id, company_id) DO UPDATE
       SET ({columns}, write_date) = ({excluded}, excluded.write_date)
     WHERE kept.policy = 'rule' AND ({kept}) IS DISTINCT FROM ({excluded})
""".format(
    columns=", ".join(GIVEN),
    kept=", ".join("kept.%s" % name for name in GIVEN),
    excluded=", ".join("excluded.%s" % name for name in GIVEN),
)
#: Customers looked at in one go by night
PAGE = 2000


class CrmCreditLimit(models.Model):
    """How much a customer may owe a company, how late it may pay, and why: fixed by finance, or given by a rule.

    A customer without a row is judged by the rules as they are now; without rules there is no limit.
    """

    _name = "crm.credit.limit"
    _description = "Credit Limit"
    _inherit = ["mail.thread"]
    _rec_name = "partner_id"
    _order = "amount desc, id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", domain=[("parent_id", "=", False), ("is_customer", "=", True)]
    )
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy = fields.Selection(
        [("rule", "By the Rules"), ("fixed", "Fixed by Finance"), ("free", "Never Checked")],
        "Where the Limit Comes From",
        required=True,
        default="fixed",
        tracking=True,
    )
    amount = fields.Monetary("Credit Limit", tracking=True, help="0: nothing on credit.")
    overdue_days = fields.Integer(
        "Days Overdue Allowed", tracking=True, help="Later than this blocks the customer. 0: as set on the company."
    )
    note = fields.Text("Agreed Because", help="Securities, credit insurance, who agreed.")
    rule_id = fields.Many2one("crm.credit.rule", "Rule", readonly=True, ondelete="set null")
    turnover = fields.Monetary("Turnover of Twelve Months", readonly=True)
    months = fields.Integer("Months a Customer", readonly=True)
    payment_grade = fields.Char("Pays Like Grade", readonly=True)
    customer_grade = fields.Selection(GRADES, "Grade of the Customer", readonly=True)
    explanation = fields.Text("Why This Limit", compute="_compute_explanation")
    state = fields.Selection(
        [(credit.FREE, "Free"), (credit.NEAR, "Near the Limit"), (credit.BLOCKED, "Blocked")], "Standing", compute="_compute_standing"
    )
    reason = fields.Char("Blocked Because", compute="_compute_standing")
    exposure = fields.Monetary(compute="_compute_standing", help="To invoice + drafts + open - credits.")
    to_invoice = fields.Monetary("Ordered, to Invoice", compute="_compute_standing")
    drafts = fields.Monetary("Draft Invoices", compute="_compute_standing")
    open = fields.Monetary("Open Invoices", compute="_compute_standing")
    credits = fields.Monetary("Unallocated Credits", compute="_compute_standing", help="Payments, advances and credit notes.")
    available = fields.Monetary("Still Available", compute="_compute_standing")

    _sql_constraints = [
        ("partner_company_uniq", "UNIQUE (partner_id, company_id)", "The customer has a credit limit in this company: change that one."),
        ("figures_not_negative", "CHECK (amount >= 0 AND overdue_days >= 0)", "A limit and days overdue cannot be negative."),
    ]

    # -- decided by finance ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env["res.partner"]
        vals_list = [
            dict(vals, partner_id=partners.browse(vals.get("partner_id")).commercial_partner_id.id) for vals in vals_list
        ]
        for vals in vals_list:
            self._check_decided(vals)
        limits = super().create(vals_list)
        limits._restart_rules()
        return limits

    def write(self, vals):
        self._check_decided(vals)
        if vals.keys() & {"partner_id", "company_id"}:
            raise CreditRuleError(_("A credit limit stays with its customer and company: make another one for others."))
        result = super().write(vals)
        if "policy" in vals:
            self._restart_rules()
        return result

    @api.model
    def _check_decided(self, vals):
        if not self.env.su and vals.keys() & (set(GIVEN) - DECIDED):
            text = _("Rule and facts of a credit limit follow from what happened: choose “Fixed by Finance” to decide otherwise.")
            raise CreditRuleError(text)

    def _restart_rules(self):
        """What rules say now counts for limits that are left to them; the others forget their rule."""
        ruled = self.filtered(lambda limit: limit.policy == "rule")
        others = (self - ruled).filtered("rule_id")
        if others:
            others.sudo().write({"rule_id": False})
        ruled._refresh([(limit.partner_id.id, limit.company_id.id) for limit in ruled])

    def action_refresh(self):
        """Ask the rules again."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        self._refresh([(limit.partner_id.id, limit.company_id.id) for limit in self])

    # -- given by rules ----------------------------------------------------------------------------------------------

    @api.model
    def _get_terms(self, pairs):
        """{pair: engine.credit.Terms}; who has no row is judged by the rules as they are."""
        rows = self._load_terms(pairs)
        rows.update(self._apply_rules([pair for pair in pairs if pair not in rows]))
        companies = self.env["res.company"].sudo()
        terms = {}
        for pair in pairs:
            company = companies.browse(pair[1])
            values = rows.get(pair, {"rule_id": False})
            days = values.get("overdue_days") or company.credit_overdue_days or None
            limited = values.get("policy", "rule") == "fixed" or values["rule_id"]
            units = self.env["crm.credit"]._get_units(company)
            limit = credit.round_half_up(float(values["amount"]) * units) if limited else None
            free = values.get("policy") == "free"
            terms[pair] = credit.Terms(None if free else limit, None if free else days, company.credit_near_percent / 100)
        return terms

    @api.model
    def _get_rows(self, partners, company):
        """{partner: its row, an unsaved one by the rules where there is none}"""
        rows = {row.partner_id: row for row in self.search([("partner_id", "in", partners.ids), ("company_id", "=", company.id)])}
        missing = [partner for partner in partners if partner not in rows]
        given = self._apply_rules([(partner.id, company.id) for partner in missing if partner.id])
        for partner in missing:
            values = given.get((partner.id, company.id), {})
            rows[partner] = self.new({"partner_id": partner.id, "company_id": company.id, "policy": "rule", **values})
        return rows

    @api.model
    def _load_terms(self, pairs):
        """{pair: values of its row}; one query."""
        names = ("policy", "amount", "overdue_days", "rule_id")
        self.flush(["partner_id", "company_id", *names])
        partner_ids, company_ids = ([pair[place] for pair in pairs] for place in (0, 1))
        self.env.cr.execute(
            """SELECT partner_id, company_id, policy, amount, overdue_days, rule_id
                 FROM crm_credit_limit WHERE partner_id = ANY(%s) AND company_id = ANY(%s)""",
            [partner_ids, company_ids],
        )
        return {(partner_id, company_id): dict(zip(names, values)) for partner_id, company_id, *values in self.env.cr.fetchall()}

    @api.model
    def _apply_rules(self, pairs):
        """{pair: values of GIVEN} for companies that have rules."""
        by_company = defaultdict(list)
        for partner_id, company_id in pairs:
            by_company[company_id].append(partner_id)
        result = {}
        for company in self.env["res.company"].browse(by_company):
            rules = self.env["crm.credit.rule"]._get_rules(company)
            if rules:
                for partner_id, values in rules._give(company, by_company[company.id]).items():
                    result[partner_id, company.id] = values
        return result

    @api.model
    def _refresh(self, pairs):
        """Store what the rules give these customers now, except where finance decided. One query for each company and page.

        :returns: how many changed
        """
        pairs = list(pairs)
        given = self.sudo()._apply_rules(pairs)
        nothing = dict.fromkeys(GIVEN)
        nothing.update(amount=0.0, overdue_days=0, turnover=0.0, months=0)
        rows = [(*pair, *(given.get(pair, nothing)[name] for name in GIVEN)) for pair in sorted(set(pairs))]
        if not rows:
            return 0
        self.flush()
        self.env.cr.execute(UPSERT, [self.env.uid, self.env.uid, *(list(column) for column in zip(*rows))])
        changed = self.env.cr.rowcount
        self.invalidate_cache()
        return changed

    @api.model
    def _cron_refresh(self):
        """By night: every customer who was ever invoiced or ordered, in companies that have rules; and all left to rules."""
        for company in self.env["crm.credit.rule"].search([]).company_id:
            self.env.cr.execute(
                """
                SELECT partner_id FROM crm_credit_limit WHERE company_id = %(company)s AND policy = 'rule'
                 UNION SELECT commercial_partner_id FROM account_move
                        WHERE company_id = %(company)s AND move_type = 'out_invoice' AND state = 'posted'
                 UNION SELECT debtor.commercial_partner_id FROM sale_order
                         JOIN res_partner debtor ON debtor.id = sale_order.partner_invoice_id
                        WHERE sale_order.company_id = %(company)s AND sale_order.state IN ('sale', 'done')
                 ORDER BY 1
                """,
                {"company": company.id},
            )
            partner_ids = [partner_id for (partner_id,) in self.env.cr.fetchall()]
            for start in range(0, len(partner_ids), PAGE):
                self._refresh([(partner_id, company.id) for partner_id in partner_ids[start : start + PAGE]])

    # -- shown -------------------------------------------------------------------------------------------------------

    @api.depends("policy", "amount", "rule_id", "turnover", "months", "payment_grade", "customer_grade")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for limit in self:
            rule = limit.sudo().rule_id
            if limit.policy == "free":
                limit.explanation = _("Finance decided that this customer is never checked.")
            elif limit.policy == "fixed":
                limit.explanation = _("Finance fixed this limit; rules do not change it.")
            elif rule:
                limit.explanation = rule._explain(limit)
            else:
                limit.explanation = _("No rule applies to this customer, so there is no limit.")

    @api.depends("policy", "amount", "overdue_days")
    @api.depends_context("lang", "uid", "tz")
    def _compute_standing(self):
        """As of now, nothing of it stored; five queries for all of ``self``."""
        checked = self.env["crm.credit"].sudo()
        pairs = {limit: (limit.partner_id.id, limit.company_id.id) for limit in self}
        self.flush()
        verdicts = checked._get_verdicts({pair for pair in pairs.values() if all(pair)}, every=True)
        for limit, pair in pairs.items():
            verdict = verdicts.get(pair) or credit.Verdict(credit.FREE, credit.Exposure(), credit.Terms())
            units = checked._get_units(limit.company_id or self.env.company)
            limit.state = verdict.state
            limit.reason = self.env["crm.credit"]._explain(verdict, limit.partner_id, limit.company_id)
            limit.exposure = verdict.exposure.total / units
            for name in verdict.exposure._fields:
                limit[name] = getattr(verdict.exposure, name) / units
            limit.available = (verdict.available or 0) / units
