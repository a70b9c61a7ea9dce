# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import CrmUserError

#: Roles that advice is for; others see neither suggestions nor the facts they stand on
READERS = ("crm_core.group_sales_rep", "crm_core.group_marketing", "crm_core.group_executive")


class CrmAdvised(models.AbstractModel):
    """What customers and leads have in common for advice: suggestions from facts, a button for each, and a drafted follow-up."""

    _name = "crm.advised"
    _description = "Gets Advice"

    # -- what a model says of itself -----------------------------------------------------------------------------------

    @api.model
    def _get_advice_subject(self):
        """The kind of rules that apply, as in ``crm.advice.rule.subject``."""
        raise NotImplementedError

    def _get_advice_facts(self):
        """{name: value} about this record (ensure_one), by the names of ``_get_fact_definitions``."""
        raise NotImplementedError

    def _is_advised(self):
        """Whether there is anything to advise about this record (ensure_one): not a supplier, not a lost lead."""
        raise NotImplementedError

    def _get_draft_facts(self):
        """{label: value} of this record (ensure_one) beside its facts that a language model may know; texts are scrubbed later."""
        raise NotImplementedError

    def _get_draft_secrets(self):
        """Texts that must not leave with a draft's question: contact details, and names of people."""
        raise NotImplementedError

    def _get_contact_texts(self):
        """The texts in the contact details of all records."""
        names = [name for name in self._get_contact_detail_fields() if name in self._fields]
        names = [name for name in names if self._fields[name].store and self._fields[name].type == "char"]
        return [record[name] for record in self for name in names if record[name]]

    # -- doors ---------------------------------------------------------------------------------------------------------

    def get_advice(self):
        """What to do next, for the client's panel; nothing for roles that don't sell.

        :return: {"suggestions": [...] as of ``crm.advice.rule._advise``, "act": may use the buttons, "draft": may ask for one,
            "last": the user's last draft or False}
        """
        self.ensure_one()
        nothing = {"suggestions": [], "act": False, "draft": False, "last": False}
        if not self._may_see_advice() or not self._is_advised():
            return nothing
        act = self._may_act_on_advice()
        return {
            "suggestions": self.env["crm.advice.rule"]._advise(self._get_advice_subject(), self._get_advice_facts()),
            "act": act,
            "draft": act and bool(self.env["crm.advice.provider"]._get_active()),
            "last": self.env["crm.advice.draft"]._get_last(self) if act else False,
        }

    def run_advice(self, rule_id):
        """The window action behind a suggestion's button."""
        self._check_may_act()
        rule = self.env["crm.advice.rule"].sudo().browse(rule_id).exists()
        if not rule:
            raise CrmUserError(_("This suggestion was removed from the rules meanwhile. Reload the page."))
        return rule.with_env(self.env)._get_action(self)

    def ask_draft(self, rule_id=False):
        """Ask for a follow-up in the background, about one suggestion or in general; the panel shows it when it is there."""
        self._check_may_act()
        rule = self.env["crm.advice.rule"].sudo().browse(rule_id or []).exists()
        return self.env["crm.advice.draft"]._ask(self, rule)

    def _may_see_advice(self):
        """Whether the current user reads this record with its contact details, and is somebody who sells."""
        self.check_access_rights("read")
        self.check_access_rule("read")
        user = self.env.user
        return user._sees_contact_details() and any(user.has_group(group) for group in READERS)

    def _may_act_on_advice(self):
        if not self.env.user.has_group("crm_core.group_sales_rep") or not self.check_access_rights("write", raise_exception=False):
            return False
        return bool(self._filter_access_rules("write"))

    def _check_may_act(self):
        """:raise CrmUserError: for whoever may not work on this record (ensure_one)"""
        self.ensure_one()
        if not self._may_see_advice() or not self._may_act_on_advice():
            raise CrmUserError(_("Advice is acted on by who works on “%s”. Ask its owner, or a team leader.", self.display_name))
