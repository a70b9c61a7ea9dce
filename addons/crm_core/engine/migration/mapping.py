# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a table holds and which column is which, guessed from the names and, failing that, from the content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from .reader import Table
from .schema import DATE, KINDS, NAME, STAGE, STAGE_SLOTS, Field, normalise
from .values import is_empty, parse_date

SAMPLE = 300  # filled cells looked at per column
SURE = 0.9  # share of them that must fit


def guess(tables: Sequence[Table], known_names: dict[str, set[str]] | None = None) -> None:
    """Set ``kind`` and ``columns`` of every table; an unknown table keeps ``kind == ""``.

    ``known_names``: names already in the database, by kind. Tables are told by their column names first, so that
    the names in them help to tell the columns of the others by content.

    >>> table = Table("t.csv", ["owner", "x", "deal stage"], [(2, ["Ann", "GTX Pro", "Won"])])
    >>> products = Table("p.csv", ["product", "price"], [(2, ["GTX Pro", "5"])])
    >>> guess([table, products])
    >>> table.kind, table.columns
    ('deal', {'stage': 2, 'rep': 0, 'product': 1})
    """
    for table in tables:
        table.kind = _kind_by_name(table) or _kind_by_content(table)
        if table.kind:
            table.columns = map_by_name(table.header, table.kind)
    names = {kind: {normalise(name) for name in values} for kind, values in (known_names or {}).items()}
    for table in tables:
        if table.kind and "name" in table.columns and table.kind != "deal":
            names.setdefault(table.kind, set()).update(normalise(cell) for cell in table.cells(table.columns["name"]))
    for table in tables:
        if table.kind:
            map_by_content(table, names)


def map_by_name(header: Sequence[str], kind: str) -> dict[str, int]:
    """Field code → column, for the columns whose name is one of the field's names (the earlier name wins)."""
    keys = [_header_key(name) for name in header]
    columns: dict[str, int] = {}
    taken: set[int] = set()
    candidates = sorted(
        (rank, position, item.code)
        for item in KINDS[kind]
        for rank, key in enumerate(item.keys)
        for position, name in enumerate(keys)
        if name and name == key
    )
    for _rank, position, code in candidates:
        if code not in columns and position not in taken:
            columns[code] = position
            taken.add(position)
    return columns


def _header_key(name: str) -> str:
    """A header without its unit: ``Amount (USD)`` and ``金额（元）`` are ``amount`` and ``金额``."""
    plain = name.replace("（", "(").split("(")[0]
    return normalise(plain) or normalise(name)


def _kind_by_name(table: Table) -> str:
    """The kind most of whose fields the header names, if it names what that kind cannot do without."""
    scores: dict[str, int] = {}
    for kind, fields in KINDS.items():
        columns = map_by_name(table.header, kind)
        if all(item.code in columns for item in fields if item.required):
            scores[kind] = len(columns)
    filled = sum(map(bool, table.header)) or 1
    best = max(scores, key=lambda kind: (scores[kind], kind == "deal"), default="")
    if not best or scores[best] * 3 < filled and scores[best] < 3:
        return ""
    return best if scores[best] > 1 or filled == 1 else ""


def _kind_by_content(table: Table) -> str:
    """A table with a column of sales stages is one of deals, whatever its columns are called."""
    stage = next(item for item in KINDS["deal"] if item.type == STAGE)
    if any(_fits(stage, _sample(table, column), {}) for column in range(len(table.header))):
        return "deal"
    return ""


def map_by_content(table: Table, names: dict[str, set[str]]) -> None:
    """Fill fields still without a column with the free columns whose cells fit, best evidence first."""
    free = [column for column in range(len(table.header)) if column not in table.columns.values()]
    for item in KINDS[table.kind]:
        if item.code in table.columns or item.type not in (STAGE, DATE, NAME):
            continue
        if item.type == DATE and item.code not in ("open_date", "close_date"):
            continue
        for column in list(free):
            if _fits(item, _sample(table, column), names):
                table.columns[item.code] = column
                free.remove(column)
                break


def _sample(table: Table, column: int) -> list[str]:
    return list(islice((cell for cell in table.cells(column) if not is_empty(cell)), SAMPLE))


def _fits(item: Field, cells: list[str], names: dict[str, set[str]]) -> bool:
    if not cells:
        return False
    if item.type == STAGE:
        hits = sum(normalise(cell) in STAGE_SLOTS for cell in cells)
    elif item.type == DATE:
        hits = sum(map(_is_date, cells))
    elif item.code in names:
        hits = sum(normalise(cell) in names[item.code] for cell in cells)
        return hits >= len(cells) * 0.6
    else:
        return False
    return hits >= len(cells) * SURE


def _is_date(cell: str) -> bool:
    if cell.isdigit():
        return False  # a plain number may be anything
    for order in ("mdy", "dmy"):
        try:
            return parse_date(cell, order) is not None
        except ValueError:
            continue
    return False


def missing_fields(table: Table) -> list[str]:
    """Field codes of the table's kind that cannot do without a column and have none."""
    return [item.code for item in KINDS[table.kind] if item.required and item.code not in table.columns]
