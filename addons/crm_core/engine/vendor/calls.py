# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One call of a vendor's interface, and what can come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

Json = dict[str, Any]


class Call(NamedTuple):
    """A GET to be sent: ``path`` below the channel's base URL, already with the query where that is signed."""

    path: str
    params: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


#: Sends a call and returns the JSON object answered; raises PeerBusy or PeerRefused
Fetch = Callable[[Call], Json]


class PeerError(Exception):
    """The vendor did not do what was asked; the text is for people and names no secret."""


class PeerBusy(PeerError):
    """Try again later: unreachable, overloaded, limited."""


class PeerRefused(PeerError):
    """Trying again is of no use: wrong credentials, wrong parameters, an answer nobody understands."""


def checked(answer: Json, code: str = "code", busy: frozenset[int] = frozenset()) -> Json:
    """The answer itself when its code says success.

    :param code: the name of the number that is 0 on success
    :param busy: codes worth another attempt

    >>> checked({"code": 0, "data": 1})
    {'code': 0, 'data': 1}
    >>> checked({"code": 40100, "message": "too fast"}, busy=frozenset([40100]))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    PeerBusy: 40100: too fast
    """
    number = answer.get(code)
    if number == 0:
        return answer
    text = f"{number}: {answer.get('message') or answer.get('errmsg') or answer.get('msg') or 'no reason given'}"
    raise PeerBusy(text) if number in busy else PeerRefused(text)


def rows(value: object) -> list[Json]:
    """The objects of a list that came over the wire, whatever else it holds.

    >>> rows([{"id": 1}, None, "x"]), rows(None)
    ([{'id': 1}], [])
    """
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def number(value: object) -> int:
    """A whole number that came over the wire as number or text; 0 when it is neither.

    >>> number("12"), number(3), number(None), number("x")
    (12, 3, 0, 0)
    """
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0
