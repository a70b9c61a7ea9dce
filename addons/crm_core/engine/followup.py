# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What makes a follow-up believable: where a phone says it is, how far that is from the customer, and which evidence counts."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import NamedTuple, Optional

EARTH_RADIUS = 6_371_008.8  # metres, mean
#: A phone that knows its place to less than this many metres does not know at whose door it is
WORST_ACCURACY = 300.0


class Position(NamedTuple):
    """Degrees (WGS 84), and within how many metres the phone is sure of it."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


def read_position(latitude: object, longitude: object, accuracy: object = 0.0) -> Position:
    """The position a phone reports.

    :raises ValueError: numbers that are no place on earth: out of range, not a number, or 0°, 0° – what broken
        receivers say, in the sea off Africa

    >>> read_position(22.54, 114.06, 12)
    Position(latitude=22.54, longitude=114.06, accuracy=12.0)
    >>> read_position(91, 0)
    Traceback (most recent call last):
        ...
    ValueError: no place on earth
    """
    numbers = (latitude, longitude, accuracy)
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) or not isfinite(number) for number in numbers):
        raise ValueError("no place on earth")
    place = Position(float(latitude), float(longitude), float(accuracy))  # type: ignore[arg-type]
    nowhere = place.latitude == 0 and place.longitude == 0
    if nowhere or abs(place.latitude) > 90 or abs(place.longitude) > 180 or place.accuracy < 0:
        raise ValueError("no place on earth")
    return place


def distance(here: Position, there: Position) -> float:
    """Metres between two positions along the earth's surface (haversine; within 0.5 % of the ellipsoid).

    >>> round(distance(Position(22.5431, 114.0579), Position(23.1291, 113.2644)) / 1000)  # Shenzhen to Guangzhou
    104
    """
    lat1, lon1, lat2, lon2 = map(radians, (here.latitude, here.longitude, there.latitude, there.longitude))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(half)))


@dataclass(frozen=True)
class Facts:
    """What there is about one follow-up. ``metres``: from the check-in to the customer's address, None if not known."""

    kind: str
    position: Optional[Position] = None
    metres: Optional[float] = None
    photos: int = 0
    recordings: int = 0
    messages: int = 0


class Verdict(NamedTuple):
    """``evidence``: keys of :data:`EVIDENCE` that count; ``missing``: a key of :data:`MISSING`, "" if it is verified."""

    evidence: tuple[str, ...]
    missing: str


EVIDENCE = ("on_site", "checked_in", "photo", "recording", "message")
MISSING = ("check_in", "fake", "inaccurate", "far", "photo", "recording", "picture_or_recording", "picture", "message")
#: Which evidence is enough, by kind; any one of the sets. Notes are to oneself: nothing has to prove them.
ENOUGH: dict[str, tuple[frozenset[str], ...]] = {
    "call": (frozenset({"recording"}),),
    "wechat": (frozenset({"photo"}),),
    "email": (frozenset({"message"}), frozenset({"photo"})),
    "meeting": (frozenset({"on_site"}), frozenset({"recording"}), frozenset({"photo"})),
    "visit": (frozenset({"on_site"}), frozenset({"checked_in", "photo"})),
}
_LACKS = {"call": "recording", "wechat": "picture", "email": "message", "meeting": "picture_or_recording"}


def judge(facts: Facts, radius: float) -> Verdict:
    """Whether the evidence is enough for its kind.

    A check-in counts as ``on_site`` within ``radius`` metres of the customer's address (the phone's own uncertainty is
    forgiven), as ``checked_in`` where that address has no coordinates: then it takes a photo, too. A position without any
    uncertainty is a faked one: no receiver is that sure.

    >>> judge(Facts("visit", Position(22.5, 114.0, 20), metres=180), 500)
    Verdict(evidence=('on_site',), missing='')
    >>> judge(Facts("visit", Position(22.5, 114.0, 0), metres=0), 500).missing
    'fake'
    >>> judge(Facts("visit", Position(22.5, 114.0, 20), metres=None, photos=1), 500).evidence
    ('checked_in', 'photo')
    """
    place, wrong = _judge_place(facts, radius)
    counts = (("photo", facts.photos), ("recording", facts.recordings), ("message", facts.messages))
    evidence = (*filter(None, [place]), *(key for key, count in counts if count))
    if any(wanted <= set(evidence) for wanted in ENOUGH.get(facts.kind, (frozenset(),))):
        return Verdict(evidence, "")
    if facts.kind == "visit":
        return Verdict(evidence, wrong or "photo")
    return Verdict(evidence, _LACKS[facts.kind])


def _judge_place(facts: Facts, radius: float) -> tuple[str, str]:
    """(kind of evidence the check-in is, or ""; what is wrong with it, or "")."""
    if facts.position is None:
        return "", "check_in"
    if facts.position.accuracy <= 0:
        return "", "fake"
    if facts.position.accuracy > WORST_ACCURACY:
        return "", "inaccurate"
    if facts.metres is None:
        return "checked_in", ""
    if facts.metres - facts.position.accuracy > radius:
        return "", "far"
    return "on_site", ""


#: How the files begin that phones take and record: (offset, bytes, mimetype)
_HEADS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftyp3g", "audio/3gpp"),
    (4, b"ftyp", "audio/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"fLaC", "audio/flac"),
)


def mimetype_of(head: bytes) -> str:
    """What a file is, by its first 16 bytes: a photo or a sound as phones make them, "" for anything else.

    >>> mimetype_of(b"\\xff\\xd8\\xff\\xe0"), mimetype_of(b"<html>")
    ('image/jpeg', '')
    """
    return next((kind for start, magic, kind in _HEADS if head[start : start + len(magic)] == magic), "")
