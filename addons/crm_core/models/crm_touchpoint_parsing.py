# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re
from collections import defaultdict

from odoo import _, api, fields, models
from psycopg2.extras import execute_values

from ..engine.intake import ParseProblem, apply, parse

#: Facts kept on the touchpoint itself
FACTS = ("landing_page", "referrer", "keyword", "visitor_ip", "occurred_at", "source_id", "medium_id", "campaign_id")
#: Target by name → (model, field of the lead)
NAMED = {
    "name.source": ("utm.source", "source_id"),
    "name.medium": ("utm.medium", "medium_id"),
    "name.campaign": ("utm.campaign", "campaign_id"),
    "name.state": ("res.country.state", "state_id"),
    "name.country": ("res.country", "country_id"),
}
#: Without one of these nobody can be answered
IDENTITY_FIELDS = ("phone", "mobile", "email_from", "wechat", "contact_name", "partner_name")
MAX_INTEGER = 2**31 - 1
MAX_TAGS = 20

_PLACE_SUFFIX = re.compile("(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$")


class CrmTouchpoint(models.Model):
    """What a submission says: payload → values of a lead."""

    _inherit = "crm.touchpoint"

    def _parse_submissions(self):
        """Read the submissions; their landing page, keyword, campaign … are written to the touchpoints.

        Cost: a constant number of queries per batch. One bad submission never harms the others.

        :return: {id: values for ``crm.lead.create`` (without owner), or the :class:`ParseProblem`}
        """
        touchpoints = self.sudo()
        lines = {channel: channel._in_company_language().mapping_ids._get_lines() for channel in touchpoints.channel_id}
        mapped, result = {}, {}
        for touchpoint in touchpoints:
            try:
                data = parse(touchpoint.payload or "", touchpoint.content_type or "")
                mapped[touchpoint] = apply(lines[touchpoint.channel_id], data)
            except ParseProblem as problem:
                result[touchpoint.id] = touchpoint._explain(problem)
        names = self._match_names(mapped.values())
        facts = {}
        for touchpoint, found in mapped.items():
            try:
                vals = touchpoint._prepare_lead_vals(found, names)
                facts[touchpoint.id] = touchpoint._prepare_facts(found, vals)
                result[touchpoint.id] = vals
            except ParseProblem as problem:
                result[touchpoint.id] = touchpoint._explain(problem)
        touchpoints._write_facts(facts)
        return result

    # ------------------------------------------------------------------
    # One submission
    # ------------------------------------------------------------------
    def _prepare_lead_vals(self, found, names):
        """Values of a lead.

        :param found: the engine's :class:`Mapped`
        :param names: of :meth:`_match_names`
        :raise ParseProblem: ``nobody``
        """
        channel = self.channel_id
        vals = {
            "type": "lead",
            "company_id": channel.company_id.id,
            "team_id": channel.team_id.id,
            "user_id": False,
            "source_id": channel.source_id.id,
            "medium_id": channel.medium_id.id,
            "campaign_id": channel.campaign_id.id,
        }
        notes, tags = list(found.notes), list(channel.tag_ids.ids)
        for target, value in found.values.items():
            if target == "name.tags":
                tags += [names["crm.tag"][word] for word in self._split_tags(value) if word in names["crm.tag"]]
            elif target in NAMED:
                model, field = NAMED[target]
                known = names[model].get(self._fold_name(model, value))
                if known:
                    vals[field] = known
                else:
                    labels = dict(channel._in_company_language().mapping_ids._get_facts())
                    notes.append("%s: %s" % (labels[target], value))
            elif not target.startswith("touch."):
                vals.update(self._prepare_field(target, value, notes))
        if not any(vals.get(name) for name in IDENTITY_FIELDS):
            raise ParseProblem("nobody")
        who = vals.get("partner_name") or vals.get("contact_name") or vals.get("phone") or vals.get("mobile")
        vals.setdefault("name", "%s: %s" % (channel.name, who or vals.get("email_from") or vals.get("wechat")))
        if tags:
            vals["tag_ids"] = [(6, 0, list(dict.fromkeys(tags)))]
        if notes:
            vals["description"] = "\n".join(notes)
        return vals

    @api.model
    def _prepare_field(self, name, value, notes):
        """{field: value} as the lead's field takes it; what it cannot take goes to the notes."""
        field = self.env["crm.lead"]._fields[name]
        if field.type == "selection":
            options = field._description_selection(self.env)
            value = next((key for key, label in options if value in (key, label)), None) or notes.append(value)
        elif field.type == "integer" and abs(value) > MAX_INTEGER:
            value = notes.append(str(value))
        elif field.type == "date":
            value = fields.Datetime.context_timestamp(self.with_context(tz="Asia/Shanghai"), value).date()
        elif field.type == "char" and field.size:
            value = value[: field.size]
        return {} if value is None else {name: value}

    @api.model
    def _prepare_facts(self, found, vals):
        """Values of :data:`FACTS`, in their order."""
        given = {target[len("touch.") :]: value for target, value in found.values.items() if target.startswith("touch.")}
        given.update({name: vals.get(name) or None for name in ("source_id", "medium_id", "campaign_id")})
        return [given.get(name) for name in FACTS]

    def _write_facts(self, facts):
        """One UPDATE; a time that a sending process gave is kept."""
        if not facts:
            return
        self.flush(FACTS)
        execute_values(
            self.env.cr._obj,
            """
            UPDATE crm_touchpoint AS touchpoint
               SET landing_page = given.landing_page, referrer = given.referrer, keyword = given.keyword,
                   visitor_ip = given.visitor_ip, occurred_at = coalesce(given.occurred_at::timestamp, touchpoint.occurred_at),
                   source_id = given.source_id::int, medium_id = given.medium_id::int, campaign_id = given.campaign_id::int
              FROM (VALUES %s) AS given (id, {columns})
             WHERE touchpoint.id = given.id
            """.format(columns=", ".join(FACTS)),
            [(touchpoint_id, *values) for touchpoint_id, values in facts.items()],
            page_size=1000,
        )
        self.invalidate_cache(FACTS, list(facts))

    # ------------------------------------------------------------------
    # Names
    # ------------------------------------------------------------------
    @api.model
    def _match_names(self, mapped):
        """{model: {folded name: id}} of the names in a batch. Strangers never create sources, tags or places."""
        wanted = defaultdict(set)
        for found in mapped:
            for target, value in found.values.items():
                if target == "name.tags":
                    wanted["crm.tag"].update(self._split_tags(value))
                elif target in NAMED:
                    wanted[NAMED[target][0]].add(value)
        names = defaultdict(dict)
        for model, words in wanted.items():
            names[model] = self._find_names(model, words)
        return names

    @api.model
    def _find_names(self, model, words):
        """{folded name: id}. Places are few and written in many ways: all of them are read."""
        if model in ("res.country", "res.country.state"):
            domain = [("country_id.code", "=", "CN")] if model == "res.country.state" else []
            found = {}
            for lang in ("en_US", "zh_CN"):
                for place in self.env[model].with_context(lang=lang).search(domain):
                    found[self._fold_name(model, place.name)] = place.id
                    found[self._fold_name(model, place.code)] = place.id
            return found
        records = self.env[model].search([("name", "in", list(words))])
        return {record.name: record.id for record in records}

    @api.model
    def _fold_name(self, model, name):
        """A name as it is compared.

        广东 and 广东省 are one province, CN and cn one country.
        """
        if model == "res.country.state":
            return _PLACE_SUFFIX.sub("", name.strip()).lower()
        return name.strip().lower() if model == "res.country" else name

    @api.model
    def _split_tags(self, value):
        return [word.strip() for word in re.split("[,，;；|]", value) if word.strip()][:MAX_TAGS]

    # ------------------------------------------------------------------
    # Problems
    # ------------------------------------------------------------------
    def _explain(self, problem):
        """The problem with a message in the language of the company."""
        translated = self.with_context(lang=self.company_id.partner_id.lang or "en_US")
        return ParseProblem(problem.code, translated._get_problem_text(problem.code, problem.message))

    @api.model
    def _get_problem_text(self, code, detail):
        texts = {
            "empty": _("The submission is empty."),
            "json": _("The text is not JSON: %s", detail),
            "depth": _("The data is nested too deeply to be a form."),
            "pairs": _("The form has too many fields."),
            "nobody": _(
                "There is no phone, e-mail, WeChat or name in it. If the data is there under another name, "
                "add it to the mapping of the channel, then replay."
            ),
        }
        return texts.get(code) or detail or code
