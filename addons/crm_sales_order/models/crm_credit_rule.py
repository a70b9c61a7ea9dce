# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.models.crm_customer_grade import GRADES
from odoo.tools.misc import formatLang

from ..engine import credit
from ..exceptions import CreditRuleError

#: The worst payment grade that will do
PAYMENT_GRADES = [("a", "A"), ("b", "A or B"), ("c", "A to C"), ("d", "A to D")]
#: Limits are multiples of this many units of the currency
STEP = 100


class CrmCreditRule(models.Model):
    """Which customers get how much credit. Of the rules of a company the first one a customer meets counts.

    Rules look at how a customer pays, buys and for how long; ``crm.credit.limit`` keeps what they gave, and on which facts.
    """

    _name = "crm.credit.rule"
    _description = "Credit Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    payment_grade = fields.Selection(
        PAYMENT_GRADES, "Pays Like", help="Grade of payment behaviour. Empty: however they pay, also customers nobody knows yet."
    )
    customer_grade = fields.Selection(GRADES, "Customer Grade", help="Empty: every customer.")
    turnover_min = fields.Monetary("Turnover at Least", help="Invoiced within the last twelve months, tax included.")
    months_min = fields.Integer("Customer for at Least (Months)", help="Since the first order or invoice.")
    amount = fields.Monetary("Base Amount", help="This much in any case.")
    turnover_percent = fields.Float("+ Share of Turnover (%)", digits=(5, 2), help="Of what was invoiced within the last twelve months.")
    amount_max = fields.Monetary("At Most", help="0: no upper bound.")
    overdue_days = fields.Integer("Days Overdue Allowed", help="Later than this blocks the customer. 0: as set on the company.")

    _sql_constraints = [
        (
            "figures_not_negative",
            "CHECK (amount >= 0 AND turnover_percent >= 0 AND amount_max >= 0 AND turnover_min >= 0 AND months_min >= 0"
            " AND overdue_days >= 0)",
            "Amounts, months and days of a credit rule cannot be negative. Enter 0 where something does not count.",
        )
    ]

    @api.constrains("amount", "turnover_percent", "amount_max")
    def _check_amounts(self):
        for rule in self:
            if rule.amount_max and rule.amount > rule.amount_max:
                raise CreditRuleError(
                    _("%(rule)s gives more than its “At Most”: lower the base amount, or raise the upper bound.", rule=rule.name)
                )

    @api.model
    def _get_rules(self, company):
        """Rules of ``company`` in their order, as superuser: limits follow from them for everybody."""
        return self.sudo().search([("company_id", "=", company.id)])

    def _to_engine(self):
        """Rules as :mod:`engine.credit` sees them, in the order of ``self``."""
        rules = []
        for rule in self:
            units = round(1 / rule.currency_id.rounding)
            rules.append(
                credit.Rule(
                    turnover=credit.round_half_up(rule.turnover_min * units),
                    months=rule.months_min,
                    payment_grade=rule.payment_grade or None,
                    customer_grade=rule.customer_grade or None,
                    base=credit.round_half_up(rule.amount * units),
                    share=rule.turnover_percent / 100,
                    cap=credit.round_half_up(rule.amount_max * units),
                    step=STEP * units,
                )
            )
        return rules

    def _explain(self, limit):
        """Sentences, in the reader's language, that say why the customer of ``limit`` gets what this rule gives."""
        self.ensure_one()
        grades = dict(self._fields["customer_grade"]._description_selection(self.env))
        lines = [_("Rule “%(rule)s” applies:", rule=self.name)]
        if self.payment_grade:
            pays = dict(self._fields["payment_grade"]._description_selection(self.env))[self.payment_grade]
            grade = (limit.payment_grade or "").upper()
            lines.append(_("• pays like grade %(grade)s (wanted: %(wanted)s)", grade=grade, wanted=pays))
        if self.customer_grade:
            lines.append(_("• customer grade %(grade)s", grade=grades[self.customer_grade]))
        if self.turnover_min:
            amounts = {"turnover": self._format(limit.turnover), "least": self._format(self.turnover_min)}
            lines.append(_("• turnover of twelve months %(turnover)s (at least %(least)s)", **amounts))
        if self.months_min:
            lines.append(_("• customer for %(months)s months (at least %(least)s)", months=limit.months, least=self.months_min))
        return "\n".join(lines + [self._explain_amount(limit)])

    def _explain_amount(self, limit):
        values = {"amount": self._format(self.amount), "limit": self._format(limit.amount)}
        if not self.turnover_percent:
            return _("Limit: %(limit)s.", **values)
        values.update(percent="%g" % self.turnover_percent, turnover=self._format(limit.turnover), most=self._format(self.amount_max))
        if self.amount_max:
            return _("Limit: %(amount)s + %(percent)s %% of %(turnover)s, at most %(most)s, rounded down: %(limit)s.", **values)
        return _("Limit: %(amount)s + %(percent)s %% of %(turnover)s, rounded down: %(limit)s.", **values)

    def _format(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)
