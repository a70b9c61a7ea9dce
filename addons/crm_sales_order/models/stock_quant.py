# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..tools.bulk import get_memo

#: What decides which quants a search finds, and in which order.
_SEARCHED = {"product_id", "location_id", "lot_id", "package_id", "owner_id", "in_date", "company_id"}


class StockQuant(models.Model):
    """In bulk, and where look-ups are remembered, the quants of a place are searched once, not five times per move line.

    Their quantities are read from the ORM cache, where the batch changes them; other transactions' changes
    are invisible under REPEATABLE READ anyhow and fail on the row lock or at commit.
    """

    _inherit = "stock.quant"

    def _gather(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False):
        memo = get_memo(self, self._name)
        if memo is None:
            return super()._gather(product_id, location_id, lot_id, package_id, owner_id, strict)
        parts = (product_id, location_id, lot_id, package_id, owner_id)
        key = (*(part.id if part else False for part in parts), strict, self.env.uid, self.env.su)
        if key not in memo:
            memo[key] = super()._gather(product_id, location_id, lot_id, package_id, owner_id, strict).ids
        return self.browse(memo[key])

    @api.model_create_multi
    def create(self, vals_list):
        self._forget_gathered()
        return super().create(vals_list)

    def write(self, vals):
        if get_memo(self, self._name) and any(self._changes(name, vals[name]) for name in _SEARCHED.intersection(vals)):
            self._forget_gathered()
        return super().write(vals)

    def unlink(self):
        self._forget_gathered()
        return super().unlink()

    def _changes(self, name, value):
        field = self._fields[name]
        return any(field.convert_to_cache(value, quant) != field.convert_to_cache(quant[name], quant) for quant in self)

    def _forget_gathered(self):
        memo = get_memo(self, self._name)
        if memo:
            memo.clear()
