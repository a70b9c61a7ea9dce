# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One question to a provider over HTTP: bounded in time and size, to the host it was configured for only."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

MAX_BYTES = 1 << 20
MAX_REDIRECTS = 3
DEFAULT_WAIT = 60
MAX_WAIT = 3600
_PLACE = re.compile(r"\{(\w+)\}")
_REDIRECTS = (301, 302, 303, 307, 308)


class Failure(Exception):
    """The provider's answer is of no use, and would not be at another time."""


class TryLater(Exception):
    """The provider is busy, slow or broken: ask again after ``seconds``."""

    def __init__(self, reason: str, seconds: int = DEFAULT_WAIT) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Unanswered(TryLater):
    """The request was sent and nothing came back: whether it was carried out is not known."""


@dataclass(frozen=True)
class Request:
    """What to ask: ``url``, header values and ``body`` are templates with names in braces, e.g. ``{query}``."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""  # JSON template of a POST; "" asks by GET
    timeout: float = 10.0
    upload: bytes = b""  # posted as it is, instead of a body; its Content-Type is among the headers

    def filled(self, **values: str) -> Request:
        """The request with ``values``; no part of them can leave its place in the URL, a header or the JSON.

        >>> request = Request("https://a.example/c?q={query}", {"X-Key": "{secret}"})
        >>> request.filled(query="华强&x=1", secret="s").url
        'https://a.example/c?q=%E5%8D%8E%E5%BC%BA%26x%3D1'
        """
        return Request(
            _fill(self.url, values, lambda text: quote(text, safe="")),
            {name: _fill(value, values, _one_line) for name, value in self.headers.items()},
            _fill(self.body, values, lambda text: json.dumps(text, ensure_ascii=False)[1:-1]),
            self.timeout,
            self.upload,
        )


def _fill(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """``template`` with each ``{name}`` replaced in one pass, so that a value is never read as a template.

    >>> _fill("{a}{b}{c}", {"a": "{b}", "b": "2"}, str)
    '{b}2{c}'
    """
    return _PLACE.sub(lambda match: escape(values[match[1]]) if match[1] in values else match[0], template)


def _one_line(text: str) -> str:
    return "".join(char for char in text if " " <= char != "\x7f")


def check_url(url: str) -> None:
    """ValueError unless ``url`` is one of http(s) with a host that no query can change.

    >>> check_url("file:///etc/passwd")
    Traceback (most recent call last):
        ...
    ValueError: only http:// and https:// addresses can be asked
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("only http:// and https:// addresses can be asked")
    if "{" in parts.netloc:
        raise ValueError("the host must not depend on the query")


def fetch(request: Request) -> object:
    """The JSON that a filled ``request`` is answered with; None for a plain 404.

    Takes at most the request's timeout, over all redirects (same host only) and however slowly the answer drips in.

    :raises TryLater: no connection, 429, 5xx
    :raises Unanswered: the request was sent, but timeout or connection lost before the answer (a TryLater, too)
    :raises Failure: any other status, no JSON, more than :data:`MAX_BYTES`, redirected to another host
    """
    check_url(request.url)
    deadline = time.monotonic() + request.timeout
    url = request.url
    for _hop in range(MAX_REDIRECTS + 1):
        status, headers, content = _exchange(request, url, deadline)
        if status not in _REDIRECTS:
            return _read(status, headers, content)
        url = _same_host(url, headers.get("Location", ""))
    raise Failure("too many redirects")


def _exchange(request: Request, url: str, deadline: float) -> tuple[int, Message, bytes]:
    """One request and its answer: status, headers, at most one byte more than allowed."""
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    left = max(0.1, deadline - time.monotonic())
    connection = connect(parts.hostname or "", parts.port, timeout=left)
    watch, sent = None, False
    try:
        connection.connect()
        watch = threading.Timer(left, _hang_up, [connection.sock])  # a socket's own timeout starts anew with every byte
        watch.start()
        body = request.upload or request.body.encode() or None
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {}), **request.headers}
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        encoded = {name: value.encode() for name, value in headers.items()}
        sent = True
        connection.request("POST" if body else "GET", target, body, encoded)
        response = connection.getresponse()
        content = response.read(MAX_BYTES + 1)
        if time.monotonic() >= deadline:
            raise TimeoutError
        return response.status, response.headers, content
    except (OSError, HTTPException, ValueError) as error:
        lost = Unanswered if sent else TryLater
        if time.monotonic() >= deadline or isinstance(error, TimeoutError):
            raise lost("no answer within %g seconds" % request.timeout) from None
        if isinstance(error, OSError):
            raise lost("connection lost" if sent else "no connection") from None
        raise Failure("no proper answer: %s" % type(error).__name__) from None
    finally:
        if watch:
            watch.cancel()
        connection.close()


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _same_host(url: str, location: str) -> str:
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    if (old.scheme, old.netloc) != (new.scheme, new.netloc):
        raise Failure("redirected to another host")
    return target


def _read(status: int, headers: Message, content: bytes) -> object:
    if status == 404:
        return None
    if status == 429 or status >= 500:
        raise TryLater("answered %d" % status, _retry_after(headers.get("Retry-After", "")))
    if status != 200:
        raise Failure("answered %d" % status)
    if len(content) > MAX_BYTES:
        raise Failure("the answer is larger than %d KB" % (MAX_BYTES >> 10))
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Failure("the answer is no JSON") from None


def _retry_after(value: str) -> int:
    return min(int(value), MAX_WAIT) if value.isdecimal() and int(value) else DEFAULT_WAIT
