# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real company's pipeline in the cockpit: its won value is the source file's, to the unit."""
import csv
import unittest

from odoo.addons.crm_core.tests.import_common import ImportCase, shared_data
from odoo.tests import new_test_user, tagged

FOLDER = shared_data("maven-crm")


@tagged("post_install", "-at_install")
@unittest.skipUnless(FOLDER, "needs the workshop's data: set CRM_SHARED_DATA or put it beside the repository")
class TestCockpitMaven(ImportCase):
    def _won(self):
        boss = new_test_user(self.env, "bi_maven_boss_%d" % self.env["res.users"].search_count([]), groups="crm_core.group_executive")
        cards = self.env["crm.bi.cockpit"].with_user(boss).get_data("company", "all")["cards"]
        return {card["code"]: card["value"] for card in cards if card["code"] in ("won_value", "won_deals")}

    def test_the_executive_reads_what_the_source_file_adds_up_to(self):
        before = self._won()
        self.importer().import_files([(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.csv"))])
        with (FOLDER / "sales_pipeline.csv").open(newline="") as stream:
            values = [int(row["close_value"]) for row in csv.DictReader(stream) if row["deal_stage"] == "Won"]
        after = self._won()
        self.assertEqual(after["won_value"] - before["won_value"], sum(values))
        self.assertEqual(sum(values), 10005534)
        self.assertEqual(after["won_deals"] - before["won_deals"], len(values))
