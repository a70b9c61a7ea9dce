# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Splitting an amount into instalments to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Part:
    """A share in percent.

    :param fixed: an amount that changes only when nothing else can give way, because some of it is billed
    :param billed: what is billed of it
    """

    percent: float
    fixed: float | None = None
    billed: float = 0.0


def split(total: float, parts: list[Part], rounding: float = 0.01) -> list[float]:
    """Amounts of ``parts`` in their order, multiples of ``rounding``.

    When the percents make 100, the amounts sum to ``total``: the last part that is not fixed takes the rounding and
    what a changed total leaves; when all are fixed, the last one does. Otherwise each part is just its percent.

    >>> split(100.0, [Part(33.3333), Part(33.3333), Part(33.3334)])
    [33.33, 33.33, 33.34]
    >>> split(0.05, [Part(30), Part(30), Part(40)])
    [0.02, 0.02, 0.01]
    >>> split(1000.0, [Part(30, fixed=240.0), Part(60), Part(10)])
    [240.0, 600.0, 160.0]
    >>> split(1000.0, [Part(30), Part(30)])
    [300.0, 300.0]
    >>> split(1000.0, [])
    []

    A total that falls below what is fixed takes from the last parts first: what is not billed, then what is. No part falls
    below nothing, and a part below what is billed of it says how much is to be credited.

    >>> split(800.0, [Part(30, fixed=300.0, billed=300.0), Part(60, fixed=600.0, billed=200.0), Part(10)])
    [300.0, 500.0, 0.0]
    >>> split(400.0, [Part(30, fixed=300.0, billed=300.0), Part(60, fixed=600.0, billed=200.0), Part(10)])
    [300.0, 100.0, 0.0]
    """
    step = Decimal(str(rounding))
    whole = Decimal(str(total))

    def rounded(amount: Decimal) -> Decimal:
        return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step

    amounts = [rounded(whole * Decimal(str(part.percent)) / 100) if part.fixed is None else Decimal(str(part.fixed)) for part in parts]
    if parts and abs(sum(part.percent for part in parts) - 100) < 0.00005:
        open_parts = [index for index, part in enumerate(parts) if part.fixed is None]
        last = open_parts[-1] if open_parts else len(parts) - 1
        amounts[last] = rounded(whole) - sum(amounts[:last] + amounts[last + 1 :])
        if amounts[last] < 0 <= whole:
            missing, amounts[last] = -amounts[last], Decimal(0)
            for billed in (True, False):
                floors = [Decimal(str(part.billed)) if billed else Decimal(0) for part in parts]
                missing = _take(amounts, floors, missing)
    return [float(amount) for amount in amounts]


def _take(amounts: list[Decimal], floors: list[Decimal], missing: Decimal) -> Decimal:
    """Take ``missing`` from ``amounts``, the last first, none below its floor. :returns: what is still missing"""
    for index in reversed(range(len(amounts))):
        taken = max(min(amounts[index] - floors[index], missing), Decimal(0))
        amounts[index] -= taken
        missing -= taken
    return missing
