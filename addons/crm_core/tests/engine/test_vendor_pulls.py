# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Paging and signing of the pulls, against a fetch that plays the vendor."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import datetime

import pytest
from crm_core_engine.vendor import feiyu, ocean, tencent
from crm_core_engine.vendor.calls import PeerBusy, PeerRefused

START, END = datetime(2026, 3, 1), datetime(2026, 3, 1, 12)


def ids(pages):
    return [row["id"] for page in pages for row in page]


def test_ocean_asks_page_by_page_in_chinas_time():
    asked = []

    def fetch(call):
        asked.append(call)
        page = int(call.params["page"])
        rows = [{"id": n} for n in range(1, 251)][(page - 1) * 100 : page * 100]
        return {"code": 0, "data": {"list": rows, "page_info": {"page": page, "total_page": 3}}}

    assert ids(ocean.clues(fetch, ["11", "12"], "T", START, END)) == list(range(1, 251))
    assert [call.params["page"] for call in asked] == ["1", "2", "3"]
    assert asked[0].headers == {"Access-Token": "T"}
    assert json.loads(asked[0].params["advertiser_ids"]) == [11, 12]
    assert (asked[0].params["start_time"], asked[0].params["end_time"]) == ("2026-03-01 08:00:00", "2026-03-01 20:00:00")


def test_feiyu_signs_the_hex_digest_anew_for_every_page():
    clock = itertools.count(1772323200).__next__
    stamps = []

    def fetch(call):
        stamp = call.headers["Timestamp"]
        text = "/crm/v2/openapi/pull-clues/?start_time=1772323200&end_time=1772366400 " + stamp
        expected = base64.b64encode(hmac.new(b"key", text.encode(), hashlib.sha256).hexdigest().encode()).decode()
        assert call.headers["Signature"] == expected
        stamps.append(stamp)
        rows = [{"id": n} for n in range(1, 151)]
        page = int(call.params["page"])
        return {"status": "success", "count": 150, "data": rows[(page - 1) * 100 : page * 100]}

    assert ids(feiyu.clues(fetch, "key", "T", START, END, clock)) == list(range(1, 151))
    assert stamps == ["1772323200", "1772323201"]


def test_tencent_goes_on_beyond_five_thousand_by_search_after():
    everything = [{"id": n} for n in range(1, 5451)]
    asked = []

    def fetch(call):
        asked.append(call.params)
        assert int(call.params["page_size"]) <= 200
        after = json.loads(call.params.get("last_search_after_values", "[0]"))[0]
        first = after + (int(call.params["page"]) - 1) * 200
        assert first - after < 5000
        rows = everything[first : first + 200]
        data = {"list": rows, "page_info": {"total_number": 5450}, "last_search_after_values": [rows[-1]["id"]]}
        return {"code": 0, "data": data}

    nonce = map(str, itertools.count()).__next__
    found = ids(tencent.leads(fetch, "7", "T", START, END, lambda: 1772323200.5, nonce))
    assert found == list(range(1, 5451))
    assert len({params["nonce"] for params in asked}) == len(asked)
    assert {params["timestamp"] for params in asked} == {"1772323200"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"code": 40100, "message": "too fast"}, PeerBusy),
        ({"code": 40105, "message": "token"}, PeerRefused),
        ({}, PeerRefused),
    ],
)
def test_ocean_errors_are_told_apart(answer, error):
    with pytest.raises(error):
        list(ocean.clues(lambda call: answer, ["1"], "T", START, END))


@pytest.mark.parametrize("data", [None, [], {}, {"list": "x"}, {"list": [1, None]}, {"list": [], "page_info": {"total_page": 9}}])
def test_an_odd_answer_ends_the_pull(data):
    assert list(ocean.clues(lambda call: {"code": 0, "data": data}, ["1"], "T", START, END)) == []
