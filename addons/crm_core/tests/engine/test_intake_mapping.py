# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime

import pytest
from crm_core_engine.intake import CONVERTERS, Line, PathError, apply, clean, compile_path, example, find
from crm_core_engine.intake.path import place
from hypothesis import given
from hypothesis import strategies as st

#: as 60-integrations describes it
JIMUYU = {
    "clueId": 123,
    "cluePhoneNumber": "13800000000",
    "formDetail": [
        {"name": "姓名", "type": "text", "value": "张伟"},
        {"name": "需求 (选填)", "type": "text", "value": "离心泵"},
    ],
}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cluePhoneNumber", "13800000000"),
        ("formDetail[name=姓名].value", "张伟"),
        ("formDetail[name=需求*].value", "离心泵"),
        ("formDetail[-1].value", "离心泵"),
        ("formDetail[0].name", "姓名"),
        ('["clueId"]', 123),
        ("phone | clueId", 123),
        ("formDetail[name=电话].value", None),
        ("formDetail[7].value", None),
        ("formDetail.name", None),
        ("clueId.deeper[0].still", None),
    ],
)
def test_paths(path, value):
    assert find(JIMUYU, path) == value


def test_json_inside_json():
    assert find({"bundle": '{"city": {"name": "深圳"}}'}, "bundle.city.name") == "深圳"
    assert find({"bundle": "{broken"}, "bundle.city") is None


@pytest.mark.parametrize("path", ["", "a..b", "a[", "a[x", "a]", ".", "a|", "a[=x]", "a[b=c"])
def test_what_is_no_path(path):
    with pytest.raises(PathError):
        compile_path(path)


@given(ANY, st.sampled_from(["a", "a.b", "a[0].b", "a[b=c].d", "a|b", '["x"]']))
def test_a_path_never_fails(data, path):
    find(data, path)


@given(ANY, st.sampled_from(sorted(CONVERTERS)))
def test_a_conversion_never_fails_and_is_storable(value, kind):
    found = CONVERTERS[kind](value)
    if isinstance(found, str):
        found.encode()
        assert "\0" not in found
        assert len(found) <= clean.MAX_TEXT


@given(st.text(max_size=600))
def test_a_line_has_no_markup_no_control_and_a_bounded_length(text):
    found = clean.line(text)
    assert not set(found) & set("<>\r\n\t\0")
    assert len(found) <= clean.MAX_LINE


def test_scripts_and_headers_are_taken_out():
    assert clean.line("<img src=x onerror=alert(1)>张伟") == "张伟"
    assert clean.line("<scr<b>ipt>alert(1)</script>") == "scriptalert(1)"
    assert clean.line("Zhang\r\nBcc: all@example.com") == "Zhang Bcc: all@example.com"
    assert clean.email("a@example.com\r\nBcc: b@example.com") == "a@example.com"
    assert clean.email("no address") == ""
    assert clean.url("javascript:alert(1)") == clean.url("data:text/html,x") == clean.url("https://a b") == ""
    assert clean.line("a\u202egnp.exe") == "agnp.exe"
    assert clean.line("\ud800x") == "x"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1700000000, datetime(2023, 11, 14, 22, 13, 20)),
        ("1700000000000", datetime(2023, 11, 14, 22, 13, 20)),
        ("2023-11-15 06:13:20", datetime(2023, 11, 14, 22, 13, 20)),
        ("2023/11/15 06:13", datetime(2023, 11, 14, 22, 13)),
        ("20231115061320", datetime(2023, 11, 14, 22, 13, 20)),
        ("2023-11-14T22:13:20Z", datetime(2023, 11, 14, 22, 13, 20)),
        ("2023-11-14T22:13:20.123+00:00", datetime(2023, 11, 14, 22, 13, 20)),
        ("2023-11-15", datetime(2023, 11, 14, 16)),
        ("yesterday", None),
        ("2023-13-45", None),
        (10**12 * 9, None),
        ("9999-01-01", None),
    ],
)
def test_moments(value, moment):
    assert clean.moment(value) == moment


def test_the_first_line_with_a_value_wins_and_nothing_is_thrown_away():
    lines = [
        Line("mobile", "phone", "phone"),
        Line("tel", "phone", "phone"),
        Line("budget", "expected_revenue", "float", "Budget"),
        Line("email", "email_from", "email", "E-mail"),
        Line("msg", "description", "note"),
    ]
    found = apply(lines, {"tel": 13800000000, "budget": "a lot", "email": "none", "msg": " 你好 "})
    assert found.values == {"phone": "13800000000"}
    assert found.notes == ["Budget: a lot", "E-mail: none", "你好"]


def test_an_example_is_read_back():
    lines = [Line("formDetail[name=姓名].value|name", "contact_name"), Line("x.y[0].tel", "phone", "phone")]
    values = {"contact_name": "张伟", "phone": "13800000000"}
    assert apply(lines, example(lines, values)).values == values


@pytest.mark.parametrize("path", ["a", "a.b", "a[0]", "a[2].b", "a[x=y].z", 'a["b.c"]', "a[0][0]"])
def test_a_value_is_found_where_it_was_put(path):
    data = {}
    place(data, path, "v")
    assert find(data, path.replace("[2]", "[0]")) == "v"
