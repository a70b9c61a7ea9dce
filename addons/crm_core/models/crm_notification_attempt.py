# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmNotificationAttempt(models.Model):
    """One request to a vendor. It is the log, and what the rate limit counts."""

    _name = "crm.notification.attempt"
    _description = "Attempt to Send a Notification"
    _order = "id desc"
    _rec_name = "date"

    notification_id = fields.Many2one("crm.notification", required=True, index=True, ondelete="cascade")
    channel_id = fields.Many2one("crm.notification.channel", required=True, ondelete="cascade")
    date = fields.Datetime(required=True, help="When its answer came.")
    seconds = fields.Float(string="Took (s)", digits=(6, 2))
    result = fields.Selection(
        [("sent", "Taken"), ("later", "Later"), ("failed", "Refused"), ("unsure", "No answer")], required=True
    )
    message = fields.Char(string="Answer")

    def init(self):
        super().init()
        # Serves the rate limit: the youngest attempts of a channel
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS crm_notification_attempt_pace_idx ON crm_notification_attempt (channel_id, date)"
        )
