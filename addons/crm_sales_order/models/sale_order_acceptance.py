# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models
from odoo.tools import format_date

from ..exceptions import InstalmentError
from .sale_order import CONFIRMED_STATES


class SaleOrder(models.Model):
    """Asking the customer to accept."""

    _inherit = "sale.order"

    acceptance_ids = fields.One2many("crm.acceptance", "order_id", string="Acceptances", readonly=True)
    next_action = fields.Selection(selection_add=[("accept", "Have it accepted"), ("done",)])

    def action_ask_acceptance(self):
        """Ask the customer to accept what was supplied; who was asked already is sent the link again."""
        self._get_parts_to_accept()._ask_acceptance()._mail_link()
        return True

    def action_accepted_on_paper(self):
        """Ask who accepted when, and for the scan."""
        self.ensure_one()
        self._get_parts_to_accept()
        return {
            "type": "ir.actions.act_window",
            "name": _("%(order)s Accepted by the Customer", order=self.name),
            "res_model": "crm.acceptance.entry",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _get_next_action(self):
        """Delivered and billed is not all, while an instalment waits for a milestone or the customer's acceptance."""
        action = super()._get_next_action()
        if action != "done" or self.state not in CONFIRMED_STATES:
            return action
        waits = any(part.trigger in ("milestone", "acceptance") and part.state == "waiting" for part in self.sudo().instalment_ids)
        return "accept" if waits else action

    def _get_parts_to_accept(self):
        """The instalments that wait for acceptance.

        :raise InstalmentError: when none does, or goods are still to be delivered
        """
        self.ensure_one()
        parts = self.instalment_ids.filtered(lambda part: part.trigger == "acceptance" and part.state == "waiting")
        if not parts or self.state not in CONFIRMED_STATES:
            raise InstalmentError(_("%(order)s has nothing that waits for the customer's acceptance.", order=self.name))
        self._check_all_delivered()
        return parts

    def _explain_acceptance(self):
        """What the salesperson reads while acceptance is what comes next."""
        asked = self.sudo().acceptance_ids.filtered(lambda one: "acceptance" in one.part_ids.mapped("trigger"))
        last = asked.sorted("id")[-1:]
        if last.state == "asked":
            day = format_date(self.env, fields.Datetime.context_timestamp(self, last.asked_on).date())
            return _("The customer was asked on %(date)s to accept. Then the last instalment is due.", date=day)
        if last.state == "refused":
            return _("The customer has not accepted: %(reason)s", reason=last.reason)
        return _("All goods are delivered. When the customer has accepted, the last instalment is due.")


class SaleOrderInstalment(models.Model):
    _inherit = "sale.order.instalment"

    def action_ask_acceptance(self):
        """Ask the customer to confirm that the milestone is met, or to accept."""
        self.ensure_one()
        self._check_reported()
        if self.trigger == "acceptance":
            return self.order_id.action_ask_acceptance()
        self._ask_acceptance()._mail_link()
        return True

    def _ask_acceptance(self):
        """The open question about ``self``, in sudo mode: one that was asked before, or a new one."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        order = self.order_id.sudo()
        asked = order.acceptance_ids.filtered(lambda one: one.state == "asked" and set(one.part_ids.ids) == set(self.ids))
        return asked[:1] or self.env["crm.acceptance"].sudo()._ask(order, self.sudo())
