# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from odoo.tools.misc import format_date, formatLang

from ..engine import advice
from ..exceptions import CrmUserError

SUBJECTS = {"customer": "res.partner", "lead": "crm.lead"}


class CrmAdviceRule(models.Model):
    """What to do next with a customer or lead whose facts are such and such. Rules are data: works without any net."""

    _name = "crm.advice.rule"
    _inherit = "cached.settings"
    _description = "Advice Rule"
    _order = "sequence, id"

    name = fields.Char(string="Suggestion", required=True, translate=True, help="What to do, in a few words: “Collect what is overdue”.")
    text = fields.Char(string="How", translate=True, help="One more sentence for the salesperson.")
    sequence = fields.Integer(default=50, help="The most urgent first: a customer shows the first three that apply.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    subject = fields.Selection(
        [("customer", "Customers"), ("lead", "Leads and opportunities")], string="For", required=True, default="customer"
    )
    condition_ids = fields.One2many("crm.advice.condition", "rule_id", string="Conditions", copy=True)
    action = fields.Selection(
        [
            ("followup", "Log a follow-up"),
            ("plan", "Plan the next step"),
            ("opportunity", "New opportunity"),
            ("opportunities", "Show leads and opportunities"),
        ],
        string="Button",
        default="followup",
        help="What the salesperson can do about it with one click.",
    )
    when = fields.Char(compute="_compute_when")

    @api.depends("condition_ids.fact", "condition_ids.operator", "condition_ids.value")
    @api.depends_context("lang")
    def _compute_when(self):
        """The conditions in words: “Overdue ≥ 1; Last contact 30 days ago or longer”."""
        facts = self._get_facts_of_all()
        for rule in self:
            rule.when = "; ".join(one._get_text(facts) for one in rule.condition_ids)

    # -- facts ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_facts(self, subject):
        """{name: :class:`~..engine.customer.Fact`} of what can be known of a subject."""
        return self.env[SUBJECTS.get(subject, "res.partner")]._get_fact_definitions()

    @api.model
    def _get_facts_of_all(self):
        return {**self._get_facts("lead"), **self._get_facts("customer")}

    @api.model
    @tools.ormcache("subject", "company_id")
    def _get_engine_rules(self, subject, company_id):
        """The active rules for the engine, most urgent first."""
        rules = self.sudo().search([("subject", "=", subject), ("company_id", "in", (False, company_id))])
        return tuple(advice.Rule(rule.id, tuple(one._to_engine() for one in rule.condition_ids)) for rule in rules)

    @api.model
    def _advise(self, subject, facts, limit=3):
        """What ``facts`` suggest, for the reader.

        :param facts: {name: value} as of ``_get_customer_facts``
        :return: list of dicts: id of the rule, title, text, facts (label, value), label of the button or False
        """
        known = self._get_facts(subject)
        found = advice.advise(self._get_engine_rules(subject, self.env.company.id), facts, fields.Date.context_today(self), limit)
        rules = {rule.id: rule for rule in self.sudo().browse(one.key for one in found)}
        labels = dict(self._fields["action"]._description_selection(self.env))
        return [
            {
                "id": one.key,
                "title": rules[one.key].name,
                "text": rules[one.key].text or "",
                "facts": [{"name": name, "label": known[name].label, "value": self._show(known[name], facts[name])} for name in one.facts],
                "action": labels.get(rules[one.key].action, False),
            }
            for one in found
        ]

    @api.model
    def _show(self, fact, value):
        """A fact's value as its reader writes it."""
        if fact.unit == "money":
            return formatLang(self.env, value, digits=0, currency_obj=self.env.company.currency_id)
        if fact.unit != "date":
            return str(value)
        if value is None:
            return _("none")
        days = (fields.Date.context_today(self) - value).days
        if not days:
            when = _("today")
        elif days > 0:
            when = _("%s days ago", days) if days > 1 else _("yesterday")
        else:
            when = _("in %s days", -days) if days < -1 else _("tomorrow")
        return "%s (%s)" % (format_date(self.env, value), when)

    # -- acting --------------------------------------------------------------------------------------------------------

    def _get_action(self, record):
        """The window action behind the button of this rule (ensure_one), about ``record``.

        Each value of ``action`` has a method ``_get_<value>_action(record)``.
        """
        self.ensure_one()
        rule = self.sudo()  # salespeople get the suggestion, not the rule
        if not rule.action:
            raise CrmUserError(_("“%s” has no button. A director can give it one under Configuration / Advice.", rule.name))
        return getattr(self, "_get_%s_action" % rule.action)(record)

    @api.model
    def _get_followup_action(self, record):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_core.action_log_followup")
        return {**action, "context": {"active_model": record._name, "active_id": record.id, "active_ids": record.ids}}

    @api.model
    def _get_plan_action(self, record):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_core.action_plan_next_step")
        return {**action, "context": {"default_res_model": record._name, "default_res_id": record.id}}

    @api.model
    def _get_opportunity_action(self, record):
        partner = record if record._name == "res.partner" else record.partner_id
        return {
            "type": "ir.actions.act_window",
            "name": _("New Opportunity"),
            "res_model": "crm.lead",
            "views": [(False, "form")],
            "context": {"default_type": "opportunity", "default_partner_id": partner.id},
        }

    @api.model
    def _get_opportunities_action(self, record):
        partner = record if record._name == "res.partner" else record.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": _("Leads and Opportunities of %s", partner.display_name),
            "res_model": "crm.lead",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("commercial_partner_id", "=", partner.commercial_partner_id.id)],
            "context": {"default_type": "opportunity", "default_partner_id": partner.id},
        }

    # -- changes -------------------------------------------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "subject" in vals:
            self.condition_ids._check_fact()
        return result
