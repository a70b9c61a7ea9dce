# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A scoring model predicts, explains and survives JSON; sums are those shown here."""

import json
import math
import random

import pytest
from crm_core_engine.score import Feature, Pair, Reason, Rule, ScoreModel, auc, brier, calibration, combine, grade, points
from hypothesis import given
from hypothesis import strategies as st

SOURCE = Feature("source", False, ("baidu", "fair"), ("Baidu", "Fair"), weights=(-0.5, 1.0, 0.2, -0.2))
VISITS = Feature("visits", True, edges=(0.0, 5.0), weights=(-1.0, 0.3, 0.8, 0.0))
# groups of the source: baidu 0, everything else 1; of the visits: none or zero 0, some 1
TOGETHER = Pair("source", "visits", (0, 1, 1, 1), (0, 1, 1, 0), ((0.0, 0.4), (0.0, 0.0)))
MODEL = ScoreModel(-0.4, (SOURCE, VISITS), (TOGETHER,))


def odds(chance):
    return math.log(chance / (1 - chance))


def test_weights_add_up_to_the_odds():
    (chance,) = MODEL.predict({"source": ["Fair"], "visits": [7]})
    assert odds(chance) == pytest.approx(-0.4 + 1.0 + 0.8)


def test_a_pair_adds_what_two_values_say_together():
    (chance,) = MODEL.predict({"source": ["baidu"], "visits": [3]})
    assert odds(chance) == pytest.approx(-0.4 - 0.5 + 0.3 + 0.4)


def test_reasons_are_the_strongest_first_and_share_a_pair_by_halves():
    ((_chance, reasons),) = MODEL.explain({"source": ["BAIDU "], "visits": [3]})
    assert [(r.feature, r.value, round(r.effect, 6)) for r in reasons] == [("visits", 3, 0.5), ("source", "BAIDU ", -0.3)]


def test_reasons_of_all_features_sum_up_to_the_prediction():
    table = {"source": ["fair", "baidu", None, "x"], "visits": [0, 4, 9, None]}
    for (chance, reasons), again in zip(MODEL.explain(table, limit=9, least=0.0), MODEL.predict(table)):
        assert odds(chance) == pytest.approx(-0.4 + sum(reason.effect for reason in reasons))
        assert chance == again


def test_weak_reasons_are_not_shown():
    ((_chance, reasons),) = MODEL.explain({"source": [None], "visits": [None]}, least=0.3)
    assert reasons == []


@pytest.mark.parametrize(("value", "weight"), [("Baidu", -0.5), (" FAIR", 1.0), ("douyin", 0.2), (None, -0.2), ("", -0.2)])
def test_category_known_other_and_none(value, weight):
    ((_chance, reasons),) = ScoreModel(0.0, (SOURCE,)).explain({"source": [value]})
    assert reasons == [Reason("source", value, weight)]


@pytest.mark.parametrize(
    ("value", "weight"), [(-3, -1.0), (0, -1.0), (0.1, 0.3), (5, 0.3), (6, 0.8), (None, 0.0), (float("nan"), 0.0), ("5", 0.0)]
)
def test_number_by_interval_and_what_is_no_number_as_none(value, weight):
    (chance,) = ScoreModel(0.0, (VISITS,)).predict({"visits": [value]})
    assert odds(chance) == pytest.approx(weight)


def test_a_column_that_is_not_there_counts_as_average():
    assert MODEL.predict({"visits": [7]}) == [pytest.approx(1 / (1 + math.exp(0.4 - 0.8)))]
    assert MODEL.predict({"else": ["x", "y"]}) == [pytest.approx(1 / (1 + math.exp(0.4)))] * 2
    assert MODEL.predict({}) == []


def test_intervals_in_words():
    assert [VISITS.interval(code) for code in range(4)] == [(None, 0.0), (0.0, 5.0), (5.0, None), (None, None)]


def test_json_and_back_is_the_same_model():
    assert ScoreModel.from_data(json.loads(json.dumps(MODEL.to_data()))) == MODEL


@pytest.mark.parametrize("data", [{}, {"intercept": 0, "features": [{"nme": "x"}], "pairs": []}])
def test_data_that_is_no_model_is_refused(data):
    with pytest.raises((KeyError, TypeError)):
        ScoreModel.from_data(data)


@given(st.lists(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans()), max_size=20))
def test_any_cell_gives_a_probability(cells):
    for chance in MODEL.predict({"source": cells, "visits": cells}):
        assert 0 < chance < 1


# -- quality ---------------------------------------------------------------------------------------------------------


def test_auc_counts_pairs_in_the_right_order():
    dice = random.Random(5)
    truth = [dice.randrange(2) for _row in range(60)]
    predicted = [dice.randrange(10) / 10 for _row in truth]
    pairs = [(p, q) for p, t in zip(predicted, truth) if t for q, u in zip(predicted, truth) if not u]
    assert auc(truth, predicted) == pytest.approx(sum((p > q) + (p == q) / 2 for p, q in pairs) / len(pairs))


def test_auc_of_one_outcome_is_refused():
    with pytest.raises(ValueError, match="won and lost"):
        auc([1, 1], [0.2, 0.4])


def test_brier_of_certainty_and_of_guessing():
    assert brier([1, 0], [1.0, 0.0]) == 0
    assert brier([1, 0], [0.5, 0.5]) == 0.25


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1), st.integers(1, 12))
def test_calibration_loses_no_lead_and_rises(rows, buckets):
    truth, predicted = [row[0] for row in rows], [row[1] for row in rows]
    found = calibration(truth, predicted, buckets)
    assert sum(bucket.size for bucket in found) == len(rows)
    assert sum(bucket.size * bucket.actual for bucket in found) == pytest.approx(sum(truth))
    assert [bucket.predicted for bucket in found] == sorted(bucket.predicted for bucket in found)
    assert len(found) <= buckets


# -- rules and grades ------------------------------------------------------------------------------------------------


@given(st.floats(-100, 100), st.floats(0.1, 1000), st.floats(0, 10000))
def test_points_halve_with_every_half_life(given_points, half_life, age):
    now = points(Rule(given_points, half_life), age=age)
    later = points(Rule(given_points, half_life), age=age + half_life)
    assert later == pytest.approx(now / 2, abs=1e-9)


def test_points_for_each_are_limited_before_they_fade():
    assert points(Rule(5, half_life=10, per_unit=True, limit=20), count=9, age=10) == 10


def test_a_moment_to_come_does_not_blow_points_up():
    assert points(Rule(20, half_life=1), age=-30) == 20


@given(st.floats(0, 1), st.floats(-1000, 1000))
def test_the_score_stays_between_0_and_100(chance, given_points):
    assert 0 <= combine(chance, given_points) <= 100


@pytest.mark.parametrize(("score", "name"), [(100, "A"), (70, "A"), (69.9, "B"), (20, "C"), (19.9, "D"), (0, "D")])
def test_grades_begin_at_their_step(score, name):
    assert grade(score, [("A", 70), ("B", 45), ("C", 20), ("D", 0)]) == name
