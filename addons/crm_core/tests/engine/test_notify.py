# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What robots are sent and how their answers are read. Signatures are checked by robots of our own in the addon's tests."""

import json

import pytest
from crm_core_engine.enrich import Failure, TryLater
from crm_core_engine.notify import ROBOTS, Message, Pace, read_gateway
from crm_core_engine.notify.robots import DINGTALK_PENALTY, cut
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=60), st.integers(min_value=3, max_value=80))
def test_a_cut_text_fits_and_is_a_beginning(text, size):
    short = cut(text, size)
    assert len(short.encode()) <= size
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(
    st.lists(st.floats(min_value=0, max_value=3), max_size=60),
    st.sampled_from([((2, 1.0),), ((5, 1.0), (9, 4.0)), ((20, 60.0),)]),
)
def test_whoever_waits_as_told_never_breaks_the_limit(pauses, limits):
    pace, now, times = Pace(limits), 0.0, []
    for pause in pauses:
        now += pause
        now += pace.wait([now - time for time in reversed(times)])
        times.append(now)
    for number, seconds in limits:
        for first, beyond in zip(times, times[number:]):
            assert beyond - first >= seconds - 1e-6


def test_wecom_is_not_signed_and_dingtalk_and_feishu_are_if_they_have_a_secret():
    message = Message("逾期", ("139",))
    assert json.loads(ROBOTS["wecom"].build("https://w.example/send?key=k", "", message, 1.0).body) == {
        "msgtype": "text",
        "text": {"content": "逾期", "mentioned_mobile_list": ["139"]},
    }
    ding = ROBOTS["dingtalk"].build("https://d.example/robot/send?access_token=t", "SEC", message, 1000.5)
    assert ding.url.startswith("https://d.example/robot/send?access_token=t&timestamp=1000500&sign=")
    assert ROBOTS["dingtalk"].build("https://d.example/send", "", message, 1.0).url == "https://d.example/send"
    assert json.loads(ROBOTS["feishu"].build("https://f.example/hook", "s", message, 7.9).body)["timestamp"] == "7"
    assert set(json.loads(ROBOTS["feishu"].build("https://f.example/hook", "", message, 7.9).body)) == {"msg_type", "content"}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("wecom", {"errcode": 0, "errmsg": "ok"}), ("feishu", {"code": 0}), ("feishu", {"StatusCode": 0, "StatusMessage": "success"})],
)
def test_taken(kind, answer):
    ROBOTS[kind].read(answer)


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "93000 invalid webhook url"),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, "19021 sign match fail"),
        ("dingtalk", {}, "no result code"),
        ("dingtalk", None, "no result code"),
        ("wecom", [0], "no result code"),
    ],
)
def test_refused(kind, answer, words):
    with pytest.raises(Failure, match=words):
        ROBOTS[kind].read(answer)


def test_a_robot_that_shuts_us_out_is_left_alone_as_long_as_it_does():
    with pytest.raises(TryLater) as caught:
        ROBOTS["dingtalk"].read({"errcode": 130101, "errmsg": "send too fast"})
    assert caught.value.seconds == DINGTALK_PENALTY


def test_a_gateway_without_a_path_is_believed():
    read_gateway({"anything": 1}, "", "0")
