# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmPoolLead(models.Model):
    """The tile of the workbench about leads to claim. Contract: crm_workbench_tile.py."""

    _inherit = "crm.pool.lead"

    @api.model
    def _workbench_pool(self):
        """What the reader may claim, the best first."""

        def describe(lead):
            return {"title": lead.name, "text": lead.partner_name or lead.city or "", "side": lead.grade or ""}

        pools = self.env["crm.pool"].sudo().search(self.env.user._crm_pool_domain(""))  # one by one they have an index
        return self.env["crm.workbench"]._list(self, [("pool_id", "in", pools.ids)], describe)
