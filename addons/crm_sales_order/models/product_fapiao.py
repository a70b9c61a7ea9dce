# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    fapiao_tax_code_id = fields.Many2one(
        "crm.fapiao.tax.code", "Tax Code (Fapiao)", help="Of the products in it, and in categories below, that have none."
    )

    def _get_fapiao_tax_code(self):
        """The code of the nearest category upwards that has one, if any."""
        category = self
        while category and not category.fapiao_tax_code_id:
            category = category.parent_id
        return category.fapiao_tax_code_id


class ProductTemplate(models.Model):
    _inherit = "product.template"

    fapiao_tax_code_id = fields.Many2one(
        "crm.fapiao.tax.code", "Tax Code (Fapiao)", help="税收分类编码. Without one, that of the category is used."
    )
    fapiao_specification = fields.Char("Specification (Fapiao)", help="Printed as 规格型号.")

    def _get_fapiao_tax_code(self):
        """The code of this product, if it has one; none for no product."""
        return self.fapiao_tax_code_id or self.categ_id._get_fapiao_tax_code()
