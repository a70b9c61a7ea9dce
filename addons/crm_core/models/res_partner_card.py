# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models


class ResPartner(models.Model):
    """The customer card: which form a customer opens in, and the numbers on top of it."""

    _inherit = "res.partner"

    def get_formview_id(self, access_uid=None):
        """Links to a customer open the customer card, for whoever works with customers."""
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        if len(self) == 1 and self.is_customer and user._sees_contact_details():
            return self.env.ref("crm_core.res_partner_view_form_customer").id
        return super().get_formview_id(access_uid=access_uid)

    # ------------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------------
    def get_card_numbers(self):
        """The numbers on top of the customer card, for the web client; see :meth:`_get_card_numbers`.

        :raise AccessError: if the reader may not see the customer
        """
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        return self._get_card_numbers()

    def _get_card_numbers(self):
        """Numbers of the customer's company, as far as the *reader* may see them; addons call super and append.

        Each is a dict: key, label, value, unit (money: in the currency ``currency_id``; count, days, text), and, where
        they make sense, status (on_track, attention, late, done) and action (XML id) with its domain. A number
        the reader has no right to is left out, not zero. Cost: a constant number of queries per addon.

        :rtype: list
        """
        self.ensure_one()
        return self._get_deal_numbers()

    def _get_deal_numbers(self):
        """Open opportunities and what was won: two queries, with the reader's rights."""
        leads = self.env["crm.lead"]
        if self._details_hidden_from_user() or not leads.check_access_rights("read", raise_exception=False):
            return []
        of_customer = [("commercial_partner_id", "=", self.commercial_partner_id.id), ("type", "=", "opportunity")]
        won = of_customer + [("probability", "=", 100)]
        still_open = of_customer + [("probability", "!=", 100)]
        sums = {}
        for name, domain in (("open", still_open), ("won", won)):
            groups = leads.read_group(domain, ["expected_revenue"], [])
            sums[name] = groups[0]["__count"], groups[0]["expected_revenue"] or 0.0
        money = {"unit": "money", "currency_id": self.env.company.currency_id.id, "action": "crm.crm_lead_opportunities"}
        return [
            {
                "key": "open_opportunities",
                "label": _("Open Opportunities"),
                "value": sums["open"][0],
                "unit": "count",
                "action": "crm.crm_lead_opportunities",
                "domain": still_open,
            },
            {"key": "open_value", "label": _("Expected"), "value": sums["open"][1], "domain": still_open, **money},
            {"key": "won_value", "label": _("Won"), "value": sums["won"][1], "domain": won, **money},
        ]
