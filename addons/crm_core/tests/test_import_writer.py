# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The bulk writer is as right as the ORM, and loses nothing when rows are refused."""
import random

from odoo.tests.common import tagged

from .import_common import ImportCase, make_deals, make_files

HISTORY = {"create_date", "date_open", "date_closed", "date_last_stage_update", "day_open", "day_close"}
IDENTITY = {"id", "external_ref", "write_date", "create_uid", "write_uid"}


@tagged("post_install", "-at_install")
class TestImportWriter(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train_scoring()

    @classmethod
    def train_scoring(cls):
        """Some won and lost leads with countries, so that predicted probabilities differ from row to row.

        Scoring counts from a date after the imported deals: an import then leaves the predictions as they are."""
        cls.env["ir.config_parameter"].set_param("crm.pls_start_date", "2025-06-01")
        countries = [cls.env.ref("base.cn").id, cls.env.ref("base.us").id, False]
        won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        leads = cls.env["crm.lead"].create(
            [{"name": "L%d" % n, "type": "opportunity", "country_id": countries[n % 3]} for n in range(40)]
        )
        leads[:20].write({"stage_id": won.id})
        leads[20:33].action_set_lost()
        cls.env["crm.lead"]._cron_update_automated_probabilities()

    def columns(self, leads):
        leads.flush()
        self.env.cr.execute("SELECT * FROM crm_lead WHERE id IN %s", [tuple(leads.ids)])
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    def test_stored_columns_equal_those_of_a_plain_create(self):
        self.import_deals(make_deals(300))
        imported = self.imported()
        sample = imported.browse(random.Random(3).sample(imported.ids, 60))
        # open ones first: Odoo learns from each lead won or lost, and would predict otherwise after it
        sample = sample.sorted(lambda lead: not lead.active or lead.stage_id.is_won)
        plain = self.env["crm.lead"]
        for lead in sample:
            plain |= self.create_plainly(lead)
        expected, got = self.columns(plain), self.columns(sample)
        for lead, twin in zip(sample, plain):
            # the twin was open before it was decided, and keeps the score it had then
            decided = set() if lead.active and not lead.stage_id.is_won else set(plain._score_fields)
            for name in set(expected[twin.id]) - HISTORY - IDENTITY - decided:
                self.assertEqual(got[lead.id][name], expected[twin.id][name], "%s of %s" % (name, lead.external_ref))
        self.assertGreater(len({row["probability"] for row in got.values()}), 3, "the sample is worth comparing")

    def create_plainly(self, lead):
        names = ["name", "type", "company_id", "user_id", "team_id", "partner_id", "product_id", "expected_revenue",
                 "stage_id", "description"]  # fmt: skip
        twin = self.env["crm.lead"].create({name: lead._fields[name].convert_to_write(lead[name], lead) for name in names})
        if not lead.active:
            twin.action_set_lost(lost_reason=lead.lost_reason.id)
        return twin

    def test_scoring_counts_each_recent_outcome_once(self):
        def totals():
            self.env.cr.execute(
                "SELECT sum(won_count), sum(lost_count) FROM crm_lead_scoring_frequency WHERE variable = 'stage_id' AND value = %s",
                [str(self.env["crm.stage"].search([("team_id", "=", False)], order="sequence", limit=1).id)],
            )
            return [float(number) for number in self.env.cr.fetchone()]

        self.env["ir.config_parameter"].set_param("crm.pls_start_date", "2020-01-01")
        before = totals()
        self.import_deals(make_deals(80))
        after = totals()
        self.assertAlmostEqual(after[0] - before[0], 20, delta=2)  # Odoo adds 0.1 per new team
        self.assertAlmostEqual(after[1] - before[1], 20, delta=2)

    def test_automated_actions_run_for_every_imported_lead(self):
        self.env["base.automation"].create({
            "name": "Mark imports",
            "model_id": self.env.ref("crm.model_crm_lead").id,
            "trigger": "on_create",
            "state": "code",
            "code": "records.write({'referred': 'seen'})",
        })  # fmt: skip
        self.import_deals(make_deals(40))
        self.assertEqual(set(self.imported().mapped("referred")), {"seen"})

    def test_a_row_the_database_refuses_is_reported_and_the_others_stay(self):
        self.env.cr.execute("ALTER TABLE crm_lead ADD CONSTRAINT import_test CHECK (external_ref != 'T00013')")
        report = self.import_deals(make_deals(60))
        self.assertEqual(report["counts"]["deal"]["created"], 59)
        [issue] = [issue for issue in report["issues"] if issue["severity"] == "rejected"]
        self.assertEqual((issue["code"], issue["file"], issue["lines"]), ("write_failed", "sales_pipeline.csv", [15]))
        self.assertFalse(self.imported("T00013"))
        self.env.cr.execute("ALTER TABLE crm_lead DROP CONSTRAINT import_test")
        self.assertEqual(self.import_deals(make_deals(60))["counts"]["deal"], {"created": 1, "known": 59})

    def test_all_or_nothing_means_nothing(self):
        rows = make_deals(20)
        rows[5][4] = "Limbo"
        users = self.env["res.users"].search_count([])
        report = self.import_deals(rows, all_or_nothing=True)
        self.assertEqual(report["state"], "failed")
        self.assertIn("Limbo", report["message"])
        self.assertFalse(self.imported())
        self.assertEqual(self.env["res.users"].search_count([]), users)

    def test_a_bad_row_alone_is_left_out_without_all_or_nothing(self):
        rows = make_deals(20)
        rows[5][4] = "Limbo"
        rows[6][7] = "a lot"
        report = self.import_deals(rows)
        self.assertEqual((report["state"], report["rejected"]), ("done", 2))
        self.assertEqual(len(self.imported()), 18)
        where = {(issue["lines"][0], issue["column"], issue["value"]) for issue in report["issues"] if issue["severity"] == "rejected"}
        self.assertEqual(where, {(7, "deal_stage", "Limbo"), (8, "close_value", "a lot")})

    def test_cost_grows_with_kinds_of_leads_not_with_rows(self):
        files = make_files(make_deals(400, seed=1))
        self.importer().import_files(files)  # brings the masters

        def queries(number):
            rows = [["S%d-%s" % (number, row[0][1:]), *row[1:]] for row in make_deals(number)]
            count = self.env.cr.sql_log_count
            self.importer().import_files([make_files(rows)[3]])
            return self.env.cr.sql_log_count - count

        queries(200)
        self.assertLess(queries(800) - queries(400), 40)
