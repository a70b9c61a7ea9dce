# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many records that equal others but for some columns, made by one INSERT.

For models whose stored fields the caller knows all: nothing is computed, checked or told to anyone.
"""

from psycopg2 import sql


def reserve_ids(model, count):
    """``count`` ids that no other transaction will use."""
    model.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [model._sequence, count])
    return [row[0] for row in model.env.cr.fetchall()]


def copy_rows(model, sources, columns):
    """Insert copies of a model's rows. Flush before, invalidate the cache afterwards.

    :param sources: for each new row the id of the one to copy
    :param columns: {column: value in each new row}, ``id`` among them; what is not in it is as in the source
    """
    stored = [field for field in model._fields.values() if field.store and field.column_type]
    own = [field for field in stored if field.name in columns]
    kinds = [field.column_type[0] for field in own]
    amounts = ("numeric", "float8")
    values = [_without_noise(columns[field.name]) if kind in amounts else columns[field.name] for field, kind in zip(own, kinds)]
    query = sql.SQL(
        """
        INSERT INTO {table} ({names})
        SELECT {picked}
          FROM unnest(%s::int4[], {arrays}) AS new(source, {own}) JOIN {table} old ON old.id = new.source
        """
    ).format(
        table=sql.Identifier(model._table),
        names=sql.SQL(", ").join(sql.Identifier(field.name) for field in stored),
        picked=sql.SQL(", ").join(sql.Identifier("new" if field in own else "old", field.name) for field in stored),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in kinds),
        own=sql.SQL(", ").join(sql.Identifier(field.name) for field in own),
    )
    model.env.cr.execute(query, [sources, *values])
    _refresh_statistics(model, len(sources))


def _refresh_statistics(model, count):
    """Analyze a table that these rows made many times larger.

    PostgreSQL keeps the plans of its foreign key checks: made for a table of one page they read all of it for every row
    that refers to it, which is minutes for thousands.
    """
    model.env.cr.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._table])
    if model.env.cr.fetchone()[0] < count:
        model.env.cr.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(model._table)))


def _without_noise(amounts):
    """Amounts without what floating point adds to them, as Odoo writes them."""
    return [None if amount is None else round(amount, 6) for amount in amounts]
