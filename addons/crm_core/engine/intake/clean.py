# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Strangers' values made safe to keep: no control characters, no markup in names, sane lengths."""
from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

#: China has one time zone; platforms send local time without saying so.
CHINA = timezone(timedelta(hours=8))
MAX_LINE = 255
MAX_TEXT = 16000

# Control characters, lone surrogates, and what turns the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SPACE = re.compile(r"\s+")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", re.ASCII)
_URL = re.compile(r"https?://[^\s<>\"'\\]+\Z", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?\Z", re.ASCII)
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d%H%M%S",
)


def plain(value: Any) -> str:
    """Any JSON value as text; a list as its entries, an object as ``name: value`` lines.

    >>> plain(["a", {"b": 1}])
    'a, b: 1'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain, value)))
    if isinstance(value, dict):
        return ", ".join("%s: %s" % (plain(name), plain(entry)) for name, entry in value.items() if entry not in (None, "", [], {}))
    return str(value)


def text(value: Any, size: int = MAX_TEXT) -> str:
    """Several lines, for fields that are shown as they are.

    >>> text("a\\r\\nb\\x00c")
    'a\\nbc'
    """
    return _CONTROL.sub("", plain(value).replace("\r\n", "\n").replace("\r", "\n")).strip()[:size]


def line(value: Any, size: int = MAX_LINE) -> str:
    """One line without markup, for names.

    >>> line("<script>alert(1)</script> 张 伟 ")
    'alert(1) 张 伟'
    """
    found = _SPACE.sub(" ", _CONTROL.sub("", _SPACE.sub(" ", plain(value)[: 20 * size])))
    return _TAG.sub("", found).replace("<", "").replace(">", "").strip()[:size]


def email(value: Any) -> str:
    """The first plain address in a value, or "".

    >>> email("张伟 <zw@example.com>\\r\\nBcc: all@example.com")
    'zw@example.com'
    """
    found = _EMAIL.search(line(plain(value).replace("<", " "), 1000))
    return found.group() if found else ""


def url(value: Any, size: int = 1000) -> str:
    """A web address that is safe to make a link of, or "".

    >>> url("javascript:alert(1)"), url(" https://example.com/a?b=c ")
    ('', 'https://example.com/a?b=c')
    """
    found = _CONTROL.sub("", plain(value)[: 2 * size]).strip()[:size]
    return found if _URL.match(found) else ""


def number(value: Any) -> float | None:
    """A number, thousands separators and a currency sign allowed.

    >>> number("¥ 12,500.50"), number("many")
    (12500.5, None)
    """
    found = re.sub(r"[\s,，¥￥$元]", "", line(value, 40))
    return float(found) if _NUMBER.match(found) else None


def moment(value: Any) -> datetime | None:
    """A point in time, in UTC without zone: seconds or milliseconds since 1970, or a date and time (China's unless it says).

    >>> moment(1700000000), moment("2023-11-15 06:13:20")
    (datetime.datetime(2023, 11, 14, 22, 13, 20), datetime.datetime(2023, 11, 14, 22, 13, 20))
    """
    found = line(value, 40)
    if re.fullmatch(r"\d{9,13}(\.\d+)?", found, re.ASCII):
        seconds = float(found) / (1000 if len(found.partition(".")[0]) > 11 else 1)
        return _bounded(datetime.fromtimestamp(seconds, timezone.utc))
    if re.fullmatch(r"\d{14}", found, re.ASCII) or not found[:4].isdigit():
        pass
    elif found.endswith("Z") or re.search(r"[+-]\d\d:?\d\d\Z", found[10:]):
        return _zoned(found)
    found = re.sub(r"\.\d+\Z", "", found)
    for form in _TIMES:
        try:
            return _bounded(datetime.strptime(found, form).replace(tzinfo=CHINA))
        except ValueError:
            continue
    return None


def _zoned(found: str) -> datetime | None:
    """ISO 8601 with a zone."""
    found = re.sub(r"\.\d+", "", found.replace("Z", "+00:00").replace(" ", "T", 1))
    try:
        return _bounded(datetime.strptime(found, "%Y-%m-%dT%H:%M:%S%z"))
    except ValueError:
        return None


def _bounded(found: datetime) -> datetime | None:
    found = found.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
    return found if 2000 <= found.year < 2100 else None
