# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models

KEEP_DAYS = 30


class CrmIntakePullLog(models.Model):
    """One fetch of leads from a platform: what was asked for, what came, or what went wrong."""

    _name = "crm.intake.pull.log"
    _description = "Fetch of Leads"
    _order = "id desc"

    channel_id = fields.Many2one("crm.intake.channel", string="Channel", required=True, ondelete="cascade", index=True)
    create_date = fields.Datetime(string="Fetched on", index=True)
    start = fields.Datetime(string="From")
    end = fields.Datetime(string="To")
    fetched = fields.Integer(string="Leads Fetched")
    new = fields.Integer(string="Of These New")
    message = fields.Char(string="Problem")

    @api.autovacuum
    def _gc_old(self):
        self.search([("create_date", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS))]).unlink()
