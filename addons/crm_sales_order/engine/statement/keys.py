# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One key per movement of an account, the same in every file that shows it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from .model import Line


def line_keys(lines: Iterable[Line]) -> list[str]:
    """A key per line: what the bank identifies it by, or all it says, and the how-manieth of the same it is in the file.

    Files that overlap give a movement the same key, so that it is taken once; two equal rows of one file are two
    payments. Balances do not count: banks compute them anew per export.

    >>> from datetime import date
    >>> rent = Line(2, date(2026, 1, 31), -50000, memo="rent")
    >>> once, twice = line_keys([rent]), line_keys([rent, rent])
    >>> once[0] == twice[0], twice[0] == twice[1]
    (True, False)
    """
    seen: Counter[str] = Counter()
    keys = []
    for line in lines:
        parts: tuple[str, ...]
        if line.reference:
            parts = ("reference", line.reference, line.date.isoformat(), str(line.amount))
        else:
            content = (line.time, line.counterparty, line.counterparty_account, line.memo, line.kind)
            parts = ("content", line.date.isoformat(), str(line.amount), *content)
        base = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        seen[base] += 1
        keys.append("%s-%d" % (base, seen[base]))
    return keys
