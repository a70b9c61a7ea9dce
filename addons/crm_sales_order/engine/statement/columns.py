# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which row is the header, and which column is what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from .model import Unknown
from .names import ROLES, SEVERAL, fold, is_name, rank_of
from .source import Row
from .values import NotAnAmount, clean, read_amount, read_date

HEADER_SEARCH = 100
_SAMPLE_ROWS = 30
#: Names a column of directions shares with others: what is in it decides
_PERHAPS_DIRECTION = frozenset("交易类型 业务类型 类型 type transactiontype".split())
IN_WORDS = frozenset("收入 收 收款 贷 贷方 来账 入 入账 转入 进 进账 存入 c cr crdt credit in + 退款".split())
OUT_WORDS = frozenset("支出 支 付 付款 借 借方 往账 出 出账 转出 支取 d dr dbit debit out - 提现".split())
NEUTRAL_WORDS = frozenset(("不计收支", "中性交易", "其他", "其它", ""))


@dataclass(frozen=True)
class Mapping:
    """A layout a person mapped.

    :ivar roles: role of each column of the header, "" for none
    :ivar day_first: what 03/04/2026 means, None where no such date occurs
    :ivar out_positive: amounts above zero left the account (one column of amounts without a direction)
    """

    roles: tuple[str, ...]
    name: str = "mapped"
    day_first: Optional[bool] = None
    out_positive: bool = False


@dataclass(frozen=True)
class Header:
    """A header: place in the table's rows, names as written, and the columns of each role."""

    place: int
    names: tuple[str, ...]
    columns: dict[str, list[int]]

    def column(self, role: str) -> int:
        """The column of a role, -1 if there is none."""
        return self.columns.get(role, [-1])[0]

    def name_of(self, role: str) -> str:
        column = self.column(role)
        return self.names[column] if column >= 0 else ""


def signature_of(names: Sequence[str]) -> str:
    """What headers of the same layout have in common.

    >>> signature_of(["日期 ", "金额（元）"])
    '日期|金额'
    """
    return "|".join(fold(name) for name in names)


def find_header(rows: Sequence[Row]) -> Optional[Header]:
    """The row that names a day and an amount, and the most else."""
    best: Optional[Header] = None
    for place, (_number, cells) in enumerate(rows[:HEADER_SEARCH]):
        if sum(is_name(cell) for cell in cells) < 2:
            continue
        found = assign(place, cells, [row for _number, row in rows[place + 1 : place + 1 + _SAMPLE_ROWS]])
        if missing_roles(found) or best and len(best.columns) >= len(found.columns):
            continue
        best = found
    return best


def missing_roles(header: Header) -> list[str]:
    """What a table must have and this one lacks: ``date``, ``amount``."""
    money = {"amount", "amount_in", "amount_out"} & set(header.columns)
    return [role for role, there in (("date", "date" in header.columns), ("amount", bool(money))) if not there]


def apply(mapping: Mapping, place: int, names: Sequence[str]) -> Header:
    """The header as a person mapped it."""
    columns: dict[str, list[int]] = {}
    for column, role in enumerate(mapping.roles[: len(names)]):
        if role:
            columns.setdefault(role, []).append(column)
    return Header(place, tuple(clean(name) for name in names), columns)


def assign(place: int, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Header:
    """Roles by name, and where a name can mean several things by what is in the column.

    >>> header = assign(0, ["交易日期", "交易时间", "交易类型", "交易金额", "备注"], [["20260131", "10:00:00", "来账", "5.00", ""]])
    >>> header.columns
    {'date': [0], 'time': [1], 'amount': [3], 'direction': [2], 'memo': [4]}
    """
    columns: dict[str, list[int]] = {}
    taken: set[int] = set()
    for role in ROLES:
        ranked = sorted((rank, column) for column, name in enumerate(names) if (rank := rank_of(role, name)) is not None)
        fitting = [column for _rank, column in ranked if column not in taken and _fits(role, names[column], column, rows)]
        if not fitting and role == "date" and ranked:
            fitting = [ranked[0][1]]  # so that the problem names it
        if fitting:
            columns[role] = sorted(fitting) if role in SEVERAL else fitting[:1]
            taken.update(columns[role])
    if {"amount_in", "amount_out"} <= set(columns):
        columns.pop("amount", None)
        columns.pop("direction", None)
    return Header(place, tuple(clean(name) for name in names), columns)


def _fits(role: str, name: str, column: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column's values do not speak against a role."""
    cells = [clean(row[column]) for row in rows if column < len(row)]
    filled = [cell for cell in cells if cell]
    if role == "date":
        return any(read_date(cell, True) for cell in filled)
    if role == "time":
        return all(":" in cell or cell.isdigit() and len(cell) in (4, 6) for cell in filled[:5])
    if role == "direction" and fold(name) in _PERHAPS_DIRECTION:
        return bool(filled) and all(direction(cell) is not None for cell in filled) and any(direction(cell) for cell in filled)
    return True


def direction(word: str) -> Optional[int]:
    """1 for money in, -1 for out, 0 for neither, None for a word that is none of a direction.

    >>> direction("来账"), direction("支出"), direction("不计收支"), direction("转账")
    (1, -1, 0, None)
    """
    folded = clean(word).lower()
    if folded in IN_WORDS:
        return 1
    return -1 if folded in OUT_WORDS else 0 if folded in NEUTRAL_WORDS else None


# -- unknown tables ------------------------------------------------------------------------------------------------------


def describe(rows: Sequence[Row]) -> Optional[Unknown]:
    """The table to map: the header is the row right above the first one that holds a day and a number."""
    for place, (_number, cells) in enumerate(rows[: HEADER_SEARCH + 1]):
        if place and _looks_like_data(cells):
            number, names = rows[place - 1]
            below = [row for _number, row in rows[place : place + _SAMPLE_ROWS]]
            found = assign(place - 1, names, below)
            roles = {column: role for role, columns in found.columns.items() for column in columns}
            roles = {**_guess(missing_roles(found), [column for column in range(len(names)) if column not in roles], below), **roles}
            return Unknown(
                number,
                tuple(clean(name) or "?" for name in names),
                tuple(", ".join(_samples(below, column)) for column in range(len(names))),
                tuple(roles.get(column, "") for column in range(len(names))),
                signature_of(names),
            )
    return None


def _guess(missing: Sequence[str], free: Sequence[int], rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """What the values of columns nobody knows say: the first that holds days only, the only one that holds amounts only.

    >>> _guess(["date", "amount"], [0, 1, 2], [["05/01/2026", "a", "1.50"], ["06/01/2026", "b", "-2.00"]])
    {0: 'date', 2: 'amount'}
    """
    filled = {column: [clean(row[column]) for row in rows if column < len(row) and clean(row[column])] for column in free}
    days = [column for column, cells in filled.items() if cells and all(read_date(cell, True) or read_date(cell, False) for cell in cells)]
    money = [column for column, cells in filled.items() if cells and all("." in cell and _is_amount(cell) for cell in cells)]
    guesses = {days[0]: "date"} if days and "date" in missing else {}
    return {**guesses, money[0]: "amount"} if len(money) == 1 and "amount" in missing else guesses


def _looks_like_data(cells: Sequence[str]) -> bool:
    days = [column for column, cell in enumerate(cells) if read_date(cell, True)]
    return bool(days) and any(column not in days and _is_amount(cell) for column, cell in enumerate(cells))


def _is_amount(cell: str) -> bool:
    try:
        return read_amount(cell) is not None
    except NotAnAmount:
        return False


def _samples(rows: Sequence[Sequence[str]], column: int) -> Iterator[str]:
    seen = dict.fromkeys(clean(row[column]) for row in rows if column < len(row))
    return iter([cell[:40] for cell in seen if cell][:3])
