# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from odoo.addons.crm_core.exceptions import CrmValidationError

from ..engine.margin import Floor


class CrmPriceFloor(models.Model):
    """The least a product may be sold for without approval, by product, category and role.

    The nearest that is set holds: the variant's, the product's, its category's, the one above …, that for all products.
    There, a role's own goes before everybody's; of several roles the seller has, the lowest holds.
    """

    _name = "crm.price.floor"
    _description = "Price Floor"
    _order = "categ_id, product_tmpl_id, product_id, group_id, id"

    active = fields.Boolean(default=True)
    categ_id = fields.Many2one("product.category", string="Category", index=True, ondelete="cascade")
    product_tmpl_id = fields.Many2one("product.template", string="Product", index=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product",
        string="Variant",
        ondelete="cascade",
        domain="[('product_tmpl_id', '=', product_tmpl_id)]",
        help="Empty: all variants of the product.",
    )
    group_id = fields.Many2one(
        "res.groups",
        string="Role",
        ondelete="cascade",
        help="Holds for salespeople of this role. Empty: for everybody who has none of their own.",
    )
    basis = fields.Selection(
        [("price", "Minimum price"), ("margin", "Minimum margin"), ("both", "Minimum price and margin")], required=True, default="margin"
    )
    minimum_price = fields.Monetary(help="Per unit of the product, without tax.")
    minimum_margin = fields.Float(string="Minimum Margin (%)", digits=(5, 1), help="Share of the net price that is left after the cost.")
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, ondelete="cascade")

    _sql_constraints = [
        (
            "once",
            "EXCLUDE (company_id WITH =, COALESCE(categ_id, 0) WITH =, COALESCE(product_tmpl_id, 0) WITH =,"
            " COALESCE(product_id, 0) WITH =, COALESCE(group_id, 0) WITH =) WHERE (active)",
            "There is a floor for this product or category and role already. Change that one.",
        )
    ]

    @api.depends("categ_id", "product_tmpl_id", "product_id", "group_id")
    def _compute_display_name(self):
        super()._compute_display_name()

    def name_get(self):
        found = []
        for floor in self:
            subject = floor.product_id or floor.product_tmpl_id or floor.categ_id
            parts = [subject.display_name or _("All products"), floor.group_id.sudo().full_name]
            found.append((floor.id, " · ".join(filter(None, parts))))
        return found

    @api.constrains("basis", "minimum_price", "minimum_margin", "categ_id", "product_tmpl_id", "product_id")
    def _check_floor(self):
        for floor in self:
            problem = floor._get_problem()
            if problem:
                raise CrmValidationError(_("Floor of “%(name)s”: %(problem)s", name=floor.display_name, problem=problem))

    def _get_problem(self):
        """What is wrong with the floor, in words; False if it can be used."""
        if self.categ_id and self.product_tmpl_id:
            return _("choose a category or a product, not both.")
        if self.product_id and self.product_id.product_tmpl_id != self.product_tmpl_id:
            return _("the variant is none of the product's.")
        if self.basis != "margin" and not self.product_tmpl_id:
            return _("a minimum price belongs to a product; for categories give a minimum margin.")
        if self.basis != "margin" and self.minimum_price <= 0:
            return _("give a minimum price above zero.")
        if self.basis != "price" and not -100 <= self.minimum_margin < 100:
            return _("a margin is a share of the price: give a percentage below 100.")
        return False

    # -- use -------------------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache("company_id")
    def _get_floors(self, company_id):
        """{place: [engine Floor]} of a company; a place is a field's name and the record's id.

        Cached until a floor changes.
        """
        found = {}
        for floor in self.sudo().search([("company_id", "=", company_id)]):
            name = next((name for name in ("product_id", "product_tmpl_id", "categ_id") if floor[name]), "all")
            place = (name, floor[name].id if name != "all" else 0)
            price = floor.minimum_price if floor.basis != "margin" else None
            margin = floor.minimum_margin if floor.basis != "price" else None
            found.setdefault(place, []).append(Floor(floor.group_id.id or None, price, margin, floor.currency_id.id))
        return found

    @api.model_create_multi
    def create(self, vals_list):
        floors = super().create(vals_list)
        floors._apply()
        return floors

    def write(self, vals):
        result = super().write(vals)
        self._apply()
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._refresh(companies)
        return result

    def _apply(self):
        self._refresh(self.company_id)

    @api.model
    def _refresh(self, companies):
        """Open quotations follow; what was sent was offered under the floors of that day."""
        self.flush()
        self.clear_caches()
        lines = self.env["sale.order.line"].sudo().search([("state", "=", "draft"), ("company_id", "in", companies.ids)])
        lines._refresh_floors()
