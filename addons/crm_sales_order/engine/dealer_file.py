# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows with which a dealer reports sell-out and stock: from a form, a file or a program, judged all in one way."""
from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Optional

MONTH, PRODUCT, SOLD, STOCK = "month", "product", "sold", "stock"
FIELDS = (MONTH, PRODUCT, SOLD, STOCK)
#: A quantity of more is a typing error
MOST = 1e9
#: Words that head a column, folded
_HEADS = {
    MONTH: ("month", "period", "月份", "期间", "月"),
    PRODUCT: ("product", "product code", "code", "internal reference", "产品编码", "产品", "编码", "商品编码", "货号"),
    SOLD: ("sold", "sell-out", "sell out", "quantity sold", "售出", "销量", "出货", "销售数量"),
    STOCK: ("stock", "in stock", "stock at month end", "库存", "月末库存", "期末库存"),
}
_WORDS = {word: name for name, words in _HEADS.items() for word in words}


@dataclass(frozen=True)
class Row:
    """One reported figure; ``number`` is where its sender finds it (line of a file, place in a list)."""

    number: int
    month: date
    product_id: int
    sold: float
    stock: float


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken: ``code`` is one of ``month``, ``future``, ``unknown``, ``missing``, ``number``, ``negative``,
    ``twice`` (in what was sent; ``value`` is the other row's number) and ``reported`` (with other figures, before)."""

    number: int
    field: str
    code: str
    value: str = ""


def find_columns(header: Sequence[str]) -> dict[str, int]:
    """Place of each known column; a column that is missing is not in it.

    >>> find_columns(["月份", "产品编码", "名称", "销量", "月末库存"])
    {'month': 0, 'product': 1, 'sold': 3, 'stock': 4}
    """
    found: dict[str, int] = {}
    for place, head in enumerate(header):
        name = _WORDS.get(" ".join(head.casefold().replace("*", " ").split()))
        if name and name not in found:
            found[name] = place
    return found


def read_month(value: Any) -> Optional[date]:
    """The first day of a month written in one of the usual ways.

    >>> read_month("2026-10"), read_month("2026年3月"), read_month("2026/09/30 00:00:00"), read_month("202612")
    ... # doctest: +NORMALIZE_WHITESPACE
    (datetime.date(2026, 10, 1), datetime.date(2026, 3, 1), datetime.date(2026, 9, 1), datetime.date(2026, 12, 1))
    >>> read_month("October"), read_month("2026-13"), read_month(None)
    (None, None, None)
    """
    match = re.match(r"\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})(?!\d)", str(value or ""))
    if not match or not 2000 <= int(match[1]) <= 2100 or not 1 <= int(match[2]) <= 12:
        return None
    return date(int(match[1]), int(match[2]), 1)


def read_quantity(value: Any) -> Optional[float]:
    """A finite number, or None.

    >>> read_quantity("1,200"), read_quantity(3), read_quantity("3 pcs"), read_quantity("nan"), read_quantity(True)
    (1200.0, 3.0, None, None, None)
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value).replace(",", "").replace("，", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MOST else None


def judge(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    products: Mapping[str, int],
    today: date,
    known: Mapping[tuple[int, date], tuple[float, float]],
    skip_blank: bool = True,
) -> tuple[list[Row], list[Problem]]:
    """The rows to store and what is wrong with the others.

    :param rows: (number, values by :data:`FIELDS`)
    :param products: id by folded code
    :param known: (sold, stock) that were reported before, by product and month; the same figures again are no problem
    :param skip_blank: pass over rows with neither sold nor stock: those of a template that were not filled in

    >>> judge([(2, {"month": "2026-10", "product": "ht-1", "sold": "3", "stock": "-1"})], {"ht-1": 7}, date(2026, 11, 5), {})
    ([], [Problem(number=2, field='stock', code='negative', value='-1')])
    """
    good: list[Row] = []
    problems: list[Problem] = []
    seen: dict[tuple[int, date], int] = {}
    for number, values in rows:
        if skip_blank and not any(_text(values.get(name)) for name in (SOLD, STOCK)):
            continue
        found = _read_row(number, values, products, today)
        if isinstance(found, list):
            problems += found
            continue
        key = (found.product_id, found.month)
        if key in seen:
            problems.append(Problem(number, PRODUCT, "twice", str(seen[key])))
        elif key in known and known[key] != (found.sold, found.stock):
            problems.append(Problem(number, MONTH, "reported", _text(values.get(MONTH))))
        else:
            good.append(found)
        seen.setdefault(key, number)
    return good, problems


def _read_row(number: int, values: Mapping[str, Any], products: Mapping[str, int], today: date) -> Row | list[Problem]:
    problems = []
    month = read_month(values.get(MONTH))
    if month is None or month > today:
        problems.append(Problem(number, MONTH, "future" if month else "month", _text(values.get(MONTH))))
    product_id = products.get(_text(values.get(PRODUCT)).casefold())
    if product_id is None:
        problems.append(Problem(number, PRODUCT, "unknown", _text(values.get(PRODUCT))))
    quantities = []
    for name in (SOLD, STOCK):
        text = _text(values.get(name))
        quantity = read_quantity(values.get(name))
        if quantity is None or quantity < 0:
            code = "missing" if not text else "number" if quantity is None else "negative"
            problems.append(Problem(number, name, code, text))
        else:
            quantities.append(quantity)
    if problems or month is None or product_id is None:
        return problems
    return Row(number, month, product_id, *quantities)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()[:200]
