# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Text with separated values: commas, tabs, semicolons or bars; WeChat's backticks."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from .model import Problem, StatementError
from .names import is_name

_SEPARATORS = ",\t;|"
#: A line of WeChat's: each value with a backtick before it
_BACKTICKS = re.compile(r"^`[^`\n]*,`", re.MULTILINE)
_NUMBER = re.compile(r"-?[\d,]+(?:\.(\d*))?")
#: Alipay and some banks put a tab before each separator, so that Excel leaves long numbers alone
_PADDING = re.compile(r"""\t+(?="?(?:[,;|]|$))""")


def read_separated(text: str) -> list[tuple[int, list[str]]]:
    """(row, cells) of a text.

    :raises StatementError: ``truncated`` where a quoted value never ends

    >>> read_separated("a\\tb\\n1\\t2\\n"), read_separated("时间,商品\\n`10:00,`泵,两台")
    ([(1, ['a', 'b']), (2, ['1', '2'])], [(1, ['时间', '商品']), (2, ['10:00', '泵,两台'])])
    """
    if _BACKTICKS.search(text):
        return [(number, _split_backticks(line.rstrip("\r"))) for number, line in enumerate(text.split("\n"), 1)]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    separator = find_separator(text)
    _check_quotes(text, separator)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        raise StatementError(Problem("damaged", start)) from None
    return rows


def cut_row(text: str, rows: list[tuple[int, list[str]]]) -> int:
    """The last row if no line end follows and it has fewer cells than the others, or fewer decimals in its last cell; else 0.

    >>> text = "a,b,c\\n1,2,3\\n4,5"
    >>> cut_row(text, read_separated(text)), cut_row(text + "\\n", read_separated(text))
    (3, 0)
    >>> text = "a,b\\n1,2.50\\n4,5.5"
    >>> cut_row(text, read_separated(text)), cut_row(text + "0", read_separated(text + "0"))
    (3, 0)
    """
    before = [cells for _number, cells in rows[:-1] if len(cells) > 1]
    if not before or text.endswith(("\n", "\r")):
        return 0
    number, cells = rows[-1]
    width = max(Counter(map(len, before)).most_common(1)[0][0], len(before[-1]))
    decimals = {_decimals(other[-1]) for other in before if len(other) == width} - {-1}
    shorter = len(cells) == width and len(decimals) == 1 and -1 < _decimals(cells[-1]) < decimals.pop()
    return number if len(cells) < width or shorter else 0


def _decimals(cell: str) -> int:
    """Decimals of a number, -1 for anything else."""
    match = _NUMBER.fullmatch(cell.strip())
    return len(match[1] or "") if match else -1


def find_separator(text: str) -> str:
    """The one that shows the most columns of known names in one line; without any, the one that cuts the most lines into
    the most, and equally many, cells. Titles above the table and texts full of commas do not count.

    >>> find_separator("中国银行, 明细\\n日期\\t金额\\t摘要\\n1\\t2\\ta,b\\n2\\t3\\tc\\n")
    '\\t'
    >>> find_separator("日期;金额;摘要\\n2026-01-31;5;泵,管,阀,油,布\\n")
    ';'
    """
    sample = [line for line in text.split("\n")[:200] if line.strip()]
    tabbed = [line for line in sample if "\t" in line]
    padded = sum("\t" not in _PADDING.sub("", line) for line in tabbed) > len(tabbed) / 2
    best, best_score = ",", (0, 0)
    for candidate in _SEPARATORS.replace("\t", "") if padded else _SEPARATORS:
        lines = list(csv.reader(sample, delimiter=candidate))
        widths = Counter(len(cells) for cells in lines)
        known = max((sum(map(is_name, cells)) for cells in lines if len(cells) > 1), default=0)
        score = (known, max(((width - 1) * (min(count, 10) - 1) for width, count in widths.items()), default=0))
        if score > best_score:
            best, best_score = candidate, score
    return best


def _split_backticks(line: str) -> list[str]:
    """WeChat begins each value with a backtick, because values may hold commas."""
    return line[1:].split(",`") if line.startswith("`") else line.split(",")


def _check_quotes(text: str, separator: str) -> None:
    """A quoted value that is open at the end of the file swallowed all rows since: the file was cut."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    start = 1
    try:
        for _cells in reader:
            start = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise StatementError(Problem("truncated", start)) from None
