# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a visitor's beacon says: bounded, and without what a page's address may carry of a person."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, Optional
from urllib.parse import parse_qs, urlsplit

MAX_BEACON = 4096
MAX_SECONDS = 3600  # of one page: longer is a forgotten tab
_VISITOR = re.compile(r"[0-9a-f]{32}\Z")
_VIEW = re.compile(r"[0-9a-f]{16}\Z")
#: where search engines put what was searched for
_KEYWORDS = ("utm_term", "keyword", "wd", "word", "q", "query")
#: finds the visitor's id in a submission, be it JSON, a form, or a list of names and values (Python and PostgreSQL read it)
JOIN_PATTERN = r"crm_visitor.{1,40}?([0-9a-f]{32})(?![0-9a-f])"


class Beacon(NamedTuple):
    """One page view, or its later state; ``erase`` asks for the visitor to be forgotten."""

    visitor: str
    view: str
    page: str
    title: str
    referrer: str
    keyword: str
    source: str
    medium: str
    campaign: str
    seconds: int
    erase: bool


def read(body: bytes) -> Optional[Beacon]:
    """The beacon in a request's body, or None when it is none.

    >>> found = read(b'{"v":"%s","p":"%s","u":"https://a.cn/x?utm_source=baidu&tel=138#top","s":7}' % (b"a" * 32, b"b" * 16))
    >>> found.page, found.source, found.seconds
    ('https://a.cn/x', 'baidu', 7)
    >>> read(b"[]") is None
    True
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not _VISITOR.match(_text(data, "v")):
        return None
    if data.get("erase"):
        return Beacon(_text(data, "v"), "", "", "", "", "", "", "", "", 0, True)
    page = address(_text(data, "u"))
    if not page or not _VIEW.match(_text(data, "p")):
        return None
    query, referrer = _query(_text(data, "u")), _text(data, "r")
    return Beacon(
        visitor=_text(data, "v"),
        view=_text(data, "p"),
        page=page,
        title=_line(_text(data, "t")),
        referrer=address(referrer),
        keyword=_first(query, *_KEYWORDS[:2]) or _first(_query(referrer), *_KEYWORDS[1:]),
        source=_first(query, "utm_source"),
        medium=_first(query, "utm_medium"),
        campaign=_first(query, "utm_campaign"),
        seconds=_seconds(data.get("s")),
        erase=False,
    )


def address(url: str) -> str:
    """Scheme, host and path of a web address, "" for anything else: query and fragment may name a person.

    >>> address("https://user:pw@www.example.cn/a/b?name=x#y"), address("javascript:alert(1)")
    ('https://www.example.cn/a/b', '')
    """
    try:
        parts = urlsplit(url[:2048])
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    return _line(f"{parts.scheme}://{host}{parts.path}")[:500]


def _query(url: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(url[:2048]).query, max_num_fields=100, errors="replace")
    except ValueError:
        return {}


def _first(query: dict[str, list[str]], *names: str) -> str:
    return next((_line(query[name][0])[:100] for name in names if name in query), "")


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        return 0
    return min(int(value), MAX_SECONDS)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _line(text: str) -> str:
    """One line without control characters and lone surrogates, at most 500 characters.

    >>> _line("a\\x00\\n b\\ud800")
    'a b'
    """
    kept = "".join(letter if letter.isprintable() or letter.isspace() else "" for letter in text[:1000])
    return " ".join(kept.split())[:500]
