# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A file's bytes → its statement."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Optional

from .camt import read_camt
from .check import balances, compare, in_order
from .columns import HEADER_SEARCH, Header, Mapping, apply, describe, find_header, signature_of
from .facts import find_account, find_currency, find_period, find_totals
from .model import Line, Problem, Statement, StatementError, Totals, digits_of
from .names import fold
from .ofx import read_ofx
from .rows import Read, RowReader, find_currencies
from .source import Source, Table, open_source
from .wechat import find_merchant_header, read_merchant_bill

#: Layouts by columns that no other has (folded), first fit counts
_BY_COLUMNS = (
    ("icbc", {"记账金额(收入)", "记账金额(支出)"}),
    ("cmb", {"联机余额", "交易摘要"}),
    ("cmb", {"收/付方名称", "业务摘要"}),
    ("boc", {"对方卡号/账号", "借记卡号"}),
    ("boc", {"交易后余额", "付款人名称", "收款人名称"}),
    ("cmbc", {"主机交易流水号", "借方发生额"}),
    ("ccb", {"记账日", "账户余额", "对方户名"}),
    ("alipay_account", {"账务流水号", "业务流水号"}),
    ("alipay", {"收/支", "商家订单号"}),
    ("wechat", {"收/支", "商户单号"}),
    ("wechat_fund", {"资金流水单号", "收支类型"}),
)
#: … else by what stands above the table
_BY_TITLE = (
    ("icbc", "工商银行"),
    ("ccb", "建设银行"),
    ("boc", "中国银行"),
    ("cmbc", "民生银行"),
    ("cmb", "招商银行"),
    ("abc", "农业银行"),
    ("alipay", "支付宝"),
    ("wechat", "微信"),
)


@dataclass(frozen=True)
class _Part:
    """What one table of the file came to."""

    layout: str
    signature: str
    currency: str
    read: Read
    totals: Totals
    days: tuple[Optional[date], Optional[date]]
    row_count: int


def parse(content: bytes, mappings: Optional[Dict[str, Mapping]] = None, currency: str = "") -> Statement:
    """Read a statement file.

    :param mappings: layouts people mapped, by signature; they go before names that are known
    :param currency: of the account, for a file that does not say
    :raises StatementError: with all problems; nothing of the file can be taken then

    >>> text = "账号：,6222021234\\n交易日期,交易金额,对方户名,摘要\\n2026-01-31,-5.00,华强电子,货款\\n"
    >>> statement = parse(text.encode("gb18030"))
    >>> statement.account, statement.encoding, [(line.amount, line.counterparty, line.memo) for line in statement.lines]
    ('6222021234', 'GB18030', [(-500, '华强电子', '货款')])
    """
    source = open_source(content)
    if source.sgml:
        return _finish(read_ofx(source.sgml, source.encoding))
    if source.tree is not None:
        if source.tree.tag == "OFX":
            return _finish(read_ofx(content.decode("utf-8", "replace"), source.encoding))
        return _finish(read_camt(source.tree, source.encoding))
    try:
        return _finish(_read_tables(source, mappings or {}, currency))
    except StatementError as error:
        error.encoding = error.encoding or source.encoding
        raise


def _finish(statement: Statement) -> Statement:
    if not statement.lines and not statement.skipped:
        raise StatementError(Problem("no_lines"), encoding=statement.encoding)
    return statement


def _read_tables(source: Source, mappings: Dict[str, Mapping], currency: str) -> Statement:
    parts = []
    for table in source.tables:
        part = _read_table(table, mappings, currency)
        if part:
            parts.append(part)
    if not parts:
        rows = max((table.rows for table in source.tables), key=len, default=[])
        unknown = describe(rows)
        raise StatementError(Problem("unknown_layout" if unknown else "no_table"), unknown=unknown)
    parts = _without_copies(parts)
    problems = [problem for part in parts for problem in part.read.problems]
    if any(problem.code == "date_order" for problem in problems):
        raise StatementError(*problems, unknown=describe(source.tables[0].rows))
    if problems:
        raise StatementError(*problems)
    return _join(parts, source.encoding)


def _without_copies(parts: Sequence[_Part]) -> list[_Part]:
    """Sheets that repeat what another one says are one."""
    kept: list[_Part] = []
    contents: list[list[Line]] = []
    for part in parts:
        content = [replace(line, row=0) for line in part.read.lines]
        if content not in contents or not content:
            kept.append(part)
            contents.append(content)
    return [part for part in kept if part.read.lines or part.read.problems] or kept[:1]


def _join(parts: Sequence[_Part], encoding: str) -> Statement:
    """One statement of the sheets' parts."""
    first = parts[0]
    for part in parts[1:]:
        row = part.read.lines[0].row if part.read.lines else 0
        if part.read.account and first.read.account and part.read.account != first.read.account:
            raise StatementError(Problem("two_accounts", row, value=part.read.account))
        if part.currency and first.currency and part.currency != first.currency:
            raise StatementError(Problem("two_currencies", row, value=part.currency))
    lines = in_order([line for part in parts for line in part.read.lines])
    opening, closing, warnings = balances(lines)
    warnings += [warning for part in parts for warning in part.read.warnings]
    for part in parts:
        warnings += compare(part.totals, part.read.lines, part.row_count, digits_of(part.currency))
    days = [day for line in lines for day in (line.date,)]
    return Statement(
        first.layout,
        encoding,
        tuple(lines),
        next((part.read.account for part in parts if part.read.account), ""),
        next((part.currency for part in parts if part.currency), ""),
        first.signature,
        first.days[0] or min(days, default=None),
        first.days[1] or max(days, default=None),
        opening,
        closing,
        first.totals,
        tuple(one for part in parts for one in part.read.skipped),
        tuple(warnings),
    )


def _read_table(table: Table, mappings: Dict[str, Mapping], currency: str) -> Optional[_Part]:
    """What a table holds; None if it is no statement's."""
    place = find_merchant_header(table.rows)
    if place is not None:
        read, found = read_merchant_bill(table, place)
        signature = signature_of(table.rows[place][1])
        return _Part("wechat_merchant", signature, found, read, Totals(), (None, None), len(read.lines))
    header, mapping = _find_mapped(table, mappings)
    header = header or find_header(table.rows)
    if not header:
        return None
    above = table.rows[: header.place]
    found, problems = find_currencies(header, table.rows)
    layout = mapping.name if mapping else _layout_of(header, above)
    found = found or find_currency(above) or _implied_currency(layout, header, table) or currency
    reader = RowReader(header, digits_of(found), mapping.day_first if mapping else None, bool(mapping and mapping.out_positive))
    read = reader.read_table(table)
    if not any(problem.code == "truncated" for problem in read.problems):
        read.problems += problems + _check_end(table)
    if "amount" in header.columns and "direction" not in header.columns and not (mapping and mapping.out_positive):
        if len(read.lines) > 1 and all(line.amount > 0 for line in read.lines):
            read.warnings.append(Problem("no_direction", column=header.name_of("amount")))
    account = find_account(read.around)
    read.account = read.account or account
    row_count = len({line.row for line in read.lines}) + sum(one.reason != "total" for one in read.skipped)
    totals = find_totals(read.around, header, digits_of(found))
    return _Part(layout, signature_of(header.names), found, read, totals, find_period(read.around), row_count)


def _find_mapped(table: Table, mappings: Dict[str, Mapping]) -> tuple[Optional[Header], Optional[Mapping]]:
    for place, (_number, cells) in enumerate(table.rows[:HEADER_SEARCH] if mappings else ()):
        mapping = mappings.get(signature_of(cells))
        if mapping:
            return apply(mapping, place, cells), mapping
    return None, None


def _layout_of(header: Header, above: Sequence[tuple[int, list[str]]]) -> str:
    names = {fold(name) for name in header.names}
    for code, marks in _BY_COLUMNS:
        if marks <= names:
            return code
    title = " ".join(" ".join(cells) for _number, cells in above)
    return next((code for code, word in _BY_TITLE if word in title), "table")


def _implied_currency(layout: str, header: Header, table: Table) -> str:
    """CNY where amounts say 元 or the wallet knows nothing else."""
    if layout.startswith(("alipay", "wechat")):
        return "CNY"
    names = " ".join(table.rows[header.place][1])
    return "CNY" if re.search(r"[(（/]\s*[+\-]?(?:人民币|单位[:：])?元\s*[)）]?", names) else ""


def _check_end(table: Table) -> list[Problem]:
    """Alipay's details say where they end."""
    texts = [cells[0] for _number, cells in table.rows if cells[0].lstrip().startswith("#")]
    if any("明细列表" in text for text in texts) and not any("列表结束" in text for text in texts):
        return [Problem("truncated", table.rows[-1][0])]
    return []
