# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What banks call their columns."""

from __future__ import annotations

import re
import unicodedata
from typing import Optional

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
_ALL = frozenset(name for keys in _KEYS.values() for name in keys)
_LONGEST = 80
_UNIT = re.compile(r"\((?:[+\-]?元|单位:?元|人民币|rmb|cny)\)|\[[^\]]*\]|/元$|[:*#]")
_LAST_REMARK = re.compile(r"\([^()]*\)$")


def fold(name: str) -> str:
    """A column's name without blanks, units and translations.

    >>> fold(" 收入金额（+元） "), fold("交易金额[ Trade Amount ]"), fold("记账金额(收入)"), fold("Transaction Date")
    ('收入金额', '交易金额', '记账金额(收入)', 'transactiondate')
    """
    return _UNIT.sub("", "".join(unicodedata.normalize("NFKC", name).lower().split()).lstrip("`\ufeff"))


def rank_of(role: str, name: str) -> Optional[int]:
    """How good a name for a role, 0 the best; None for a name that is none of it."""
    keys = _KEYS[role]
    folded = fold(name)
    return keys.get(folded, keys.get(_LAST_REMARK.sub("", folded)) if role != "amount" else None)


def is_name(text: str) -> bool:
    """Whether some column goes by this name.

    >>> is_name("交易金额（元）"), is_name("2026-01-31"), is_name("")
    (True, False, False)
    """
    if len(text) > _LONGEST:
        return False
    folded = fold(text)
    return folded in _ALL or _LAST_REMARK.sub("", folded) in _ALL
