# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from odoo import _, api, fields, models
from odoo.exceptions import AccessError
from odoo.osv import expression
from psycopg2.extensions import AsIs

from ..engine.timeline import Cursor, after, shorten
from ..exceptions import CrmUserError

#: Most entries of one page
MAX_LIMIT = 100

class Scope(NamedTuple):
    """Whose events are asked for: ids of partners (one company's) and of leads, as far as the reader may see them."""

    partner_ids: list
    lead_ids: list

class Event(NamedTuple):
    """One row of a page: where it is from, its kind's key, its id there, and its moment (UTC)."""

    source: str
    kind: str
    id: int
    moment: datetime


def _array(ids):
    """PostgreSQL's literal of an array of ids. Behind a SELECT the planner takes it as one value, and need not weigh each
    of two thousand contacts"""
    return "{%s}" % ",".join(map(str, ids))


class CrmTimeline(models.AbstractModel):
    """Everything that happened with a customer or lead, newest first, read from the events' own tables.

    An addon adds its kinds in a file of its own (crm_timeline_<kind>.py) by extending :meth:`_get_kinds`; nothing is
    copied, so nothing gets out of step. Cost of a page: one query for which events are on it, and one read per
    kind of event that is, however many there are.
    """

    _name = "crm.timeline"
    _description = "Timeline of a Customer or Lead"

    # ------------------------------------------------------------------
    # Hook
    # ------------------------------------------------------------------
    @api.model
    def _get_kinds(self):
        """The kinds of events, each an :class:`engine.timeline.TimelineKind`; labels in the reader's language.

        Called once per page. Addons call super and append theirs.

        :rtype: list
        """
        return []

    @api.model
    def _prepare_entries(self, kind, vals_list):
        """What the entries of one kind show; override for kinds whose fields do not say it all.

        :param vals_list: what ``read`` returned of ``kind.fields``, one dict per record
        :return: {id: entry without what the page itself knows (id, kind, icon, date)}
        """
        return {vals["id"]: self._prepare_entry(kind, vals) for vals in vals_list}

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------
    @api.model
    def get_page(self, res_model, res_id, kinds=None, before=None, limit=20):
        """One page of the timeline of a lead or partner, as its reader may see it.

        A company's timeline holds the events of its contacts and of its leads, archived ones included.

        :param kinds: keys of the kinds wanted; all if empty
        :param before: ``next`` of the page before
        :param limit: entries per page, at most 100
        :return: {"entries": [...], "next": cursor or False, "kinds": [...]}. An entry has id, kind, icon, date (UTC;
            a day only if ``day`` is true), title, text, author, res_model and res_id of the record it opens, and where
            it has one amount with currency_id (its id), and status (label, look).
        :raise AccessError: for records the reader may not see
        :raise CrmUserError: if an argument makes no sense
        """
        record = self._browse_record(res_model, res_id)
        scope = self._get_scope(record)
        visible = self._get_visible_kinds(record)
        chosen = [kind for kind in visible if not kinds or kind.key in kinds]
        limit = self._check_limit(limit)
        rows = self._find_events(chosen, scope, self._parse_cursor(before), limit + 1)
        page = rows[:limit]
        return {
            "entries": self._read_entries({kind.key: kind for kind in chosen}, page),
            "next": str(Cursor(page[-1].moment, page[-1].source, page[-1].id)) if len(rows) > limit else False,
            "kinds": [
                {"key": kind.key, "label": kind.label, "icon": kind.icon, "group": kind.group} for kind in visible
            ],
        }

    @api.model
    def _browse_record(self, res_model, res_id):
        """The lead or partner, if there is one; whether the reader may see it says :meth:`_get_scope`."""
        if not self.env.su and not self.env.user.has_group("base.group_user"):
            raise AccessError(_("The timeline is for people of the company."))
        if res_model not in ("res.partner", "crm.lead") or not isinstance(res_id, int):
            raise CrmUserError(_("Only customers and leads have a timeline. Open one of them."))
        record = self.env[res_model].browse(res_id)
        record.check_access_rights("read")
        return record

    @api.model
    def _check_limit(self, limit):
        if not isinstance(limit, int) or limit < 1:
            raise CrmUserError(_("A page has at least one entry."))
        return min(limit, MAX_LIMIT)

    @api.model
    def _parse_cursor(self, before):
        try:
            return Cursor.parse(before) if before else None
        except ValueError as error:
            raise CrmUserError(_("This page of the timeline is out of date. Reload the form.")) from error

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    @api.model
    def _get_visible_kinds(self, record):
        """Those kinds the reader has a right to; none if the record's contact details are hidden from the reader,
        for what is said and done with a customer is part of these."""
        sees = self.env.su or self.env.user._sees_contact_details()
        if not sees and record.sudo()._contact_details_hidden():
            return []
        return [
            kind
            for kind in self._get_kinds()
            if self.env[kind.through or kind.model].check_access_rights("read", raise_exception=False)
        ]

    @api.model
    def _get_scope(self, record):
        """Two queries: contacts, and leads, as far as the reader may see them.

        :raise AccessError: if the reader may not see the record
        :raise CrmUserError: if it is gone
        """
        if record._name == "crm.lead":
            return Scope([], self._search_ids(record, [("id", "=", record.id)]))
        found = record.sudo().read(["commercial_partner_id"], load="_classic_write")
        is_company = bool(found) and found[0]["commercial_partner_id"] == record.id
        tree = [("commercial_partner_id", "=", record.id)] if is_company else [("id", "child_of", record.id)]
        partner_ids, leads = self._search_ids(record, tree), self.env["crm.lead"]
        if not leads.check_access_rights("read", raise_exception=False):
            return Scope(partner_ids, [])
        domain = tree if is_company else [("partner_id", "in", partner_ids)]
        return Scope(partner_ids, leads.with_context(active_test=False).search(domain, order="id").ids)

    @api.model
    def _search_ids(self, record, domain):
        """Ids of the record's model that the reader may see, the record among them or it is refused."""
        ids = record.with_context(active_test=False).search(domain, order="id").ids
        if record.id not in ids:
            if not record.exists():
                raise CrmUserError(_("This record is gone: somebody deleted or merged it. Go back to the list."))
            record.check_access_rule("read")
            raise AccessError(_("You may not see this record."))
        return ids

    # ------------------------------------------------------------------
    # Which events
    # ------------------------------------------------------------------
    @api.model
    def _find_events(self, kinds, scope, cursor, limit):
        """The newest ``limit`` :class:`Event` after the cursor: one query over all sources."""
        self.env["base"].flush()
        by_source = defaultdict(list)
        for kind in kinds:
            by_source[kind.source].append(kind)
        selects, params = [], []
        for source in by_source.values():
            select, values = self._prepare_select(source, scope, cursor, limit)
            if select:
                selects.append("(%s)" % select)
                params += values
        if not selects:
            return []
        query = "SELECT source, kind, id, moment FROM (%s) AS event ORDER BY moment DESC, source, id DESC LIMIT %%s"
        self.env.cr.execute(query % " UNION ALL ".join(selects), [*params, limit])
        return [Event(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _prepare_select(self, kinds, scope, cursor, limit):
        """SQL, with parameters, of the newest events of one source's kinds that the reader may see; (None, []) if there
        cannot be any."""
        first, model = kinds[0], self._get_model(kinds[0])
        some = all(kind.domain for kind in kinds)
        query = model._where_calc(expression.OR([list(kind.domain) for kind in kinds]) if some else [])
        links = self._get_links(first, scope, query)
        if not links:
            return None, []
        query.add_where("(%s)" % " OR ".join(link for link, _ids in links), [ids for _link, ids in links])
        model._apply_ir_rules(query, "read")
        number = '"%s".id' % model._table
        moment = model._inherits_join_calc(model._table, first.date, query)
        if model._fields[first.date].type == "date":
            moment = "(%s + time '12:00')" % moment
        query.add_where("%s IS NOT NULL" % moment)
        if cursor:
            query.add_where(*after(cursor, first.source, moment, number))
        query.order, query.limit = "moment DESC, id DESC", limit
        which, values = self._prepare_which(kinds, model)
        source = """'%s' COLLATE "C" AS source""" % first.source
        select, params = query.select(source, which + " AS kind", number + " AS id", moment + " AS moment")
        return select, [*values, *params]

    @api.model
    def _prepare_which(self, kinds, model):
        """SQL, with parameters, of the key of an event's kind."""
        *others, last = kinds
        cases, params = [], []
        for kind in others:
            _from, where, values = model.sudo()._where_calc(list(kind.domain)).get_sql()
            cases.append("WHEN %s THEN '%s'" % (where, kind.key))
            params += values
        return ("CASE %s ELSE '%s' END" % (" ".join(cases), last.key) if cases else "'%s'" % last.key), params

    @api.model
    def _get_links(self, kind, scope, query):
        """How events of the kind's source belong to the scope: alternatives, each SQL with one parameter.

        An addon overrides it for a source that is linked in another way.

        :param query: the query over the source's table
        :rtype: list of (SQL with one placeholder, its parameter); empty if there cannot be any events
        """
        model, links = self._get_model(kind), []

        def column(name):
            return model._inherits_join_calc(model._table, name, query)

        if kind.reference:
            # said of both models at once, too: where there is no index on the pair, the planner takes the ids'
            everything = [_array(scope.partner_ids + scope.lead_ids)]
            query.add_where("%s = ANY((SELECT %%s::int[])::int[])" % column(kind.reference[1]), everything)
        for name, ids in (("res.partner", scope.partner_ids), ("crm.lead", scope.lead_ids)):
            if kind.reference and ids:
                of_model = "%s = '%s'" % (column(kind.reference[0]), name)
                links.append(("%s AND %s = ANY((SELECT %%s::int[])::int[])" % (of_model, column(kind.reference[1])), _array(ids)))
        for name, ids in ((kind.partner, scope.partner_ids), (kind.lead, scope.lead_ids)):
            if not name or not ids:
                continue
            if "." not in name and model._fields[name].column_type:
                links.append(("%s = ANY((SELECT %%s::int[])::int[])" % column(name), _array(ids)))
            elif "." not in name or not scope.partner_ids:
                found = model.sudo().with_context(active_test=False)._search([(name, "in", ids)], order="id")
                subselect, params = found.select()
                # an array, not IN: beside another link, IN would have the whole table read
                links.append(('"%s".id = ANY(ARRAY(%%s))' % model._table, AsIs(self.env.cr.mogrify(subselect, params).decode())))
        return links

    @api.model
    def _get_model(self, kind):
        model = self.env[kind.model].with_context(active_test=False)
        return model.sudo() if kind.through else model

    # ------------------------------------------------------------------
    # What they say
    # ------------------------------------------------------------------
    @api.model
    def _read_entries(self, kinds, events):
        """Entries of the events, in their order; one read per kind.

        The events are those the reader may see, so what the kinds show of them is read in sudo mode, without asking for
        each table's rules again.
        """
        ids_by_kind, prepared = defaultdict(list), {}
        for event in events:
            ids_by_kind[event.kind].append(event.id)
        for key, ids in ids_by_kind.items():
            kind = kinds[key]
            self._get_model(kind).check_field_access_rights("read", kind.fields)
            vals_list = self._get_model(kind).sudo().browse(ids).read(kind.fields)
            prepared[key] = self._prepare_entries(kind, vals_list)
        return [
            {
                "id": "%s,%d" % (event.kind, event.id),
                "kind": event.kind,
                "icon": kinds[event.kind].icon,
                "date": fields.Datetime.to_string(event.moment),
                "day": self.env[kinds[event.kind].model]._fields[kinds[event.kind].date].type == "date",
                **prepared[event.kind][event.id],
            }
            for event in events
            if event.id in prepared[event.kind]
        ]

    @api.model
    def _prepare_entry(self, kind, vals):
        """The entry of one record, made of its fields' values."""
        res_model, res_id = (vals[name] for name in kind.reference) if kind.reference else (kind.model, vals["id"])
        entry = {
            "title": self._get_text(kind, kind.title, vals) or kind.label,
            "text": self._get_text(kind, kind.text, vals),
            "author": self._get_text(kind, kind.author, vals),
            "res_model": res_model,
            "res_id": res_id,
        }
        if kind.amount and vals[kind.amount] is not False:
            entry.update(amount=vals[kind.amount], currency_id=vals[kind.currency] and vals[kind.currency][0])
        if kind.status and vals[kind.status]:
            look = kind.looks.get(vals[kind.status], "done")
            entry["status"] = {"label": self._get_text(kind, kind.status, vals), "look": look}
        return entry

    @api.model
    def _get_text(self, kind, name, vals):
        """What a person reads of a field's value; nothing if the kind has no such field."""
        value = vals[name] if name else ""
        if isinstance(value, (tuple, list)):
            value = value[1] if value else ""
        elif value and self.env[kind.model]._fields[name].type == "selection":
            value = dict(self.env[kind.model]._fields[name]._description_selection(self.env)).get(value, value)
        return shorten(str(value or ""))
