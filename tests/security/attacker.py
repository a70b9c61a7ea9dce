# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A running server as an attacker sees it: JSON-RPC and the web client's own routes, standard library only."""
from __future__ import annotations

import http.cookiejar
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class Refused(Exception):
    """The server answered with an error; the text is its message."""


class Server:
    def __init__(self) -> None:
        missing = [name for name in ("ERP_URL", "ERP_DB", "ERP_ADMIN_PASSWORD") if not os.environ.get(name)]
        if missing:
            raise RuntimeError("Set %s: these tests attack a running server." % ", ".join(missing))
        self.url = os.environ["ERP_URL"].rstrip("/")
        self.db = os.environ["ERP_DB"]

    def admin(self) -> Client:
        return self.login(os.environ.get("ERP_ADMIN_LOGIN", "admin"), os.environ["ERP_ADMIN_PASSWORD"])

    def login(self, login: str, password: str) -> Client:
        return Client(self, login, password)


class Client:
    """One user, over JSON-RPC and in a web session."""

    def __init__(self, server: Server, login: str, password: str) -> None:
        self.server = server
        self.password = password
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        credentials = {"db": server.db, "login": login, "password": password}
        self.uid = self.route("/web/session/authenticate", **credentials)["uid"]
        self.token = ""

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """A model's public method.

        :raises Refused: for any error the server answers with
        """
        params = [self.server.db, self.uid, self.password, model, method, list(args), kwargs]
        return self.route("/jsonrpc", service="object", method="execute_kw", args=params)

    def route(self, path: str, **params: Any) -> Any:
        """A JSON route, with the session's cookie."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self.server.url + path, body, {"Content-Type": "application/json"})
        answer = json.loads(self._open(request))
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise Refused("%s: %s" % (data.get("name"), data.get("message")))
        return answer.get("result")

    def get(self, path: str, **query: Any) -> str:
        """A page, file or report, as text (bytes that are no text are kept)."""
        url = self.server.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        return self._open(urllib.request.Request(url))

    def post(self, path: str, **form: Any) -> str:
        """A form of the web client; its token is fetched once."""
        if not self.token:
            page = self.get("/web")
            self.token = page.split('csrf_token: "', 1)[1].split('"', 1)[0]
        data = urllib.parse.urlencode({**form, "csrf_token": self.token}).encode()
        return self._open(urllib.request.Request(self.server.url + path, data))

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=120) as response:
                return response.read().decode("utf-8", "surrogateescape")
        except urllib.error.HTTPError as error:
            raise Refused("HTTP %d" % error.code) from None
