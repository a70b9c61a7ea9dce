# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The condition of the next page, evaluated by SQLite, against the order it stands for."""

import sqlite3
from datetime import datetime, timedelta

from crm_core_engine.timeline import Cursor, after, plain, shorten
from hypothesis import given
from hypothesis import strategies as st

SOURCES = ("a:date", "b:date", "c:date")
events = st.sets(st.tuples(st.integers(0, 3), st.sampled_from(SOURCES), st.integers(1, 4)), min_size=1, max_size=30)


def at(hours):
    return datetime(2026, 3, 1) + timedelta(hours=hours)


@given(events, st.integers(0, 29))
def test_next_page_begins_right_after_the_last_event(rows, position):
    ordered = sorted(rows, key=lambda row: (-row[0], row[1], -row[2]))
    position %= len(ordered)
    hours, source, number = ordered[position]
    cursor = Cursor(at(hours), source, number)
    found = set()
    database = sqlite3.connect(":memory:")
    for each in SOURCES:
        condition, values = after(cursor, each, "moment", "id")
        database.execute("CREATE TABLE t%s (moment, id)" % each[0])
        own = [(at(h).isoformat(), n) for h, s, n in rows if s == each]
        database.executemany("INSERT INTO t%s VALUES (?, ?)" % each[0], own)
        values = [value.isoformat() if isinstance(value, datetime) else value for value in values]
        query = "SELECT moment, id FROM t%s WHERE %s" % (each[0], condition.replace("%s", "?"))
        found.update((moment, each, n) for moment, n in database.execute(query, values))
    assert found == {(at(h).isoformat(), s, n) for h, s, n in ordered[position + 1 :]}


@given(st.datetimes(), st.sampled_from(SOURCES), st.integers(1))
def test_cursor_survives_the_way_through_the_browser(moment, source, number):
    cursor = Cursor(moment, source, number)
    assert Cursor.parse(str(cursor)) == cursor


@given(st.text(), st.integers(1, 50))
def test_texts_are_one_short_line(text, length):
    line = shorten(plain(text), length)
    assert len(line) <= length
    assert "\n" not in line
