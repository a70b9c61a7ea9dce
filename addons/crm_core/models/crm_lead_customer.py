# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Fields of a lead that say something about its customer
FACT_FIELDS = frozenset(
    ("partner_id", "commercial_partner_id", "stage_id", "probability", "active", "type", "expected_revenue", "product_id", "date_closed")
)


class CrmLead(models.Model):
    """What happens to a lead happens to its customer."""

    _inherit = "crm.lead"

    @api.model
    def _leads_created(self, leads, origin):
        super()._leads_created(leads, origin)
        self.env["crm.customer.change"]._note(leads.commercial_partner_id.ids)

    def write(self, vals):
        if not FACT_FIELDS & vals.keys():
            return super().write(vals)
        before = self.commercial_partner_id.ids
        result = super().write(vals)
        self.env["crm.customer.change"]._note(before + self.commercial_partner_id.ids)
        return result

    def unlink(self):
        before = self.commercial_partner_id.ids
        result = super().unlink()
        self.env["crm.customer.change"]._note(before)
        return result
