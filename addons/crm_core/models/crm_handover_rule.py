# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models
from odoo.osv import expression

from ..engine.handover import Anchor, Share
from ..exceptions import CrmValidationError
from .crm_customer_grade import GRADES as CUSTOMER_GRADES
from .crm_score_grade import GRADES


class CrmHandoverRule(models.Model):
    """Who gets what matches: everything to one, or shared evenly among several."""

    _name = "crm.handover.rule"
    _inherit = "crm.handover.part"
    _description = "Rule of a Handover"

    receiver_ids = fields.Many2many(
        "res.users",
        "crm_handover_rule_receiver_rel",
        "rule_id",
        "user_id",
        string="Receivers",
        domain=lambda self: self._get_receiver_domain(),
        help="Several: shared evenly. Everything about one customer goes to the same person.",
    )
    team_ids = fields.Many2many(
        "crm.team", "crm_handover_rule_team_rel", "rule_id", "team_id", string="Teams", help="Of customers and leads."
    )
    state_ids = fields.Many2many(
        "res.country.state",
        "crm_handover_rule_state_rel",
        "rule_id",
        "state_id",
        string="Regions",
        help="Of customers, and of leads without customer.",
    )
    customer_grade = fields.Selection(CUSTOMER_GRADES, string="Customer Grade", help="Customers of this grade.")
    lead_grade = fields.Selection(GRADES, string="Lead Grade", help="Leads without customer, of this grade.")
    customer_domain = fields.Char(string="Customers", help="Only customers that meet these conditions.")
    lead_domain = fields.Char(string="Leads", help="Only leads without customer that meet these conditions.")
    summary = fields.Char(string="What Matches", compute="_compute_summary")

    @api.model
    def _get_receiver_domain(self):
        """Colleagues; for leaders themselves and the people of their teams."""
        domain, actor = [("share", "=", False)], self.env.user
        if actor._is_crm_limited():
            teams = actor._get_led_teams()
            domain += ["|", "|", ("id", "=", actor.id), ("sale_team_id", "in", teams.ids), ("id", "in", teams.user_id.ids)]
        return domain

    @api.constrains("customer_domain", "lead_domain")
    def _check_domains(self):
        for rule in self:
            for name, model_name in (("customer_domain", "res.partner"), ("lead_domain", "crm.lead")):
                try:
                    self.env[model_name].search(rule._get_domain_of(name), limit=1)
                except Exception as error:
                    raise CrmValidationError(
                        _("The conditions on %(field)s cannot be used: %(error)s", field=rule._fields[name].string, error=error)
                    ) from error

    @api.depends("team_ids", "state_ids", "customer_grade", "lead_grade", "customer_domain", "lead_domain")
    @api.depends_context("lang")
    def _compute_summary(self):
        for rule in self:
            rule.summary = " · ".join(rule._get_condition_texts()) or _("Everything left")

    def _get_condition_texts(self):
        """The conditions in words."""
        texts = [", ".join(names) for names in (self.team_ids.mapped("name"), self.state_ids.mapped("name")) if names]
        if self.customer_grade:
            grades = dict(self._fields["customer_grade"]._description_selection(self.env))
            texts.append(_("Customers of grade %s", grades[self.customer_grade]))
        if self.lead_grade:
            texts.append(_("Leads of grade %s", self.lead_grade))
        if self._get_domain_of("customer_domain"):
            texts.append(_("Chosen customers"))
        if self._get_domain_of("lead_domain"):
            texts.append(_("Chosen leads"))
        return texts

    def _get_domain_of(self, name):
        return literal_eval(self[name] or "[]")

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------
    def _get_share(self, anchors):
        """The rule for the engine.

        :param anchors: the :class:`Anchor` of everything to hand over; a rule with conditions looks for customers and
            leads among them, in one query each
        """
        if not self._is_conditional():
            return Share(self.receiver_ids.ids)
        found = set()
        for model_name, domain in (("res.partner", self._get_customer_domain()), ("crm.lead", self._get_lead_domain())):
            ids = [anchor.id for anchor in anchors if anchor.model == model_name]
            if domain is not None and ids:
                model = self.env[model_name].with_context(active_test=False)
                matching = model.search(expression.AND([[("id", "in", ids)], domain]))
                found.update(Anchor(model_name, record_id) for record_id in matching.ids)
        return Share(self.receiver_ids.ids, frozenset(found))

    def _is_conditional(self):
        return bool(self._get_condition_texts())

    def _get_place_domain(self):
        """Conditions that customers and leads share."""
        domain = []
        if self.team_ids:
            domain.append(("team_id", "in", self.team_ids.ids))
        if self.state_ids:
            domain.append(("state_id", "in", self.state_ids.ids))
        return domain

    def _get_customer_conditions(self):
        """Domain of what is asked of customers only; [] if nothing is."""
        grade = [("customer_grade", "=", self.customer_grade)] if self.customer_grade else []
        return grade + self._get_domain_of("customer_domain")

    def _get_lead_conditions(self):
        """Domain of what is asked of leads only; [] if nothing is."""
        grade = [("grade", "=", self.lead_grade)] if self.lead_grade else []
        return grade + self._get_domain_of("lead_domain")

    def _get_customer_domain(self):
        """Domain of the customers that match; None: no customer does, as the rule asks something of leads only."""
        own = self._get_customer_conditions()
        return None if self._get_lead_conditions() and not own else expression.AND([self._get_place_domain(), own])

    def _get_lead_domain(self):
        """Domain of the leads without customer that match; None: none does."""
        own = self._get_lead_conditions()
        return None if self._get_customer_conditions() and not own else expression.AND([self._get_place_domain(), own])
