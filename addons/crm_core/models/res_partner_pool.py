# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..exceptions import OwnershipError


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "crm.held.mixin"]
    _pool_choice = "crm.pool.customer"

    owner_since = fields.Datetime(
        string="Owner Since", compute="_compute_owner_since", store=True, help="When the present salesperson got it."
    )

    _sql_constraints = [
        (
            "pool_has_no_owner",
            "CHECK (pool_id IS NULL OR user_id IS NULL)",
            "What lies in a public pool has no owner: claim or assign it.",
        )
    ]

    def _auto_init(self):
        """Owners there are before the addon comes have their customers since these exist: one UPDATE."""
        if not tools.column_exists(self.env.cr, "res_partner", "owner_since"):
            tools.create_column(self.env.cr, "res_partner", "owner_since", "timestamp")
            self.env.cr.execute("UPDATE res_partner SET owner_since = create_date WHERE user_id IS NOT NULL")
        return super()._auto_init()

    @api.depends("user_id")
    def _compute_owner_since(self):
        for partner in self:
            partner.owner_since = partner.user_id and fields.Datetime.now()

    @api.model
    def _owned_since_field(self):
        return "owner_since"

    @api.model
    def _commercial_fields(self):
        # a company's contacts lie in its pool
        return super()._commercial_fields() + ["pool_id"]

    def _filter_owned(self):
        """Customers; suppliers and colleagues change hands freely."""
        return self.sudo().filtered("is_customer").with_env(self.env)

    def _check_open(self):
        for partner in self:
            if partner != partner.commercial_partner_id or not partner.is_customer:
                raise OwnershipError(
                    _("“%(partner)s” goes along with its company. Choose the company.", partner=partner.display_name)
                )

    def _release(self, reason, note=""):
        domain = [("commercial_partner_id", "in", self.ids), ("user_id", "!=", False), ("probability", "!=", 100)]
        lead = self.env["crm.lead"].sudo().search(domain, limit=1)
        if lead:
            raise OwnershipError(
                _("“%(lead)s” of this customer is still open. Release or close it first.", lead=lead.display_name)
            )
        return super()._release(reason, note)

    @api.model
    def _followed_up(self, facts):
        """Follow-up of a contact is follow-up of its company."""
        partners = self.sudo().browse({fact[0] for fact in facts})
        companies = {partner.id: partner.commercial_partner_id.id for partner in partners}
        return super()._followed_up([(companies[partner_id], *fact) for partner_id, *fact in facts])

    def _team_transferred(self):
        """Nothing of a customer follows from its team."""

    @api.model_create_multi
    def create(self, vals_list):
        parents = self.sudo().browse([vals["parent_id"] for vals in vals_list if vals.get("parent_id")])
        pooled = set(parents.filtered("commercial_partner_id.pool_id").ids)
        if any(vals.get("parent_id") in pooled and vals.get("user_id") for vals in vals_list):
            raise OwnershipError(_("The company lies in a public pool: its contacts have no owner either."))
        return super().create(vals_list)

    def _check_ownership(self, vals):
        if "pool_id" in vals:
            companies = self.sudo().filtered(lambda partner: partner.commercial_partner_id != partner)
            follow = companies.filtered(lambda p: p.commercial_partner_id.pool_id.id == (vals["pool_id"] or False))
            if follow:
                super(ResPartner, self - follow)._check_ownership(vals)
                vals = {name: value for name, value in vals.items() if name != "pool_id"}
                return super(ResPartner, follow)._check_ownership(vals)
        return super()._check_ownership(vals)
