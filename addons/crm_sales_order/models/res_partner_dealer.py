# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import DealerError

#: What the flows of a dealer say of it
FLOW_FIELDS = frozenset(("is_dealer", "dealer_region_id", "dealer_level_id", "user_id", "team_id"))


class ResPartner(models.Model):
    """A dealer buys to sell on: ordered from the portal, and reports what is sold and left."""

    _inherit = "res.partner"

    is_dealer = fields.Boolean(
        string="Dealer", index=True, help="Buys to sell on. People of this company with portal access get the dealer desk there."
    )
    dealer_level_id = fields.Many2one("crm.dealer.level", string="Dealer Level", ondelete="restrict")
    dealer_region_id = fields.Many2one("crm.dealer.region", string="Dealer Region", index=True, ondelete="restrict")
    dealer_product_ids = fields.Many2many(
        "product.product",
        "crm_dealer_product_rel",
        "dealer_id",
        "product_id",
        string="Listed Products",
        help="What this dealer is to keep in stock. Running out of one is flagged.",
    )
    dealer_flag_ids = fields.One2many(
        "crm.dealer.flag",
        "dealer_id",
        string="Dealer Flags",
        domain=[("state", "=", "open")],
        groups="crm_core.group_sales_rep,crm_core.group_executive",
    )
    dealer_flag_count = fields.Integer(string="Flags", compute="_compute_dealer_flag_count")
    dealer_key_ids = fields.One2many(
        "crm.dealer.key", "dealer_id", string="Dealer API Keys", groups="crm_core.group_sales_director"
    )

    @api.depends("dealer_flag_ids.state")
    @api.depends_context("uid")
    def _compute_dealer_flag_count(self):
        flags = self.env["crm.dealer.flag"]
        counts = {}
        if flags.check_access_rights("read", raise_exception=False):
            groups = flags.read_group([("dealer_id", "in", self.ids), ("state", "=", "open")], ["dealer_id"], ["dealer_id"])
            counts = {group["dealer_id"][0]: group["dealer_id_count"] for group in groups}
        for partner in self:
            partner.dealer_flag_count = counts.get(partner.id, 0)

    @api.constrains("is_dealer", "parent_id", "is_company")
    def _check_dealer_is_company(self):
        for partner in self.filtered("is_dealer"):
            if partner.parent_id or not partner.is_company:
                raise DealerError(
                    _("%(name)s is not a company of its own. Make its company the dealer: its people follow.", name=partner.display_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners.filtered("is_dealer")._become_dealers()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("is_dealer"):
            self._become_dealers()
        if FLOW_FIELDS & vals.keys():
            self.env["crm.dealer.flow"]._note(self.filtered("is_dealer"))
        return result

    def _become_dealers(self):
        """Dealers are customers, masked like all of them, and have a level from the beginning."""
        self._mark_as_customer()
        without = self.filtered(lambda partner: not partner.dealer_level_id)
        if without:
            without.write({"dealer_level_id": self.env["crm.dealer.level"].sudo().search([], limit=1).id})

    def _get_dealer_company(self):
        """The company a dealer orders from: its own, else that of the person at the portal."""
        self.ensure_one()
        return self.company_id or self.env.company

    def _get_dealer_users(self):
        """Portal users of the dealers of ``self``, in sudo mode."""
        return self.env["res.users"].sudo().search([("partner_id.commercial_partner_id", "in", self.ids), ("share", "=", True)])

    def action_open_dealer_flags(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_dealer_flag_action")
        return {**action, "domain": [("dealer_id", "in", self.ids)]}

    def action_open_dealer_flow(self):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_dealer_flow_action")
        return {**action, "domain": [("dealer_id", "in", self.ids)]}
