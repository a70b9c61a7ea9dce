# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Clients of the intake benchmark: one light process for all connections, so that the server keeps its core.

Run as a script it reads one JSON line (what to send), sends for a while and prints one JSON line (what came back).
"""

import hashlib
import hmac
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

#: One submission in so many is sent once more, as by a client that saw no answer
REPEAT = 50


def run(**job):
    """Send from a process of its own; returns its report."""
    command = [sys.executable, str(Path(__file__).resolve())]
    done = subprocess.run(command, input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def make_person(prefix, number):
    """A lead as people leave it: some by phone, some with e-mail and company as well."""
    person = {"name": "客户%s%d" % (prefix, number), "phone": "1%s%07d" % (prefix, number)}
    person["message"] = "想了解离心泵的价格和交货期，共 %d 台" % (number % 9)
    if number % 3 == 0:
        person["email"] = "p%s%d@example.com" % (prefix, number)
    if number % 4 == 0:
        person["company"] = "深圳市华强%s%d电子有限公司" % (prefix, number)
    return person


class Client(threading.Thread):
    """One connection after the other, until the time is up."""

    def __init__(self, job, number, end):
        super().__init__()
        self.job, self.number, self.end = job, number, end
        self.seconds, self.receipts, self.errors = [], {}, []

    def run(self):
        make = self.make_submission if self.job["kind"] == "suite" else self.make_call
        count = 0
        while time.monotonic() < self.end:
            count += 1
            number = count * 100 + self.number
            request, key = make(number)
            start = time.perf_counter()
            answer = self.exchange(request)
            self.seconds.append(time.perf_counter() - start)
            self.check(key, answer)
            if key and count % REPEAT == 0:
                self.check(key, self.exchange(self.make_submission(number)[0]))

    def exchange(self, request):
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.job["port"])) as sock:
                sock.sendall(request)
                while chunk := sock.recv(65536):
                    answer += chunk
        except OSError as error:
            return repr(error).encode()
        return answer

    def check(self, key, answer):
        head, _blank, body = answer.partition(b"\r\n\r\n")
        data = json.loads(body) if body[:1] == b"{" else {}
        receipt = data.get("receipt") if key else data.get("result")
        if not receipt or self.receipts.setdefault(key or receipt, receipt) != receipt:
            self.errors.append((head[:40] + body[:200]).decode("utf-8", "replace"))

    def make_submission(self, number):
        """(bytes, idempotency key) of a signed submission."""
        job = self.job
        key = "%s-%d" % (job["prefix"], number)
        body = json.dumps(make_person(job["prefix"], number), ensure_ascii=False).encode()
        stamp = int(time.time())
        signature = hmac.new(job["secret"].encode(), b"%d.%s." % (stamp, key.encode()) + body, hashlib.sha256).hexdigest()
        head = (
            "POST /crm/intake/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            "X-Crm-Timestamp: %d\r\nX-Crm-Signature: %s\r\nIdempotency-Key: %s\r\nConnection: close\r\n\r\n"
        ) % (job["key"], len(body), stamp, signature, key)
        return head.encode() + body, key

    def make_call(self, number):
        """(bytes, None) of a JSON-RPC call that creates the same lead in plain Odoo."""
        job, person = self.job, make_person(self.job["prefix"], number)
        vals = {
            "type": "lead",
            "name": person["name"],
            "contact_name": person["name"],
            "phone": person["phone"],
            "description": person["message"],
            "email_from": person.get("email", False),
            "partner_name": person.get("company", False),
            "user_id": False,
        }
        call = [job["database"], job["uid"], job["password"], "crm.lead", "create", [vals]]
        params = {"service": "object", "method": "execute_kw", "args": call}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": number}).encode()
        head = (
            "POST /jsonrpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            "Connection: close\r\n\r\n"
        )
        return (head % len(body)).encode() + body, None


def main():
    job = json.loads(sys.stdin.readline())
    start = time.monotonic()
    clients = [Client(job, number, start + job["seconds"]) for number in range(job["clients"])]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    report = {
        "elapsed": time.monotonic() - start,
        "seconds": [value for client in clients for value in client.seconds],
        "receipts": {key: value for client in clients for key, value in client.receipts.items()},
        "errors": [error for client in clients for error in client.errors][:5],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
