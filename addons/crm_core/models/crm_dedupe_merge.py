# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import psycopg2
from odoo import _, api, models
from odoo.tools import mute_logger
from psycopg2 import sql

from ..exceptions import CrmUserError


class CrmDedupeMerge(models.AbstractModel):
    """Everything that points at records that are merged away points at the one that stays, whichever addon it is of."""

    _name = "crm.dedupe.merge"
    _description = "Move What Hangs on Merged Records"

    @api.model
    def _lock(self, records):
        """Take the records for a merge, in id order.

        :raise CrmUserError: if one is gone, as after a double click
        """
        records.flush()
        query = sql.SQL("SELECT id FROM {} WHERE id = ANY(%s) ORDER BY id FOR UPDATE").format(
            sql.Identifier(records._table)
        )
        self.env.cr.execute(query, [records.ids])
        if self.env.cr.rowcount < len(records):
            raise CrmUserError(_("One of these records was merged or deleted meanwhile. Reload the list."))

    @api.model
    def _move(self, sources, target):
        """Make every many2one, many2many and (model, id) pair that names one of ``sources`` name ``target``.

        One statement a column. Where a unique constraint allows one row only, as for followers, the target's stays.
        What is computed from moved columns is computed again.
        """
        self.env["base"].flush()
        moved = self._move_foreign_keys(sources, target) + self._move_pairs(sources, target)
        self.env["base"].invalidate_cache()
        for model, field, ids in moved:
            self.env[model].sudo().browse(ids).modified([field])

    @api.model
    def _move_foreign_keys(self, sources, target):
        """:returns: [(model, field, ids of the rows moved)]"""
        models_by_table = {
            model._table: name for name, model in self.env.items() if model._auto and not model._abstract
        }
        moved = []
        for table, column in self.env["base.partner.merge.automatic.wizard"]._get_fk_on(sources._table):
            name = models_by_table.get(table)
            if name and self.env[name]._transient:
                continue
            if name is None:
                self._move_relation(table, column, sources, target)
                continue
            ids = self._update_rows(table, column, sources, target)
            if column in self.env[name]._fields:
                moved.append((name, column, ids))
        return moved

    @api.model
    def _move_relation(self, table, column, sources, target):
        """A many2many table: rows the target has already are dropped with the sources."""
        self.env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname != %s",
            ['"%s"' % table, column],
        )
        others = [sql.Identifier(name) for (name,) in self.env.cr.fetchall()]
        if len(others) != 1:
            return
        query = sql.SQL(
            "INSERT INTO {table} ({column}, {other}) SELECT DISTINCT %s, {other} FROM {table} WHERE {column} = ANY(%s)"
            " ON CONFLICT DO NOTHING"
        ).format(table=sql.Identifier(table), column=sql.Identifier(column), other=others[0])
        self.env.cr.execute(query, [target.id, sources.ids])

    @api.model
    def _move_pairs(self, sources, target):
        """Columns that hold an id beside a column that holds the model's name: messages, activities, files, …

        :returns: [(model, field, ids of the rows moved)]
        """
        moved = []
        for name, model in self.env.items():
            if not model._auto or model._abstract or model._transient or name == "crm.dedupe.key":
                continue
            for field in model._fields.values():
                if field.type != "many2one_reference" or not field.store or not model._fields[field.model_field].store:
                    continue
                where = sql.SQL("{} = {}").format(sql.Identifier(field.model_field), sql.Literal(sources._name))
                if name == "ir.attachment":
                    where += sql.SQL(" AND res_field IS NULL")  # a picture belongs to its record
                moved.append((name, field.name, self._update_rows(model._table, field.name, sources, target, where)))
            for field in model._fields.values():
                if field.type == "reference" and field.store:
                    self._move_reference(model._table, field.name, sources, target)
        return moved

    @api.model
    def _move_reference(self, table, column, sources, target):
        query = sql.SQL("UPDATE {table} SET {column} = %s WHERE {column} = ANY(%s)").format(
            table=sql.Identifier(table), column=sql.Identifier(column)
        )
        names = ["%s,%d" % (sources._name, source_id) for source_id in sources.ids]
        self.env.cr.execute(query, ["%s,%d" % (target._name, target.id), names])

    @api.model
    def _update_rows(self, table, column, sources, target, where=None):
        """Move the rows of a table; returns the ids of those moved. Rows no two of which may be there stay behind."""
        query = sql.SQL("UPDATE {table} SET {column} = %s WHERE {column} = ANY(%s){where}").format(
            table=sql.Identifier(table),
            column=sql.Identifier(column),
            where=sql.SQL(" AND ") + where if where else sql.SQL(""),
        )
        cr = self.env.cr
        try:
            with mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                cr.execute(query + sql.SQL(" RETURNING id"), [target.id, sources.ids])
                return [row_id for (row_id,) in cr.fetchall()]
        except psycopg2.errors.UniqueViolation:
            return self._update_one_by_one(table, column, query, sources, target, where)

    @api.model
    def _update_one_by_one(self, table, column, query, sources, target, where):
        select = sql.SQL("SELECT id FROM {} WHERE {} = ANY(%s)").format(sql.Identifier(table), sql.Identifier(column))
        select += sql.SQL(" AND ") + where if where else sql.SQL("")
        cr = self.env.cr
        cr.execute(select, [sources.ids])
        moved = []
        for (row_id,) in cr.fetchall():
            try:
                with mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                    cr.execute(query + sql.SQL(" AND id = %s"), [target.id, sources.ids, row_id])
                    moved.append(row_id)
            except psycopg2.errors.UniqueViolation:  # the target has one
                continue
        return moved

    # -- keys --------------------------------------------------------------------------------------------------------

    @api.model
    def _read_keys(self, records):
        """[(kind, value)] of persons by which these records are recognised."""
        self.env["base"].flush()
        self.env.cr.execute(
            "SELECT DISTINCT kind, value FROM crm_dedupe_key WHERE model = %s AND res_id = ANY(%s) AND kind != 'company'",
            [records._name, records.ids],
        )
        return self.env.cr.fetchall()

    @api.model
    def _keep_keys(self, record, found):
        """From now on ``record`` is recognised by these keys, too (:meth:`_read_keys` of what it took in)."""
        self.env["base"].flush()
        keys = self.env["crm.dedupe.key"]
        region = keys._get_region()
        row = record.sudo()._prepare_dedupe_row(region)
        if row:
            company, is_open, own = row
            keys._insert(
                [
                    keys._prepare_row(record._name, record.id, company, is_open, key, learned=True)
                    for key in found
                    if key not in own
                ]
            )
