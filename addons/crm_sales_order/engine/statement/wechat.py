# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""WeChat Pay's merchant bill: a row is a payment or a refund, and its fee."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .model import Line, Problem, Skipped
from .names import fold
from .rows import Read
from .source import Row, Table
from .values import NotAnAmount, TooPrecise, clean, read_amount, read_currency, read_date, read_time

#: Columns without which it is no such bill
MARKS = ("交易时间", "微信订单号", "商户订单号", "交易状态", "应结订单金额", "手续费")
_SUMMARY = "总交易单数"


def find_merchant_header(rows: Sequence[Row]) -> Optional[int]:
    """Place of the bill's header among the rows, None if it is no merchant bill."""
    for place, (_number, cells) in enumerate(rows[:5]):
        if set(MARKS) <= {fold(cell) for cell in cells}:
            return place
    return None


def read_merchant_bill(table: Table, place: int) -> tuple[Read, str]:
    """(what the bill holds, its currency). Each fee is a line of its own, so that payments keep the amount of their orders."""
    read = Read()
    columns = {fold(name): column for column, name in enumerate(table.rows[place][1])}
    currency = ""
    ended = False
    for number, cells in table.rows[place + 1 :]:
        row = {name: clean(cells[column]) if column < len(cells) else "" for name, column in columns.items()}
        if fold(cells[0]) == _SUMMARY or ended:
            ended = True
            read.around.append((number, cells))
            continue
        read.account = read.account or row.get("商户号", "")
        code = read_currency(row.get("货币种类", "")) or "CNY"
        if read.account != row.get("商户号", ""):
            read.problems.append(Problem("two_accounts", number, "商户号", row.get("商户号", "")))
        elif currency and code != currency:
            read.problems.append(Problem("two_currencies", number, "货币种类", code))
        else:
            currency = code
            _read_row(read, number, row)
    if not ended:
        read.problems.append(Problem("truncated", table.rows[-1][0]))
    return read, currency


def _read_row(read: Read, number: int, row: dict[str, str]) -> None:
    day = read_date(row["交易时间"])
    if not day:
        read.problems.append(Problem("date", number, "交易时间", row["交易时间"]))
        return
    refund = row["交易状态"].upper() == "REFUND"
    if row["交易状态"].upper() not in ("SUCCESS", "REFUND"):
        read.skipped.append(Skipped(number, "closed", row["交易状态"]))
        return
    column = "退款金额" if refund else "应结订单金额"
    amount, fee = _amount(read, number, row, column), _amount(read, number, row, "手续费")
    if not amount or fee is None:
        if amount == 0:
            read.skipped.append(Skipped(number, "zero", row["商户订单号"]))
        return
    reference = (row.get("微信退款单号") if refund else "") or row["微信订单号"]
    memo = " ".join(filter(None, (row["商户订单号"], row.get("商品名称"), row.get("商户数据包"))))
    kind, time = row.get("交易类型", ""), read_time(row["交易时间"])
    read.lines.append(Line(number, day, -amount if refund else amount, row.get("用户标识", ""), "", memo, reference, kind, time))
    if fee:
        read.lines.append(Line(number, day, -fee, "", "", "手续费 " + row["商户订单号"], reference, "手续费", time))


def _amount(read: Read, number: int, row: dict[str, str], column: str) -> Optional[int]:
    """The amount in a column, 0 for an empty one; None and a problem where there is something else."""
    try:
        return read_amount(row.get(column, "")) or 0
    except NotAnAmount as error:
        code = "precision" if isinstance(error, TooPrecise) else "amount"
        read.problems.append(Problem(code, number, column, row[column]))
        return None
