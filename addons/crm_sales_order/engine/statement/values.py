# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Cells of a statement read as what they are: amounts, dates, accounts, currencies."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Optional

_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+")
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}")
_UNITS = re.compile(r"(?i)^(?:cny|rmb|usd|eur|hkd|jpy|gbp|us\$|hk\$|[¥$€£])|(?:cny|rmb|usd|eur|hkd|jpy|gbp|元)$")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?!\d)|(\d{4})(\d{2})(\d{2})(?!\d{1,5}(?:\.|$))")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])|(?<=\d{8})\s*(\d{2})(\d{2})(\d{2})$|^(\d{2})(\d{2})(\d{2})$")
_NOTHING = re.compile(r"[-—–/*\s]*")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}")
_ACCOUNT = re.compile(r"^(.*?)[\s:：(（]*((?:[A-Z]{0,2}[0-9][0-9*\-]{5,}[0-9*A-Z]*))[)）]?$")
#: Names of currencies → ISO code
CURRENCIES = {
    **{"人民币": "CNY", "人民币元": "CNY", "rmb": "CNY", "cny": "CNY", "cnh": "CNY", "元": "CNY", "001": "CNY", "156": "CNY", "¥": "CNY"},
    **{"美元": "USD", "美金": "USD", "014": "USD", "840": "USD", "欧元": "EUR", "038": "EUR", "港币": "HKD", "港元": "HKD", "013": "HKD"},
    **{"日元": "JPY", "日圆": "JPY", "027": "JPY", "英镑": "GBP", "012": "GBP", "澳大利亚元": "AUD", "澳元": "AUD", "加拿大元": "CAD"},
    **{"加元": "CAD", "瑞士法郎": "CHF", "新加坡元": "SGD", "新元": "SGD", "韩元": "KRW", "泰铢": "THB", "台币": "TWD", "新台币": "TWD"},
}


class NotAnAmount(ValueError):
    """The cell holds something, but no amount."""


class TooPrecise(NotAnAmount):
    """More decimals than the currency has."""


def clean(text: str) -> str:
    """Half width, without marks and blanks around; a cell of dashes, slashes or stars only is empty.

    >>> clean("｀123 \\t"), clean("----------"), clean("/"), clean("多多　视频")
    ('123', '', '', '多多 视频')
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).replace("\ufeff", "").split()).lstrip("`'").strip()
    return "" if _NOTHING.fullmatch(folded) else folded


def read_amount(text: str, digits: int = 2) -> Optional[int]:
    """An amount in minor units, None for an empty cell.

    >>> read_amount("¥1,234.5"), read_amount("(12.00)"), read_amount("12.00-"), read_amount("-"), read_amount("1.234,56")
    (123450, -1200, -1200, None, 123456)
    >>> for wrong in ("12abc", "1,23", "12.345", "壹佰元"):
    ...     try:
    ...         print(read_amount(wrong))
    ...     except NotAnAmount as error:
    ...         print(type(error).__name__)
    NotAnAmount
    NotAnAmount
    TooPrecise
    NotAnAmount
    """
    plain = clean(text).replace(" ", "").replace("−", "-")
    if not plain:
        return None
    sign = 1
    if plain.startswith("(") and plain.endswith(")"):
        sign, plain = -1, plain[1:-1]
    for _repeat in range(2):  # a unit and a sign may stand in either order
        if plain.startswith(("-", "+")) or plain.endswith(("-", "+")):
            minus = "-" in (plain[0], plain[-1])
            sign, plain = (-sign if minus else sign), plain.strip("+-")
        plain = _UNITS.sub("", plain)
    if _EUROPEAN.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(plain) or len(plain) > 20:
        raise NotAnAmount(text)
    minor = Decimal(plain.replace(",", "")).scaleb(digits)
    if minor != minor.to_integral_value():
        raise TooPrecise(text)
    return sign * int(minor)


def amount_or_none(text: str, digits: int = 2) -> Optional[int]:
    """An amount where there may be anything else.

    >>> amount_or_none("5.00"), amount_or_none("xx,yyyy.zz")
    (500, None)
    """
    try:
        return read_amount(text, digits)
    except NotAnAmount:
        return None


def read_date(text: str, day_first: Optional[bool] = None) -> Optional[date]:
    """A day written in one of the usual ways; None for anything else.

    :param day_first: of dates such as 03/04/2026 whether the day stands first; None: refuse them

    >>> [read_date(text) for text in ("2026-01-31 10:00:00", "20260131", "2026年1月31日", "20260131103000")] == [date(2026, 1, 31)] * 4
    True
    >>> read_date("2026-02-30"), read_date("03/04/2026"), read_date("03/04/2026", True), read_date("622202123456")
    (None, None, datetime.date(2026, 4, 3), None)
    """
    folded = clean(text)
    match = _DATE.match(folded)
    if match:
        parts = [int(part) for part in match.groups() if part]
    elif day_first is not None and (match := _DAY_FIRST.match(folded)):
        first, second, year = (int(part) for part in match.groups())
        parts = [year, second, first] if day_first else [year, first, second]
    else:
        return None
    try:
        day = date(*parts)
    except ValueError:
        return None
    return day if 1980 <= day.year <= 2100 else None


def read_time(text: str) -> str:
    """The time of day in a cell as HH:MM:SS, empty if there is none.

    >>> read_time("2026-01-31 09:05"), read_time("17:57:17"), read_time("175717"), read_time("2026-01-31")
    ('09:05:00', '17:57:17', '17:57:17', '')
    """
    match = _TIME.search(clean(text))
    if not match:
        return ""
    hour, minute, second = ([int(part) for part in match.groups() if part] + [0])[:3]
    return "%02d:%02d:%02d" % (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else ""


def read_currency(text: str) -> str:
    """ISO code of a currency by code or name, empty if unknown.

    >>> read_currency("人民币 "), read_currency("usd"), read_currency("CNY-人民币"), read_currency("Euro?")
    ('CNY', 'USD', 'CNY', '')
    """
    folded = clean(text).lower()
    if folded in CURRENCIES:
        return CURRENCIES[folded]
    if re.fullmatch(r"[a-z]{3}", folded):
        return folded.upper()
    for part in re.split(r"[^\w]+", folded):
        if part in CURRENCIES or part.upper() in CURRENCIES.values():
            return CURRENCIES.get(part, part.upper())
    return ""


def is_rounded(text: str) -> bool:
    """Whether a number was cut to its first digits by a spreadsheet: no number of an account or payment any more.

    >>> is_rounded("6.22202E+18"), is_rounded("622202")
    (True, False)
    """
    return bool(_ROUNDED.fullmatch(text))


def split_account(text: str) -> tuple[str, str]:
    """Name and account that stand in one cell.

    >>> split_account("张三 66666666666666"), split_account("国网电力有限公司99999999999999"), split_account("抖音2023")
    (('张三', '66666666666666'), ('国网电力有限公司', '99999999999999'), ('抖音2023', ''))
    """
    match = _ACCOUNT.match(text)
    return (match[1].strip(), match[2]) if match else (text, "")
