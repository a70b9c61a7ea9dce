# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import pytest
from crm_core_engine.followup import ENOUGH, EVIDENCE, MISSING, Facts, Position, distance, judge, mimetype_of, read_position

HERE = Position(22.5431, 114.0579, 15.0)
RADIUS = 500.0


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        ((0, 0), (0, 1), 111_195),  # a degree of the equator: 2 π r / 360
        ((0, 0), (90, 0), 10_007_557),  # a quarter of a meridian
        ((10, 179.5), (10, -179.5), 109_505),  # across the date line: a degree of longitude times cos 10°
        ((22.5, 114), (22.5, 114), 0),
        ((0, 0), (0, 180), 20_015_115),  # half way round: sqrt and asin at their limit
    ],
)
def test_distance(here, there, metres):
    assert distance(Position(*here), Position(*there)) == pytest.approx(metres, abs=1)
    assert distance(Position(*there), Position(*here)) == pytest.approx(metres, abs=1)


@pytest.mark.parametrize(
    "numbers",
    [
        (91, 0, 5),
        (-90.001, 0, 5),
        (0, 181, 5),
        (0, 0, 5),
        (float("nan"), 114, 5),
        (22, float("inf"), 5),
        (22, 114, -1),
        ("22", 114, 5),
        (None, None, None),
        (True, 114, 5),
    ],
)
def test_impossible_positions_are_refused(numbers):
    with pytest.raises(ValueError, match="no place on earth"):
        read_position(*numbers)


def test_the_edges_of_the_earth_are_possible():
    assert read_position(-90, 180, 3) == Position(-90.0, 180.0, 3.0)


@pytest.mark.parametrize(
    ("metres", "accuracy", "missing"),
    [(500, 15, ""), (515, 15, ""), (516, 15, "far"), (100, 300, ""), (100, 301, "inaccurate"), (0, 0, "fake")],
)
def test_a_visit_is_verified_near_the_address(metres, accuracy, missing):
    verdict = judge(Facts("visit", HERE._replace(accuracy=accuracy), metres), RADIUS)
    assert verdict.missing == missing
    assert verdict.evidence == (() if missing else ("on_site",))


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (Facts("visit"), "check_in"),
        (Facts("visit", photos=3), "check_in"),
        (Facts("visit", HERE), "photo"),
        (Facts("visit", HERE, photos=1), ""),
        (Facts("visit", HERE, metres=9000, photos=1), "far"),
        (Facts("call"), "recording"),
        (Facts("call", photos=1), "recording"),
        (Facts("call", recordings=1), ""),
        (Facts("wechat"), "picture"),
        (Facts("wechat", photos=1), ""),
        (Facts("email"), "message"),
        (Facts("email", messages=1), ""),
        (Facts("email", photos=1), ""),
        (Facts("meeting"), "picture_or_recording"),
        (Facts("meeting", HERE, metres=20), ""),
        (Facts("meeting", recordings=1), ""),
        (Facts("note"), ""),
    ],
)
def test_what_is_enough(facts, missing):
    assert judge(facts, RADIUS).missing == missing


def test_every_word_is_known():
    assert {key for sets in ENOUGH.values() for one in sets for key in one} <= set(EVIDENCE)
    assert len(set(MISSING)) == len(MISSING)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"#!AMR\n", "audio/amr"),
        (b"<svg onload=", ""),
        (b"MZ", ""),
        (b"", ""),
    ],
)
def test_files_are_what_they_begin_with(head, kind):
    assert mimetype_of(head) == kind
