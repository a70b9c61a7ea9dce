# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

ATTITUDES = [("supporter", "For us"), ("neutral", "Neutral"), ("opponent", "Against us")]
ROLES = [("decision", "Decision Maker"), ("influencer", "Influencer"), ("user", "User"), ("finance", "Finance")]


class ResPartner(models.Model):
    """Who a contact is in the customer's company: role, attitude, superior."""

    _inherit = "res.partner"

    contact_role = fields.Selection(ROLES, string="Role", help="What this person is in the customer's buying.")
    attitude = fields.Selection(ATTITUDES, help="How this person stands to us.")
    # Serves the org chart.
    reports_to_id = fields.Many2one(
        "res.partner",
        string="Reports To",
        index=True,
        ondelete="set null",
        domain="[('id', 'child_of', commercial_partner_id), ('is_company', '=', False), ('id', '!=', id)]",
    )
    # Serves the record rule of res.partner.
    crm_party_ids = fields.One2many(
        "crm.party",
        "partner_id",
        string="Roles in Projects",
        groups="sales_team.group_sale_salesman,crm_core.group_marketing,crm_core.group_executive",
    )
