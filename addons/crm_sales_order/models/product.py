# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

_PRODUCT_PRICES = frozenset({"list_price", "lst_price", "standard_price", "price", "price_extra", "value_svl"})


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "crm.price.guard"]
    _price_fields = _PRODUCT_PRICES

    def price_compute(self, price_type, uom=False, currency=False, company=None):
        if self._hidden_price_fields():
            return dict.fromkeys(self.ids, 0.0)
        return super().price_compute(price_type, uom=uom, currency=currency, company=company)


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "crm.price.guard"]
    _price_fields = _PRODUCT_PRICES

    def price_compute(self, price_type, uom=False, currency=False, company=None):
        if self._hidden_price_fields():
            return dict.fromkeys(self.ids, 0.0)
        return super().price_compute(price_type, uom=uom, currency=currency, company=company)


class ProductSupplierinfo(models.Model):
    _name = "product.supplierinfo"
    _inherit = ["product.supplierinfo", "crm.price.guard"]
    _price_fields = frozenset({"price"})
