# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models

from ..exceptions import CrmUserError

KEEP_DAYS = 90


class CrmAutomationLog(models.Model):
    """That an automation ran for a record, and how it ended. Written by the automations alone."""

    _name = "crm.automation.log"
    _description = "Log of Automations"
    _order = "id desc"
    _log_access = False

    automation_id = fields.Many2one("crm.automation", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="automation_id.company_id")
    res_model = fields.Char(string="Kind of Record", readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", readonly=True)
    record_name = fields.Char(string="For", compute="_compute_record_name")
    cause = fields.Char(readonly=True, help="For the same cause it runs once per record.")
    state = fields.Selection([("done", "Done"), ("failed", "Failed")], required=True, readonly=True)
    message = fields.Text(string="What Went Wrong", readonly=True)
    date = fields.Datetime(readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="Caused By", readonly=True, ondelete="set null")

    def init(self):
        super().init()
        # Once per record and cause: the guard when two transactions find the same
        self.env.cr.execute(
            """CREATE UNIQUE INDEX IF NOT EXISTS crm_automation_log_cause_idx
                   ON crm_automation_log (automation_id, res_id, cause) WHERE cause IS NOT NULL"""
        )
        # Serves the look for loops: what ran for these records within the hour
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_automation_log_recent_idx ON crm_automation_log (automation_id, res_id, date)"
        )

    @api.depends("res_model", "res_id")
    def _compute_record_name(self):
        """Names of the records the reader may see: a query per kind of record."""
        names = {}
        for model_name in {log.res_model for log in self if log.res_model in self.env}:
            ids = [log.res_id for log in self if log.res_model == model_name and log.res_id]
            model = self.env[model_name].with_context(active_test=False)
            names.update({(model_name, record.id): record.display_name for record in model.search([("id", "in", ids)])})
        for log in self:
            log.record_name = names.get((log.res_model, log.res_id), "")

    def action_open_record(self):
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            raise CrmUserError(_("It failed before it reached a record."))
        return self.env[self.res_model].browse(self.res_id).get_formview_action()

    def action_retry(self):
        """Do what failed once more."""
        self.env["crm.automation"].check_access_rights("write")
        failed = self.filtered(lambda log: log.state == "failed" and log.res_id)
        if not failed:
            raise CrmUserError(_("Only what failed for a record can be done again."))
        for automation in failed.automation_id:
            logs = failed.filtered(lambda log, automation=automation: log.automation_id == automation).sudo()
            records = self.env[automation.model].sudo().browse(logs.mapped("res_id")).exists()
            logs.write({"state": "done", "message": False})
            automation = automation.sudo()
            automation._close({log.res_id: log.id for log in logs}, automation._attempt(records) if records else {})

    @api.autovacuum
    def _gc_logs(self):
        """Kept for three months; what says that a cause was dealt with, as long as the automation."""
        oldest = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("date", "<", oldest), ("cause", "=", False)], limit=10000).unlink()
