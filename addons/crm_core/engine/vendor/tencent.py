# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tencent Ads (腾讯广告): leads of an account, by page up to 5,000 and by "search after" beyond."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Callable

from .calls import Call, Fetch, Json, checked, number, rows

PATH = "/v3.0/leads_list/get"
PAGE_SIZE = 200
PAGED = 5_000  # so many leads the interface gives by page number
BUSY = frozenset((11016, 11017, 50000, 51000))


def leads(
    fetch: Fetch,
    account: str,
    token: str,
    start: datetime,
    end: datetime,
    clock: Callable[[], float],
    nonce: Callable[[], str],
    path: str = PATH,
) -> Iterator[list[Json]]:
    """Pages of raw leads between two moments (naive UTC).

    :param clock: epoch seconds, asked anew for every page (the interface allows 300 seconds of difference)
    :param nonce: a new random text of up to 32 letters
    :raise PeerBusy: worth another attempt; leads carry their ids
    """
    window = {"start_time": _epoch(start), "end_time": _epoch(end)}
    page, seen, after = 1, 0, None
    while True:
        params = {
            "access_token": token,
            "timestamp": str(int(clock())),
            "nonce": nonce(),
            "account_id": account,
            "time_range": json.dumps(window),
            "page": str(page),
            "page_size": str(PAGE_SIZE),
        }
        if after:
            params["last_search_after_values"] = json.dumps(after)
        data = checked(fetch(Call(path or PATH, params)), busy=BUSY).get("data") or {}
        found = rows(data.get("list") or data.get("leads_info"))
        if found:
            yield found
        seen += len(found)
        if not found or seen >= number((data.get("page_info") or {}).get("total_number")):
            return
        page += 1
        if seen >= PAGED:
            page, after = 1, data.get("last_search_after_values")
            if not after:
                return


def _epoch(moment: datetime) -> int:
    return int(moment.replace(tzinfo=timezone.utc).timestamp())
