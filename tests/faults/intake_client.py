# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A light HTTP client for the intake: raw bytes over sockets, signatures by the documentation and not by our code."""

import hashlib
import hmac
import json
import socket
import time
import xmlrpc.client

TIMEOUT = 60


def sign(secret, timestamp, key, body):
    """What the channel's form says: HMAC-SHA256, in hex, of timestamp, point, Idempotency-Key, point, body."""
    return hmac.new(secret.encode(), b"%d.%s." % (timestamp, key.encode()) + body, hashlib.sha256).hexdigest()


def post(path, body, headers=(), method="POST"):
    """The bytes of a request; *headers* are (name, value) pairs, sent as they are."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


def signed(channel, body, key="", content_type="application/json", timestamp=None, secret=None):
    """The bytes of a genuine submission.

    :param channel: (key, secret) of the channel
    """
    timestamp = int(time.time()) if timestamp is None else timestamp
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", len(body)),
        ("X-Crm-Timestamp", timestamp),
        ("X-Crm-Signature", sign(secret or channel[1], timestamp, key, body)),
    ]
    if key:
        headers.append(("Idempotency-Key", key))
    return post(f"/crm/intake/{channel[0]}", body, headers)


def exchange(port, request, shut=False):
    """(status, body) of raw bytes sent to a server; (0, b"") if it closed without an answer.

    :param shut: say that nothing more comes, as a client that breaks off
    """
    answer = b""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as sock:
        try:
            sock.sendall(request)
            if shut:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has answered and closed: its answer may be there all the same
        try:
            while chunk := sock.recv(65536):
                answer += chunk
        except OSError:
            pass
    head, _blank, content = answer.partition(b"\r\n\r\n")
    if head.split(None, 2)[1:2] == [b"100"]:  # "go on", before the answer proper
        head, _blank, content = content.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    return (int(words[1]), content) if len(words) > 1 else (0, b"")


def receipt(answer):
    """The receipt number in a (status, body)."""
    assert answer[0] == 202, answer
    return json.loads(answer[1])["receipt"]


class Admin:
    """RPC as the administrator."""

    def __init__(self, url, database, password):
        self.database, self.password = database, password
        self.uid = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common").authenticate(database, "admin", password, {})
        assert self.uid, "admin may log in"
        self.objects = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *args, **options):
        return self.objects.execute_kw(self.database, self.uid, self.password, model, method, list(args), options)

    def make_channel(self, **vals):
        """(key, secret) of a new channel."""
        channel = self.call("crm.intake.channel", "create", {"name": "Test", "kind": "json", "rate_limit": 0, **vals})
        [found] = self.call("crm.intake.channel", "read", [channel], ["key", "secret"])
        return found["key"], found["secret"]
