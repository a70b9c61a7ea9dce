# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Working hours as spans of time, sorted and apart; all moments in UTC."""

from datetime import datetime, timedelta
from typing import Optional, Sequence, Tuple

Span = Tuple[datetime, datetime]


def is_open(spans: Sequence[Span], moment: datetime) -> bool:
    """Whether a moment is within working hours.

    >>> spans = [(datetime(2026, 3, 2, 1), datetime(2026, 3, 2, 9)), (datetime(2026, 3, 3, 1), datetime(2026, 3, 3, 9))]
    >>> is_open(spans, datetime(2026, 3, 2, 8, 59)), is_open(spans, datetime(2026, 3, 2, 9))
    (True, False)
    """
    return any(start <= moment < end for start, end in spans)


def add_working_hours(spans: Sequence[Span], moment: datetime, hours: float) -> Optional[datetime]:
    """When so many hours have been worked from a moment on; None if the spans end before.

    >>> spans = [(datetime(2026, 3, 2, 1), datetime(2026, 3, 2, 9)), (datetime(2026, 3, 3, 1), datetime(2026, 3, 3, 9))]
    >>> add_working_hours(spans, datetime(2026, 3, 2, 8), 1.5)
    datetime.datetime(2026, 3, 3, 1, 30)
    >>> add_working_hours(spans, datetime(2026, 3, 3, 8), 2)
    """
    left = timedelta(hours=hours)
    for start, end in spans:
        start = max(start, moment)
        if start < end:
            if left <= end - start:
                return start + left
            left -= end - start
    return None
