# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""WeCom (企业微信): tokens, external contacts, and what its answers say about who follows whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Optional

from .calls import Call, Fetch, Json, PeerRefused, checked, number, rows

BUSY = frozenset((-1, 45009, 45033))  # system busy, frequency, concurrency
BAD_TOKEN = frozenset((40001, 40014, 42001))
GONE = frozenset((84061, 40096))  # nobody here follows this contact any more, or nobody ever did
EPOCH = datetime(1970, 1, 1)


class TokenExpired(PeerRefused):
    """The access token is no longer good: fetch another one and ask again."""


class Follow(NamedTuple):
    """One colleague's relation to an external contact."""

    userid: str
    remark: str
    company: str
    phone: str
    description: str
    state: str
    tags: tuple[str, ...]
    added_at: Optional[datetime]


class Contact(NamedTuple):
    """An external contact with those who follow it (nobody: it is lost to all)."""

    external_userid: str
    name: str
    company: str
    position: str
    unionid: str
    follows: tuple[Follow, ...]


def access_token(fetch: Fetch, corp_id: str, secret: str) -> tuple[str, int]:
    """(token, seconds it is good for)."""
    answer = checked(fetch(Call("/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret})), "errcode", BUSY)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise PeerRefused("the answer holds no access token")
    return token, number(answer.get("expires_in"))


def contact(fetch: Fetch, token: str, external_userid: str) -> Contact:
    """An external contact; one nobody follows comes back without follows and names.

    Costs a call for every 500 followers.

    :raise TokenExpired: get a new token
    """
    follows: list[Follow] = []
    person: Json = {}
    cursor = ""
    while True:
        params = {"access_token": token, "external_userid": external_userid, "cursor": cursor}
        answer = fetch(Call("/cgi-bin/externalcontact/get", params))
        if answer.get("errcode") in GONE:
            return Contact(external_userid, "", "", "", "", ())
        _checked(answer)
        person = person or answer.get("external_contact") or {}
        follows += [_follow(row) for row in rows(answer.get("follow_user")) if row.get("userid")]
        cursor = _text(answer.get("next_cursor"))
        if not cursor:
            break
    return Contact(
        external_userid,
        _text(person.get("name")),
        _text(person.get("corp_full_name") or person.get("corp_name")),
        _text(person.get("position")),
        _text(person.get("unionid")),
        tuple(follows),
    )


def external_userids(fetch: Fetch, token: str, userid: str) -> list[str]:
    """Whom one colleague follows; one call."""
    answer = fetch(Call("/cgi-bin/externalcontact/list", {"access_token": token, "userid": userid}))
    if answer.get("errcode") in GONE:
        return []
    found = _checked(answer).get("external_userid")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def follow_userids(fetch: Fetch, token: str) -> list[str]:
    """Colleagues who may have external contacts; one call."""
    found = _checked(fetch(Call("/cgi-bin/externalcontact/get_follow_user_list", {"access_token": token}))).get("follow_user")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def submission(person: Contact, follow: Follow) -> Json:
    """What a gained contact submits to the intake, flat, so that the channel's mapping can name it.

    >>> one = Follow("li", "张总-华强", "华强电子", "13800138000", "", "expo", ("VIP",), None)
    >>> found = submission(Contact("wm1", "张三", "", "", "", (one,)), one)
    >>> found["name"], found["company"], found["phone"], found["tags"]
    ('张三', '华强电子', '13800138000', ['VIP'])
    """
    return {
        "external_userid": person.external_userid,
        "unionid": person.unionid,
        "name": person.name or follow.remark,
        "company": person.company or follow.company,
        "position": person.position,
        "phone": follow.phone,
        "remark": follow.remark,
        "description": follow.description,
        "state": follow.state,
        "tags": list(follow.tags),
        "userid": follow.userid,
        "added_at": follow.added_at and f"{follow.added_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _checked(answer: Json) -> Json:
    if answer.get("errcode") in BAD_TOKEN:
        raise TokenExpired(str(answer.get("errcode")))
    return checked(answer, "errcode", BUSY)


def _follow(row: Json) -> Follow:
    phones = row.get("remark_mobiles")
    seconds = number(row.get("createtime"))
    return Follow(
        _text(row.get("userid")),
        _text(row.get("remark")),
        _text(row.get("remark_corp_name")),
        _text(phones[0]) if isinstance(phones, list) and phones else "",
        _text(row.get("description")),
        _text(row.get("state")),
        tuple(_text(tag.get("tag_name")) for tag in rows(row.get("tags")) if tag.get("tag_name")),
        EPOCH + timedelta(seconds=seconds) if 0 < seconds < 2**32 else None,
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
