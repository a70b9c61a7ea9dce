# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``POST /crm/dealer/api/report``: a dealer's own program reports sell-out and stock.

Odoo takes every JSON body for a JSON-RPC call before it looks at the path. Here the body is a plain document, so the request
is handed on as one of no kind Odoo knows (see the end of this file).
"""
import hashlib
import json

from odoo import http
from odoo.http import Response, Root, request
from psycopg2 import IntegrityError

from ..engine.dealer_file import FIELDS

PATH = "/crm/dealer/api/"
MAX_BODY = 1 << 20
MAX_LINES = 5000
PUBLIC = {"type": "http", "auth": "public", "methods": ["POST"], "csrf": False, "save_session": False}


class Refused(Exception):
    """The answer to a call that is not taken."""

    def __init__(self, status, code, message, headers=(), errors=()):
        super().__init__(message)
        self.status, self.code, self.message, self.headers, self.errors = status, code, message, list(headers), list(errors)


class DealerApi(http.Controller):
    @http.route(PATH + "report", **PUBLIC)
    def report(self, **kw):
        """Body: ``{"lines": [{"month": "2026-10", "product": code, "sold": 3, "stock": 5}, …]}``; headers: ``Authorization:
        Bearer KEY`` and ``Idempotency-Key``. The same key with the same body again changes nothing.

        :return: 200 ``{"receipt", "stored", "repeated"}``, or ``{"error", "message", "errors"}`` with 400, 401, 409, 413, 422, 429
        """
        try:
            with request.env.cr.savepoint():
                content = self._take(*self._admit())
                request.env["base"].flush()
            return self._answer(200, content)
        except IntegrityError:
            refused = Refused(409, "collision", request.env["crm.dealer.report"]._get_collision_text())
        except Refused as error:
            refused = error
        content = {"error": refused.code, "message": refused.message}
        if refused.errors:
            content["errors"] = refused.errors
        return self._answer(refused.status, content, refused.headers)

    def _admit(self):
        """Who calls, with what.

        :return: (crm.dealer.key, Idempotency-Key, body)
        """
        length = request.httprequest.content_length
        if length is None or length > MAX_BODY:
            raise Refused(413, "size", "Send a Content-Length of at most %d bytes." % MAX_BODY)
        scheme, _space, value = request.httprequest.headers.get("Authorization", "").partition(" ")
        key = request.env["crm.dealer.key"]._find(value.strip()) if scheme.lower() == "bearer" else None
        if not key:
            raise Refused(401, "key", "Send Authorization: Bearer and a valid key.", [("WWW-Authenticate", "Bearer")])
        wait = key._count_call()
        if wait:
            raise Refused(429, "rate", "Too many calls in a minute.", [("Retry-After", str(wait))])
        once = request.httprequest.headers.get("Idempotency-Key", "").strip()
        if not 1 <= len(once) <= 100:
            raise Refused(400, "idempotency", "Send an Idempotency-Key of 1 to 100 characters, a new one for each report.")
        return key, once, request.httprequest.get_data()

    def _take(self, key, once, body):
        lines = self._parse(body)
        dealer = key.dealer_id.with_company(key.company_id).with_context(lang=key.dealer_id.lang)
        submission, new = request.env["crm.dealer.submission"]._claim(dealer, "api", once, hashlib.sha256(body).hexdigest())
        if not new:
            if submission.digest != hashlib.sha256(body).hexdigest():
                raise Refused(409, "conflict", "This Idempotency-Key was used for another report.")
            return {"receipt": submission.id, "stored": submission.number, "repeated": True}
        reports = request.env["crm.dealer.report"].with_context(lang=dealer.lang).with_company(key.company_id)
        rows, problems = reports._judge(dealer, key.company_id, list(enumerate(lines)), skip_blank=False)
        if problems:
            texts = reports._get_problem_texts(problems, lambda problem: "lines[%d]" % problem.number)
            errors = [
                {"line": problem.number, "field": problem.field, "code": problem.code, "message": text}
                for problem, text in zip(problems, texts)
            ]
            raise Refused(422, "lines", "Nothing was stored.", errors=errors)
        submission.number = reports._take(dealer, key.company_id, rows, "api")
        return {"receipt": submission.id, "stored": submission.number, "repeated": False}

    @staticmethod
    def _parse(body):
        """:return: list of dicts with no other than the known fields"""
        try:
            lines = json.loads(body)["lines"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused(400, "body", 'Send a JSON object with a list "lines".') from None
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines) or len(lines) > MAX_LINES:
            raise Refused(400, "body", '"lines" is a list of at most %d objects.' % MAX_LINES)
        return [{name: line[name] for name in FIELDS if name in line} for line in lines]

    @staticmethod
    def _answer(status, content, headers=()):
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *headers]
        return Response(json.dumps(content, ensure_ascii=False), status=status, headers=headers)


_call = Root.__call__


def _call_as_document(self, environ, start_response):
    if environ["PATH_INFO"].startswith(PATH):
        environ["CONTENT_TYPE"] = "application/octet-stream"
    return _call(self, environ, start_response)


Root.__call__ = _call_as_document
