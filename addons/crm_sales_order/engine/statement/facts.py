# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What stands above and below the table: account, currency, period, the file's own totals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Optional

from .columns import Header
from .model import Problem, StatementError, Totals
from .names import fold
from .source import Row
from .values import amount_or_none, clean, read_currency, read_date

_ACCOUNT = frozenset(
    "账号 帐号 卡号 账户 账户号码 查询账号 查询帐号 本方账号 银行账号 支付宝账户 支付宝账号 微信昵称 微信号 商户号 客户账号 交易账号 "
    "accountnumber accountno. accountno account inquireraccountnumber cardnumber".split()
)
_CURRENCY = frozenset("币种 币别 货币 账户币种 currency".split())
_PERIOD = re.compile(r"起始|开始|起止|终止|结束|查询日期|查询时间|日期范围|时间范围|账单周期|(?i:period|from\b)")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|(?<!\d)20\d{6}(?!\d)")
#: In brackets, digits in groups, or up to the next blank
_VALUE = re.compile(r"\s*(?:\[([^\]]*)\]|([\d*]{3,}(?: [\d*]{3,})+(?!\S))|(\S+))")
_ROWS = re.compile(r"共\s*(\d+)\s*[笔条]")
_SUMS = re.compile(r"(收入|支出)(?:合计)?[:：]?\s*(\d+)\s*笔[,，;；]?\s*(?:共|金额)?[:：]?\s*([+\-]?[\d,]+(?:\.\d+)?)\s*元")
TOTAL = re.compile(
    r"合\s*计|总\s*计|小\s*计|累\s*计|承前|过次|本页|期初余额|期末余额|上期余额|(?i:\btotals?\b|opening balance|closing balance)"
)
#: WeChat's summary: a header of its own, its values in the row below
_SUMMARY = {"资金流水总笔数": "rows", "总交易单数": "rows", "收入笔数": "income_rows", "收入金额": "income"}
_SUMMARY.update({"支出笔数": "expense_rows", "支出金额": "expense"})


def labelled(rows: Iterable[Row]) -> Iterator[tuple[int, str, str]]:
    """(row, folded label, value) of "label: value" in one cell or in two neighbours.

    >>> list(labelled([(1, ["#账号：[2088123]"]), (2, ["币种", "人民币"]), (3, ["账号：", "7559 0000 8866 001 活期"])]))
    [(1, '账号', '2088123'), (2, '币种', '人民币'), (3, '账号', '755900008866001')]
    """
    for number, cells in rows:
        texts = [clean(cell) for cell in cells]
        for place, text in enumerate(texts):
            label, colon, value = text.lstrip("# ").partition(":")
            if not colon or not value.strip():
                value = next((one for one in texts[place + 1 :] if one), "")
            match = _VALUE.match(value)
            if match:
                yield number, fold(label), match[1] or (match[2] or "").replace(" ", "") or match[3] or ""


def find_account(rows: Sequence[Row]) -> str:
    """The account named around the table.

    :raises StatementError: ``two_accounts`` if several are
    """
    found = ""
    for number, label, value in labelled(rows):
        if label in _ACCOUNT and not read_date(value):
            if found and found != value:
                raise StatementError(Problem("two_accounts", number, label, value))
            found = value
    return found


def find_currency(rows: Sequence[Row]) -> str:
    return next((code for _row, label, value in labelled(rows) if label in _CURRENCY and (code := read_currency(value))), "")


def find_period(rows: Sequence[Row]) -> tuple[Optional[date], Optional[date]]:
    """First and last day the file says to cover.

    >>> find_period([(1, ["起始日期：[2026年01月01日]   终止日期：[2026年01月31日]"])])
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 31))
    """
    days: list[date] = []
    for _number, cells in rows:
        text = " ".join(cells)
        if _PERIOD.search(text):
            days += [day for one in _DAY.findall(text) if (day := read_date(one))]
    return (min(days), max(days)) if len(days) > 1 else (None, None)


def find_totals(rows: Sequence[Row], header: Header, digits: int) -> Totals:
    """The totals in the text around the table, in a totals row below it, or in WeChat's summary."""
    totals = Totals()
    for place, (_number, cells) in enumerate(rows):
        text = " ".join(clean(cell) for cell in cells)
        if (match := _ROWS.search(text)) and totals.rows is None:
            totals = replace(totals, rows=int(match[1]))
        for word, count, amount in _SUMS.findall(text):
            name = "income" if word == "收入" else "expense"
            totals = replace(totals, **{name: abs(amount_or_none(amount, digits) or 0), name + "_rows": int(count)})
        if fold(cells[0]) in _SUMMARY and place + 1 < len(rows):
            totals = _read_summary(cells, rows[place + 1][1], digits)
        elif TOTAL.search(text[:30]) and totals.income is None:
            totals = _read_total_row(totals, cells, header, digits)
    return totals


def _read_summary(names: Sequence[str], values: Sequence[str], digits: int) -> Totals:
    found: dict[str, int] = {}
    for name, value in zip(names, values):
        field = _SUMMARY.get(fold(name))
        amount = amount_or_none(value, digits)
        if field and amount is not None:
            found[field] = amount // 10**digits if field.endswith("rows") else abs(amount)
    return Totals(**found)


def _read_total_row(totals: Totals, cells: Sequence[str], header: Header, digits: int) -> Totals:
    for field, role in (("income", "amount_in"), ("expense", "amount_out")):
        column = header.column(role)
        amount = amount_or_none(cells[column], digits) if 0 <= column < len(cells) else None
        if amount is not None:
            totals = replace(totals, **{field: abs(amount)})
    return totals
