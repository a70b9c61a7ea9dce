# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmCreditGuard(models.Model):
    """One row per customer and company that whoever uses credit writes before looking at what is left of it."""

    _name = "crm.credit.guard"
    _inherit = "crm.guard.mixin"
    _description = "Credit Guard"
    _log_access = False
    _rec_name = "partner_id"
    _guarded = ("partner_id", "company_id")

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")

    _sql_constraints = [
        ("partner_company_uniq", "UNIQUE (partner_id, company_id)", "A customer has one guard per company."),
    ]
