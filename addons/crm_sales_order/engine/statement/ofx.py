# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""OFX, versions 1 (SGML: tags of values are not closed) and 2 (XML)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Optional

from .model import Line, Problem, Statement, StatementError, digits_of
from .values import NotAnAmount, TooPrecise, read_amount, read_currency, read_date, read_time

_TAG = re.compile(r"<(/?)([A-Za-z0-9.]+)[^>]*>([^<]*)")
_VALUES = frozenset("TRNTYPE DTPOSTED DTUSER TRNAMT FITID CHECKNUM REFNUM NAME MEMO ACCTID BANKACCTTO CURDEF DTSTART DTEND BALAMT".split())


def read_ofx(text: str, encoding: str) -> Statement:
    """One account's movements.

    :raises StatementError: ``truncated``, ``two_accounts``, ``two_currencies``, ``amount``, ``date`` …

    >>> text = ("<OFX><CURDEF>USD<ACCTID>77<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260131120000[0:GMT]"
    ...         "<TRNAMT>5.25<FITID>a1<NAME>Acme &amp; Co<MEMO>S00042</STMTTRN><LEDGERBAL><BALAMT>105.25</LEDGERBAL></OFX>")
    >>> statement = read_ofx(text, "UTF-8")
    >>> (statement.account, statement.currency, statement.opening, statement.lines[0].counterparty)
    ('77', 'USD', 10000, 'Acme & Co')
    """
    if "</ofx>" not in text.lower():
        raise StatementError(Problem("truncated", text.count("\n") + 1), encoding=encoding)
    reader = _Reader()
    for row, closing, tag, value in _tags(text):
        reader.take(row, closing, tag, value)
    if reader.problems:
        raise StatementError(*reader.problems, encoding=encoding)
    return reader.statement(encoding)


def _tags(text: str) -> Iterator[tuple[int, bool, str, str]]:
    row, place = 1, 0
    for match in _TAG.finditer(text):
        row += text.count("\n", place, match.start())
        place = match.start()
        yield row, bool(match[1]), match[2].upper(), unescape(match[3]).strip()


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: list[Line] = []
        self.facts: dict[str, str] = {}
        self.row = 0
        self.current: Optional[dict[str, str]] = None
        self.inside: list[str] = []

    def take(self, row: int, closing: bool, tag: str, value: str) -> None:
        if tag == "STMTTRN":
            if closing and self.current is not None:
                self._add()
            self.current, self.row = (None if closing else {}), row
        elif tag in ("BANKACCTFROM", "CCACCTFROM", "BANKACCTTO", "LEDGERBAL", "AVAILBAL"):
            self.inside = [*self.inside, tag] if not closing else self.inside[:-1]
        elif tag in _VALUES and not closing:
            if self.current is not None:
                name = "ACCOUNT" if tag == "ACCTID" and "BANKACCTTO" in self.inside else tag
                self.current.setdefault(name, value)
            elif tag != "BALAMT" or "LEDGERBAL" in self.inside:
                self._fact(row, tag, value)

    def _fact(self, row: int, tag: str, value: str) -> None:
        known = self.facts.setdefault(tag, value)
        code = {"ACCTID": "two_accounts", "CURDEF": "two_currencies"}.get(tag)
        if code and known != value:
            self.problems.append(Problem(code, row, tag, value))

    def _add(self) -> None:
        values = self.current or {}
        day = read_date(values.get("DTPOSTED", "")[:8])
        if not day:
            self.problems.append(Problem("date", self.row, "DTPOSTED", values.get("DTPOSTED", "")))
            return
        try:
            amount = read_amount(values.get("TRNAMT", ""), digits_of(read_currency(self.facts.get("CURDEF", ""))))
        except NotAnAmount as error:
            code = "precision" if isinstance(error, TooPrecise) else "amount"
            self.problems.append(Problem(code, self.row, "TRNAMT", values["TRNAMT"]))
            return
        if amount is None:
            self.problems.append(Problem("no_amount", self.row, "TRNAMT"))
        elif amount:
            memo = values.get("MEMO") or values.get("NAME", "")
            reference = values.get("FITID") or values.get("REFNUM", "")
            time = read_time(values["DTPOSTED"][:14])
            name, account = values.get("NAME", ""), values.get("ACCOUNT", "")
            self.lines.append(Line(self.row, day, amount, name, account, memo, reference, values.get("TRNTYPE", ""), time))

    def statement(self, encoding: str) -> Statement:
        currency = read_currency(self.facts.get("CURDEF", ""))
        closing = None
        if self.facts.get("BALAMT"):
            try:
                closing = read_amount(self.facts["BALAMT"], digits_of(currency))
            except NotAnAmount:
                closing = None
        opening = closing - sum(line.amount for line in self.lines) if closing is not None else None
        lines = tuple(sorted(self.lines, key=lambda line: (line.date, line.time)))
        start, end = (read_date(self.facts.get(tag, "")[:8]) for tag in ("DTSTART", "DTEND"))
        account = self.facts.get("ACCTID", "")
        return Statement("ofx", encoding, lines, account, currency, "", start, end, opening, closing)
