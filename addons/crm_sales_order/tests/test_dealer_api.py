# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from unittest.mock import patch

from odoo.addons.crm_core.tests.served import ServedCase

from ..models import crm_dealer_key
from .test_dealer import DealerCase


class TestDealerApi(ServedCase, DealerCase):
    """What a dealer's own program gets back: taken once, or refused with the line and the reason, and nothing stored."""

    def setUp(self):
        super().setUp()
        self.key = self.env["crm.dealer.key"]._make(self.dealer, self.company)
        self.month = self.last_month.strftime("%Y-%m")

    def _report(self, once, *lines):
        headers = {"Authorization": "Bearer %s" % self.key, "Idempotency-Key": once, "Content-Type": "application/json"}
        answer = self.post("/crm/dealer/api/report", data=json.dumps({"lines": lines}), headers=headers)
        return answer.status_code, answer.json(), answer.headers

    def _count(self):
        return self.env["crm.dealer.report.line"].search_count([("report_id.dealer_id", "=", self.dealer.id)])

    def test_taken_once_and_refused_with_the_reason(self):
        good = {"month": self.month, "product": "PU-1", "sold": 3, "stock": 5}
        status, answer, _headers = self._report("first", good)
        self.assertEqual((status, answer["stored"], answer["repeated"]), (200, 1, False))
        self.assertEqual(self._report("first", good)[1], {**answer, "repeated": True})
        status, answer, _headers = self._report("first", {**good, "sold": 4})
        self.assertEqual((status, answer["error"]), (409, "conflict"))
        stored = self._count()
        status, answer, _headers = self._report("second", {**good, "product": "VA-1"}, {**good, "sold": 9})
        found = [(one["line"], one["code"]) for one in answer["errors"]]
        self.assertEqual((status, answer["error"], found), (422, "lines", [(1, "reported")]))
        self.assertTrue(answer["errors"][0]["message"])
        self.assertEqual(self._count(), stored, "nothing of it was stored")
        self.assertEqual(self._report("second", {**good, "product": "VA-1"})[0], 200, "mended, the same key is taken")

    def test_too_many_calls_wait(self):
        good = {"month": self.month, "product": "PU-1", "sold": 3, "stock": 5}
        with patch.object(crm_dealer_key, "RATE", 0):
            status, answer, headers = self._report("first", good)
        self.assertEqual((status, answer["error"], self._count()), (429, "rate", 0))
        self.assertTrue(1 <= int(headers["Retry-After"]) <= 60)
