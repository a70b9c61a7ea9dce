# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an import writes."""
from datetime import datetime, time

from .import_common import ACCOUNTS, PRODUCTS, REPS, ImportCase, make_deals, make_files

NUMBER = 84


class TestImport(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = make_deals(NUMBER)
        cls.mails = cls.env["mail.mail"].search_count([])
        cls.report = cls.import_deals(cls.rows)
        cls.leads = cls.imported()

    def row(self, lead):
        return dict(zip("ref rep product account stage opened closed value".split(), self.rows[int(lead.external_ref[1:])]))

    def test_every_row_becomes_one_record_and_is_counted(self):
        self.assertEqual(self.report["state"], "done")
        created = {kind: count["created"] for kind, count in self.report["counts"].items()}
        self.assertEqual(
            created, {"account": len(ACCOUNTS), "product": len(PRODUCTS), "rep": len(REPS), "team": 4, "deal": NUMBER}
        )
        self.assertEqual(len(self.leads), NUMBER)
        self.assertEqual(self.report["rejected"], 0)

    def test_totals_are_those_of_the_file(self):
        won = self.leads.filtered(lambda lead: lead.probability == 100)
        self.assertEqual(len(won), NUMBER / 4)
        self.assertAlmostEqual(
            sum(won.mapped("expected_revenue")), sum(row[7] for row in self.rows if row[4] == "Won"), places=2
        )
        self.assertEqual(len(self.leads.filtered(lambda lead: not lead.partner_id)), len(range(0, NUMBER, 7)))
        facts = self.report["deals"]
        self.assertEqual((facts["total"], facts["won"], facts["lost"], facts["open"]), (84, 21, 21, 42))

    def test_a_deal_has_the_rep_team_product_and_customer_of_its_row(self):
        for lead in self.leads:
            row = self.row(lead)
            self.assertEqual(lead.user_id.name, row["rep"])
            self.assertEqual(lead.team_id.user_id.name, REPS[row["rep"]][0])
            self.assertEqual(lead.product_id.name.replace(" ", ""), row["product"].replace(" ", ""))
            self.assertEqual(lead.partner_id.name or "", row["account"])

    def test_dates_are_kept_as_history(self):
        for lead in self.leads.filtered(lambda lead: self.row(lead)["opened"]):
            row = self.row(lead)
            opened = datetime.combine(datetime.fromisoformat(row["opened"]).date(), time(12))
            self.assertEqual((lead.create_date, lead.date_open), (opened, opened))
            closed = row["closed"] and datetime.combine(datetime.fromisoformat(row["closed"]).date(), time(12))
            self.assertEqual(lead.date_closed, closed or False)
            self.assertEqual(lead.date_last_stage_update, closed or opened)
            self.assertEqual(lead.day_close, (closed - opened).days if closed else 0)

    def test_lost_deals_are_archived_with_a_reason(self):
        lost = self.leads.filtered(lambda lead: self.row(lead)["stage"] == "Lost")
        self.assertEqual(set(lost.mapped("active")), {False})
        self.assertEqual(set(lost.mapped("probability")), {0})
        self.assertEqual(lost.lost_reason, self.env.ref("crm_core.lost_reason_imported"))

    def test_open_deals_without_value_are_worth_the_list_price_and_it_is_reported(self):
        opened = self.leads.filtered(lambda lead: self.row(lead)["stage"] in ("Engaging", "Prospecting"))
        for lead in opened:
            self.assertEqual(lead.expected_revenue, lead.product_id.list_price)
        reported = [issue["rows"] for issue in self.report["issues"] if issue["code"] == "value_from_price"]
        self.assertEqual(sum(reported), len(opened))

    def test_the_misspelled_product_is_reported_once_with_all_its_lines(self):
        issues = [issue for issue in self.report["issues"] if issue["code"] == "name_matched"]
        self.assertEqual({issue["value"]: issue["result"] for issue in issues}, {n.replace(" ", ""): n for n in PRODUCTS})
        lines = sorted(line for issue in issues for line in issue["lines"])
        self.assertEqual(lines, [number + 2 for number in range(0, NUMBER, 5)])

    def test_accounts_are_customers_and_companies_with_their_facts(self):
        company = self.env["res.partner"].search([("name", "=", "Codehow"), ("is_customer", "=", True)])
        self.assertTrue(company.is_company)
        self.assertEqual((company.industry_id.name, company.country_id.code), ("Technology", "CN"))
        self.assertEqual((company.year_established, company.employee_count), (1996, 2822))
        self.assertAlmostEqual(company.annual_revenue, 1100.04)

    def test_a_subsidiary_is_a_company_of_its_own(self):
        company = self.env["res.partner"].search([("name", "=", "Codehow"), ("is_customer", "=", True)])
        self.assertEqual(company.group_parent_id.name, "Isdom")
        self.assertFalse(company.parent_id)
        self.assertEqual(company.commercial_partner_id, company)

    def test_reps_work_in_their_managers_team_below_their_region(self):
        boris = self.env["res.users"].search([("name", "=", "Boris Faz")])
        self.assertEqual(boris.sale_team_id.user_id.name, "Rocco Neubert")
        self.assertEqual(boris.sale_team_id.parent_id.name, "East")
        self.assertTrue(boris.has_group("crm_core.group_sales_rep"))
        self.assertFalse(boris.has_group("crm_core.group_team_leader"))
        self.assertTrue(boris.sale_team_id.user_id.has_group("crm_core.group_team_leader"))

    def test_nobody_can_log_in_before_being_invited_and_nobody_gets_mail(self):
        users = self.env["res.users"].search([("name", "in", list(REPS))])
        self.env.cr.execute("SELECT count(password) FROM res_users WHERE id IN %s", [tuple(users.ids)])
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.assertEqual(self.env["mail.mail"].search_count([]), self.mails)

    def test_one_note_says_it_all(self):
        run = self.env["crm.import.run"].browse(self.report["run_id"])
        self.assertIn("Opportunities: 84 new", run.message_ids[0].body)
        leads_messages = self.env["mail.message"].search_count([("model", "=", "crm.lead"), ("res_id", "in", self.leads.ids)])
        self.assertEqual(leads_messages, 0)

    def test_a_second_run_changes_nothing_and_says_so(self):
        self.env["base"].flush()
        tables = ("crm_lead", "res_partner", "res_users", "crm_team", "product_template", "product_category",
                  "res_partner_industry", "crm_lost_reason", "mail_message")  # fmt: skip
        before = self.snapshot(tables[:-1])
        report = self.import_deals(self.rows)
        self.env["base"].flush()
        self.assertEqual(self.snapshot(tables[:-1]), before)
        self.assertTrue(report["unchanged"])
        self.assertEqual(report["counts"]["deal"], {"created": 0, "known": NUMBER})
        self.assertIn("nothing was changed", report["message"])

    def snapshot(self, tables):
        result = {}
        for table in tables:
            self.env.cr.execute("SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM %s t" % table)
            result[table] = self.env.cr.fetchone()
        return result

    def test_a_later_export_adds_only_what_is_new(self):
        report = self.import_deals(make_deals(NUMBER + 4))
        self.assertEqual(report["counts"]["deal"], {"created": 4, "known": NUMBER})
        self.assertEqual(report["counts"]["account"]["created"], 0)

    def test_names_kept_where_there_is_no_record(self):
        row = ["X1", "Gone Person", "Unheard Of", "Nowhere Ltd", "Engaging", "2024-02-03", "", "12"]
        self.importer().import_files([make_files([row])[3]])
        lead = self.imported("X1")
        self.assertEqual(lead.partner_name, "Nowhere Ltd")
        self.assertFalse(lead.user_id or lead.partner_id)
        self.assertIn("Gone Person", lead.description)
        self.assertIn("Unheard Of", lead.description)

    def test_existing_users_keep_their_rights_and_team(self):
        team = self.env["crm.team"].create({"name": "Elsewhere"})
        clerk = self.new_user("clerk", "base.group_user")
        clerk.sale_team_id = team
        groups = clerk.groups_id
        files = [("reps.csv", b"sales_agent,manager,regional_office\nclerk,Anna Snelling,East\n")]
        report = self.importer().import_files(files)
        self.assertEqual((clerk.groups_id, clerk.sale_team_id), (groups, team))
        self.assertIn("user_kept", [issue["code"] for issue in report["issues"]])
