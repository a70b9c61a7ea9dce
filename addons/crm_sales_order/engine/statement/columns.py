# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which row is the header, and which column is what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from .model import Unknown
from .source import Row
from .values import NotAnAmount, clean, read_amount, read_date

HEADER_SEARCH = 100
_SAMPLE_ROWS = 30
#: Roles a column can have → names it goes by, best first; on a bank's statement 贷方 (credit) is money in
_NAMES = {
    "date": "记账日期 记账日 入账日期 入账日 记账时间 入账时间 交易日期 交易日 发生日期 发生时间 付款时间 交易时间 交易创建时间 "
    "业务日期 日期 时间 起息日期 起息日 "
    "bookingdate postingdate transactiondate txdate date datetime valuedate",
    "time": "记账时间 入账时间 交易时间 发生时间 时间 transactiontime time",
    "amount_in": "记账金额(收入) 收入金额 贷方金额 贷方发生额 贷方发生额(收入) 贷方发生额(贷) 贷方交易金额 转入金额 存入金额 "
    "收款金额 入账金额 汇入金额 "
    "收入 贷方 存入 转入 贷 交易金额(收入) creditamount amountcredit deposits deposit paidin moneyin credit",
    "amount_out": "记账金额(支出) 支出金额 借方金额 借方发生额 借方发生额(支取) 借方发生额(借) 借方交易金额 转出金额 支取金额 "
    "付款金额 汇出金额 "
    "支出 借方 支取 转出 取出 借 交易金额(支出) debitamount amountdebit withdrawals withdrawal paidout moneyout debit",
    "amount": "记账金额 收支金额 交易金额 发生额 交易额 金额 transactionamount tradeamount amount",
    "direction": "收/支 收支 收支类型 收支方向 收支标志 借贷标志 借/贷标志 借贷方向 借/贷 借贷 收付标志 收付方向 来往账标志 "
    "往来标志 交易方向 资金流向 "
    "dr/cr debit/credit d/c direction 交易类型 业务类型 类型 type transactiontype",
    "balance": "账户余额 帐户余额 账户结余 联机余额 交易后余额 本次余额 当前余额 余额 结余 after-transactionbalance runningbalance balance",
    "currency": "记账币种 交易币种 交易货币 货币种类 币种 币别 货币 tradecurrency currency ccy",
    "counterparty": "对方户名 对方账户名 对方账户名称 对方账号名称 对方名称 对方单位 对方单位名称 对方姓名 对手户名 对手名称 "
    "对手方名称 收/付方名称 收付方名称 "
    "交易对方 交易对手 对手信息 对方信息 往来单位 counterpartyname counterparty beneficiary/payer payee/payer name",
    "counterparty_account": "对方账号 对方帐号 对方卡号/账号 对方账号/卡号 对方卡号 对方账户 对方账户账号 对手账号 对手方账号 "
    "收/付方账号 收/付方帐号 收付方账号 "
    "counterpartyaccount accountno.ofcounterparty",
    "payer": "付款人名称 付款方名称 付款人户名 付款方户名 付款人 payer'sname payername payer",
    "payer_account": "付款人账号 付款人帐号 付款方账号 付款账号 debitaccountno. payeraccount",
    "payee": "收款人名称 收款方名称 收款人户名 收款方户名 收款人 payee'sname payeename payee",
    "payee_account": "收款人账号 收款人帐号 收款方账号 收款账号 payee'saccountnumber payeeaccount",
    "memo": "摘要 交易场所 附言 交易附言 用途 交易用途 客户摘要 业务摘要 其它摘要 其他摘要 交易备注 备注 备注信息 商品说明 "
    "商品名称 商品 商户订单号 商家订单号 商户单号 "
    "客户附言 memo description remark remarks narrative details particulars purpose paymentdetails paymentreference",
    "kind": "交易摘要 交易名称 交易类型 业务类型 交易分类 业务名称 类型 transactiontype type",
    "reference": "交易流水号 账务流水号 资金流水单号 核心流水号 主机交易流水号 银行流水号 流水号 交易订单号 交易单号 交易号 "
    "微信支付业务单号 业务流水号 "
    "业务参考号 参考号 交易序号 日志号 transactionreferencenumber transactionid bankreference reference ref fitid",
    "account": "本方账号 本方帐号 本方卡号 我方账号 查询账号 借记卡号 账号 帐号 卡号 账户 商户号 accountnumber accountno. account",
    "status": "交易状态 当前状态 资金状态 状态 status",
    "method": "收/付款方式 支付方式 付款方式 paymentmethod",
}
ROLES = tuple(_NAMES)
#: Roles several columns may have: their texts are joined
SEVERAL = ("memo",)
_KEYS = {role: {name: rank for rank, name in enumerate(names.split())} for role, names in _NAMES.items()}
_UNIT = re.compile(r"\((?:[+\-]?元|单位:?元|人民币|rmb|cny)\)|\[[^\]]*\]|/元$|[:*#]")
_LAST_REMARK = re.compile(r"\([^()]*\)$")

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


def fold(name: str) -> str:
    """A column's name without blanks, units and translations.

    >>> fold(" 收入金额（+元） "), fold("交易金额[ Trade Amount ]"), fold("记账金额(收入)"), fold("Transaction Date")
    ('收入金额', '交易金额', '记账金额(收入)', 'transactiondate')
    """
    return _UNIT.sub("", "".join(unicodedata.normalize("NFKC", name).lower().split()).lstrip("`\ufeff"))


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
        if sum(bool(_roles_named(cell)) for cell in cells) < 2:
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
        ranked = sorted((rank, column) for column, name in enumerate(names) if (rank := _rank(role, name)) is not None)
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


def _rank(role: str, name: str) -> Optional[int]:
    keys = _KEYS[role]
    folded = fold(name)
    return keys.get(folded, keys.get(_LAST_REMARK.sub("", folded)) if role not in ("amount",) else None)


def _roles_named(name: str) -> list[str]:
    return [role for role in ROLES if _rank(role, name) is not None]


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
            return Unknown(
                number,
                tuple(clean(name) or "?" for name in names),
                tuple(", ".join(_samples(below, column)) for column in range(len(names))),
                tuple(roles.get(column, "") for column in range(len(names))),
                signature_of(names),
            )
    return None


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
