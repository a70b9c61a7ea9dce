# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor's server on this machine, for tests: answers as the test says and remembers what it was asked."""
import json
import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Request = namedtuple("Request", "path target query headers")  # target: path and query as they came


class Peer:
    """``with Peer(answer) as peer``: serves on 127.0.0.1 at ``peer.url``.

    ``answer(request)`` returns the JSON to send, or (status, JSON or text).
    """

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                request = Request(parts.path, self.path, dict(parse_qsl(parts.query)), dict(self.headers))
                peer.requests.append(request)
                answered = peer.answer(request)
                status, content = answered if isinstance(answered, tuple) else (200, answered)
                body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_port

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
