# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from functools import lru_cache
from pathlib import Path

from odoo import api, models
from odoo.modules.module import get_module_path

from ..engine.enrich import NOWHERE, IpPlaces, phone_place
from ..engine.enrich.place import province_key

_logger = logging.getLogger(__name__)

IP_FILE = "lib/ip2region/ip2region.xdb"  # put there by ./erp from npm; part of the wheel


@lru_cache(maxsize=1)
def get_ip_places():
    """The reader of the IP address file, None (said once in the log) where the file is missing or broken."""
    path = Path(get_module_path("crm_core")) / IP_FILE
    try:
        return IpPlaces(path)
    except (OSError, ValueError, ImportError) as error:
        _logger.warning("Places of IP addresses are not known: %s", error)
        return None


class CrmEnrichment(models.AbstractModel):
    """Adds to leads what they don't say themselves. Nothing here ever overwrites a value that is there.

    Two ways: :meth:`_fill_offline` at once, from data on this machine; :meth:`_schedule` in the background, from
    providers on the net (:class:`~.crm_enrichment_provider.CrmEnrichmentProvider`).
    """

    _name = "crm.enrichment"
    _description = "Enrichment of Leads and Customers"

    # -- offline -----------------------------------------------------------------------------------------------------

    @api.model
    def _fill_offline(self, vals_list, ips=()):
        """Fill carrier, place of the phone, province and city of new leads from phone numbers and IP addresses.

        Called by the intake pipeline before leads are created. Only empty fields are filled; an address abroad, one
        of a known customer (``partner_id``) and a province or city that contradicts stay as they are. A phone number
        counts more than an IP address. Cost: one query per batch, about 12 µs per row whose phone was met before, 65 µs else.

        :param vals_list: values for ``crm.lead.create``; changed in place
        :param ips: the IP address of each (text or False), as far as known
        :return: ``vals_list``
        """
        states = self._get_states()
        reader = get_ip_places() if any(ips) else None
        for number, vals in enumerate(vals_list):
            phone = self._get_phone_place(vals.get("mobile"), vals.get("phone"))
            address = ips[number] if number < len(ips) else False
            ip = reader.place(address) if reader and address else NOWHERE
            self._fill_empty(vals, {
                "phone_location": phone.label, "phone_carrier": phone.carrier, "ip_location": ip.label,
            })  # fmt: skip
            for place in (phone, ip):
                if place.province:
                    self._fill_place(vals, place, states)
        return vals_list

    @api.model
    def _with_phone_places(self, vals_list):
        """Copies of ``vals_list`` that say where their phone numbers are from, as far as they don't yet."""
        filled = []
        for vals in vals_list:
            if (vals.get("phone") or vals.get("mobile")) and "phone_location" not in vals:
                place = self._get_phone_place(vals.get("mobile"), vals.get("phone"))
                vals = {**vals, "phone_location": place.label or False, "phone_carrier": place.carrier or False}
            filled.append(vals)
        return filled

    @api.model
    def _get_phone_place(self, *numbers):
        """The place of the first of ``numbers`` that tells one, or at least a carrier."""
        places = [phone_place(number) for number in numbers if number]
        known = [place for place in places if place.province] or [place for place in places if place.carrier]
        return known[0] if known else NOWHERE

    @api.model
    def _get_states(self):
        """{province key: (id of the state, id of its country)} of China's provinces."""
        states = self.env["res.country.state"].sudo().search([("country_id.code", "=", "CN")])
        return {province_key(state.name): (state.id, state.country_id.id) for state in states}

    @api.model
    def _fill_place(self, vals, place, states):
        state_id, country_id = states.get(province_key(place.province), (False, False))
        if not state_id or vals.get("partner_id"):
            return
        city = vals.get("city")
        same_city = bool(city) and city.rstrip("市") == place.city.rstrip("市")
        if vals.get("country_id") not in (None, False, country_id):
            return
        if vals.get("state_id") not in (None, False, state_id) or (city and not same_city):
            return
        self._fill_empty(vals, {"country_id": country_id, "state_id": state_id, "city": place.city})

    @api.model
    def _fill_empty(self, vals, found):
        vals.update((name, value) for name, value in found.items() if value and not vals.get(name))

    # -- providers ---------------------------------------------------------------------------------------------------

    @api.model
    def _schedule(self, records):
        """Ask the active providers about ``records`` (leads or partners) in the background, one job per provider.

        Called by the pipeline once per batch. Records a provider could add nothing to are left out. Without an active
        provider this costs one query.
        """
        providers = self.env["crm.enrichment.provider"].sudo().search([("automatic", "=", True)])
        for provider in providers:
            self.env["crm.enrichment.request"].sudo()._enqueue(provider, records)
