# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

import pytest
from company_pairs import DIFFERENT, SAME
from crm_core_engine.company_name import parse_company
from crm_core_engine.match import THRESHOLD, compare, edits, marks
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(alphabet="华强鑫源恒通电子科技贸易深圳市有限公司（）银行abc ", max_size=14)


def found(one, other):
    """As the database finds it: from the stored key, by a common mark."""
    first = parse_company(one)
    return bool(first and set(marks(first.key)) & set(marks(other)) and compare(first.key, other).score >= THRESHOLD)


def test_recall_and_precision_on_the_list():
    missed = [pair for pair in SAME if not found(*pair[1:])]
    wrong = [pair for pair in DIFFERENT if found(*pair)]
    right = len(SAME) - len(missed)
    recall, precision = right / len(SAME), right / (right + len(wrong))
    kinds = Counter(kind for kind, _one, _other in SAME)
    print("recall %.3f, precision %.3f, %s, missed %s, wrong %s" % (recall, precision, dict(kinds), missed, wrong))
    assert len(SAME) >= 200
    assert len(SAME) + len(DIFFERENT) >= 300
    assert recall >= 0.95
    assert precision >= 0.95


@pytest.mark.parametrize("kind", sorted({kind for kind, _one, _other in SAME}))
def test_recall_of_each_kind(kind):
    pairs = [pair[1:] for pair in SAME if pair[0] == kind]
    assert sum(found(*pair) for pair in pairs) / len(pairs) >= 0.9


@given(NAMES, NAMES)
def test_comparing_is_symmetric_and_between_0_and_100(one, other):
    match = compare(one, other)
    assert match.score == compare(other, one).score
    assert 0 <= match.score <= 100
    assert bool(match.reasons) or not match.score


@given(NAMES)
def test_a_name_is_itself(name):
    assert compare(name, name).score == (100 if parse_company(name) else 0)


@given(st.text(alphabet="abc", max_size=8), st.text(alphabet="abc", max_size=8))
def test_edits_agrees_with_the_textbook(one, other):
    before = None
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != letter))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == letter:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    assert edits(one, other, limit=20) == row[-1]
    assert edits(one, other) == min(row[-1], 3)


@given(st.lists(st.sampled_from("强源通达盛瑞丰龙天宇博远中联东新安信立德海明辉正"), min_size=3, max_size=8), st.data())
def test_one_wrong_character_leaves_a_common_mark(chars, data):
    place = data.draw(st.integers(0, len(chars) - 1))
    wrong = [*chars[:place], "曦", *chars[place + 1 :]]
    assert set(marks("".join(chars))) & set(marks("".join(wrong)))


def test_marks_fit_the_column():
    for _kind, one, other in SAME:
        for mark in marks(one) + marks(other):
            assert -(2**31) <= mark < 2**31
