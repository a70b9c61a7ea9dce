# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Fapiao (数电票): what is written on one, on as many as a limit asks for, and what is reversed in red.

Amounts are integers of minor units (fen) without tax, unless said otherwise; rates are percents; sums hold to the fen.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

NUMBER_DIGITS = 20
#: Numbers of paper fapiao, as l10n_cn takes them
PAPER_DIGITS = 8
TAX_CODE_DIGITS = 19

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Item:
    """A line of an invoice, or with a negative ``untaxed`` of a credit note or an advance that is deducted."""

    key: int
    rate: float
    untaxed: int
    tax: int
    quantity: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line of a fapiao: ``untaxed`` is what is left of the line after its ``discount``, and what ``tax`` is on."""

    key: int
    rate: float
    untaxed: int
    tax: int
    quantity: float
    discount: int = 0


def clean(text: object) -> str:
    """Text without the blanks, wide digits, dashes and quotes people and programs put into a number.

    >>> clean(" ２４３１ 2000-0000'"), clean(None)
    ('243120000000', '')
    """
    return re.sub(r"[\s'`’\-\u200b\ufeff]", "", unicodedata.normalize("NFKC", "" if text is None else str(text)))


def is_number(text: str, paper: bool = False) -> bool:
    """Whether this is the number of a fapiao: 20 digits, or where ``paper`` is taken, 8.

    >>> is_number("24312000000012345678"), is_number("2431200000001234567"), is_number("12345678", paper=True)
    (True, False, True)
    """
    return text.isascii() and text.isdigit() and (len(text) == NUMBER_DIGITS or paper and len(text) == PAPER_DIGITS)


def is_tax_code(text: str) -> bool:
    """Whether this is a code of goods and services (税收分类编码): 19 digits.

    >>> is_tax_code("1090131010000000000"), is_tax_code("109013101")
    (True, False)
    """
    return text.isascii() and text.isdigit() and len(text) == TAX_CODE_DIGITS


def spread(total: int, weights: Mapping[_Key, int]) -> dict[_Key, int]:
    """``total`` over the keys in proportion to their weights, to the fen, the largest remainders first.

    >>> spread(100, {"a": 1, "b": 1, "c": 1}), spread(-5, {"a": 3, "b": 0}), spread(3, {"a": 0, "b": 0})
    ({'a': 34, 'b': 33, 'c': 33}, {'a': -5, 'b': 0}, {'a': 3, 'b': 0})
    """
    whole = sum(weights.values())
    if not weights:
        return {}
    if not whole:
        return {key: 0 if place else total for place, key in enumerate(weights)}
    sign, left = (-1, -total) if total < 0 else (1, total)
    shares = {key: left * weight // whole for key, weight in weights.items()}
    by_rest = sorted(weights, key=lambda key: (-(left * weights[key] % whole)))
    for key in by_rest[: left - sum(shares.values())]:
        shares[key] += 1
    return {key: sign * share for key, share in shares.items()}


def net(items: Iterable[Item]) -> list[Line]:
    """Lines of a fapiao from lines of invoices: what is negative is a discount on the lines of its rate.

    A line that is taken away wholly is left out. Untaxed amounts and taxes sum, for each rate, to those of ``items``.

    :raise ValueError: with the rate whose lines sum to less than nothing

    >>> net([Item(1, 13.0, 60000, 7800, 3), Item(2, 13.0, 40000, 5200, 1), Item(3, 13.0, -30000, -3900)])
    ... # doctest: +NORMALIZE_WHITESPACE
    [Line(key=1, rate=13.0, untaxed=42000, tax=5460, quantity=3, discount=18000),
     Line(key=2, rate=13.0, untaxed=28000, tax=3640, quantity=1, discount=12000)]
    """
    rates: dict[float, list[Item]] = {}
    for item in items:
        rates.setdefault(item.rate, []).append(item)
    lines = []
    for rate, group in rates.items():
        goods = [item for item in group if item.untaxed > 0]
        discount = -sum(item.untaxed for item in group if item.untaxed <= 0)
        tax = sum(item.tax for item in group)
        left = sum(item.untaxed for item in goods) - discount
        if left < 0 or tax < 0:
            raise ValueError(rate)
        discounts = spread(discount, {place: item.untaxed for place, item in enumerate(goods)})
        if discount:
            taxes = spread(tax, {place: item.untaxed - discounts[place] for place, item in enumerate(goods)})
        else:
            taxes = {place: item.tax for place, item in enumerate(goods)}
            rest = tax - sum(taxes.values())  # of lines worth nothing: a line of tax alone cannot be on a fapiao
            if goods and rest:
                taxes[0] += rest
        for place, item in enumerate(goods):
            if item.untaxed > discounts[place]:
                untaxed = item.untaxed - discounts[place]
                lines.append(Line(item.key, rate, untaxed, taxes[place], item.quantity, discounts[place]))
    return lines


def spread_tax(untaxed: Sequence[int], rate: float, total: int) -> list[int]:
    """The tax of each line of one rate, together ``total``: each its percent, and what rounding leaves on the largest.

    >>> spread_tax([1005, 1005, -505], 13.0, 196), spread_tax([], 13.0, 0)
    ([131, 131, -66], [])
    """
    percent = Decimal(str(rate)) / 100
    taxes = [int((amount * percent).quantize(Decimal(1), ROUND_HALF_UP)) for amount in untaxed]
    rest = spread(total - sum(taxes), {place: abs(amount) for place, amount in enumerate(untaxed)})
    return [tax + rest[place] for place, tax in enumerate(taxes)]


def split(lines: Iterable[Line], limit: int = 0) -> list[list[Line]]:
    """Fapiao of at most ``limit`` without tax each (0: no limit), in the order of the lines.

    A line stays whole where it fits into one fapiao; one that does not is cut, its quantity in proportion.

    >>> [[(line.key, line.untaxed) for line in one] for one in split([Line(1, 13.0, 50, 6, 1), Line(2, 13.0, 70, 9, 7)], 60)]
    [[(1, 50)], [(2, 60)], [(2, 10)]]
    """
    fapiao: list[list[Line]] = [[]]
    room = limit
    for line in lines:
        for piece in _cut(line, limit) if limit else [line]:
            if limit and piece.untaxed > room:
                fapiao.append([])
                room = limit
            fapiao[-1].append(piece)
            room -= piece.untaxed
    return [one for one in fapiao if one]


def _cut(line: Line, limit: int) -> list[Line]:
    """The line in pieces of at most ``limit``, which sum to it."""
    pieces = []
    while line.untaxed > limit:
        piece = take(line, limit)
        pieces.append(piece)
        line = replace(
            line,
            untaxed=line.untaxed - piece.untaxed,
            tax=line.tax - piece.tax,
            quantity=round(line.quantity - piece.quantity, 6),
            discount=line.discount - piece.discount,
        )
    return pieces + [line]


def take(line: Line, untaxed: int) -> Line:
    """The part of a line that is worth ``untaxed``, with its share of tax, quantity and discount.

    >>> take(Line(1, 13.0, 100, 13, 4, 20), 25)
    Line(key=1, rate=13.0, untaxed=25, tax=3, quantity=1.0, discount=5)
    """
    share = Decimal(untaxed) / Decimal(line.untaxed)

    def part(amount: int) -> int:
        return int((amount * share).quantize(Decimal(1), ROUND_HALF_UP))

    return replace(
        line,
        untaxed=untaxed,
        tax=part(line.tax),
        quantity=round(line.quantity * float(share), 6),
        discount=part(line.discount),
    )


def reverse(left: Sequence[Line], wanted: Sequence[Item], groups: Mapping[int, int], wanted_groups: Mapping[int, int]) -> list[Line]:
    """The red lines for what a credit note takes back (positive amounts): the same product's lines first, then others
    of the same rate.

    :param left: what is not reversed yet, line by line of the fapiao
    :param groups: product of each line of the fapiao by key; ``wanted_groups``: of each line of the credit note
    :raise ValueError: with the rate of which more is taken back than is left

    >>> lines = [Line(1, 13.0, 1000, 130, 2), Line(2, 13.0, 500, 65, 5)]
    >>> [(line.key, line.untaxed, line.tax) for line in reverse(lines, [Item(9, 13.0, 600, 78)], {1: 7, 2: 8}, {9: 8})]
    [(1, 100, 13), (2, 500, 65)]
    >>> reverse(lines, [Item(9, 6.0, 600, 36)], {}, {})
    Traceback (most recent call last):
        ...
    ValueError: 6.0
    """
    taken = dict.fromkeys(range(len(left)), 0)
    tax_wanted: dict[float, int] = {}
    for item in wanted:
        tax_wanted[item.rate] = tax_wanted.get(item.rate, 0) + item.tax
        same = [place for place, line in enumerate(left) if line.rate == item.rate]
        first = [place for place in same if groups.get(left[place].key) == wanted_groups.get(item.key)]
        rest = item.untaxed
        for place in first + [place for place in same if place not in first]:
            part = min(rest, left[place].untaxed - taken[place])
            taken[place] += part
            rest -= part
        if rest > 0:
            raise ValueError(item.rate)
    taxes = dict.fromkeys(taken, 0)
    for rate, tax in tax_wanted.items():
        taxes.update(_reverse_tax(left, taken, [place for place, line in enumerate(left) if line.rate == rate], tax))
        if sum(taxes[place] for place, line in enumerate(left) if line.rate == rate) < tax:
            raise ValueError(rate)
    return [
        replace(take(line, taken[place]), tax=taxes[place], discount=0) for place, line in enumerate(left) if taken[place]
    ]


def _reverse_tax(left: Sequence[Line], taken: dict[int, int], places: Sequence[int], tax: int) -> dict[int, int]:
    """``tax`` over the ``places`` of one rate, for the amounts ``taken`` from them; as much of it as they have.

    What is taken wholly gives all its tax, so that none is left on nothing. Where rounding makes that more, or the lines
    have less than is wanted, a fen of ``taken`` changes to a line that has room.
    """
    whole = [place for place in places if taken[place] == left[place].untaxed]
    parts = [place for place in places if taken[place] and place not in whole]
    taxes = {place: left[place].tax if place in whole else 0 for place in places}
    rest = tax - sum(taxes.values())
    for place, share in spread(max(rest, 0), {place: taken[place] for place in parts}).items():
        taxes[place] = min(share, left[place].tax)
    over = tax - sum(taxes.values())
    for place in parts + [place for place in places if not taken[place]]:
        more = min(over, left[place].tax - taxes[place])
        if more > 0 and (taken[place] or _move_fen(taken, [*parts, *whole], place)):
            taxes[place] += more
            over -= more
    for place in whole:
        less = min(-over, taxes[place])
        if less > 0:
            free = [one for one in places if left[one].untaxed - taken[one] > 1 and one != place]
            if free:
                _move_fen(taken, [place], free[0])
            taxes[place] -= less
            over += less
    return taxes


def _move_fen(taken: dict[int, int], givers: Iterable[int], place: int) -> bool:
    """Take a fen from ``place`` in place of one of the ``givers`` that has more than one; whether there was one."""
    giver = next((one for one in givers if taken[one] > 1), None)
    if giver is None:
        return False
    taken[giver] -= 1
    taken[place] += 1
    return True
