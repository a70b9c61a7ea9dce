# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_duplicates(self):
        """Three prospects asked again by phone and were typed in anew: the leader finds and merges them."""
        demo = self._quiet()
        prospects = demo.env["crm.lead"].search(
            [("team_id", "in", self._branches().ids), ("partner_id", "=", False), ("phone", "!=", False)],
            order="create_date desc, id desc",
            limit=3,
        )
        leads = demo.env["crm.lead"].create([self._prepare_duplicate(lead) for lead in prospects])
        today = self._today()
        self._backdate(leads, create_date=[max(lead.create_date, self._at(today, 9)) for lead in prospects])

    @api.model
    def _prepare_duplicate(self, lead):
        return {
            "type": "lead",
            "name": "%s 再次来电" % self._short_name({"partner_name": lead.partner_name}),
            "partner_name": lead.partner_name.replace("有限公司", "").split("市", 1)[-1],
            "contact_name": lead.contact_name,
            "phone": "+86" + lead.phone.replace(" ", ""),
            "user_id": lead.user_id.id,
            "team_id": lead.team_id.id,
            "source_id": self._ref("demo_source_referral").id,
        }
