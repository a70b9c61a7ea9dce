# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.enrich.place import province_key
from ..engine.migration.values import parse_amount
from ..exceptions import CrmUserError

#: Degrees a coordinate may have
LIMITS = {"partner_latitude": 90.0, "partner_longitude": 180.0}


class CrmEnrichable(models.AbstractModel):
    """What a lead and a customer have in common for providers: the question to ask, and taking in the answer."""

    _name = "crm.enrichable"
    _description = "Can be Enriched by Providers"

    def action_enrich(self):
        """Ask every active provider now (in the background); a button for whoever may write these records."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        providers = self.env["crm.enrichment.provider"].sudo().search([])
        if not providers:
            raise CrmUserError(
                _("No enrichment provider is active. A director sets one up under Configuration → Enrichment Providers.")
            )
        requests = self.env["crm.enrichment.request"].sudo()
        for provider in providers:
            requests |= requests._enqueue(provider, self)
        if not requests:
            raise CrmUserError(
                _("There is nothing to ask: enter the company name, the credit code or the address first, or everything "
                  "is known already.")
            )  # fmt: skip
        message = _("Asked for %s. What is found appears here within a few minutes.", ", ".join(requests.provider_id.mapped("name")))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": _("Enrichment"), "message": message, "type": "success", "sticky": False},
        }

    def _get_company_name(self):
        """The name of the company this record (ensure_one) is about, or False."""
        return False

    def _get_enrichment_query(self, provider):
        """What to ask ``provider`` about this record (ensure_one); "" for nothing."""
        if provider.kind == "geocode":
            street = (self.street or "").strip()
            return "".join([self.state_id.name or "", self.city or "", street]) if street else ""
        code = (self.credit_code or "").strip().upper()
        name = " ".join((self._get_company_name() or "").split())
        return {"code": code, "name": name, "any": code or name}[provider.query_by]

    def _lacks_any(self, names):
        """Those of the records with at least one of the fields ``names`` empty."""
        return self.filtered(lambda record: not all(record[name] for name in names))

    def _take_answer(self, answer):
        """Fill the empty fields of this record (ensure_one) from ``answer`` ({target: text}); returns their names."""
        values = self._convert_answer(answer)
        vals = {name: value for name, value in values.items() if value and not self[name]}
        if vals:
            self.write(vals)
        return sorted(vals)

    @api.model
    def _convert_answer(self, answer):
        """Values for ``write`` of what can be understood of an answer's texts."""
        vals = {}
        for name, text in answer.items():
            if name == "state_id":
                states = self.env["crm.enrichment"]._get_states()
                vals["state_id"], vals["country_id"] = states.get(province_key(text), (False, False))
            elif name == "registered_capital":
                vals[name] = self._convert_number(text, 1e15)
            elif name in LIMITS:
                vals[name] = self._convert_number(text, LIMITS[name])
            else:
                vals[name] = text
        return vals

    @api.model
    def _convert_number(self, text, limit):
        try:
            number = parse_amount(text) or 0.0
        except ValueError:
            return False
        return number if abs(number) <= limit else False
