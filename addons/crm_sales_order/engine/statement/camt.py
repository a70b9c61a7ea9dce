# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""ISO 20022 CAMT.053 (and .052, .054), any version: names are looked at without their namespace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Optional
from xml.etree.ElementTree import Element

from .model import Line, Problem, Skipped, Statement, StatementError, digits_of
from .values import NotAnAmount, TooPrecise, read_amount, read_currency, read_date, read_time


def read_camt(tree: Element, encoding: str) -> Statement:
    """The booked entries of one account; several statements of it (one a day, say) are read as one.

    An entry that collects several transactions becomes a line each where they come to its amount. Rows count entries.

    :raises StatementError: ``unknown_xml``, ``two_accounts``, ``two_currencies``, ``amount``, ``date`` …
    """
    statements = [node for node in tree.iter() if _tag(node) in ("Stmt", "Rpt", "Ntfctn")]
    if not statements:
        raise StatementError(Problem("unknown_xml", value=_tag(tree)), encoding=encoding)
    reader = _Reader()
    for node in statements:
        reader.take(node)
    if reader.problems:
        raise StatementError(*reader.problems, encoding=encoding)
    return replace(reader.statement(), encoding=encoding)


def _tag(node: Element) -> str:
    return str(node.tag).rsplit("}", 1)[-1]


def _find(node: Element, *path: str) -> Iterator[Element]:
    """Nodes at a path below a node, namespaces aside."""
    found = [node]
    for name in path:
        found = [child for one in found for child in one if _tag(child) == name]
    return iter(found)


def _text(node: Element, *paths: str) -> str:
    """The text at the first of the paths (names separated by slashes) that has any."""
    for path in paths:
        for one in _find(node, *path.split("/")):
            text = " ".join("".join(one.itertext()).split())
            if text:
                return text
    return ""


def _all(node: Element, path: str) -> str:
    texts = (" ".join("".join(one.itertext()).split()) for one in _find(node, *path.split("/")))
    return " ".join(dict.fromkeys(filter(None, texts)))


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: list[Line] = []
        self.skipped: list[Skipped] = []
        self.account = self.currency = ""
        self.opening: Optional[int] = None
        self.closing: Optional[int] = None
        self.days: list[str] = []
        self.row = 0

    def take(self, node: Element) -> None:
        account = _text(node, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        self._same("account", "two_accounts", account, "Acct")
        self._same("currency", "two_currencies", _text(node, "Acct/Ccy"), "Ccy")
        for balance in _find(node, "Bal"):
            self._balance(balance)
        self.days += filter(None, (_text(node, "FrToDt/FrDtTm")[:10], _text(node, "FrToDt/ToDtTm")[:10]))
        for entry in _find(node, "Ntry"):
            self.row += 1
            self._entry(entry)

    def _same(self, name: str, code: str, value: str, column: str) -> None:
        known = getattr(self, name)
        if known and value and known != value:
            self.problems.append(Problem(code, self.row, column, value))
        setattr(self, name, known or value)

    def _balance(self, node: Element) -> None:
        kind = _text(node, "Tp/CdOrPrtry/Cd")
        amount = self._amount(node)
        if kind in ("OPBD", "PRCD") and self.opening is None:
            self.opening = amount
        elif kind == "CLBD":
            self.closing = amount

    def _amount(self, node: Element) -> Optional[int]:
        """The signed amount of a balance, entry or transaction."""
        for amount in _find(node, "Amt"):
            self._same("currency", "two_currencies", amount.get("Ccy") or "", "Amt")
            try:
                value = read_amount(amount.text or "", digits_of(self.currency)) or 0
            except NotAnAmount as error:
                code = "precision" if isinstance(error, TooPrecise) else "amount"
                self.problems.append(Problem(code, self.row, "Amt", (amount.text or "")[:60]))
                return None
            return -value if _text(node, "CdtDbtInd") == "DBIT" else value
        return None

    def _entry(self, entry: Element) -> None:
        if _text(entry, "Sts/Cd", "Sts") not in ("BOOK", ""):
            self.skipped.append(Skipped(self.row, "closed", _text(entry, "AddtlNtryInf")[:60]))
            return
        day = read_date(_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
        amount = self._amount(entry)
        if not day:
            self.problems.append(Problem("date", self.row, "BookgDt", _text(entry, "BookgDt")))
        if not day or amount is None:
            return
        details = list(_find(entry, "NtryDtls", "TxDtls"))
        parts = [self._part(one, amount) for one in details]
        if len(details) < 2 or sum(part or 0 for part in parts) != amount or None in parts:
            details, parts = details[:1], [amount]
        for number, part in enumerate(parts):
            if part:
                line = Line(self.row, day, part, time=read_time(_text(entry, "BookgDt/DtTm")))
                self.lines.append(self._describe(line, entry, details[number] if details else entry, len(parts) > 1))

    def _part(self, node: Element, whole: int) -> Optional[int]:
        """One transaction of a collected entry; without a sign of its own it has the entry's."""
        for amount in (*_find(node, "Amt"), *_find(node, "AmtDtls", "TxAmt", "Amt")):
            try:
                value = read_amount(amount.text or "", digits_of(self.currency)) or 0
            except NotAnAmount:
                return None
            sign = _text(node, "CdtDbtInd")
            return -value if sign == "DBIT" or not sign and whole < 0 else value
        return None

    def _describe(self, line: Line, entry: Element, node: Element, is_part: bool) -> Line:
        side = "Dbtr" if line.amount > 0 else "Cdtr"
        memo = " ".join(filter(None, (_all(node, "RmtInf/Ustrd"), _all(node, "RmtInf/Strd/CdtrRefInf/Ref"), _end_to_end(node))))
        own = _text(node, "Refs/AcctSvcrRef", "Refs/TxId") if is_part else _text(entry, "AcctSvcrRef") or _text(node, "Refs/AcctSvcrRef")
        return replace(
            line,
            counterparty=_text(node, "RltdPties/%s/Nm" % side, "RltdPties/%s/Pty/Nm" % side),
            counterparty_account=_text(node, "RltdPties/%sAcct/Id/IBAN" % side, "RltdPties/%sAcct/Id/Othr/Id" % side),
            memo=memo or _text(node, "AddtlTxInf") or _text(entry, "AddtlNtryInf"),
            reference=own or _text(entry, "NtryRef"),
            kind=_text(entry, "BkTxCd/Domn/Fmly/SubFmlyCd", "BkTxCd/Prtry/Cd"),
        )

    def statement(self) -> Statement:
        days = [day for text in self.days if (day := read_date(text))]
        return Statement(
            "camt",
            "",
            tuple(self.lines),
            self.account,
            read_currency(self.currency),
            start=min(days, default=None),
            end=max(days, default=None),
            opening=self.opening,
            closing=self.closing,
            skipped=tuple(self.skipped),
        )


def _end_to_end(node: Element) -> str:
    text = _text(node, "Refs/EndToEndId")
    return "" if text.upper() == "NOTPROVIDED" else text
