# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where a parcel is: reading what a tracking service answers, whatever it calls its fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

#: What can be said of a shipment
TRANSIT, DELIVERING, DELIVERED, PROBLEM, RETURNED = "transit", "delivering", "delivered", "problem", "returned"
STATES = (TRANSIT, DELIVERING, DELIVERED, PROBLEM, RETURNED)
MAX_EVENTS, MAX_TEXT = 200, 500
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


class TrackingError(ValueError):
    """The answer is not one the layout can read."""


@dataclass(frozen=True)
class Event:
    """``date`` is in UTC; ``state`` is one of :data:`STATES`, or empty where the event says nothing of it."""

    date: datetime
    text: str
    place: str = ""
    state: str = ""


@dataclass(frozen=True)
class Layout:
    """Names of the fields of one event, and what the service's codes or words mean ({code or part of the text: state})."""

    time: str
    text: str
    place: str = ""
    state: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    zone: str = "Asia/Shanghai"


def parse_states(lines: str) -> dict[str, str]:
    """{code: state} of lines like ``3=delivered``.

    >>> parse_states("3=delivered\\n派件 = delivering\\n")
    {'3': 'delivered', '派件': 'delivering'}
    >>> parse_states("3=eaten")
    Traceback (most recent call last):
        ...
    engine.tracking.TrackingError: 3=eaten
    """
    found = {}
    for line in lines.splitlines():
        if not line.strip():
            continue
        code, _equals, state = (part.strip() for part in line.rpartition("="))
        if not code or state not in STATES:
            raise TrackingError(line)
        found[code] = state
    return found


def read_events(items: object, layout: Layout) -> list[Event]:
    """The events of an answer, the oldest first, each once; at most :data:`MAX_EVENTS`, the latest ones.

    >>> layout = Layout("time", "context", state="status", states={"签收": "delivered"})
    >>> answer = [{"time": "2026-11-20 09:30:00", "context": "已签收"}, {"time": "2026-11-19 18:00:00", "context": "已揽收"}]
    >>> [(event.date.isoformat(), event.text, event.state) for event in read_events(answer, layout)]
    [('2026-11-19T10:00:00', '已揽收', ''), ('2026-11-20T01:30:00', '已签收', 'delivered')]

    :param items: what the answer has where the layout's events should be
    :raises TrackingError: no list of objects, or an event without a readable time
    """
    if not isinstance(items, list):
        raise TrackingError("no list of events")
    events = {_read_event(item, layout) for item in items}
    return sorted(events, key=lambda event: (event.date, event.text))[-MAX_EVENTS:]


def _read_event(item: object, layout: Layout) -> Event:
    if not isinstance(item, Mapping):
        raise TrackingError("an event is no object")
    text = _clean(item.get(layout.text))
    code = _clean(item.get(layout.state)) if layout.state else ""
    return Event(
        _read_time(item.get(layout.time), layout.zone),
        text,
        _clean(item.get(layout.place)) if layout.place else "",
        layout.states.get(code) or _find_state(text, layout.states),
    )


def _clean(value: object) -> str:
    return " ".join(str(value).replace("\0", "").split())[:MAX_TEXT] if value not in (None, False) else ""


def _find_state(text: str, states: Mapping[str, str]) -> str:
    return next((state for word, state in states.items() if not word.isdigit() and word in text), "")


def _read_time(value: object, zone: str) -> datetime:
    """A time without an offset is local time of ``zone``; numbers are seconds or milliseconds since 1970."""
    try:
        if isinstance(value, (int, float)) or isinstance(value, str) and value.isdigit():
            seconds = float(value)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, timezone.utc).replace(tzinfo=None, microsecond=0)
        moment = _parse_time(str(value).strip())
    except (ValueError, OverflowError, OSError):
        raise TrackingError(f"no time: {value!r}") from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)


def _parse_time(text: str) -> datetime:
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def current_state(events: Iterable[Event]) -> str:
    """What the latest event that says something of it says; in transit as soon as there is any event.

    >>> current_state([]), current_state([Event(datetime(2026, 11, 1), "picked up")])
    ('', 'transit')
    """
    state = ""
    for event in events:
        state = event.state or state or TRANSIT
    return state
