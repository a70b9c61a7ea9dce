# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..engine import resolve
from ..engine.normalise import PERSON_KINDS

#: Records looked at for one key and model; a key of more is no sign of one person or company
PER_KEY = 5

class CrmDedupe(models.AbstractModel):
    """Who is known already: for batches of submissions (:meth:`_resolve`) and for one person at a form (``find``)."""

    _name = "crm.dedupe"
    _description = "Dedupe"

    @api.model
    def _resolve(self, rows):
        """Decide for each submission whether it makes a lead, and claim the persons of those that do.

        At most five statements whatever the number of rows. Rules: engine/resolve.py.

        :param rows: list of dict(vals=values of a lead, company_id=…, policy=attach|link|reject, scope=company|all,
            lead_id=id the lead would get, from crm_lead_id_seq)
        :returns: list in the same order of dict(action=create|attach|reject, lead_id, partner_id, owner_id, kind,
            closed, known_id), ids False if there is none. The leads of ``create`` are to be written in this transaction
        :raise psycopg2.errors.SerializationFailure: if another transaction claimed one of the persons meanwhile; run
            the whole transaction again
        """
        self.env["crm.dedupe.key"].flush()
        prepared = self._prepare_rows(rows)
        known = self._load_known(prepared)
        decisions = resolve.decide_all(prepared, known)
        self._claim(prepared, decisions, known)
        return [
            {
                "action": decision.action,
                "lead_id": decision.lead_id or False,
                "partner_id": decision.partner_id or False,
                "owner_id": decision.owner_id or False,
                "kind": decision.kind or False,
                "closed": decision.closed,
                "known_id": decision.known_id or False,
            }
            for decision in decisions
        ]

    @api.model
    def _prepare_rows(self, rows):
        leads, region = self.env["crm.lead"], self.env["crm.dedupe.key"]._get_region()
        return [
            resolve.Row(
                lead_id=row["lead_id"],
                keys=tuple(leads._get_dedupe_keys(row["vals"], region)),
                company=row.get("company_id") or 0,
                policy=row.get("policy") or resolve.ATTACH,
                all_companies=row.get("scope") == "all",
                contact=row["vals"].get("contact_name") or "",
            )
            for row in rows
        ]

    # -- whom the keys lead to ---------------------------------------------------------------------------------------

    @api.model
    def _load_known(self, rows):
        known = resolve.Known()
        wanted = {(*key, 0 if row.all_companies else row.company) for row in rows for key in row.keys}
        for kind, value, model, res_id in self._find_hits(wanted):
            by_key = known.leads_by_key if model == "crm.lead" else known.partners_by_key
            by_key[(kind, value)].append(res_id)
        partner_ids = {partner_id for ids in known.partners_by_key.values() for partner_id in ids}
        known.partners = self._load_partners(partner_ids) if partner_ids else {}
        lead_ids = {lead_id for ids in known.leads_by_key.values() for lead_id in ids}
        known.leads = self._load_leads(lead_ids) if lead_ids else {}
        return known

    @api.model
    def _find_hits(self, wanted):
        """The first :data:`PER_KEY` records of each key and model, open ones first; one query.

        :param wanted: {(kind, value, company id or 0 for all)}
        :returns: [(kind, value, model, record id)]
        """
        if not wanted:
            return []
        self.env.cr.execute(
            """
            SELECT DISTINCT wanted.kind, wanted.value, hit.model, hit.res_id
              FROM unnest(%s::varchar[], %s::varchar[], %s::int4[]) AS wanted (kind, value, company)
        CROSS JOIN (VALUES ('crm.lead'), ('res.partner')) AS source (model)
        CROSS JOIN LATERAL (
                    SELECT key.model, key.res_id
                      FROM crm_dedupe_key AS key
                     WHERE key.value = wanted.value
                       AND key.kind = wanted.kind
                       AND key.model = source.model
                       AND (wanted.company = 0 OR key.company IN (0, wanted.company))
                     ORDER BY key.open DESC, key.res_id
                     LIMIT %s) AS hit
            """,
            [*(list(column) for column in zip(*sorted(wanted))), PER_KEY],
        )
        return self.env.cr.fetchall()

    @api.model
    def _load_leads(self, ids):
        self.env.cr.execute(
            """
            SELECT lead.id, lead.active AND NOT COALESCE(stage.is_won, FALSE), COALESCE(lead.company_id, 0),
                   COALESCE(lead.partner_id, 0), COALESCE(owner.id, 0), COALESCE(lead.contact_name, ''),
                   ARRAY(SELECT key.kind || ' ' || key.value
                           FROM crm_dedupe_key AS key
                          WHERE key.res_id = lead.id AND key.model = 'crm.lead' AND key.kind IN %s)
              FROM crm_lead AS lead
         LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
         LEFT JOIN res_users AS owner ON owner.id = lead.user_id AND owner.active
             WHERE lead.id = ANY(%s)
            """,
            [PERSON_KINDS, list(ids)],
        )
        return {row[0]: resolve.Lead(*row[:6], frozenset(tuple(key.split(" ", 1)) for key in row[6])) for row in self.env.cr.fetchall()}

    @api.model
    def _load_partners(self, ids):
        """The partners with the oldest open lead about each."""
        self.env.cr.execute(
            """
            SELECT partner.id, COALESCE(partner.company_id, 0), COALESCE(owner.id, 0),
                   COALESCE(partner.commercial_partner_id, 0), COALESCE(lead.id, 0), COALESCE(lead.user_id, 0)
              FROM res_partner AS partner
         LEFT JOIN res_partner AS customer ON customer.id = partner.commercial_partner_id
         LEFT JOIN res_users AS owner ON owner.id = COALESCE(partner.user_id, customer.user_id) AND owner.active
 LEFT JOIN LATERAL (SELECT lead.id, lead.user_id
                      FROM crm_lead AS lead
                 LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
                     WHERE lead.partner_id = partner.id AND lead.active AND NOT COALESCE(stage.is_won, FALSE)
                     ORDER BY lead.id
                     LIMIT 1) AS lead ON TRUE
             WHERE partner.id = ANY(%s)
            """,
            [list(ids)],
        )
        return {row[0]: resolve.Partner(*row) for row in self.env.cr.fetchall()}

    # -- claims ------------------------------------------------------------------------------------------------------

    @api.model
    def _claim(self, rows, decisions, known):
        """Write the keys of the new leads, and the persons' new keys of those attached: both lead to the one lead."""
        keys = self.env["crm.dedupe.key"]
        wanted = []
        for row, decision in zip(rows, decisions):
            if decision.action == resolve.CREATE:
                wanted += [keys._prepare_row("crm.lead", row.lead_id, row.company, True, key) for key in row.keys]
            elif decision.action == resolve.ATTACH and decision.lead_id in known.leads:
                lead = known.leads[decision.lead_id]
                wanted += [
                    keys._prepare_row("crm.lead", lead.id, lead.company, True, key, learned=True)
                    for key in row.keys
                    if key[0] in PERSON_KINDS and key not in lead.keys
                ]
        keys._insert(wanted)
