# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import threading
from unittest.mock import patch

import requests
import werkzeug.serving
from odoo.service.server import RequestHandler
from odoo.service.wsgi_server import application
from odoo.tests.common import SavepointCase
from odoo.tools import config

#: The first page builds its assets; on a busy machine that takes long
PATIENCE_SECONDS = 120


class ServedCase(SavepointCase):
    """Tests that talk to Odoo over a real socket: what is sent, headers and all, goes the way of a stranger's request.

    The server shares the test's transaction. ``self.url`` is its address.
    """

    def setUp(self):
        super().setUp()
        only_this = patch.dict(config.options, {"dbfilter": "^%s$" % self.env.cr.dbname})
        only_this.start()
        self.addCleanup(only_this.stop)
        self.registry.enter_test_mode(self.env.cr)
        self.addCleanup(self.registry.leave_test_mode)
        server = werkzeug.serving.make_server(
            "127.0.0.1", 0, application, threaded=True, request_handler=RequestHandler
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.url = "http://127.0.0.1:%d" % server.port
        self.http = requests.Session()
        self.http.trust_env = False
        self.addCleanup(self.http.close)

    def post(self, path, **options):
        self.env["base"].flush()
        response = self.http.post(self.url + path, timeout=PATIENCE_SECONDS, **options)
        self.env.cache.invalidate()
        return response

    def get(self, path, **options):
        self.env["base"].flush()
        return self.http.get(self.url + path, timeout=PATIENCE_SECONDS, **options)

    def process(self, channel):
        """Run the pipeline on what the channel received, as its job would; returns the channel's touchpoints."""
        touchpoints = self.env["crm.touchpoint"].search([("channel_id", "=", channel.id)], order="id")
        touchpoints._process()
        return touchpoints
