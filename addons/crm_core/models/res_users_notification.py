# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

CHOICES = ["notify_by_mail", "notify_by_sms"]


class ResUsers(models.Model):
    _inherit = "res.users"

    notify_by_mail = fields.Boolean("Notify by E-mail", help="What the suite tells you also arrives by e-mail.")
    notify_by_sms = fields.Boolean("Notify by SMS", help="What the suite tells you also arrives on your mobile phone.")

    def __init__(self, pool, cr):
        """Everybody chooses for themselves how to be notified."""
        super().__init__(pool, cr)
        for name in ("SELF_READABLE_FIELDS", "SELF_WRITEABLE_FIELDS"):
            own = [choice for choice in CHOICES if choice not in getattr(type(self), name)]
            setattr(type(self), name, getattr(type(self), name) + own)

    def _get_notification_kinds(self):
        """Kinds of channels by which this user is told something."""
        return ["inapp", *(["mail"] if self.notify_by_mail else []), *(["sms"] if self.notify_by_sms else [])]
