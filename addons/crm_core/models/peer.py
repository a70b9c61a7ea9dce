# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Sending the calls of engine/vendor: the one place where the suite's intake opens connections to vendors."""
import json
from urllib.parse import urlsplit

import requests
import urllib3
from odoo import _

from ..engine.vendor.calls import PeerBusy, PeerRefused

CONNECT_SECONDS, READ_SECONDS = 5, 20
MAX_ANSWER = 8 * 1024 * 1024


class Peer:
    """A :data:`~..engine.vendor.calls.Fetch` that sends calls below a base URL.

    Errors never quote the query or the headers: they hold tokens, and errors are kept in job logs. They are written in
    the language of ``env``.

    :raise PeerRefused: the URL is not http(s)
    """

    def __init__(self, env, base_url):
        self.env = env
        address = urlsplit(base_url or "")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise PeerRefused(_("The interface's address is missing or is no http(s) address."))
        self.base_url = base_url.rstrip("/")

    def __call__(self, call):
        try:
            with requests.get(
                self.base_url + call.path,
                params=dict(call.params),
                headers=dict(call.headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = response.raw.read(MAX_ANSWER + 1, decode_content=True)
                status = response.status_code
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise PeerBusy(_("No answer: %s", type(error).__name__)) from None
        if status == 429 or status >= 500:
            raise PeerBusy(_("HTTP status %s", status))
        if status != 200 or len(body) > MAX_ANSWER:
            raise PeerRefused(_("HTTP status %s", status) if status != 200 else _("The answer is too long."))
        return self._read(body)

    def _read(self, body):
        try:
            answer = json.loads(body)
        except ValueError:
            raise PeerRefused(_("The answer is no JSON.")) from None
        if not isinstance(answer, dict):
            raise PeerRefused(_("The answer is no JSON object."))
        return answer
