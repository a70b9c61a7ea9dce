# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Feiyu (飞鱼), the older pull: signed by key and time, clues by page."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from datetime import datetime, timezone
from hashlib import sha256
from typing import Callable

from .calls import Call, Fetch, Json, PeerRefused, number, rows

PATH = "/crm/v2/openapi/pull-clues/"
PAGE_SIZE = 100


def signature(key: str, path: str, timestamp: int) -> str:
    """Base64 of the *hex digest* of HMAC-SHA256(key, "path timestamp").

    >>> signature("k", "/crm/v2/openapi/pull-clues/?start_time=1&end_time=2", 3)[:12]
    'YzIyNDNiNjgz'
    """
    digest = hmac.new(key.encode(), f"{path} {timestamp}".encode(), sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def clues(
    fetch: Fetch,
    key: str,
    token: str,
    start: datetime,
    end: datetime,
    clock: Callable[[], float],
    path: str = PATH,
) -> Iterator[list[Json]]:
    """Pages of raw clues created on the days from ``start`` to ``end`` (naive UTC): the interface takes epoch seconds.

    :param clock: the time of day in epoch seconds, asked anew for every page: an old signature is refused
    :raise PeerRefused: the answer's status is not success
    """
    signed = f"{path or PATH}?start_time={_epoch(start)}&end_time={_epoch(end)}"
    page, seen = 1, 0
    while True:
        timestamp = int(clock())
        headers = {"Signature": signature(key, signed, timestamp), "Timestamp": str(timestamp), "Access-Token": token}
        answer = fetch(Call(signed, {"page": str(page), "page_size": str(PAGE_SIZE)}, headers))
        if answer.get("status") not in ("success", 0, "0"):
            raise PeerRefused(f"{answer.get('status')}: {answer.get('msg') or answer.get('message') or 'no reason given'}")
        found = rows(answer.get("data"))
        if found:
            yield found
        seen += len(found)
        if not found or seen >= number(answer.get("count")):
            return
        page += 1


def _epoch(moment: datetime) -> int:
    return int(moment.replace(tzinfo=timezone.utc).timestamp())
