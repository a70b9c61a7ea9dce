# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ocean Engine (巨量引擎): clues of advertiser accounts, by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from .calls import Call, Fetch, Json, checked, number, rows

PATH = "/open_api/2/tools/clue/get/"
PAGE_SIZE = 100
BUSY = frozenset((40100, 40110, 50000))
CHINA = timedelta(hours=8)


def clues(
    fetch: Fetch,
    accounts: Sequence[str],
    token: str,
    start: datetime,
    end: datetime,
    path: str = PATH,
) -> Iterator[list[Json]]:
    """Pages of raw clues created between two moments (naive UTC; the interface takes China's time).

    :raise PeerBusy: worth another attempt; what was yielded before may be kept, clues carry their ids
    """
    page = 1
    while True:
        answer = checked(
            fetch(
                Call(
                    path or PATH,
                    {
                        "advertiser_ids": json.dumps([number(account) for account in accounts]),
                        "start_time": f"{start + CHINA:%Y-%m-%d %H:%M:%S}",
                        "end_time": f"{end + CHINA:%Y-%m-%d %H:%M:%S}",
                        "page": str(page),
                        "page_size": str(PAGE_SIZE),
                    },
                    {"Access-Token": token},
                )
            ),
            busy=BUSY,
        )
        data = answer.get("data") or {}
        found = rows(data.get("list"))
        if found:
            yield found
        if page >= number((data.get("page_info") or {}).get("total_page")) or not found:
            return
        page += 1
