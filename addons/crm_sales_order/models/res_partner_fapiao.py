# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .crm_fapiao import KINDS, TITLE


class ResPartner(models.Model):
    """The title (开票抬头) a customer wants on fapiao."""

    _inherit = "res.partner"

    fapiao_kind = fields.Selection(KINDS, "Fapiao", help="What is proposed when one is requested; special ones need a tax number.")
    fapiao_name = fields.Char("Fapiao Title", help="As on the business licence; without one, the name is used.")
    fapiao_address = fields.Char("Registered Address", help="As registered with the tax office.")
    fapiao_phone = fields.Char("Registered Phone")
    fapiao_bank = fields.Char("Fapiao Bank")
    fapiao_account = fields.Char("Fapiao Bank Account")
    fapiao_email = fields.Char("Fapiao E-mail", help="Where fapiao are announced to.")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"fapiao_address", "fapiao_phone", "fapiao_email"}

    def _get_fapiao_title(self):
        """Title data of this customer's company: {field of crm.fapiao: text or False}."""
        self.ensure_one()
        company = self.commercial_partner_id
        title = {name: company[source] for name, source in TITLE.items()}
        return {**title, "buyer_name": company.fapiao_name or company.name}
