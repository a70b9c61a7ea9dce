# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError


class ResPartner(models.Model):
    """What is known of a company as a business. A subsidiary is a company of its own, not a contact of its parent:
    it keeps its commercial entity, invoices and owner, so the link is a field beside ``parent_id``."""

    _inherit = "res.partner"

    group_parent_id = fields.Many2one(
        "res.partner", string="Subsidiary Of", index=True, ondelete="set null", domain=[("is_company", "=", True)]
    )
    subsidiary_ids = fields.One2many("res.partner", "group_parent_id", string="Subsidiaries")
    annual_revenue = fields.Float(digits=(16, 2), help="As told by the company, in the unit it was told in.")
    employee_count = fields.Integer(string="Employees")
    year_established = fields.Integer(string="Established")

    @api.constrains("group_parent_id")
    def _check_group_parent_id(self):
        if not self._check_recursion(parent="group_parent_id"):
            raise CrmValidationError(
                _("A company cannot be a subsidiary of itself or of one of its own. Choose another company.")
            )
