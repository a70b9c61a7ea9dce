# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from itertools import islice

import psycopg2
from odoo import _, api, fields, models, tools
from odoo.tools import mute_logger
from psycopg2 import sql

from ..engine.company_name import parse_company
from ..engine.match import marks
from ..engine.normalise import COMPANY, PERSON_KINDS, person_and_company_keys
from ..exceptions import CrmUserError

_logger = logging.getLogger(__name__)

KINDS = [
    ("phone", "Phone"),
    ("email", "E-mail"),
    ("wechat", "WeChat"),
    ("uscc", "Credit Code"),
    ("company", "Company"),
]
#: Columns of a key as they are written, and their types
COLUMNS = {
    "model": "varchar",
    "res_id": "int4",
    "company": "int4",
    "kind": "varchar",
    "value": "varchar",
    "core": "varchar",
    "marks": "text",
    "open": "bool",
    "learned": "bool",
}
PAGE = 5000
#: Comment of the extension if it came with this addon, and so may go with it
OURS = "similar company names (crm_core)"


class CrmDedupeKey(models.Model):
    """By what leads, customers and contacts are recognised: one row per record and normalised key.

    Written by SQL only, set-based, whenever the fields behind it change (:meth:`_sync`). A row with ``guards`` is the
    one open lead of its company that owns this phone, e-mail or WeChat id (or the one customer, who owns the credit
    code and the company's name, too); a unique index makes that true for concurrent transactions: the later one gets
    a serialization error and is run again by its caller. An open row without it is a duplicate.
    """

    _name = "crm.dedupe.key"
    _description = "Dedupe Key"
    _log_access = False
    _order = "id"

    model = fields.Char(required=True)
    res_id = fields.Integer(string="Record", required=True)
    company = fields.Integer(help="Company of the record, 0 if all share it.")
    kind = fields.Selection(KINDS, required=True)
    value = fields.Char(required=True)
    core = fields.Char(help="Of a company's name: what is left without place, branch and legal form.")
    open = fields.Boolean(help="The lead is neither won nor lost; a customer is always open.")
    learned = fields.Boolean(help="Not in the record's own fields: it came with a later submission, or by a merge.")
    guards = fields.Boolean()

    def init(self):
        super().init()
        self._create_trigrams()
        cr = self.env.cr
        cr.execute("ALTER TABLE crm_dedupe_key ADD COLUMN IF NOT EXISTS marks int4[]")
        cr.execute("DROP INDEX IF EXISTS crm_dedupe_key_guard_index")
        self._create_indexes()

    @api.model
    def _create_trigrams(self):
        """Similar names are found by trigrams. The owner of a database may create the extension from PostgreSQL 13 on.

        :raise CrmUserError: if PostgreSQL has no pg_trgm to offer
        """
        cr = self.env.cr
        cr.execute("SELECT FROM pg_extension WHERE extname = 'pg_trgm'")
        if cr.rowcount:
            return
        try:
            with cr.savepoint():
                cr.execute("CREATE EXTENSION pg_trgm")
                cr.execute("COMMENT ON EXTENSION pg_trgm IS %s", [OURS])
        except psycopg2.Error as error:
            raise CrmUserError(
                _(
                    "PostgreSQL's extension pg_trgm is missing. Install the package postgresql-contrib, and as the "
                    "database administrator run: CREATE EXTENSION pg_trgm; (%(error)s)",
                    error=str(error).strip(),
                )
            ) from error

    @api.model
    def _drop_trigrams(self):
        """Before the addon goes: drop the extension if it came with it and nothing else needs it."""
        cr = self.env.cr
        cr.execute("SELECT FROM pg_extension WHERE extname = 'pg_trgm' AND obj_description(oid, 'pg_extension') = %s", [OURS])
        if not cr.rowcount:
            return
        cr.execute("DROP INDEX IF EXISTS crm_dedupe_key_core_idx")
        try:
            with cr.savepoint(), mute_logger("odoo.sql_db"):
                cr.execute("DROP EXTENSION pg_trgm")
        except psycopg2.Error:
            _logger.info("pg_trgm stays: somebody else uses it")

    @api.model
    def _create_indexes(self):
        """Not named <table>_<field>_index: Odoo drops such an index where the field has none of its own."""
        for query in (
            # look-up of a key: leads and customers apart, open ones first
            "CREATE INDEX IF NOT EXISTS crm_dedupe_key_value_idx ON crm_dedupe_key (value, kind, model, open DESC, res_id)",
            # the keys of a record
            "CREATE INDEX IF NOT EXISTS crm_dedupe_key_record_index ON crm_dedupe_key (res_id, model)",
            # the guard: one open lead a person, one customer a person and a company
            "CREATE UNIQUE INDEX IF NOT EXISTS crm_dedupe_key_one_index ON crm_dedupe_key (value, kind, company, model)"
            " WHERE guards",
            # the duplicates: those who came second
            "CREATE INDEX IF NOT EXISTS crm_dedupe_key_second_index ON crm_dedupe_key (value, kind, company, model)"
            " WHERE open AND NOT guards AND (model = 'res.partner' OR kind IN ('phone', 'email', 'wechat'))",
            # similar names: short ones by their marks, longer ones by trigrams
            "CREATE INDEX IF NOT EXISTS crm_dedupe_key_marks_index ON crm_dedupe_key USING gin (marks)"
            " WITH (gin_pending_list_limit = 512) WHERE marks IS NOT NULL",
            "CREATE INDEX IF NOT EXISTS crm_dedupe_key_core_idx ON crm_dedupe_key USING gin (core gin_trgm_ops)"
            " WITH (gin_pending_list_limit = 512) WHERE length(core) >= 6",
        ):
            self.env.cr.execute(query)

    # -- what a record is recognised by ------------------------------------------------------------------------------

    @api.model
    def _get_keys(self, values, region="CN"):
        """[(kind, value)] of ``values``: phone, mobile, email, wechat, uscc, company, whichever there are."""
        return list(person_and_company_keys(values, region))

    @api.model
    @tools.ormcache("self.env.company.id")
    def _get_region(self):
        """Code of the country whose phone numbers are written without a country code; forgotten by res.company."""
        return self.env.company.sudo().country_id.code or "CN"

    # -- keeping them ------------------------------------------------------------------------------------------------

    @api.model
    def _refresh(self, model, ids):
        """Bring the keys of records up to what their columns say; for those who write leads or partners by SQL.

        :param ids: also of deleted records, whose keys go. Cost: 3–4 statements per :data:`PAGE` ids.
        """
        self.flush()
        source = self.env[model]
        for page in self._pages(sorted(set(ids))):
            rows = source._read_dedupe_rows(page)
            self._sync(model, rows, gone=set(page) - rows.keys())

    @api.model
    def _rebuild(self):
        """Write all keys anew: at installation, or after a change of the rules they follow."""
        self.flush()
        cr = self.env.cr
        cr.execute("DELETE FROM crm_dedupe_key WHERE NOT learned")
        for model in ("res.partner", "crm.lead"):
            source = self.env[model]
            cr.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(source._table)))
            self._refresh(model, [record_id for (record_id,) in cr.fetchall()])
            cr.execute(sql.SQL("UPDATE {} SET dedupe_synced = TRUE WHERE dedupe_synced IS NULL").format(sql.Identifier(source._table)))

    @api.model
    def _pages(self, ids):
        iterator = iter(ids)
        return iter(lambda: list(islice(iterator, PAGE)), [])

    @api.model
    def _sync(self, model, rows, gone=()):
        """Make the keys of records what ``rows`` say.

        :param rows: {record id: (company id or 0, is it open, [(kind, value)])}
        :param gone: ids of records that have no keys any more
        """
        learned, freed = self._delete_stale(model, rows, gone)
        wanted = [
            self._prepare_row(model, res_id, company, is_open, key) for res_id, (company, is_open, keys) in rows.items() for key in keys
        ]
        wanted += [self._prepare_row(model, res_id, *rows[res_id][:2], key, learned=True) for res_id, *key in learned]
        self._insert(wanted)
        self._pass_on_guards(model, freed)

    @api.model
    def _prepare_row(self, model, res_id, company, is_open, key, learned=False):
        """Values of COLUMNS."""
        kind, value = key
        core = words = None
        if kind == COMPANY:
            name = parse_company(value)
            core = name and name.core
            words = "{%s}" % ",".join(map(str, marks(value)))
        return (model, res_id, company, kind, value, core, words, is_open, learned)

    @api.model
    def _delete_stale(self, model, rows, gone=()):
        """Delete what is no longer so; learned keys of records that only opened or closed are to be written again.

        :returns: ([(record id, kind, value)] to write again, [(value, kind, company)] of guards given up)
        """
        ids = list(rows) + list(gone)
        if not ids:
            return [], []
        keys = [(res_id, *key) for res_id, row in rows.items() for key in row[2]]
        self.env.cr.execute(
            """
            WITH record AS (SELECT * FROM unnest(%s::int4[], %s::int4[], %s::bool[]) AS r (id, company, open)),
                 wanted AS (SELECT * FROM unnest(%s::int4[], %s::varchar[], %s::varchar[]) AS w (id, kind, value))
            DELETE FROM crm_dedupe_key AS key
                  USING record
                  WHERE key.res_id = record.id
                    AND key.model = %s
                    AND (record.company IS NULL
                         OR key.company != record.company
                         OR key.open != record.open
                         OR NOT key.learned AND (key.res_id, key.kind, key.value) NOT IN (SELECT * FROM wanted))
              RETURNING key.res_id, key.kind, key.value, key.company, key.learned, key.guards
            """,
            [
                ids,
                [rows[res_id][0] if res_id in rows else None for res_id in ids],
                [rows[res_id][1] if res_id in rows else None for res_id in ids],
                *([list(column) for column in zip(*keys)] or [[], [], []]),
                model,
            ],
        )
        deleted = self.env.cr.fetchall()
        own = set(keys)
        learned = [row[:3] for row in deleted if row[4] and row[0] in rows and row[:3] not in own]
        return learned, [(row[2], row[1], row[3]) for row in deleted if row[5]]

    @api.model
    def _insert(self, wanted):
        """INSERT the rows (:meth:`_prepare_row`) that are not there, guarding where nobody else does.

        In the order of the guard, so that two transactions never wait for each other crosswise.
        """
        if not wanted:
            return
        self.env.cr.execute(
            """
            WITH wanted AS (SELECT * FROM unnest({arrays}) AS w ({columns})),
                 new AS (
                     SELECT * FROM wanted
                      WHERE NOT EXISTS (
                          SELECT FROM crm_dedupe_key AS key
                           WHERE key.res_id = wanted.res_id
                             AND key.model = wanted.model
                             AND key.kind = wanted.kind
                             AND key.value = wanted.value)),
                 guarding AS (
                     INSERT INTO crm_dedupe_key ({columns}, guards)
                     SELECT {values}, TRUE
                       FROM new
                      WHERE open AND (model = 'res.partner' OR kind IN %s)
                      ORDER BY value, kind, company, model, res_id
                         ON CONFLICT (value, kind, company, model) WHERE guards DO NOTHING
                  RETURNING model, res_id, kind, value)
            INSERT INTO crm_dedupe_key ({columns}, guards)
            SELECT {values}, FALSE
              FROM new
             WHERE NOT EXISTS (
                 SELECT FROM guarding
                  WHERE guarding.res_id = new.res_id AND guarding.kind = new.kind AND guarding.value = new.value
                    AND guarding.model = new.model)
            """.format(
                arrays=", ".join("%%s::%s[]" % column_type for column_type in COLUMNS.values()),
                columns=", ".join(COLUMNS),
                values=", ".join("marks::int4[]" if name == "marks" else name for name in COLUMNS),
            ),
            [*(list(column) for column in zip(*wanted)), PERSON_KINDS],
        )

    @api.model
    def _pass_on_guards(self, model, freed):
        """The oldest other open lead (or customer) of the same person guards from now on.

        :param freed: [(value, kind, company)]
        """
        if not freed:
            return
        columns = ", ".join(COLUMNS)
        self.env.cr.execute(
            """
            WITH freed AS (SELECT DISTINCT * FROM unnest(%s::varchar[], %s::varchar[], %s::int4[]) AS f (value, kind, company)),
                 heir AS (
                     SELECT DISTINCT ON (key.value, key.kind, key.company) key.id
                       FROM freed
                       JOIN crm_dedupe_key AS key
                         ON key.value = freed.value AND key.kind = freed.kind AND key.company = freed.company
                      WHERE key.model = %s
                        AND key.open
                        AND NOT EXISTS (
                            SELECT FROM crm_dedupe_key AS guard
                             WHERE guard.value = freed.value AND guard.kind = freed.kind
                               AND guard.company = freed.company AND guard.model = key.model AND guard.guards)
                      ORDER BY key.value, key.kind, key.company, key.res_id),
                 moved AS (DELETE FROM crm_dedupe_key WHERE id IN (SELECT id FROM heir) RETURNING {columns})
            INSERT INTO crm_dedupe_key ({columns}, guards)
            SELECT {columns}, TRUE FROM moved ORDER BY value, kind, company
                ON CONFLICT (value, kind, company, model) WHERE guards DO NOTHING
            """.format(columns=columns),
            [*(list(column) for column in zip(*freed)), model],
        )
