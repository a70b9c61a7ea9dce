# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A mail server that keeps what it gets: who really received a mail, and what was in it."""
from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType


@dataclass
class Mail:
    recipients: list[str] = field(default_factory=list)
    text: str = ""


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 sink")
        mail = Mail()
        for line in iter(self.rfile.readline, b""):
            command = line.decode("utf-8", "replace").strip()
            verb = command[:4].upper()
            if verb == "RCPT":
                mail.recipients.append(command.split("<", 1)[1].split(">", 1)[0])
            if verb == "DATA":
                self._say("354 go on")
                mail.text = "".join(part.decode("utf-8", "replace") for part in iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(mail)  # type: ignore[attr-defined]
                mail = Mail()
            self._say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailSink:
    """``with MailSink() as sink``: ``sink.port`` on 127.0.0.1, ``sink.mails`` in the order received."""

    def __init__(self) -> None:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
        self._server.daemon_threads = True
        self.mails: list[Mail] = []
        self._server.mails = self.mails  # type: ignore[attr-defined]
        self.port = self._server.server_address[1]

    def __enter__(self) -> MailSink:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
