# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import re

import pytest
from crm_core_engine import visit

VISITOR, VIEW = "0123456789abcdef" * 2, "f" * 16


def beacon(**changes):
    data = {"v": VISITOR, "p": VIEW, "u": "https://www.example.cn/pump?utm_source=baidu&utm_term=水泵#x", "s": 3.4, **changes}
    return visit.read(json.dumps(data).encode())


def test_page_keyword_and_source_are_read():
    found = beacon(r="https://www.baidu.com/s?wd=不锈钢水泵", t=" 水泵\n 首页")
    assert (found.page, found.source, found.keyword) == ("https://www.example.cn/pump", "baidu", "水泵")
    assert (found.referrer, found.title, found.seconds) == ("https://www.baidu.com/s", "水泵 首页", 3)


def test_the_search_engine_tells_the_keyword_where_the_page_does_not():
    assert beacon(u="https://www.example.cn/", r="https://www.baidu.com/s?wd=不锈钢水泵").keyword == "不锈钢水泵"


def test_what_an_address_may_tell_of_a_person_is_left_out():
    assert beacon(u="https://u:p@www.example.cn/a?tel=13800138000#b").page == "https://www.example.cn/a"


@pytest.mark.parametrize(
    "changes",
    [{"v": "x"}, {"v": None}, {"p": "1"}, {"u": "javascript:alert(1)"}, {"u": 7}, {"u": "https://[bad"}],
)
def test_what_is_no_beacon_is_refused(changes):
    assert beacon(**changes) is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b"{", b"[" * 4000])
def test_what_is_no_json_object_is_refused(body):
    assert visit.read(body) is None


@pytest.mark.parametrize(("given", "kept"), [(-1, 0), (10**6, 3600), ("9", 0), (True, 0), (None, 0), (1e300, 0)])
def test_seconds_are_bounded(given, kept):
    assert beacon(s=given).seconds == kept


def test_erasing_needs_the_visitor_alone():
    assert visit.read(json.dumps({"v": VISITOR, "erase": True}).encode()).erase


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps({"crm_visitor": VISITOR}),
        "phone=1&crm_visitor=" + VISITOR,
        json.dumps({"formDetail": [{"name": "crm_visitor", "type": "text", "value": VISITOR}]}),
        json.dumps({"bundle": json.dumps({"crm_visitor": VISITOR})}),
    ],
)
def test_the_visitor_is_found_in_any_submission(payload):
    assert re.search(visit.JOIN_PATTERN, payload).group(1) == VISITOR
