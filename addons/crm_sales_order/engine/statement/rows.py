# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows below a header, read as movements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Optional

from .columns import Header, direction, signature_of
from .facts import TOTAL
from .model import Line, Problem, Skipped
from .source import Row, Table
from .values import (
    NotAnAmount,
    TooPrecise,
    amount_or_none,
    clean,
    is_rounded,
    read_amount,
    read_currency,
    read_date,
    read_time,
    split_account,
)

_FAILED = re.compile(r"失败|等待付款|待支付|待付款|未支付|已取消|已作废|已撤销|(?i:^(?:failed|revoked|notpay|payerror)$)")
_CLOSED = re.compile(r"交易关闭|已关闭|(?i:^closed$)")
#: Movements the wallets count neither as income nor as expense
_WITHIN = re.compile(r"零钱通转出-到零钱(?!\w)|转入零钱通-来自零钱(?!\w)|余额宝-.*转出到余额|转入到余利宝|余利宝-.*转出到余额")
_NEUTRAL_IN = re.compile(r"退款|卖出|赎回|充值|转入零钱通-来自|收益发放|退回|返还")
_NEUTRAL_OUT = re.compile(r"提现|零钱通转出-到|还款|购买|买入|申购|转账到银行卡|转出到银行卡")
_DAY_MONTH = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}(?!\d)")


@dataclass
class Read:
    """What a table holds."""

    lines: list[Line] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    around: list[Row] = field(default_factory=list)
    account: str = ""


class RowReader:
    """Reads the rows of one table.

    :param digits: decimals of the currency
    :param day_first: what 03/04/2026 means; None: found out from the column if it can be
    """

    def __init__(self, header: Header, digits: int = 2, day_first: Optional[bool] = None, out_positive: bool = False) -> None:
        self.header = header
        self.digits = digits
        self.day_first = day_first
        self.out_positive = out_positive
        self.signature = signature_of(header.names)
        self.cut = 0
        self.read = Read()

    def read_table(self, table: Table) -> Read:
        """Every row: a movement, one that moved nothing, a note around the table, or a problem."""
        read = self.read
        self.cut = table.cut
        read.around += table.rows[: self.header.place]
        rows = [row for row in table.rows[self.header.place + 1 :] if not self._is_around(row)]
        if self.day_first is None:
            self.day_first = guess_day_first([self.cell(cells, "date") for _number, cells in rows])
        out_negative = self._is_out_negative(rows)
        for number, cells in rows:
            day = self._read_day(number, cells)
            if number == self.cut:
                read.problems = [Problem("truncated", number, value=", ".join(clean(cell) for cell in cells)[-60:])]
                break
            amount = self._read_amount(number, cells, out_negative)
            if day and amount is not None:
                self._add(number, cells, day, amount)
        return read

    def cell(self, cells: Sequence[str], role: str) -> str:
        """The text in the column of a role, empty where there is none."""
        column = self.header.column(role)
        return clean(cells[column]) if 0 <= column < len(cells) else ""

    # -- what is a row -----------------------------------------------------------------------------------------------

    def _is_around(self, row: Row) -> bool:
        """Set notes, totals and repeated headers apart."""
        number, cells = row
        first = next(text for cell in cells if (text := cell.strip()))
        text = " ".join(cells[:3])
        has_day = bool(read_date(self.cell(cells, "date"), True))
        if signature_of(cells) == self.signature:
            return True
        if not has_day and TOTAL.search(text):
            self.read.skipped.append(Skipped(number, "total", clean(text)[:60]))
            self.read.around.append(row)
            return True
        has_money = any(self.cell(cells, role) for role in ("amount", "amount_in", "amount_out"))
        if number == self.cut and (first[0].isdigit() or len(cells) > 2 and ":" not in clean(text)):
            return False  # cut within its day, or before
        if first.startswith(("#", "--")) or not has_day and not has_money:
            self.read.around.append(row)
            return True
        return False

    def _read_day(self, number: int, cells: Sequence[str]) -> Optional[date]:
        text = self.cell(cells, "date")
        day = read_date(text, self.day_first)
        if not day:
            code = "date_order" if self.day_first is None and _DAY_MONTH.match(text) else "date"
            self._problem(code, number, "date", text)
        return day

    def _problem(self, code: str, number: int, role: str, value: str) -> None:
        self.read.problems.append(Problem(code, number, self.header.name_of(role), value[:60]))

    # -- amounts -----------------------------------------------------------------------------------------------------

    def _is_out_negative(self, rows: Sequence[Row]) -> bool:
        """Whether this file writes what went out below zero; then it all is, else a minus is a reversal."""
        signs = set()
        for _number, cells in rows:
            if self.header.column("amount_out") >= 0:
                text = self.cell(cells, "amount_out")
            else:
                text = self.cell(cells, "amount") if direction(self.cell(cells, "direction")) == -1 else ""
            if amount := amount_or_none(text, self.digits):
                signs.add(amount < 0)
        return signs == {True}

    def _number(self, number: int, cells: Sequence[str], role: str) -> Optional[int]:
        text = self.cell(cells, role)
        try:
            return read_amount(text, self.digits)
        except TooPrecise:
            self._problem("precision", number, role, text)
        except NotAnAmount:
            self._problem("amount", number, role, text)
        return None

    def _read_amount(self, number: int, cells: Sequence[str], out_negative: bool) -> Optional[int]:
        """The movement with its sign; None where there is none or a problem was noted."""
        before = len(self.read.problems)
        if self.header.column("amount") >= 0:
            return self._read_one_amount(number, cells, out_negative)
        came, went = self._number(number, cells, "amount_in"), self._number(number, cells, "amount_out")
        if len(self.read.problems) > before:
            return None
        if came and went:
            self._problem("both", number, "amount_in", "%s / %s" % (self.cell(cells, "amount_in"), self.cell(cells, "amount_out")))
            return None
        if came is None and went is None:
            self._problem("no_amount", number, "amount_in" if self.header.column("amount_in") >= 0 else "amount_out", "")
            return None
        return came or (-abs(went or 0) if out_negative else -(went or 0))

    def _read_one_amount(self, number: int, cells: Sequence[str], out_negative: bool) -> Optional[int]:
        before = len(self.read.problems)
        amount = self._number(number, cells, "amount")
        if amount is None:
            if len(self.read.problems) == before:
                self._problem("no_amount", number, "amount", "")
            return None
        if self.header.column("direction") < 0:
            return -amount if self.out_positive else amount
        word = self.cell(cells, "direction")
        way = direction(word)
        if way is None:
            self._problem("direction", number, "direction", word)
            return None
        if way == 0 and amount:
            return self._read_neutral(number, cells, amount)
        return -abs(amount) if way < 0 and out_negative else way * amount

    def _read_neutral(self, number: int, cells: Sequence[str], amount: int) -> Optional[int]:
        """Withdrawals, top-ups, refunds …: their words tell the way, else no money of this account is known to have moved."""
        text = " ".join((self.cell(cells, "kind"), self._memo(cells), self.cell(cells, "counterparty"), self.cell(cells, "status")))
        if self._is_closed(cells):
            return 0
        if not _WITHIN.search(text):
            if _NEUTRAL_IN.search(text):
                return abs(amount)
            if _NEUTRAL_OUT.search(text):
                return -abs(amount)
        reason = "within" if _WITHIN.search(text) else "undirected"
        self.read.skipped.append(Skipped(number, reason, text.strip()[:60]))
        return None

    def _is_closed(self, cells: Sequence[str]) -> bool:
        """Not paid. A deal closed after it was paid names what it was paid with: its refund stands in a row of its own."""
        status = self.cell(cells, "status")
        return bool(_FAILED.search(status) or _CLOSED.search(status) and not self.cell(cells, "method"))

    # -- lines -------------------------------------------------------------------------------------------------------

    def _add(self, number: int, cells: Sequence[str], day: date, amount: int) -> None:
        if not amount or self._is_closed(cells):
            reason = "closed" if self._is_closed(cells) else "zero"
            self.read.skipped.append(Skipped(number, reason, self._memo(cells)[:60]))
            return
        name, account = self._counterparty(cells, amount)
        neutral = self.header.column("direction") >= 0 and direction(self.cell(cells, "direction")) == 0
        kind, memo = self.cell(cells, "kind"), self._memo(cells)
        self.read.lines.append(
            Line(
                number,
                day,
                amount,
                name,
                self._sure_number(number, "counterparty_account", account),
                memo or kind,
                self._sure_number(number, "reference", self.cell(cells, "reference")),
                kind,
                read_time(self.cell(cells, "time")) or read_time(self.cell(cells, "date")),
                self._balance(cells),
                neutral,
            )
        )
        self._note_account(number, cells, amount)

    def _memo(self, cells: Sequence[str]) -> str:
        """The texts of all memo columns, each once; placeholders at their ends left out."""
        texts = (clean(cells[column]) for column in self.header.columns.get("memo", ()) if column < len(cells))
        return " ".join(dict.fromkeys(filter(None, (re.sub(r"^[-—]{3,}\s*|\s*[-—]{3,}$", "", text) for text in texts))))

    def _sure_number(self, number: int, role: str, text: str) -> str:
        """A number as written; one a spreadsheet rounded is none any more."""
        if not is_rounded(text):
            return text
        if not any(one.code == "rounded" and one.column == self.header.name_of(role) for one in self.read.warnings):
            self.read.warnings.append(Problem("rounded", number, self.header.name_of(role), text))
        return ""

    def _counterparty(self, cells: Sequence[str], amount: int) -> tuple[str, str]:
        side = "payer" if amount > 0 else "payee"
        name = self.cell(cells, "counterparty") or self.cell(cells, side)
        account = self.cell(cells, "counterparty_account") or self.cell(cells, side + "_account")
        if not account and not {"counterparty_account", side + "_account"} & set(self.header.columns):
            return split_account(name)
        return name, account

    def _balance(self, cells: Sequence[str]) -> Optional[int]:
        """None for what banks put there to hide it."""
        return amount_or_none(self.cell(cells, "balance"), self.digits)

    def _note_account(self, number: int, cells: Sequence[str], amount: int) -> None:
        """The account the file is of, and a problem at the first row of another one."""
        role = "account" if "account" in self.header.columns else "payee_account" if amount > 0 else "payer_account"
        account = self._sure_number(number, role, self.cell(cells, role))
        if account and self.read.account and account != self.read.account:
            if not any(problem.code == "two_accounts" for problem in self.read.problems):
                self._problem("two_accounts", number, role, account)
        self.read.account = self.read.account or account


def guess_day_first(cells: Sequence[str]) -> Optional[bool]:
    """What dates such as 03/04/2026 mean in a column, if any of them leaves only one meaning.

    >>> guess_day_first(["03/04/2026", "25/04/2026"]), guess_day_first(["03/04/2026"]), guess_day_first(["04/25/2026"])
    (True, None, False)
    """
    pairs = [(int(match[1]), int(match[2])) for cell in cells if (match := _DAY_MONTH.match(cell))]
    if any(first > 12 for first, _second in pairs):
        return True
    return False if any(second > 12 for _first, second in pairs) else None


def find_currencies(header: Header, rows: Sequence[Row]) -> tuple[str, list[Problem]]:
    """The currency of a table's rows by its column, and a problem where a row has another one or an unknown."""
    column = header.column("currency")
    found, problems = "", []
    for number, cells in rows[header.place + 1 :] if column >= 0 else ():
        text = clean(cells[column]) if column < len(cells) else ""
        code = read_currency(text)
        if not text or not read_date(clean(cells[header.column("date")]), True):
            continue
        if not code:
            problems.append(Problem("currency", number, header.names[column], text))
        elif found and code != found:
            problems.append(Problem("two_currencies", number, header.names[column], text))
        found = found or code
    return found, problems[:1]
