# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # Serves crm.visitor._get_behaviour: who opened and clicked, by e-mail address.
    email = fields.Char(index=True)
