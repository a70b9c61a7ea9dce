# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real company's export: the facts of the data set, to the last deal and cent."""
import csv
import unittest
from collections import Counter

from odoo.tests.common import tagged

from .import_common import ImportCase, shared_data

FOLDER = shared_data("maven-crm")


@tagged("post_install", "-at_install")
@unittest.skipUnless(FOLDER, "needs the workshop's data: set CRM_SHARED_DATA or put it beside the repository")
class TestImportMaven(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = [(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.csv"))]
        cls.before = cls.count()
        cls.report = cls.importer().import_files(files)
        with (FOLDER / "sales_pipeline.csv").open(newline="") as stream:
            cls.rows = {row["opportunity_id"]: row for row in csv.DictReader(stream)}
        cls.leads = cls.env["crm.lead"].with_context(active_test=False).search([("external_ref", "in", list(cls.rows))])

    @classmethod
    def count(cls):
        models = ("res.partner", "product.product", "res.users", "crm.team", "crm.lead")
        return Counter({name: cls.env[name].with_context(active_test=False).search_count([]) for name in models})

    def test_masters(self):
        created = {kind: count["created"] for kind, count in self.report["counts"].items()}
        self.assertEqual(created, {"account": 85, "product": 7, "rep": 35, "team": 9, "deal": 8800})
        people = 35 + 6  # agents and their managers
        self.assertEqual(
            self.count() - self.before,
            Counter({"res.partner": 85 + people, "product.product": 7, "res.users": people, "crm.team": 9, "crm.lead": 8800}),
        )

    def test_outcomes(self):
        facts = self.report["deals"]
        self.assertEqual((facts["total"], facts["won"], facts["lost"], facts["open"]), (8800, 4238, 2473, 1589 + 500))
        self.assertEqual(sorted(facts["stages"].values()), [500, 1589, 4238])
        self.assertEqual(facts["won_value"], 10005534)
        self.assertEqual(facts["without_account"], 1425)
        self.assertEqual(self.report["rejected"], 0)

    def test_odoo_sees_the_same(self):
        won = self.env["crm.lead"].read_group(
            [("id", "in", self.leads.ids), ("stage_id.is_won", "=", True)], ["expected_revenue"], []
        )[0]
        self.assertEqual((won["__count"], won["expected_revenue"]), (4238, 10005534))

    def test_the_product_mismatch_is_reported_and_no_deal_dropped(self):
        [issue] = [issue for issue in self.report["issues"] if issue["code"] == "name_matched"]
        self.assertEqual((issue["value"], issue["result"], issue["column"]), ("GTXPro", "GTX Pro", "product"))
        misspelled = [row for row in self.rows.values() if row["product"] == "GTXPro"]
        self.assertEqual((issue["rows"], len(issue["lines"])), (len(misspelled), 1480))
        self.assertEqual(len(self.leads.filtered(lambda lead: lead.product_id.name == "GTX Pro")), 1480)

    def test_every_deal_is_the_row_it_came_from(self):
        for lead in self.leads:
            row = self.rows[lead.external_ref]
            self.assertEqual(lead.user_id.name, row["sales_agent"])
            self.assertEqual(lead.partner_id.name or "", row["account"])
            for date, text in ((lead.create_date, row["engage_date"]), (lead.date_closed, row["close_date"])):
                if text:
                    self.assertEqual("%d/%d/%d" % (date.month, date.day, date.year), text)
            if row["close_value"]:
                self.assertEqual(lead.expected_revenue, float(row["close_value"]))
