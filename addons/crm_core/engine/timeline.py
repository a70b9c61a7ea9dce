# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a timeline is made of: kinds of events, the place a page ends at, and short texts.

Events are ordered by moment, newest first; of the same moment by their source (a table and its date), then newest id
first. That is a total order, so the next page starts exactly after the last event of this one, whatever was added
meanwhile.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any, List, Mapping, Optional, Sequence, Tuple

GROUPS = ("message", "call", "visit", "activity", "deal", "order", "money", "service", "marketing")


@dataclass(frozen=True)
class TimelineKind:
    """One kind of events: the records of ``model`` that match ``domain``, read from its own table.

    An event belongs to a customer through ``partner`` (name of a field that holds the company or one of its
    contacts), to a lead, and so to its customer, through ``lead`` (field that holds the lead), or through
    ``reference`` (fields with model and id of a lead or partner). A ``lead`` that is a path through other
    records (``sale_id.opportunity_id``) is followed on leads' own timelines only. These fields and ``date`` are
    stored, and the links have indexes.

    ``title``, ``text``, ``author``, ``amount``, ``currency``, ``status`` name the fields an entry shows; they are read
    with the reader's rights, so record rules and masks hold. ``looks`` gives a status its colour
    (on_track, attention, late, done) by raw value.

    ``through``: the records are seen by who may read this other model instead, say payments by who reads the invoices
    they pay. They are then read in sudo mode, so the addon narrows them to those it may show.

    >>> TimelineKind("note", "Note", "fa-file", "crm.note", "message", date="date", partner="partner_id").title
    'display_name'
    >>> TimelineKind("Note!", "Note", "fa-file", "crm.note", "message", date="date")
    Traceback (most recent call last):
        ...
    ValueError: a timeline kind needs a key of small letters, a known group and a link: Note!
    """

    key: str
    label: str
    icon: str
    model: str
    group: str
    date: str
    partner: Optional[str] = None
    lead: Optional[str] = None
    reference: Optional[Tuple[str, str]] = None
    domain: Sequence[Any] = ()
    title: str = "display_name"
    text: Optional[str] = None
    author: Optional[str] = None
    amount: Optional[str] = None
    currency: str = "currency_id"
    status: Optional[str] = None
    looks: Mapping[Any, str] = field(default_factory=dict)
    through: Optional[str] = None

    def __post_init__(self) -> None:
        linked = self.partner or self.lead or self.reference
        if not re.fullmatch("[a-z_]+", self.key) or self.group not in GROUPS or not linked:
            raise ValueError("a timeline kind needs a key of small letters, a known group and a link: %s" % self.key)

    @property
    def source(self) -> str:
        """Kinds of one source are found together; they differ in ``domain`` and in what they show only.

        >>> TimelineKind("note", "Note", "fa-file", "crm.note", "message", date="date", partner="partner_id").source
        'crm.note:date'
        """
        return "%s:%s" % (self.model, self.date)

    @property
    def fields(self) -> List[str]:
        """Names of the fields an entry is made of, without doubles."""
        names = [self.title, self.text, self.author, self.status, *(self.reference or ())]
        names += [self.amount, self.currency] if self.amount else []
        return list(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True)
class Cursor:
    """The last event of a page.

    >>> cursor = Cursor(datetime(2026, 3, 1, 9, 30), "crm.note:date", 42)
    >>> str(cursor)
    '2026-03-01T09:30:00|crm.note:date|42'
    >>> Cursor.parse(str(cursor)) == cursor
    True
    """

    moment: datetime
    source: str
    id: int

    def __str__(self) -> str:
        return "%s|%s|%d" % (self.moment.isoformat(), self.source, self.id)

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """
        :raise ValueError: if the text is none of ours
        """
        try:
            moment, source, number = text.split("|")
            return cls(datetime.fromisoformat(moment), source, int(number))
        except (AttributeError, TypeError) as error:
            raise ValueError(str(error)) from error


def after(cursor: Cursor, source: str, moment: str, number: str) -> Tuple[str, List[Any]]:
    """SQL condition, with its parameters: what of the source comes after the cursor.

    :param moment: SQL of the event's moment
    :param number: SQL of its id

    >>> after(Cursor(datetime(2026, 3, 1), "crm.note:date", 42), "crm.note:date", "t.date", "t.id")[0]
    '(t.date, t.id) < (%s, %s)'
    >>> after(Cursor(datetime(2026, 3, 1), "crm.note:date", 42), "crm.visit:date", "t.date", "t.id")[0]
    't.date <= %s'
    """
    if source == cursor.source:
        return "(%s, %s) < (%%s, %%s)" % (moment, number), [cursor.moment, cursor.id]
    return "%s %s %%s" % (moment, "<=" if source > cursor.source else "<"), [cursor.moment]


class _Words(HTMLParser):
    """Collects what a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__()
        self.words: List[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script", "title") and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def plain(html: str) -> str:
    """The text of a piece of HTML, however broken.

    >>> plain("<style>p {}</style><p>See you<br>on <b>Monday</b>&nbsp;&amp; bring <i>it")
    'See you on Monday & bring it'
    """
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join(" ".join(parser.words).split())


def shorten(text: str, length: int = 200) -> str:
    """One line of at most ``length`` characters.

    >>> shorten("Called  Mr. Li,\\nback on Monday", 16)
    'Called Mr. Li, …'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
