# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from typing import NamedTuple

from odoo import _, api, fields, models
from odoo.exceptions import AccessError
from odoo.osv import expression

from ..engine.timeline import Cursor, after, shorten
from ..exceptions import CrmUserError

#: Most entries of one page
MAX_LIMIT = 100

class Scope(NamedTuple):
    """Whose events are asked for: ids of partners (one company's) and of leads, as far as the reader may see them."""

    partner_ids: list
    lead_ids: list

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
            a day only if ``day`` is true), title, text, author, res_model and res_id of the record it opens, and where it has one amount with currency_id (its id), and status (label, look).
        :raise AccessError: for records the reader may not see
        :raise CrmUserError: if an argument makes no sense
        """
        record = self._browse_record(res_model, res_id)
        visible = self._get_visible_kinds(record)
        chosen = [kind for kind in visible if not kinds or kind.key in kinds]
        limit = self._check_limit(limit)
        rows = self._find_events(chosen, self._get_scope(record), self._parse_cursor(before), limit + 1)
        page = rows[:limit]
        return {
            "entries": self._read_entries({kind.key: kind for kind in chosen}, page),
            "next": str(Cursor(page[-1][2], page[-1][0], page[-1][1])) if len(rows) > limit else False,
            "kinds": [
                {"key": kind.key, "label": kind.label, "icon": kind.icon, "group": kind.group} for kind in visible
            ],
        }

    @api.model
    def _browse_record(self, res_model, res_id):
        """The lead or partner, if the reader may see it."""
        if not self.env.su and not self.env.user.has_group("base.group_user"):
            raise AccessError(_("The timeline is for people of the company."))
        if res_model not in ("res.partner", "crm.lead") or not isinstance(res_id, int):
            raise CrmUserError(_("Only customers and leads have a timeline. Open one of them."))
        record = self.env[res_model].browse(res_id)
        if not record.exists():
            raise CrmUserError(_("This record is gone: somebody deleted or merged it. Go back to the list."))
        record.check_access_rights("read")
        record.check_access_rule("read")
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
        """Two queries: contacts, and leads."""
        leads = self.env["crm.lead"].with_context(active_test=False)
        if record._name == "crm.lead":
            return Scope([], record.ids)
        partners = self.env["res.partner"].with_context(active_test=False)
        company = record.sudo().commercial_partner_id == record
        tree = [("commercial_partner_id", "=", record.id)] if company else [("id", "child_of", record.id)]
        scope = Scope(partners.search(tree, order="id").ids or record.ids, [])
        if leads.check_access_rights("read", raise_exception=False):
            mine = tree if company else [("partner_id", "in", scope.partner_ids)]
            scope = scope._replace(lead_ids=leads.search(mine, order="id").ids)
        return scope

    # ------------------------------------------------------------------
    # Which events
    # ------------------------------------------------------------------
    @api.model
    def _find_events(self, kinds, scope, cursor, limit):
        """The newest ``limit`` events after the cursor, as (kind's key, id, moment): one query over all kinds."""
        self.env["base"].flush()
        selects, params = [], []
        for kind in kinds:
            domain = self._get_link_domain(kind, scope)
            if domain is not None:
                select, values = self._prepare_select(kind, domain, cursor, limit)
                selects.append("(%s)" % select)
                params += values
        if not selects:
            return []
        query = 'SELECT kind, id, moment FROM (%s) AS event ORDER BY moment DESC, kind COLLATE "C", id DESC LIMIT %%s'
        self.env.cr.execute(query % " UNION ALL ".join(selects), [*params, limit])
        return self.env.cr.fetchall()

    @api.model
    def _get_link_domain(self, kind, scope):
        """Domain of the kind's events in the scope; None if there cannot be any."""
        links = []
        if kind.reference:
            model, number = kind.reference
            ids_by_model = {"res.partner": scope.partner_ids, "crm.lead": scope.lead_ids}
            links = [[(model, "=", name), (number, "in", ids)] for name, ids in ids_by_model.items() if ids]
        if kind.partner and scope.partner_ids:
            links.append([(kind.partner, "in", scope.partner_ids)])
        if kind.lead and scope.lead_ids and "." not in kind.lead:
            links.append([(kind.lead, "in", scope.lead_ids)])
        elif kind.lead and scope.lead_ids and not scope.partner_ids:
            model = self.env[kind.model].sudo().with_context(active_test=False)
            links.append([("id", "in", model._search([(kind.lead, "in", scope.lead_ids)], order="id"))])
        return expression.AND([list(kind.domain), expression.OR(links)]) if links else None

    @api.model
    def _prepare_select(self, kind, domain, cursor, limit):
        """SQL, with parameters, of the kind's newest events that the reader may see."""
        model = self._get_model(kind)
        query = model._where_calc(domain)
        model._apply_ir_rules(query, "read")
        number = '"%s".id' % model._table
        moment = model._inherits_join_calc(model._table, kind.date, query)
        if model._fields[kind.date].type == "date":
            moment = "(%s + time '12:00')" % moment
        query.add_where("%s IS NOT NULL" % moment)
        if cursor:
            query.add_where(*after(cursor, kind.key, moment, number))
        query.order, query.limit = "moment DESC, id DESC", limit
        return query.select("'%s' AS kind" % kind.key, "%s AS id" % number, "%s AS moment" % moment)

    @api.model
    def _get_model(self, kind):
        model = self.env[kind.model].with_context(active_test=False)
        return model.sudo() if kind.through else model

    # ------------------------------------------------------------------
    # What they say
    # ------------------------------------------------------------------
    @api.model
    def _read_entries(self, kinds, rows):
        """Entries of the rows of :meth:`_find_events`, in their order; one read per kind."""
        ids_by_kind = defaultdict(list)
        for key, number, _moment in rows:
            ids_by_kind[key].append(number)
        prepared = {
            key: self._prepare_entries(kinds[key], self._get_model(kinds[key]).browse(ids).read(kinds[key].fields))
            for key, ids in ids_by_kind.items()
        }
        return [
            {
                "id": "%s,%d" % (key, number),
                "kind": key,
                "icon": kinds[key].icon,
                "date": fields.Datetime.to_string(moment),
                "day": self.env[kinds[key].model]._fields[kinds[key].date].type == "date",
                **prepared[key][number],
            }
            for key, number, moment in rows
            if number in prepared[key]
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
