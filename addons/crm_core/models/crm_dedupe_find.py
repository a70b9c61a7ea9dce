# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.company_name import parse_company
from ..engine.match import compare_parsed, marks_by_strength
from ..engine.normalise import COMPANY
from ..exceptions import ContactDetailsError
from .contact_details import MASK

#: Names compared by the engine, the most similar by trigrams first
CANDIDATES = 150
#: Rows looked at for each way in which names are similar
LOOKED_AT = 1500
#: Brands of so many characters may have two errors
LONG = 6
#: Similar names shown
SIMILAR = 10


class CrmDedupe(models.AbstractModel):
    _inherit = "crm.dedupe"

    @api.model
    def find(self, vals, model="crm.lead", exclude=(), similar=True):
        """Who is known already, for the form of one lead or partner and for RPC.

        :param vals: values of a record of ``model``, as for ``create``
        :param model: crm.lead or res.partner: which names the fields have
        :param exclude: [(model, id)] to leave out of the answer, as the record itself
        :param similar: also look for companies with a similar name
        :returns: list of dict(model, res_id, name, kind, score, reason, open, owner, team, visible), the surest first.
            Of records the user may not see only ``owner`` and ``team`` are told: res_id is False, the name masked
        :raise ContactDetailsError: for users who may not see contact details; the answer would tell whose they are
        Cost: 3 queries for exact keys, 2 more for similar names; all flat in the number of leads.
        """
        if not self.env.su and not self._may_find():
            raise ContactDetailsError(_("Looking for duplicates is for those who may see customers' contact details."))
        self.flush()
        source = self.env[model if model == "res.partner" else "crm.lead"]
        keys = source._get_dedupe_keys(vals, self.env["crm.dedupe.key"]._get_region())
        scope, threshold = self.env["crm.dedupe.policy"]._get_settings(self.env.company.id)[1:]
        company = 0 if scope == "all" else self.env.company.id
        found = {}
        for kind, _value, hit_model, hit_id in self._find_hits({(*key, company) for key in keys}):
            found.setdefault((hit_model, hit_id), (kind, 100, ""))
        if similar:
            for name in [value for kind, value in keys if kind == COMPANY][:1]:
                for record, match in self._find_similar(name, threshold, company).items():
                    found.setdefault(record, match)
        for record in exclude:
            found.pop(tuple(record), None)
        return self._describe(found)

    @api.model
    def _may_find(self):
        user = self.env.user
        return user.has_group("base.group_user") and user._sees_contact_details()

    # -- similar names -----------------------------------------------------------------------------------------------

    @api.model
    def _find_similar(self, name, threshold, company):
        """{(model, id): ("similar", score, reason)} of companies whose name is like ``name``.

        Names that share a mark of engine/match.py, or, if they are long, trigrams; the engine judges the nearest.
        """
        parsed = parse_company(name)
        matches = {}
        for value in self._find_similar_names(name, parsed):
            match = compare_parsed(parsed, parse_company(value))
            if match.score >= threshold and value != name:
                matches[value] = match
        best = sorted(matches, key=lambda value: -matches[value].score)[:SIMILAR]
        if not best:
            return {}
        hits = self._find_hits({(COMPANY, value, company) for value in best})
        texts = self._get_reason_texts()
        return {
            (model, res_id): (
                "similar",
                round(matches[value].score),
                ", ".join(texts[reason] for reason in matches[value].reasons),
            )
            for _kind, value, model, res_id in sorted(hits, key=lambda hit: -matches[hit[1]].score)
        }

    @api.model
    def _find_similar_names(self, name, parsed):
        """Keys of companies with a name worth comparing, at most :data:`CANDIDATES`, the most similar first.

        A beginning that thousands of companies share is no evidence: of each way to be similar at most
        :data:`LOOKED_AT` rows are looked at, so that the cost does not grow with the fame of a name.
        """
        strong, weak = marks_by_strength(name)
        sources = ["SELECT value, core FROM crm_dedupe_key WHERE marks && %(strong)s::int4[] LIMIT %(looked_at)s"]
        if weak:
            sources.append("SELECT value, core FROM crm_dedupe_key WHERE marks && %(weak)s::int4[] LIMIT %(looked_at)s")
        if len(parsed.brand) >= LONG:  # long enough for two errors
            self.env.cr.execute("SET LOCAL pg_trgm.similarity_threshold = 0.5")
            sources.append(
                "SELECT value, core FROM crm_dedupe_key WHERE length(core) >= 6 AND core %% %(core)s LIMIT %(looked_at)s"
            )
        self.env.cr.execute(
            "SELECT value FROM ("
            + " UNION ALL ".join("(%s)" % source for source in sources)
            + ") AS name GROUP BY value ORDER BY max(similarity(core, %(core)s)) DESC, value LIMIT %(limit)s",
            {"strong": strong, "weak": weak, "core": parsed.core, "looked_at": LOOKED_AT, "limit": CANDIDATES},
        )
        return [value for (value,) in self.env.cr.fetchall()]

    @api.model
    def _get_reason_texts(self):
        return {
            "same": _("same name"),
            "place": _("place told differently"),
            "trade": _("trade told differently"),
            "short": _("one is the short form"),
            "typo": _("one may be mistyped"),
            "sound": _("sounds the same"),
            "branch": _("one is a branch"),
        }

    # -- what may be told --------------------------------------------------------------------------------------------

    @api.model
    def _describe(self, found):
        """The answer of :meth:`find` for {(model, id): (kind, score, reason)}."""
        described = []
        for model in ("crm.lead", "res.partner"):
            ids = [res_id for hit_model, res_id in found if hit_model == model]
            if not ids:
                continue
            visible = self._get_visible_ids(model, ids)
            for res_id, name, is_open, owner, team in self._read_found(model, ids):
                kind, score, reason = found[(model, res_id)]
                seen = res_id in visible
                described.append(
                    {
                        "model": model,
                        "res_id": res_id if seen else False,
                        "name": name if seen else MASK,
                        "kind": kind,
                        "score": score,
                        "reason": reason if seen else "",
                        "open": is_open,
                        "owner": owner or False,
                        "team": team or False,
                        "visible": seen,
                    }
                )
        order = list(found)
        ranks = {key: rank for rank, key in enumerate(order)}
        return sorted(
            described,
            key=lambda hit: (-hit["score"], not hit["open"], ranks.get((hit["model"], hit["res_id"]), len(order))),
        )

    @api.model
    def _get_visible_ids(self, model, ids):
        records = self.env[model].with_context(active_test=False)
        if self.env.su:
            return set(ids)
        if not records.check_access_rights("read", raise_exception=False):
            return set()
        return set(records._search([("id", "in", ids)]))

    @api.model
    def _read_found(self, model, ids):
        """[(id, name, is it open, name of the owner, name of the team)]"""
        if model == "crm.lead":
            query = """
                SELECT lead.id, lead.name, lead.active AND NOT COALESCE(stage.is_won, FALSE), person.name, team.name
                  FROM crm_lead AS lead
             LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
             LEFT JOIN res_users AS owner ON owner.id = lead.user_id
             LEFT JOIN res_partner AS person ON person.id = owner.partner_id
             LEFT JOIN crm_team AS team ON team.id = lead.team_id
                 WHERE lead.id = ANY(%s)"""
        else:
            query = """
                SELECT partner.id, partner.display_name, COALESCE(partner.active, FALSE), person.name, team.name
                  FROM res_partner AS partner
             LEFT JOIN res_partner AS customer ON customer.id = partner.commercial_partner_id
             LEFT JOIN res_users AS owner ON owner.id = COALESCE(partner.user_id, customer.user_id)
             LEFT JOIN res_partner AS person ON person.id = owner.partner_id
             LEFT JOIN crm_team AS team ON team.id = COALESCE(partner.team_id, customer.team_id, owner.sale_team_id)
                 WHERE partner.id = ANY(%s)"""
        self.env.cr.execute(query, [list(ids)])
        return self.env.cr.fetchall()
