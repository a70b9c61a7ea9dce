# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmCustomerTag(models.Model):
    """Tags that customers have by a rule; a tag that is not in here was given by hand."""

    _name = "crm.customer.tag"
    _description = "Tag Given by a Rule"
    _log_access = False

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    tag_id = fields.Many2one("res.partner.category", required=True, ondelete="cascade", index=True)

    _sql_constraints = [("partner_tag_unique", "unique (partner_id, tag_id)", "A tag is given once.")]
