# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools


class CrmDedupeMixin(models.AbstractModel):
    """Keeps the dedupe keys of a model's records, whoever changes them: form, import, RPC, a field that follows from
    another record. The ORM recomputes one stored field, a batch at a time, and its computation writes the keys."""

    _name = "crm.dedupe.mixin"
    _description = "Records with Dedupe Keys"

    #: SQL of what :meth:`_prepare_dedupe_row` reads: record id, company, open, phone, mobile, email, wechat, uscc, company
    _dedupe_query = None
    #: What identifies → the field it stands in
    _dedupe_fields = {}

    dedupe_synced = fields.Boolean(
        string="Dedupe Keys Kept",
        compute="_compute_dedupe_synced",
        compute_sudo=True,
        store=True,
        copy=False,
    )

    dedupe_warning = fields.Html(
        string="Possible Duplicates",
        compute="_compute_dedupe_warning",
        compute_sudo=False,
        sanitize=False,
        help="While a person or company is typed: who is known already, and whose they are.",
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
            region = self.env["crm.dedupe.key"]._get_region()
            rows = {record.id: record._prepare_dedupe_row(region) for record in records}
            gone = [record_id for record_id, row in rows.items() if row is None]
            rows = {record_id: row for record_id, row in rows.items() if row is not None}
            self.env["crm.dedupe.key"]._sync(self._name, rows, gone=gone)

    def _prepare_dedupe_row(self, region):
        """(company id or 0, is it open, [(kind, key)]) of one record; None if it is not to be recognised."""
        raise NotImplementedError

    @api.model
    def _get_dedupe_keys(self, vals, region):
        """[(kind, key)] of values as for ``create``; other types than text identify nobody.

        :param region: code of the country of phone numbers without country code
        """
        values = {name: vals.get(field) for name, field in self._dedupe_fields.items()}
        return self.env["crm.dedupe.key"]._get_keys(values, region)

    @api.model
    def _read_dedupe_rows(self, ids):
        """{id: as :meth:`_prepare_dedupe_row`} of records as they stand in the table; one query."""
        keys = self.env["crm.dedupe.key"]
        region = keys._get_region()
        self.env.cr.execute(self._dedupe_query, [list(ids)])
        names = ("phone", "mobile", "email", "wechat", "uscc", "company")
        return {row[0]: (row[1], row[2], keys._get_keys(dict(zip(names, row[3:])), region)) for row in self.env.cr.fetchall()}

    # -- the warning while typing ------------------------------------------------------------------------------------

    @api.depends_context("lang")
    def _compute_dedupe_warning(self):
        """Only for records being typed: a list or an export of saved ones costs nothing."""
        for record in self:
            typed = not isinstance(record.id, int) and record._get_typed_values()
            record.dedupe_warning = typed and record._find_while_typing(typed)

    def _get_typed_values(self):
        """Values that identify, if one of them is not what is saved; {} otherwise."""
        names = set(self._dedupe_fields.values())
        if self._origin and all(self[name] == self._origin[name] for name in names):
            return {}
        return {name: self[name] for name in names if self[name]}

    def _find_while_typing(self, vals):
        dedupe = self.env["crm.dedupe"]
        if not self.env.su and not dedupe._may_find():
            return False
        return dedupe._render_warning(dedupe.find(vals, model=self._name, exclude=self._get_dedupe_own()))

    def _get_dedupe_own(self):
        """[(model, id)] of records that are no duplicates of this one: itself, and what it belongs to."""
        return [(self._name, self._origin.id)]

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self.env["crm.dedupe.key"].sudo()._sync(self._name, {}, gone=ids)
        return result
