# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Numbers have no gaps, and a file that says anything else than the books is found out."""
from dataclasses import replace
from datetime import date, timedelta

from crm_sales_order_engine.voucher import Entry, compare, number, read_back, total
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.integers(0, 80).map(lambda days: date(2026, 1, 10) + timedelta(days))


@given(st.lists(st.lists(DAYS), max_size=5))
def test_numbers_are_gapless_however_often_is_exported(exports):
    last, used, move = {}, {}, 0
    for days in exports:
        moves = []
        for day in days:
            move += 1
            moves.append((move, day))
        for month, one in number(moves, last).values():
            used.setdefault(month, []).append(one)
            last[month] = max(last.get(month, 0), one)
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in used.values())


@st.composite
def books(draw):
    entries = []
    for voucher in range(1, draw(st.integers(1, 4)) + 1):
        amounts = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=4))
        key = ("2026-03", voucher)
        entries += [Entry(key, "6%03d" % place, 0, amount) for place, amount in enumerate(amounts)]
        entries.append(Entry(key, "1122", sum(amounts), 0))
    return entries


def write(entries):
    """The rows of a file."""

    def text(amount):
        return "%.2f" % (amount / 100) if amount else ""

    return [
        (
            row,
            {
                "date": "2026-03-15",
                "number": str(entry.voucher[1]),
                "account_code": entry.account,
                "debit": text(entry.debit),
                "credit": text(entry.credit),
            },
        )
        for row, entry in enumerate(entries, 2)
    ]


@given(books())
def test_what_is_written_reads_back_to_the_same_totals(entries):
    found, problems = read_back(write(entries))
    assert problems == []
    assert compare(entries, found) == []
    assert total(found) == total(entries)


@given(books(), st.data())
def test_one_fen_more_is_found(entries, data):
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    side = "debit" if entry.debit else "credit"
    wrong = [*entries[:place], replace(entry, **{side: getattr(entry, side) + 1}), *entries[place + 1 :]]
    found, problems = read_back(write(wrong))
    assert [problem.code for problem in problems] == ["unbalanced"]
    assert compare(entries, found)


@given(books(), st.data())
def test_a_line_that_is_missing_is_found(entries, data):
    place = data.draw(st.integers(0, len(entries) - 1))
    found, _problems = read_back(write(entries[:place] + entries[place + 1 :]))
    assert compare(entries, found)
