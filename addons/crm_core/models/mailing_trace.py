# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models, tools


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # Serves crm.visitor._get_behaviour: who opened and clicked, by e-mail address.
    email = fields.Char(index=True)

    def init(self):
        super().init()
        # Serves the timeline: mailings to a customer, its contacts and leads.
        tools.create_index(self.env.cr, "mailing_trace_record_idx", self._table, ["res_id", "model"])
