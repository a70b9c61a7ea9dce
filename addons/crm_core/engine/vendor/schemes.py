# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How advertising platforms prove who sends, and which of their ids tells a repetition."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Callable

from ..intake.body import decode, parse
from ..intake.incoming import Incoming, Refusal
from ..intake.path import find
from ..intake.problem import ParseProblem
from ..intake.signature import NOTHING, Scheme, Token, check_time, register, same

#: Where platforms put the id of a lead, unless the channel says otherwise; the same for pushed and fetched ones
ID_PATH = "clueId|clue_id|leads_id|bundle.leads_id|id"

#: digest → text of the signature
ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64_hex": lambda digest: base64.b64encode(digest.hex().encode()).decode(),
}


def vendor_key(data: Any, path: str = ID_PATH) -> str:
    """The idempotency key of a lead with a platform's own id; without one, its content.

    >>> vendor_key({"clueId": 7351}), vendor_key({})
    ('id:7351', 'body:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    """
    found = find(data, path or ID_PATH)
    if isinstance(found, (str, int)) and not isinstance(found, bool) and 0 < len(str(found).strip()) <= 128:
        return "id:" + str(found).strip()
    return "body:" + hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def signed(credentials: Mapping[str, str], incoming: Incoming, stamp: str) -> str:
    """The signature a platform would send, by the channel's settings.

    ``sign_message`` has {path} (with the query), {timestamp}, {token} and {body}; ``sign_encoding`` is a key of ENCODINGS.
    """
    parts = {"path": incoming.path, "timestamp": stamp, "token": credentials.get("sign_token", "")}
    before, body, after = credentials["sign_message"].partition("{body}")
    message = b"".join((_filled(before, parts), incoming.body if body else b"", _filled(after, parts)))
    return ENCODINGS[credentials["sign_encoding"]](hmac.new(credentials["secret"].encode(), message, hashlib.sha256).digest())


def _filled(template: str, parts: Mapping[str, str]) -> bytes:
    for name, value in parts.items():
        template = template.replace("{%s}" % name, value)
    return template.encode("utf-8", "replace")


class _VendorIds(Scheme):
    """The platform's own id tells a repetition, whoever sends it how often, and with what added meanwhile."""

    conflicts = False

    def idempotency_key(self, incoming: Incoming, credentials: Mapping[str, str] = NOTHING) -> str:
        content_type = incoming.headers.get("content-type", "")
        try:
            data = parse(decode(incoming.body, content_type), content_type)
        except ParseProblem:
            return "body:" + incoming.digest
        return vendor_key(data, credentials.get("id_path", ""))


@register
class VendorHeaders(_VendorIds):
    """Signature, time and access token in headers, as Feiyu (飞鱼) sends them: names and formula are settings."""

    name = "headers"

    def verify(self, incoming: Incoming, credentials: Mapping[str, str], window: int) -> None:
        given, stamp, token = (incoming.headers.get(name, "").strip() for name in self._names(credentials))
        if not given or not credentials.get("secret"):
            raise Refusal(401, "signature", "The signature header is missing.")
        check_time(stamp, incoming.now, window, unit=1000 if len(stamp) > 11 else 1)
        if credentials.get("sign_token"):
            same(credentials["sign_token"], token)
        same(signed(credentials, incoming, stamp), given)

    def sign_headers(self, body: bytes, credentials: Mapping[str, str], now: float, key: str) -> dict[str, str]:
        stamp = str(int(now))
        values = (signed(credentials, Incoming(body), stamp), stamp, credentials.get("sign_token", ""))
        return dict(zip(self._names(credentials), values))

    @staticmethod
    def _names(credentials: Mapping[str, str]) -> list[str]:
        """Names of the headers for signature, time and token, as :class:`Incoming` has them."""
        defaults = (("sign_header", "Signature"), ("time_header", "Timestamp"), ("token_header", "Access-Token"))
        return [(credentials.get(setting) or default).lower().replace("_", "-") for setting, default in defaults]


@register
class VendorToken(_VendorIds, Token):
    """The address of the channel is the secret, as with 基木鱼 and Tencent; repetitions are told by the platform's id."""

    name = "vendor_token"
