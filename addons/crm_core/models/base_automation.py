# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=[("crm_automation", "Automation of the CRM Suite")], ondelete={"crm_automation": "cascade"})
    crm_automation_id = fields.Many2one("crm.automation", readonly=True, copy=False, ondelete="cascade", string="CRM Automation")

    def _run_action_crm_automation_multi(self, eval_context=None):
        """The steps, for all records at once."""
        self.crm_automation_id._run(eval_context.get("records") or eval_context.get("record"))


class BaseAutomation(models.Model):
    """Under an automation of a manager's: found, filtered and called like any other, but for all records at once, and
    without ever raising at the one who saves."""

    _inherit = "base.automation"

    def _process(self, records, domain_post=None):
        automation = self.sudo().crm_automation_id
        if not automation:
            return super()._process(records, domain_post=domain_post)
        done = self.env.context["__action_done"]
        records -= done.get(self, records.browse())
        records = records.filtered(self._check_trigger_fields)
        if not records:
            return None
        done = {**done, self: done.get(self, records.browse()) | records}
        ids = {"active_model": records._name, "active_ids": records.ids, "active_id": records.ids[0]}
        return self.sudo().with_context(__action_done=done, **ids).action_server_id.run()

    def _filter_post_export_domain(self, records):
        automation = self.sudo().crm_automation_id
        if not automation:
            return super()._filter_post_export_domain(records)
        try:
            with self.env.cr.savepoint(flush=False):
                return super()._filter_post_export_domain(records)
        except (ValueError, KeyError, AttributeError) as error:  # it looks at a field that is gone
            _logger.warning("Automation %s cannot be matched", automation.name, exc_info=True)
            automation._log_failure(error)
            return records.browse(), None
