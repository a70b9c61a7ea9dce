# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import DealerError


class CrmDealerBase(models.AbstractModel):
    """Mixin of what belongs to one dealer, and so to the rep and team the dealer belongs to."""

    _name = "crm.dealer.base"
    _description = "Record of a Dealer"

    dealer_id = fields.Many2one(
        "res.partner", string="Dealer", required=True, index=True, ondelete="cascade", domain=[("is_dealer", "=", True)]
    )
    region_id = fields.Many2one(related="dealer_id.dealer_region_id", string="Region", store=True)
    user_id = fields.Many2one(related="dealer_id.user_id", string="Salesperson", store=True, index=True)
    team_id = fields.Many2one(related="dealer_id.team_id", string="Sales Team", store=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)

    @api.constrains("dealer_id")
    def _check_dealer(self):
        """Also what keeps a rep from entering something for another rep's dealer over RPC: the rule of partners is asked."""
        self.dealer_id.check_access_rule("read")
        for partner in self.dealer_id.sudo().filtered(lambda partner: not partner.is_dealer):
            raise DealerError(_("%(partner)s is no dealer. Tick “Dealer” on its form first.", partner=partner.display_name))
