# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import contextlib
import json
from urllib.parse import quote_plus, urlencode

import pytest
from crm_core_engine.intake import ParseProblem, Refusal, check_type, decode, parse
from crm_core_engine.intake.body import MAX_DEPTH, MAX_PAIRS
from hypothesis import given
from hypothesis import strategies as st

FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\ufeff"), min_size=1, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


def problem(text, content_type="application/json"):
    with pytest.raises(ParseProblem) as caught:
        parse(text, content_type)
    return caught.value.code


@given(st.binary(max_size=500), st.text(max_size=60))
def test_any_bytes_become_text_without_nul(body, content_type):
    assert "\0" not in decode(body, content_type)


@given(TEXT)
def test_utf8_and_gb18030_are_told_apart(text):
    assert decode(text.encode()) == text
    assert decode(text.encode("gb18030"), "text/plain; charset=gb18030") == text


def test_encodings_as_they_come():
    assert decode("联系人：王芳，电话".encode("gbk")) == "联系人：王芳，电话"
    assert decode("\ufeff{}".encode()) == "{}"
    assert decode("张".encode("utf-16"), "application/json; charset=utf-16") == "张"
    assert decode("张".encode(), "application/json; charset=nonsense") == "张"
    assert decode("张".encode(), 'application/json; charset="unknown-8bit"') == "张"


@given(JSON)
def test_json_is_read_as_python_does(data):
    assert parse(json.dumps(data, ensure_ascii=False) if data != "" else '""') == data


@given(st.text(max_size=200), st.sampled_from(["", "application/json", FORM]))
def test_any_text_is_read_or_a_problem(text, content_type):
    with contextlib.suppress(ParseProblem):
        parse(text, content_type)


def test_problems():
    assert problem("") == problem(" \n\ufeff") == problem("=", FORM) == "empty"
    assert problem("{") == problem("{'a': 1}") == problem('{"a": NaN}') == problem("[1] [2]") == "json"
    assert problem("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == "depth"
    assert problem("[" * 60000) == problem('{"a":' * 10000) == "depth"
    assert problem("&".join("a=1" for _ in range(MAX_PAIRS + 2)), FORM) == "pairs"


def test_the_deepest_that_is_read():
    parse("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))


def test_numbers_keep_their_digits():
    assert parse('{"id": 123456789012345678901234567890, "x": 0.10, "e": 1e999}') == {
        "id": "123456789012345678901234567890",
        "x": "0.10",
        "e": "1e999",
    }


@given(st.dictionaries(TEXT.map(str.strip).filter(bool), TEXT, min_size=1, max_size=5))
def test_forms(data):
    assert parse(urlencode(data), FORM) == data


def test_forms_as_they_come():
    assert parse("a=1&a=2&b=&c", FORM) == {"a": ["1", "2"], "b": "", "c": ""}
    assert parse("name=%s" % quote_plus("张伟".encode("gb18030")), FORM) == {"name": "张伟"}
    assert parse("a=%ZZ&b=1+1%00", FORM) == {"a": "%ZZ", "b": "1 1\ufffd"}
    assert parse('{"sent": "as json"}', FORM) == {"sent": "as json"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b""),
        ("Application/JSON; charset=gbk", b"x"),
        ("application/vnd.api+json", b"x"),
        ("text/json", b"x"),
        (FORM, b"x"),
        ("", b" {}"),
        ("text/plain", b"[1]"),
    ],
)
def test_types_that_are_taken(content_type, body):
    check_type(content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("", b"a=b"), ("text/plain", b"x"), ("image/png", b"{}"), ("multipart/form-data; boundary=x", b"{}"), ("text/xml", b"<a/>")],
)
def test_types_that_are_not(content_type, body):
    with pytest.raises(Refusal) as caught:
        check_type(content_type, body)
    assert caught.value.status == 415
