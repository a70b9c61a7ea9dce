# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime

import pytest
from crm_core_engine.vendor import wecom
from crm_core_engine.vendor.calls import PeerBusy, PeerRefused

PERSON = {"external_userid": "wm1", "name": "张三", "corp_full_name": "深圳市华强电子有限公司", "position": "经理"}
FOLLOW = {
    "userid": "li",
    "remark": "张总",
    "remark_mobiles": ["13800138000", "13900139000"],
    "createtime": 1772323200,
    "tags": [{"tag_name": "VIP"}, {"group_name": "x"}],
}


def test_a_contact_with_followers_on_two_pages():
    pages = {
        "": {"errcode": 0, "external_contact": PERSON, "follow_user": [FOLLOW], "next_cursor": "c"},
        "c": {"errcode": 0, "external_contact": PERSON, "follow_user": [{"userid": "wang"}]},
    }
    contact = wecom.contact(lambda call: pages[call.params["cursor"]], "T", "wm1")
    assert (contact.name, contact.company) == ("张三", "深圳市华强电子有限公司")
    assert [follow.userid for follow in contact.follows] == ["li", "wang"]
    first = contact.follows[0]
    assert (first.phone, first.tags, first.added_at) == ("13800138000", ("VIP",), datetime(2026, 3, 1))
    assert wecom.submission(contact, first)["added_at"] == "2026-03-01T00:00:00Z"


def test_a_contact_nobody_follows_is_lost_to_all():
    assert wecom.contact(lambda call: {"errcode": 84061}, "T", "wm1").follows == ()
    assert wecom.external_userids(lambda call: {"errcode": 84061}, "T", "li") == []


@pytest.mark.parametrize(("code", "error"), [(42001, wecom.TokenExpired), (45009, PeerBusy), (60011, PeerRefused)])
def test_errors_are_told_apart(code, error):
    with pytest.raises(error):
        wecom.contact(lambda call: {"errcode": code}, "T", "wm1")


@pytest.mark.parametrize("follow_user", [None, "x", [None], [{}], [{"userid": 3}], [{"userid": "li", "tags": 1, "createtime": "x"}]])
def test_odd_answers_do_no_harm(follow_user):
    contact = wecom.contact(lambda call: {"errcode": 0, "external_contact": None or {}, "follow_user": follow_user}, "T", "wm1")
    assert len(contact.follows) <= 1
