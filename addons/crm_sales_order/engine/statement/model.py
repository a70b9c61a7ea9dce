# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a statement says, whatever file it came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Optional

#: Currencies whose smallest unit is not a hundredth
_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3}


def digits_of(currency: str) -> int:
    """Decimals of a currency's amounts.

    >>> digits_of("CNY"), digits_of("JPY"), digits_of("")
    (2, 0, 2)
    """
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True)
class Problem:
    """Something wrong, or (as a warning) odd. ``code`` is a key of :data:`words.TEXTS`; ``row`` counts from 1 as a
    spreadsheet does (0: the file as a whole); ``column`` is the name in the file's header."""

    code: str
    row: int = 0
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class Line:
    """One movement. ``amount`` in minor units of the statement's currency: above zero money came in, below zero it left.

    ``neutral``: the file counts it neither as income nor as expense (a withdrawal to the bank, say), though money moved.
    ``time`` is "HH:MM:SS" or empty; ``balance`` the account's after the movement, if the file says so.
    """

    row: int
    date: date
    amount: int
    counterparty: str = ""
    counterparty_account: str = ""
    memo: str = ""
    reference: str = ""
    kind: str = ""
    time: str = ""
    balance: Optional[int] = None
    neutral: bool = False


@dataclass(frozen=True)
class Skipped:
    """A row of the table that moved no money of this account: ``closed``, ``zero``, ``within`` (between pockets of the same
    wallet), ``undirected`` (counted neither as income nor expense, and nothing tells where the money went) or ``total``."""

    row: int
    reason: str
    text: str = ""


@dataclass(frozen=True)
class Totals:
    """What the file itself says to hold: amounts in minor units above zero, None where it is silent."""

    rows: Optional[int] = None
    income: Optional[int] = None
    expense: Optional[int] = None
    income_rows: Optional[int] = None
    expense_rows: Optional[int] = None


@dataclass(frozen=True)
class Statement:
    """A file that could be read in full.

    :ivar layout: code of the layout (``icbc``, ``alipay``, ``ofx`` …), ``table`` for a table known by its columns' names only,
        ``mapped`` for one a person mapped
    :ivar signature: what files of the same layout have in common; empty for OFX and CAMT
    :ivar currency: ISO code, empty where the file does not say
    :ivar opening: balance before the first line, None where unknown or where balances do not follow from the amounts
    :ivar lines: oldest first where the file is ordered by time in either direction
    :ivar warnings: what does not fit but is no reason to refuse: a person should look
    """

    layout: str
    encoding: str
    lines: tuple[Line, ...]
    account: str = ""
    currency: str = ""
    signature: str = ""
    start: Optional[date] = None
    end: Optional[date] = None
    opening: Optional[int] = None
    closing: Optional[int] = None
    totals: Totals = Totals()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def income(self) -> int:
        """Money in, in minor units."""
        return sum(line.amount for line in self.lines if line.amount > 0)

    @property
    def expense(self) -> int:
        """Money out, in minor units, above zero."""
        return -sum(line.amount for line in self.lines if line.amount < 0)


@dataclass(frozen=True)
class Unknown:
    """A table whose columns were not recognised: enough to let a person map them.

    :ivar samples: some values of each column
    :ivar guesses: role of each column as far as recognised, "" where not
    """

    header_row: int
    columns: tuple[str, ...]
    samples: tuple[str, ...]
    guesses: tuple[str, ...]
    signature: str


class StatementError(Exception):
    """The file cannot be taken. Nothing of it is: ``problems`` names all that is wrong.

    :ivar unknown: the table to map, if that is what is missing
    """

    def __init__(self, *problems: Problem, encoding: str = "", unknown: Optional[Unknown] = None) -> None:
        super().__init__("; ".join(f"{one.code} row {one.row} {one.column} {one.value}".strip() for one in problems))
        self.problems = problems
        self.encoding = encoding
        self.unknown = unknown
