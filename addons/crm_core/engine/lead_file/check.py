# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One row of a lead file: what it says by target, or why it is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ..migration.values import is_empty, parse_amount, parse_date
from .columns import fold_phone

MAX_LINE = 255
MAX_TEXT = 16_000
#: Who a lead is about: a row needs one of these
WHO = ("phone", "mobile", "email_from", "wechat", "contact_name", "partner_name")
PHONES = ("phone", "mobile")
_LONG = ("description",)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}", re.ASCII)
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_SEVERAL = re.compile(r"[/;,，；、|\n]+")
_EXTENSION = re.compile(r"(?i)(?:转|ext\.?|x|#)\d{1,6}$")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?")


class Reason(NamedTuple):
    """Why a row is refused: a code, the column's number (-1: the row as a whole), the text that is wrong."""

    code: str
    column: int = -1
    value: str = ""


class RowChecker:
    """Reads rows by the targets of their columns.

    >>> checker = RowChecker(["姓名", "手机", "楼层"], ["contact_name", "mobile", ""])
    >>> checker.read(["王伟", "138 1234 5678", "3"])
    ({'contact_name': '王伟', 'mobile': '13812345678', 'description': '楼层: 3'}, [])
    >>> checker.read(["王伟", "1.38E+10"])
    ({'contact_name': '王伟'}, [Reason(code='rounded_phone', column=1, value='1.38E+10')])
    """

    def __init__(self, header: Sequence[str], targets: Sequence[str], keep: Sequence[bool] = ()) -> None:
        """:param keep: per column without a target, whether its values are kept as notes (all are by default)"""
        self.header = header
        self.targets = targets
        self.keep = list(keep) or [True] * len(header)

    def read(self, cells: Sequence[str]) -> tuple[dict[str, str], list[Reason]]:
        """({target: text}, reasons to refuse the row)."""
        values: dict[str, str] = {}
        notes: list[str] = []
        reasons: list[Reason] = []
        if len(cells) > len(self.header):
            reasons.append(Reason("too_many_cells"))
        for column, (target, cell) in enumerate(zip(self.targets, cells)):
            text = unicodedata.normalize("NFKC", cell).strip() if target in PHONES else cell.strip()
            if is_empty(text):
                continue
            if not target:
                if self.keep[column]:
                    notes.append("%s: %s" % (self.header[column], text))
                continue
            if len(text) > (MAX_TEXT if target in _LONG else MAX_LINE):
                reasons.append(Reason("too_long", column, text[:40]))
                continue
            value, code = self._read_cell(target, text, notes)
            if code:
                reasons.append(Reason(code, column, text[:80]))
            else:
                values[target] = value
        if not reasons and not any(values.get(target) for target in WHO):
            reasons.append(Reason("nobody"))
        if notes:
            values["description"] = "\n".join(filter(None, (values.get("description"), *notes)))[:MAX_TEXT]
        return values, reasons

    def _read_cell(self, target: str, text: str, notes: list[str]) -> tuple[str, str]:
        """(value, "") or ("", why not)."""
        if target in PHONES:
            return read_phones(text, notes)
        if target == "email_from":
            return (text, "") if _EMAIL.fullmatch(text) else ("", "bad_email")
        if target == "touch.occurred_at":
            return read_moment(text)
        if target == "expected_revenue":
            try:
                return "%.2f" % (parse_amount(text) or 0.0), ""
            except ValueError:
                return "", "bad_number"
        return text, ""


def read_moment(text: str) -> tuple[str, str]:
    """A day or a time as ISO text, or why not.

    >>> read_moment("2024-05-01T09:30:00"), read_moment("2024年5月1日"), read_moment("soon")
    (('2024-05-01 09:30:00', ''), ('2024-05-01', ''), ('', 'bad_date'))
    """
    head = text[:10].replace("/", "-")
    if _TIME.fullmatch(head + text[10:]):
        return (head + " " + text[11:]), ""
    try:
        day = parse_date(text.split(" ")[0])
    except ValueError:
        day = None
    return (day.isoformat(), "") if day and 2000 <= day.year < 2100 else ("", "bad_date")


def read_phones(text: str, notes: list[str]) -> tuple[str, str]:
    """The first number of a cell, or why not; further ones become notes.

    >>> notes = []
    >>> read_phones("0755-26000000转8 / 13812345678", notes), notes
    (('0755-26000000转8', ''), ['13812345678'])
    >>> read_phones("1381234567", [])
    ('', 'bad_phone')
    """
    if _ROUNDED.fullmatch(text):
        return "", "rounded_phone"
    numbers = [number.strip() for number in _SEVERAL.split(text) if number.strip()]
    if not numbers or not all(map(is_phone, numbers)):
        return "", "bad_phone"
    notes.extend(numbers[1:])
    mobile = _MOBILE.fullmatch(fold_phone(numbers[0]))
    return (mobile[1] if mobile else numbers[0]), ""


def is_phone(text: str) -> bool:
    """Whether a text is a number one can call: a Chinese mobile, landline (with area code), service number, or one
    with a country code.

    >>> [is_phone(text) for text in ("13812345678", "0755-26000000", "400-800-1234", "+1 650 253 0000", "12345", "138123456789")]
    [True, True, True, True, False, False]
    """
    number = fold_phone(_EXTENSION.sub("", text.strip()))
    if _MOBILE.fullmatch(number):
        return True
    if not re.fullmatch(r"\+?\d{7,16}", number) or re.fullmatch(r"(?:(?:\+|00)86)?1[3-9]\d*", number):
        return False
    from phonenumbers import NumberParseException, is_valid_number, parse  # type: ignore[import-not-found]

    try:
        return bool(is_valid_number(parse("+" + number[2:] if number.startswith("00") else number, "CN")))
    except NumberParseException:
        return False
