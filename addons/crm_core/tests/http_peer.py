# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A provider on the net, played on 127.0.0.1: what it is asked is recorded, what it answers is told by the test."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HttpPeer:
    """``peer.answer = callable(path, body) → (status, headers, bytes or JSON)``; ``peer.asked`` lists (path, headers, body).

    Status None hangs up without an answer.
    """

    def __init__(self):
        self.asked = []
        self.answer = lambda path, body: (200, {}, {})
        self.drip = 0.0  # seconds between the bytes of an answer
        self.stop = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer.asked.append((self.path, dict(self.headers), body))
                status, headers, content = peer.answer(self.path, body)
                if status is None:
                    self.close_connection = True
                    return
                if not isinstance(content, bytes):
                    content = json.dumps(content).encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    step = 1 if peer.drip else len(content) or 1
                    for start in range(0, len(content), step):
                        self.wfile.write(content[start : start + step])
                        if peer.drip:
                            peer.stop.wait(peer.drip)
                except OSError:
                    pass  # the other side had enough

            do_GET = do_POST = _serve

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def hang(self, path, body):
        """An answer that does not come (until the test is over)."""
        self.stop.wait(20)
        return 200, {}, {}

    def slow(self, seconds, content):
        def answer(path, body):
            time.sleep(seconds)
            return 200, {}, content

        return answer

    def close(self):
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()
