# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many records of one model for the price of a few statements, with every stored column as the ORM's ``create`` sets it."""

import io
from collections import defaultdict
from datetime import date, datetime

from odoo.models import LOG_ACCESS_COLUMNS
from psycopg2 import sql

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


class Row:
    """What becomes one record: ``values`` as for ``create``, defaults included, and the fields not to be computed."""

    __slots__ = ("protected", "values")

    def __init__(self, values, protected):
        self.values, self.protected = values, protected


class BulkCreate:
    """Creates rows of ``model`` in three steps: fill the ORM's cache, compute what is computed, one COPY.

    The model's own compute methods run, so any addon's stored fields are right, but each only once for every
    distinct combination of what it depends on: a thousand leads of one team need one look for their first stage.
    The rows are in the database, and in the cache, when :meth:`create` returns; nothing is left to flush for them.

    Not for values only the ORM can write: commands of one2many fields, commands that create or change the other
    record, attachments, translations (:meth:`may_write` says so).

    Cost: two statements plus one per many2many field and what the compute methods query.

    :param undeclared: {computed field: names of fields it depends on without saying so}
    """

    def __init__(self, model, undeclared=None):
        self.model = model.browse()
        self.env = model.env
        self.fields = model._fields
        self.columns = [field for field in self.fields.values() if field.store and field.column_type and field.name != "id"]
        self._undeclared = undeclared or {}
        self._dependencies = {}

    # -- what comes in -----------------------------------------------------------------------------------------------

    def may_write(self, vals):
        """Whether the values of one record are of the simple kinds this class writes."""
        for name, value in vals.items():
            field = self.fields[name]
            if field.type == "many2many":
                if any(command[0] not in (4, 5, 6) for command in value or ()):
                    return False
            elif not field.column_type and value or field.inherited or field.company_dependent:
                return False
        return True

    def prepare(self, vals_list):
        """The :class:`Row` of each dict of ``vals_list``: defaults added, once per distinct set of names."""
        kinds, rows = {}, []
        for vals in vals_list:
            names = frozenset(vals)
            if names not in kinds:
                kinds[names] = self._get_kind(vals)
            defaults, protected = kinds[names]
            rows.append(Row({**defaults, **vals}, protected))
        return rows

    def _get_kind(self, vals):
        """(defaults, protected fields) for values with these names."""
        defaults = self.model._add_missing_default_values(vals)
        protected = set()
        for name in defaults:
            field = self.fields[name]
            if field.compute and not field.readonly:
                protected.update(self.model.pool.field_computed.get(field, [field]))
        return {name: value for name, value in defaults.items() if name not in vals}, protected

    def new_ids(self, number):
        """``number`` ids nobody else gets."""
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [self.model._sequence, number])
        return [record_id for (record_id,) in self.env.cr.fetchall()]

    # -- the work ----------------------------------------------------------------------------------------------------

    def create(self, rows, ids, invert=True):
        """Create ``rows`` under ``ids``; returns the records in that order.

        :param invert: whether values flow back through computed fields' inverse methods, as in ``create``
        """
        records = self.model.browse(ids)
        cells = self._fill(records, rows)
        self._compute(records, rows, cells)
        self._copy(records, cells)
        self._relate(records, rows)
        self._announce(records, rows, invert)
        return records

    def _fill(self, records, rows):
        """Put the values into the cache; returns field → list of SQL values for the fields given at all."""
        cells = {}
        log = self._get_log_values()
        given = {name for row in rows for name in row.values} | set(log)
        cache = self.env.cache
        for field in self.fields.values():
            if field.type in ("one2many", "many2many"):
                cache.update(records, field, [()] * len(rows) if field.name not in given else self._get_links(field, rows))
            elif not field.store or not field.column_type:
                continue
            elif field.name not in given:
                cache.update(records, field, [self._get_blank(field)] * len(rows))
            else:
                cells[field] = self._fill_column(field, records, rows, log.get(field.name))
        return cells

    def _fill_column(self, field, records, rows, otherwise):
        """Cache the values of one field; returns them as SQL takes them."""
        name, model, known = field.name, self.model, {}
        cached, cells = [], []
        blank = self._get_blank(field)
        for row in rows:
            value = row.values.get(name, otherwise)
            if value is otherwise is None and name not in row.values:
                cached.append(blank)
                cells.append(None)
                continue
            key = value.__class__, value
            pair = known.get(key)
            if pair is None:
                pair = field.convert_to_cache(value, model), field.convert_to_column(value, model, row.values)
                if field.type != "monetary":  # whose rounding follows from the row's currency
                    known[key] = pair
            cached.append(pair[0])
            cells.append(pair[1])
        self.env.cache.update(records, field, cached)
        return cells

    def _get_blank(self, field):
        """What the cache holds for a value not given. A number still to be computed is None, not zero: whether the
        compute method leaves it alone, which makes a NULL in the database, is seen by that."""
        return None if field.compute else field.convert_to_cache(None, self.model)

    def _get_log_values(self):
        self.env.cr.execute("SELECT now() AT TIME ZONE 'UTC'")
        [now] = self.env.cr.fetchone()
        return dict(zip(LOG_ACCESS_COLUMNS, (self.env.uid, now, self.env.uid, now)))

    def _get_links(self, field, rows):
        """The cached value of a many2many field for each row, out of its commands."""
        links = []
        for row in rows:
            ids = []
            for command in row.values.get(field.name) or ():
                if command[0] == 4:
                    ids.append(command[1])
                else:
                    ids = list(command[2]) if command[0] == 6 else []
            links.append(tuple(dict.fromkeys(ids)))
        return links

    # -- computed fields ---------------------------------------------------------------------------------------------

    def _compute(self, records, rows, cells):
        done = set()
        for field in self.columns:
            self._compute_in_order(field, records, rows, cells, done)

    def _compute_in_order(self, field, records, rows, cells, done):
        """Compute ``field`` after all it depends on."""
        if field in done or not field.compute:
            return
        group = self.model.pool.field_computed[field]
        done.update(group)
        dependencies = sorted({source for one in group for source in self._get_dependencies(one)}, key=str)
        for source in dependencies:
            self._compute_in_order(source, records, rows, cells, done)
        todo = [number for number, row in enumerate(rows) if field not in row.protected]
        if todo:
            self._compute_group(group, [source for source in dependencies if source not in group], records, todo, cells)

    def _get_dependencies(self, field):
        """The stored fields of the same model ``field`` is computed from, itself left out."""
        if field not in self._dependencies:
            self._dependencies[field] = found = {self.fields[name] for name in self._undeclared.get(field.name, ())}
            for path in field.resolve_depends(self.model.pool):
                source = path[0]
                if source.store or source.type in ("one2many", "many2many"):
                    found.add(source)
                elif source.compute:
                    found |= self._get_dependencies(source)
            found.discard(field)
        return self._dependencies[field]

    def _compute_group(self, group, sources, records, todo, cells):
        """Compute the fields of one method for the records numbered ``todo``: once per combination of ``sources``."""
        cache, ids = self.env.cache, records._ids
        numbers = records.browse([ids[number] for number in todo])
        active = self.fields.get(self.model._active_name or "")
        lists = [list(cache.get_values(numbers, source)) for source in [*sources, *([active] if active else [])]]
        first, same = {}, []
        for number, key in zip(todo, zip(*lists)) if lists else ((number, ()) for number in todo):
            same.append(first.setdefault(key, number))
        chosen = records.browse([ids[number] for number in first.values()]).with_prefetch(ids)
        self._run(group, chosen)
        for field in group:
            if not field.store or not field.column_type:
                continue
            column = cells.setdefault(field, [None] * len(ids))
            results = {}
            for number in first.values():
                record = records.browse(ids[number])
                results[number] = self._get_result(field, record)
            cache.update(numbers, field, [results[number][0] for number in same])
            for number, twin in zip(todo, same):
                column[number] = results[twin][1]

    def _get_result(self, field, record):
        """(cached, SQL) value of a field just computed."""
        value = self.env.cache.get(record, field, None)
        if value is None:
            return field.convert_to_cache(None, self.model), None
        return value, field.convert_to_column(field.convert_to_write(value, record), record)

    def _run(self, group, records):
        """Call the compute method of ``group``. Its results stay in the cache: there is no row to update yet."""
        field = group[0]
        if field.compute_sudo:
            records = records.sudo()
        with self.env.protecting(group, records):
            getattr(records, field.compute)() if isinstance(field.compute, str) else field.compute(records)
        waiting = self.env.all.towrite.get(self.model._name, {})
        for record_id in records._ids:
            waiting.pop(record_id, None)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _copy(self, records, cells):
        """COPY the rows; columns that are empty in all of them are left out."""
        used = {field: column for field, column in cells.items() if any(cell is not None for cell in column)}
        lines = zip(map(str, records._ids), *(map(self._get_text, column) for column in used.values()))
        query = sql.SQL("COPY {} (id, {}) FROM STDIN").format(
            sql.Identifier(self.model._table), sql.SQL(", ").join(sql.Identifier(field.name) for field in used)
        )
        cursor = self.env.cr._obj
        cursor.copy_expert(query.as_string(cursor), io.StringIO("\n".join(map("\t".join, lines)) + "\n"))

    @staticmethod
    def _get_text(cell):
        """A value as COPY's text format spells it."""
        if cell is None:
            return NULL
        if isinstance(cell, str):
            return cell.translate(ESCAPES)
        if isinstance(cell, bool):
            return "t" if cell else "f"
        if isinstance(cell, (datetime, date)):
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        return str(cell)

    def _relate(self, records, rows):
        """Rows of the many2many relations."""
        given = {name for row in rows for name in row.values}
        for name in sorted(given):
            field = self.fields[name]
            if field.type != "many2many" or not field.store:
                continue
            links = self._get_links(field, rows)
            pairs = [(record_id, other) for record_id, others in zip(records._ids, links) for other in others]
            if pairs:
                query = sql.SQL("INSERT INTO {} ({}, {}) SELECT * FROM unnest(%s, %s) ON CONFLICT DO NOTHING").format(
                    *map(sql.Identifier, (field.relation, field.column1, field.column2))
                )
                self.env.cr.execute(query, [list(column) for column in zip(*pairs)])

    def _announce(self, records, rows, invert):
        """Tell the ORM: what other models compute from these records, reverse relations, constraints, access."""
        cache = self.env.cache
        stale = [(inverse, None) for field in self.columns if field.type == "many2one" for inverse in records._field_inverses[field]]
        cache.invalidate(stale)
        own = [field for field in self.fields.values() if field.store and field.compute]
        with self.env.protecting(own, records):
            records.modified(list(self.fields), create=True)
            names = {name for row in rows for name in row.values}
            if invert:
                self._invert(records, rows, names)
        records._validate_fields(names | {field.name for field in own})
        records.check_access_rule("create")

    def _invert(self, records, rows, names):
        """Let the given values of computed fields flow back, one call per inverse method."""
        methods = defaultdict(list)
        for name in sorted(names):
            if self.fields[name].inverse:
                methods[self.fields[name].inverse].append(self.fields[name])
        for fields in methods.values():
            numbers = [number for number, row in enumerate(rows) if any(field.name in row.values for field in fields)]
            fields[0].determine_inverse(records.browse([records._ids[number] for number in numbers]))
