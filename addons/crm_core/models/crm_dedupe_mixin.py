# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools


class CrmDedupeMixin(models.AbstractModel):
    """Keeps the dedupe keys of a model's records, whoever changes them: form, import, RPC, a field that follows from
    another record. The ORM recomputes one stored field, a batch at a time, and its computation writes the keys."""

    _name = "crm.dedupe.mixin"
    _description = "Records with Dedupe Keys"

    #: SQL of what :meth:`_prepare_dedupe_row` reads: record id, company, open, phone, mobile, email, wechat, uscc, company
    _dedupe_query = None

    dedupe_synced = fields.Boolean(
        string="Dedupe Keys Kept",
        compute="_compute_dedupe_synced",
        compute_sudo=True,
        store=True,
        copy=False,
    )

    def _auto_init(self):
        # at installation post_init_hook writes the keys of existing records in bulk
        if tools.table_exists(self.env.cr, self._table) and not tools.column_exists(self.env.cr, self._table, "dedupe_synced"):
            tools.create_column(self.env.cr, self._table, "dedupe_synced", "boolean")
        return super()._auto_init()

    def _compute_dedupe_synced(self):
        self.dedupe_synced = True
        records = self.filtered(lambda record: isinstance(record.id, int))
        if records:
            rows = {record.id: record._prepare_dedupe_row() for record in records}
            gone = [record_id for record_id, row in rows.items() if row is None]
            rows = {record_id: row for record_id, row in rows.items() if row is not None}
            self.env["crm.dedupe.key"]._sync(self._name, rows, gone=gone)

    def _prepare_dedupe_row(self):
        """(company id or 0, is it open, [(kind, key)]) of one record; None if it is not to be recognised."""
        raise NotImplementedError

    @api.model
    def _read_dedupe_rows(self, ids):
        """{id: as :meth:`_prepare_dedupe_row`} of records as they stand in the table; one query."""
        keys = self.env["crm.dedupe.key"]
        region = keys._get_region()
        self.env.cr.execute(self._dedupe_query, [list(ids)])
        names = ("phone", "mobile", "email", "wechat", "uscc", "company")
        return {row[0]: (row[1], row[2], keys._get_keys(dict(zip(names, row[3:])), region)) for row in self.env.cr.fetchall()}

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["crm.dedupe.key"].sudo()._sync(self._name, {}, gone=ids)
        return result
