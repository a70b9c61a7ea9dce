# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The script for own landing pages and the beacons it sends. No session, no cookie, in either direction."""
from odoo import http
from odoo.http import Response, request
from odoo.modules.module import get_module_resource
from odoo.tools import file_open

from ..engine import visit

PUBLIC = {"type": "http", "auth": "public", "csrf": False, "save_session": False}
CACHE_SECONDS = 3600


class Visitor(http.Controller):
    @http.route("/crm/visitor/<string:key>.js", methods=["GET"], **PUBLIC)
    def script(self, key):
        if not self._channel(key):
            return self._answer(404)
        with file_open(get_module_resource("crm_core", "static/src/visitor/visitor.js")) as source:
            response = self._answer(200, source.read(), "application/javascript; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=%d" % CACHE_SECONDS
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @http.route("/crm/visitor/<string:key>", methods=["POST"], **PUBLIC)
    def beacon(self, key):
        """Text of at most 4 KB (so that browsers ask for no leave first). Answers 204, or 4xx without a body."""
        if not 0 < (request.httprequest.content_length or 0) <= visit.MAX_BEACON:
            return self._answer(413)
        channel = self._channel(key)
        if not channel:
            return self._answer(404)
        beacon = visit.read(request.httprequest.get_data())
        if beacon is None:
            return self._answer(400)
        visitors = request.env["crm.visitor"].sudo()
        if beacon.erase:
            visitors.search([("channel_id", "=", channel.id), ("key", "=", beacon.visitor)]).unlink()
            return self._answer(204)
        if not visitors._accept_beacon(channel, beacon):
            request.env.cr.rollback()
            return self._answer(429)
        return self._answer(204)

    def _channel(self, key):
        return request.env["crm.intake.channel"].sudo().search([("visitor_key", "=", key)], limit=1)

    def _answer(self, status, text="", content_type="text/plain"):
        headers = [
            ("Content-Type", content_type),
            ("X-Content-Type-Options", "nosniff"),
            ("Access-Control-Allow-Origin", "*"),
        ]
        return Response(text, status=status, headers=headers)
