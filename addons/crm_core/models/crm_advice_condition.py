# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import advice
from ..exceptions import CrmValidationError

OPERATORS = [
    (advice.AT_LEAST, "is at least"),
    (advice.AT_MOST, "is at most"),
    (advice.DAYS_AGO, "was so many days ago, or longer"),
    (advice.WITHIN_DAYS_AGO, "was not longer ago than so many days"),
    (advice.DUE_WITHIN, "comes within so many days, or is past"),
    (advice.KNOWN, "there is one"),
    (advice.UNKNOWN, "there is none"),
]


class AdviceConditionError(CrmValidationError):
    """A fact is compared in a way that makes no sense."""


class CrmAdviceCondition(models.Model):
    """One fact that has to hold for a suggestion."""

    _name = "crm.advice.condition"
    _inherit = "cached.settings"
    _description = "Condition of an Advice Rule"
    _order = "sequence, id"
    _rec_name = "fact"

    rule_id = fields.Many2one("crm.advice.rule", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    fact = fields.Selection("_select_fact", required=True)
    operator = fields.Selection(OPERATORS, string="Comparison", required=True, default=advice.AT_LEAST)
    value = fields.Float(string="Figure", digits=(16, 0), help="A count, an amount of money, or days.")

    @api.model
    def _select_fact(self):
        return [(name, fact.label) for name, fact in self.env["crm.advice.rule"]._get_facts_of_all().items()]

    @api.constrains("rule_id", "fact", "operator", "value")
    def _check_fact(self):
        for condition in self:
            facts = self.env["crm.advice.rule"]._get_facts(condition.rule_id.subject)
            fact = facts.get(condition.fact)
            if not fact:
                label = self.env["crm.advice.rule"]._get_facts_of_all()[condition.fact].label
                raise AdviceConditionError(
                    _(
                        "Rule “%(rule)s”: “%(fact)s” is not known of what the rule is about. Choose another fact.",
                        rule=condition.rule_id.name,
                        fact=label,
                    )
                )
            if not advice.fits(fact, condition.operator):
                wanted = _("a day") if fact.unit == "date" else _("a number")
                raise AdviceConditionError(
                    _(
                        "Rule “%(rule)s”: “%(fact)s” is %(kind)s. Choose a comparison that fits it.",
                        rule=condition.rule_id.name,
                        fact=fact.label,
                        kind=wanted,
                    )
                )
            if fact.unit == "date" and not 0 <= condition.value <= 36500:
                raise AdviceConditionError(_("Rule “%s”: enter days from 0 to 36500.", condition.rule_id.name))

    def _get_text(self, facts):
        """The condition (ensure_one) as a reader says it; ``facts`` are :meth:`crm.advice.rule._get_facts_of_all`."""
        texts = {
            advice.AT_LEAST: _("%(fact)s ≥ %(figure)s"),
            advice.AT_MOST: _("%(fact)s ≤ %(figure)s"),
            advice.DAYS_AGO: _("%(fact)s %(figure)s days ago or longer"),
            advice.WITHIN_DAYS_AGO: _("%(fact)s within the last %(figure)s days"),
            advice.DUE_WITHIN: _("%(fact)s in %(figure)s days or past"),
            advice.KNOWN: _("%(fact)s: there is one"),
            advice.UNKNOWN: _("%(fact)s: there is none"),
        }
        label = facts[self.fact].label if self.fact in facts else self.fact
        return texts[self.operator] % {"fact": label, "figure": "{:,.0f}".format(self.value)}

    def _to_engine(self):
        return advice.Condition(self.fact, self.operator, self.value)
