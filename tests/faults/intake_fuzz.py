# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Hostile submissions, the same for the same seed: each with the answers that are right for it."""

import json
import time
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urlencode

from intake_client import post, sign, signed

FORM = "application/x-www-form-urlencoded"
LIMIT = 64 * 1024
#: A submission is repeated after so many others, when it has surely been answered
SETTLED = 200
EVIL = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg/onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "${object.env.cr.execute('SELECT 1')}",
    "'; DROP TABLE crm_touchpoint; --",
    "1' OR '1'='1",
    "\\'; SELECT pg_sleep(9); --",
    "%s%s%n%(name)s{0}{name}",
    "张伟\r\nBcc: all@example.com\r\n\r\nbody",
    "\x00\x01\x08\x1b[31m\x7f",
    "\u202ecod.exe\ufeff\u200b",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "😀" * 40,
    "Ａ" * 300,
    "x" * 5000,
)
NAMES = tuple("name phone email company message subject wechat province city page referrer utm_source tags ip time".split())


@dataclass
class Case:
    """A request in bytes, the statuses that are right for it, and whether the sender breaks off after it.

    :param genuine: (channel's key, idempotency key) when it is rightly signed and may be stored
    """

    kind: str
    request: bytes
    statuses: tuple
    shut: bool = False
    genuine: tuple = None


class Fuzzer:
    """Makes cases for a channel (key, secret)."""

    def __init__(self, rng, channel):
        self.rng, self.channel, self.count, self.sent = rng, channel, 0, []
        self.kinds = (
            (self.odd_values, 30),
            (self.odd_bytes, 12),
            (self.odd_encoding, 8),
            (self.nested, 4),
            (self.form, 8),
            (self.large, 2),
            (self.bad_signature, 24),
            (self.replay, 10),
            (self.conflict, 3),
            (self.odd_head, 12),
            (self.odd_length, 6),
            (self.odd_method, 6),
            (self.odd_path, 6),
        )

    def cases(self, number):
        makers, weights = zip(*self.kinds)
        for maker in self.rng.choices(makers, weights, k=number):
            self.count += 1
            yield maker()

    # -- genuine, but odd: stored ------------------------------------------------------------------------------------

    def genuine(self, kind, body, content_type="application/json", statuses=(202,)):
        key = "f%d" % self.count
        request = signed(self.channel, body, key, content_type)
        if statuses == (202,) and len(self.sent) < 2000:
            self.sent.append((key, body, content_type))
        return Case(kind, request, statuses, genuine=(self.channel[0], key))

    def value(self, depth=0):
        roll = self.rng.random()
        if roll < 0.45:
            return self.rng.choice(EVIL)
        if roll < 0.6 and depth < 4:
            return {self.rng.choice(NAMES + EVIL): self.value(depth + 1) for _ in range(self.rng.randrange(4))}
        if roll < 0.7 and depth < 4:
            return [self.value(depth + 1) for _ in range(self.rng.randrange(4))]
        numbers = (None, True, False, 0, -1, 2**31, 2**63, 10**30, 1.5, 1e308, "", " ")
        return self.rng.choice((*numbers, self.rng.randrange(10**11), "138%08d" % self.rng.randrange(10**8)))

    def payload(self):
        return {name: self.value() for name in self.rng.sample(NAMES, self.rng.randrange(1, 8))}

    def odd_values(self):
        return self.genuine("odd values", json.dumps(self.payload(), ensure_ascii=self.rng.random() < 0.5).encode("utf-8", "replace"))

    def odd_bytes(self):
        body = b"{" + self.rng.randbytes(self.rng.randrange(1, 400))
        return self.genuine("odd bytes", body, self.rng.choice(("application/json", FORM, "text/plain", "")))

    def odd_encoding(self):
        text = '{"name": "%s", "phone": "138%08d"}' % (self.rng.choice("张伟 李四 Ünïcödé ，。".split()), self.rng.randrange(10**8))
        charset = self.rng.choice(("gb18030", "utf-16", "utf-8-sig", "gbk"))
        named = self.rng.choice((charset, "latin-1", "unknown", "utf-7", "hex", "a" * 200, ""))
        return self.genuine("odd encoding", text.encode(charset, "replace"), f"application/json; charset={named}")

    def nested(self):
        depth = self.rng.choice((10, 31, 33, 100, 2000, 20000))
        opening, closing = self.rng.choice((("[", "]"), ('{"a":', "}")))
        middle = self.rng.choice(("1", "", '{"name": "x"}'))
        end = self.rng.choice((closing * depth, ""))
        body = (opening * depth + middle + end).encode()[:LIMIT]
        return self.genuine("nested", body)

    def form(self):
        pairs = {name: str(self.value())[:2000] for name in self.rng.sample(NAMES, 5)}
        body = urlencode(pairs, errors="replace").encode()
        if self.rng.random() < 0.4:
            name, more = quote_from_bytes("张伟".encode("gb18030")), "a=1&" * self.rng.choice((1, 3000))
            body = f"name={name}&phone=%ZZ%&&=;&{more}".encode()
        return self.genuine("form", body, FORM)

    def large(self):
        size = self.rng.choice((LIMIT - 20, LIMIT - 100))
        return self.genuine("large", b'{"message": "' + b"x" * (size - 15) + b'"}')

    # -- again -------------------------------------------------------------------------------------------------------

    def replay(self):
        if len(self.sent) <= SETTLED:
            return self.odd_values()
        key, body, content_type = self.rng.choice(self.sent[:-SETTLED])
        return Case("replay", signed(self.channel, body, key, content_type), (202,), genuine=(self.channel[0], key))

    def conflict(self):
        if len(self.sent) <= SETTLED:
            return self.odd_values()
        key, body, content_type = self.rng.choice(self.sent[:-SETTLED])
        if len(body) >= 65536:  # one byte more would be too large, which is said first
            return self.replay()
        return Case("conflict", signed(self.channel, body + b" ", key, content_type), (409,), genuine=(self.channel[0], key))

    # -- not genuine: refused ----------------------------------------------------------------------------------------

    def bad_signature(self):
        body, now = json.dumps(self.payload()).encode("utf-8", "replace"), int(time.time())
        good = sign(self.channel[1], now, "", body)
        stamp, signature = self.rng.choice(
            (
                (now, "0" * 64),
                (now, good[:-1]),
                (now, good[::-1]),
                (now, ""),
                (now, self.rng.choice(EVIL).split("\r")[0].replace("\x00", "")),
                (now, "x" * 5000),
                (now - 100000, sign(self.channel[1], now - 100000, "", body)),
                (now + 100000, sign(self.channel[1], now + 100000, "", body)),
                (10**15, sign(self.channel[1], 10**15, "", body)),
                ("now", good),
                ("-1", good),
                (now, sign(self.channel[1], now, "", body + b" ")),
                (now, sign("guess", now, "", body)),
            )
        )
        headers = [("Content-Type", "application/json"), ("Content-Length", len(body))]
        headers += [("X-Crm-Timestamp", stamp), ("X-Crm-Signature", signature)]
        return Case("bad signature", post(f"/crm/intake/{self.channel[0]}", body, headers), (400, 401))

    def odd_head(self):
        body = b'{"phone": "1"}'
        now = int(time.time())
        key = self.rng.choice(("a b", "x" * 200, "<script>", "é", "%00", "a.b"))
        name, value = self.rng.choice(
            (
                ("Idempotency-Key", key),
                ("X-Crm-Signature", "a\r\nX-Injected: 1"),
                ("Cookie", "session_id=" + "../" * 20),
                ("X-Forwarded-For", "203.0.113.1"),
                ("X-Openerp-Session-Id", "../../etc/passwd"),
                ("Host", "%d.%h.example.com"),
                ("Expect", "100-continue"),
                ("X-" + "a" * 200, "b" * 8000),
                ("Authorization", "Basic " + "=" * 100),
            )
        )
        headers = [("Content-Type", "application/json"), ("Content-Length", len(body)), ("X-Crm-Timestamp", now), (name, value)]
        return Case("odd head", post(f"/crm/intake/{self.channel[0]}", body, headers), (400, 401, 431))

    def odd_length(self):
        length, body, statuses = self.rng.choice(
            (
                (LIMIT + 1, b"", (413,)),
                (LIMIT + 1, b"x" * (LIMIT + 1), (413,)),
                (10**9, b"x" * 1000, (413,)),
                ("9" * 400, b"", (413,)),
                (-1, b"{}", (400,)),
                ("abc", b"{}", (400,)),
                ("1e3", b"{}", (400,)),
                (100, b"{}", (400,)),
                (None, b"{}", (411,)),
                ("chunked", b"2\r\n{}\r\n0\r\n\r\n", (411,)),
                ("chunked", b"FFFFFFFFFFFFFFFF\r\n", (411,)),
            )
        )
        headers = [("Content-Type", "application/json")]
        if length == "chunked":
            headers.append(("Transfer-Encoding", "chunked"))
        elif length is not None:
            headers.append(("Content-Length", length))
        return Case("odd length", post(f"/crm/intake/{self.channel[0]}", body, headers), statuses, shut=True)

    def odd_method(self):
        method = self.rng.choice(("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "PROPFIND"))
        body = self.rng.choice((b"", b"{}", b"x" * 3000))
        headers = [("Content-Type", "application/json"), ("Content-Length", len(body))]
        return Case("odd method", post(f"/crm/intake/{self.channel[0]}", body, headers, method), (405,))

    def odd_path(self):
        path = self.rng.choice(
            (
                "/crm/intake/",
                "/crm/intake/../../etc/passwd",
                "/crm/intake/%00",
                "/crm/intake/%ff%fe",
                "/crm/intake/" + "a" * 4000,
                "/crm/intake/" + self.channel[0] + "/x",
                "/crm/intake/" + self.channel[0].swapcase(),
                "/crm/intake/%27%20OR%201=1--",
                "/crm/intake/<script>",
                "/crm/intake/" + self.channel[0][:-1],
                "/crm/intake/%E5%BC%A0?key=" + "b" * 3000,
            )
        )
        body = b'{"phone": "1"}'
        return Case("odd path", post(path, body, [("Content-Type", "application/json"), ("Content-Length", len(body))]), (404, 414))
