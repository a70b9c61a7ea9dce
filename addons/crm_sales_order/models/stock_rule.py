# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..tools.bulk import get_memo


class ProcurementGroup(models.Model):
    _inherit = "procurement.group"

    @api.model
    def _search_rule(self, route_ids, product_id, warehouse_id, domain):
        """In bulk, products of the same routes share one search: routes do not change within a batch."""
        memo = get_memo(self, self._name)
        if memo is None:
            return super()._search_rule(route_ids, product_id, warehouse_id, domain)
        product_routes = product_id.route_ids | product_id.categ_id.total_route_ids
        key = (route_ids and route_ids.ids, product_routes.ids, warehouse_id and warehouse_id.id, domain)
        key = (repr(key), self.env.uid, self.env.su)
        if key not in memo:
            memo[key] = super()._search_rule(route_ids, product_id, warehouse_id, domain).id
        return self.env["stock.rule"].browse(memo[key])
