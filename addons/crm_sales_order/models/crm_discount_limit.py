# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from odoo.addons.crm_core.exceptions import CrmValidationError


class CrmDiscountLimit(models.Model):
    """How much of the price by rules a salesperson may concede without asking, by role. Without any: as much as they like."""

    _name = "crm.discount.limit"
    _inherit = "cached.settings"
    _description = "Allowed Discount"
    _order = "discount, id"
    _rec_name = "group_id"

    group_id = fields.Many2one("res.groups", string="Role", required=True, ondelete="cascade")
    discount = fields.Float(
        string="Allowed (%)", digits=(5, 1), help="Of the price by price list and rules. Of several roles, the highest counts."
    )
    company_id = fields.Many2one("res.company", string="Company", ondelete="cascade", help="Empty: all companies.")

    _sql_constraints = [
        ("once", "EXCLUDE (group_id WITH =, COALESCE(company_id, 0) WITH =)", "This role has an allowed discount already. Change that one.")
    ]

    @api.constrains("discount")
    def _check_discount(self):
        if any(not 0 <= limit.discount <= 100 for limit in self):
            raise CrmValidationError(_("An allowed discount is a percentage from 0 to 100."))

    @api.model
    @tools.ormcache()
    def _get_limits(self):
        """[(group id, company id or None, percent)], cached until one changes."""
        return [(limit.group_id.id, limit.company_id.id or None, limit.discount) for limit in self.sudo().search([])]

    @api.model
    def _get_limit(self, user, company):
        """What ``user`` may concede, in percent: the company's own limits go before those for all. None: no limit."""
        roles = set(user.sudo().groups_id.ids)
        fitting = [limit for limit in self._get_limits() if limit[0] in roles]
        own = [share for _role, owner, share in fitting if owner == company.id]
        return max(own or [share for _role, owner, share in fitting if owner is None], default=None)
