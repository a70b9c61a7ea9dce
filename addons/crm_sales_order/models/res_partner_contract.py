# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from .crm_contract import IN_FORCE_STATES


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_signer_name(self):
        """Who signs, as far as we know: a company does not sign, a person of it does."""
        return "" if self.is_company else self.name or ""

    def _get_card_numbers(self):
        """Contracts in force, of those the reader may see; one query."""
        numbers = super()._get_card_numbers()
        contracts = self.env["crm.contract"]
        if not contracts.check_access_rights("read", raise_exception=False):
            return numbers
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("state", "in", IN_FORCE_STATES),
            ("amends_id", "=", False),
        ]
        return numbers + [
            {
                "key": "contracts",
                "label": _("Contracts"),
                "value": contracts.search_count(domain),
                "unit": "count",
                "action": "crm_sales_order.crm_contract_action",
                "domain": domain,
            }
        ]
