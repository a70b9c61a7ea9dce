# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How channels prove who sends: one small class per scheme, found by name in :data:`SCHEMES`.

A scheme that is missing is added by a subclass in a module of its own::

    @register
    class Other(Scheme):
        name = "other"

        def verify(self, incoming, credentials, window):
            same(hmac_hex(credentials["secret"], incoming.body), incoming.headers.get("x-other", ""))
"""
from __future__ import annotations

import hashlib
import hmac
import math
import re
from types import MappingProxyType
from typing import ClassVar, Mapping

from .incoming import Incoming, Refusal

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_:/+=-]{1,128}\Z", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,16}\Z", re.ASCII)

#: No credentials; read-only, so that it may be a default
NOTHING: Mapping[str, str] = MappingProxyType({})
SCHEMES: dict[str, Scheme] = {}


def register(scheme: type[Scheme]) -> type[Scheme]:
    """Class decorator: make the scheme known under its name."""
    SCHEMES[scheme.name] = scheme()
    return scheme


class Scheme:
    """A way to prove that a submission comes from whom the channel trusts."""

    name: ClassVar[str]
    #: Whether the same key with another body is the sender's mistake (409), or the same submission told anew
    conflicts: ClassVar[bool] = True

    def verify(self, incoming: Incoming, credentials: Mapping[str, str], window: int) -> None:
        """Return if the submission is genuine.

        :param credentials: the channel's secrets by name, ``secret`` among them; a missing one is ""
        :param window: seconds by which the sender's clock (and a replay) may be off
        :raise Refusal: 401 not genuine or too old, 400 malformed
        """
        raise NotImplementedError

    def idempotency_key(self, incoming: Incoming, credentials: Mapping[str, str] = NOTHING) -> str:
        """What tells a repetition of this submission from another one, at most 140 characters.

        Called after :meth:`verify`, with the same credentials. The sender's ``Idempotency-Key``, else the body itself.

        :raise Refusal: 400 when the header is malformed
        """
        return sender_key(incoming) or "body:" + incoming.digest

    def sign_headers(self, body: bytes, credentials: Mapping[str, str], now: float, key: str) -> dict[str, str]:
        """Headers (names in lower case) a genuine sender adds, for the channel's test submission."""
        return {}


def sender_key(incoming: Incoming) -> str:
    """The ``Idempotency-Key`` header, or "".

    :raise Refusal: 400 when it is too long or has other characters than letters, digits and ``_:/+=-``
    """
    key = incoming.headers.get("idempotency-key", "").strip()
    if key and not _IDEMPOTENCY_KEY.match(key):
        message = "Idempotency-Key takes 1 to 128 letters, digits and _:/+=- characters."
        raise Refusal(400, "idempotency_key", message)
    return key


def hmac_hex(secret: str, message: bytes) -> str:
    """HMAC-SHA256 in lower-case hex.

    >>> hmac_hex("key", b"The quick brown fox jumps over the lazy dog")[:16]
    'f7bc83f430538424'
    """
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def same(expected: str, given: str) -> None:
    """Compare in constant time; raise the refusal of a wrong signature if they differ."""
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Refusal(401, "signature", "The signature does not match. Check the secret and what is signed.")


def check_time(stamp: str, now: float, window: int, unit: int = 1) -> None:
    """Refuse a timestamp outside the window.

    :param stamp: digits, as in the header
    :param unit: of the timestamp in a second: 1, or 1000 for milliseconds
    :raise Refusal: 401
    """
    if not _TIMESTAMP.match(stamp):
        raise Refusal(401, "timestamp", "The timestamp is missing or not a number of seconds since 1970 (UTC).")
    offset = now - int(stamp) / unit
    if abs(offset) > window:
        message = "The timestamp is %d seconds off, %d are allowed. Check the clock and sign each attempt anew."
        raise Refusal(401, "timestamp", message % (math.ceil(abs(offset)), window))


@register
class Hmac(Scheme):
    """The suite's own: hex HMAC-SHA256 of ``<timestamp>.<idempotency key>.<body>``; the key is empty without the header."""

    name = "hmac"

    @staticmethod
    def sign(secret: str, timestamp: int, body: bytes, key: str = "") -> str:
        """The value of ``X-Crm-Signature``.

        >>> Hmac.sign("secret", 1700000000, b"{}", "order-1")[:16]
        '527c8ca966295f18'
        """
        return hmac_hex(secret, b"%d.%s.%s" % (timestamp, key.encode(), body))

    def verify(self, incoming: Incoming, credentials: Mapping[str, str], window: int) -> None:
        stamp = incoming.headers.get("x-crm-timestamp", "")
        given = incoming.headers.get("x-crm-signature", "").strip().lower()
        secret = credentials.get("secret", "")
        if not given or not secret:
            raise Refusal(401, "signature", "The X-Crm-Signature header is missing.")
        check_time(stamp, incoming.now, window)
        if given.startswith("sha256="):
            given = given[len("sha256=") :]
        same(self.sign(secret, int(stamp), incoming.body, sender_key(incoming)), given)

    def idempotency_key(self, incoming: Incoming, credentials: Mapping[str, str] = NOTHING) -> str:
        key = sender_key(incoming)
        return "key:" + key if key else "sig:" + incoming.headers["x-crm-signature"].strip().lower()[-64:]

    def sign_headers(self, body: bytes, credentials: Mapping[str, str], now: float, key: str) -> dict[str, str]:
        signature = self.sign(credentials["secret"], int(now), body, key)
        return {"x-crm-timestamp": str(int(now)), "x-crm-signature": signature}


@register
class Token(Scheme):
    """No signature: the unguessable address of the channel is the secret, with the list of allowed senders beside it."""

    name = "token"

    def verify(self, incoming: Incoming, credentials: Mapping[str, str], window: int) -> None:
        """Whoever knows the address may submit."""
