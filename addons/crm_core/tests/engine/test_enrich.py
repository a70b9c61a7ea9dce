# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Places of phone numbers and addresses, and reading what providers answer."""

import json

import pytest
from crm_core_engine.enrich import AnswerError, Request, get_path, phone_place, read_values
from crm_core_engine.enrich.fetch import check_url
from crm_core_engine.enrich.place import MUNICIPALITIES, PROVINCES, make_place, province_key, split_place
from hypothesis import given
from hypothesis import strategies as st


def test_the_key_of_a_province_is_unique():
    assert len({name[:2] for name in PROVINCES}) == len(PROVINCES) == 34


@pytest.mark.parametrize(
    ("text", "province", "city"),
    [
        ("北京市", "北京", "北京市"),
        ("天津", "天津", "天津市"),
        ("黑龙江省大兴安岭地区", "黑龙江", "大兴安岭地区"),
        ("内蒙古呼和浩特市", "内蒙古", "呼和浩特市"),
        ("广西壮族自治区南宁市", "广西", "南宁市"),
        ("新疆维吾尔自治区乌鲁木齐市", "新疆", "乌鲁木齐市"),
        ("四川省成都市、资阳市、眉山市", "四川", ""),
        ("湖北省襄樊市", "湖北", "襄阳市"),
        ("中国", "", ""),
        ("", "", ""),
    ],
)
def test_texts_that_name_province_and_city(text, province, city):
    assert split_place(text)[:2] == (province, city)


@pytest.mark.parametrize(
    ("phone", "city", "carrier"),
    [
        ("13912345678", "常州市", "中国移动"),
        ("+8613912345678", "常州市", "中国移动"),
        ("8613912345678", "常州市", "中国移动"),
        ("19912345678", "", "中国电信"),
        ("010-65432100", "北京市", ""),
        ("021 6543 2100", "上海市", ""),
        ("0571-87654321", "杭州市", ""),
        ("+86 (571) 87654321", "杭州市", ""),
        ("0755-26000000转801", "深圳市", ""),
        ("87654321", "", ""),
        ("+852 9123 4567", "", ""),
        ("not a number", "", ""),
    ],
)
def test_where_numbers_are_from(phone, city, carrier):
    place = phone_place(phone)
    assert (place.city, place.carrier) == (city, carrier)


@given(st.text(max_size=30))
def test_any_text_has_a_place_or_none(text):
    assert phone_place(text).province in ("", *PROVINCES)
    assert make_place(text, text).province in ("", *PROVINCES)
    assert province_key(text) in ("", text[:2])


def test_a_municipality_is_named_once():
    assert [make_place(name, name).label for name in MUNICIPALITIES] == list(MUNICIPALITIES)


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(JSON)
def test_any_answer_is_read_or_refused(data):
    try:
        values = read_values(data, {"a": "a", "b": "a.b[0]", "c": "[0]", "d": "$"}, "a")
    except AnswerError:
        assert not isinstance(data, (dict, list))
    else:
        assert all(isinstance(value, str) and value for value in values.values())


def test_paths():
    data = {"a": [{"b.c": 1, "d": [1, 2]}]}
    assert get_path(data, "$.a[0].d[-1]") == 2
    assert get_path(data, "a[7].d") is get_path(data, "a.b") is get_path(data, "x.y[0]") is None
    with pytest.raises(ValueError, match="not a path"):
        get_path(data, "a[b")


@given(st.text(max_size=50))
def test_a_query_stays_in_its_place(query):
    template = Request("https://a.example/x?q={query}&k={secret}", {"X-Query": "{query}"}, '{"q": "{query}"}')
    filled = template.filled(query=query, secret="s&1")
    assert filled.url.startswith("https://a.example/x?q=")
    assert filled.url.count("&") == 1
    assert "\n" not in filled.headers["X-Query"]
    assert "\r" not in filled.headers["X-Query"]
    assert json.loads(filled.body) == {"q": query}
    assert filled.url.endswith("&k=s%261")


@pytest.mark.parametrize("url", ["ftp://a/", "file:///etc/passwd", "//a/b", "https:///x", "https://{query}/", "javascript:1", ""])
def test_only_web_addresses_with_a_fixed_host(url):
    with pytest.raises(ValueError, match="only http|the host"):
        check_url(url)
