# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao import is_tax_code
from ..exceptions import FapiaoValidationError


class CrmFapiaoTaxCode(models.Model):
    """A code of goods and services (税收分类编码) and the short name printed before an item: ``*水泵*``."""

    _name = "crm.fapiao.tax.code"
    _description = "Tax Code of Goods and Services"
    _order = "code"
    _rec_name = "code"

    code = fields.Char(required=True, help="19 digits, as in the tax office's list.")
    short_name = fields.Char(required=True, help="Printed between two stars before the name of an item.")
    active = fields.Boolean(default=True)
    category_ids = fields.Many2many(
        "product.category", string="Categories", compute="_compute_users", inverse="_inverse_categories", compute_sudo=True
    )
    product_ids = fields.Many2many(
        "product.template", string="Products", compute="_compute_users", inverse="_inverse_products", compute_sudo=True,
        help="Those with another code than their category."
    )  # fmt: skip

    _sql_constraints = [("code_uniq", "UNIQUE (code)", "This tax code is in the list already.")]

    @api.depends("code")
    def _compute_users(self):
        """Which categories and products name this code; finance gives them one here, without a right on products."""
        for one in self:
            domain = [("fapiao_tax_code_id", "in", one.ids)]
            one.category_ids = self.env["product.category"].search(domain)
            one.product_ids = self.env["product.template"].search(domain)

    def _inverse_categories(self):
        for one in self:
            one._assign(one.category_ids)

    def _inverse_products(self):
        for one in self:
            one._assign(one.product_ids)

    def _assign(self, wanted):
        """Let ``wanted``, categories or products, and no others have this code."""
        wanted = wanted.sudo()
        holders = wanted.search([("fapiao_tax_code_id", "=", self.id)])
        (holders - wanted).write({"fapiao_tax_code_id": False})
        (wanted - holders).write({"fapiao_tax_code_id": self.id})

    @api.constrains("code")
    def _check_code(self):
        for one in self:
            if not is_tax_code(one.code):
                raise FapiaoValidationError(_("A tax code of goods and services has 19 digits: “%s” has not.", one.code))

    def name_get(self):
        return [(one.id, "%s %s" % (one.code, one.short_name)) for one in self]

    @api.model
    def _name_search(self, name="", args=None, operator="ilike", limit=100, name_get_uid=None):
        domain = ["|", ("code", operator, name), ("short_name", operator, name)] if name else []
        return self._search(domain + list(args or []), limit=limit, access_rights_uid=name_get_uid)
