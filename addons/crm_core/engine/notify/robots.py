# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The group robots of WeCom, DingTalk and Feishu, and SMS gateways.

Signatures and limits are those of design 60-integrations. Codes marked "memory" there was no document for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from ..enrich.answer import get_path
from ..enrich.fetch import Failure, Request, TryLater
from .pace import Pace

#: Seconds for which DingTalk shuts out who asked too fast
DINGTALK_PENALTY = 600


@dataclass(frozen=True)
class Message:
    """A text for a group, and the mobile numbers of the members to be called to it."""

    text: str
    mobiles: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Robot:
    """How one vendor's robots are asked.

    ``build(url, secret, message, now)`` gives the request (``now`` in seconds since the epoch); ``code`` is the name of
    the answer's result code, ``busy`` maps those codes that mean "later" to seconds, any other but 0 is a refusal.
    """

    build: Callable[[str, str, Message, float], Request]
    pace: Pace
    code: tuple[str, ...]
    busy: Mapping[int, int]

    def read(self, answer: object) -> None:
        """Nothing if the vendor took the message.

        :raises TryLater: it is busy, or was asked too fast
        :raises Failure: it refused the message, with its code and words
        """
        found = answer if isinstance(answer, dict) else {}
        code: object = next((found[name] for name in self.code if name in found), None)
        if code in (0, "0"):
            return
        words = "%s %s" % (code, found.get("errmsg") or found.get("msg") or found.get("StatusMessage") or "")
        if isinstance(code, int) and code in self.busy:
            raise TryLater(words.strip(), self.busy[code])
        raise Failure(words.strip() if code is not None else "the answer has no result code")


def sign_dingtalk(secret: str, milliseconds: int) -> str:
    """Base64 of the HMAC-SHA256 of time and secret, keyed by the secret."""
    text = "%d\n%s" % (milliseconds, secret)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def sign_feishu(secret: str, seconds: int) -> str:
    """Base64 of the HMAC-SHA256 of nothing, keyed by time and secret."""
    key = "%d\n%s" % (seconds, secret)
    return base64.b64encode(hmac.new(key.encode(), b"", hashlib.sha256).digest()).decode()


def cut(text: str, size: int) -> str:
    """``text`` in at most ``size`` bytes of UTF-8, the end marked where something was left out.

    >>> cut("应收逾期", 9), cut("应收逾期", 12)
    ('应收…', '应收逾期')
    """
    data = text.encode()
    if len(data) <= size:
        return text
    return data[: size - len("…".encode())].decode(errors="ignore") + "…"


def _post(url: str, content: Mapping[str, object]) -> Request:
    return Request(url, body=json.dumps(content, ensure_ascii=False))


def _wecom(url: str, secret: str, message: Message, now: float) -> Request:
    text = {"content": cut(message.text, 2048), "mentioned_mobile_list": list(message.mobiles)}
    return _post(url, {"msgtype": "text", "text": text})


def _dingtalk(url: str, secret: str, message: Message, now: float) -> Request:
    if secret:
        milliseconds = int(now * 1000)
        signed = urlencode({"timestamp": milliseconds, "sign": sign_dingtalk(secret, milliseconds)})
        url += ("&" if urlsplit(url).query else "?") + signed
    at = {"atMobiles": list(message.mobiles), "isAtAll": False}
    called = "".join("\n@" + mobile for mobile in message.mobiles)  # DingTalk shows who is called only in the text
    return _post(url, {"msgtype": "text", "text": {"content": cut(message.text, 18000) + called}, "at": at})


def _feishu(url: str, secret: str, message: Message, now: float) -> Request:
    content: dict[str, object] = {"msg_type": "text", "content": {"text": cut(message.text, 18000)}}
    if secret:
        content = {"timestamp": str(int(now)), "sign": sign_feishu(secret, int(now)), **content}
    return _post(url, content)


#: Vendors by kind of channel. Busy codes: memory
ROBOTS = {
    "wecom": Robot(_wecom, Pace(((20, 60.0),)), ("errcode",), {45009: 60, -1: 5}),
    "dingtalk": Robot(_dingtalk, Pace(((20, 60.0),)), ("errcode",), {130101: DINGTALK_PENALTY, 410100: DINGTALK_PENALTY, -1: 5}),
    "feishu": Robot(_feishu, Pace(((100, 60.0), (5, 1.0))), ("code", "StatusCode"), {9499: 60, 11232: 60}),
}




def read_gateway(answer: object, path: str, expected: str) -> None:
    """Nothing if an SMS gateway took the message: the value at ``path`` of its answer is ``expected``.

    :raises Failure: anything else; with no path, any JSON answer is fine

    >>> read_gateway({"code": 0}, "code", "0")
    >>> try:
    ...     read_gateway({"code": 7, "msg": "no credit"}, "code", "0")
    ... except Failure as failure:
    ...     print(failure)
    code is 7, not 0
    """
    if path:
        value = get_path(answer, path)
        if str(value) != expected:
            raise Failure("%s is %s, not %s" % (path, value, expected))
