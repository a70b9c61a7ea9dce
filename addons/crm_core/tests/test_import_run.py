# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The steps of an import, who may take them, and what disturbs them."""
import inspect
import io
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests.common import tagged

from ..engine.migration.issues import SEVERITY
from ..engine.migration.schema import KINDS
from ..models import crm_import_execution
from ..models.crm_import_run import CrmImportError
from .import_common import DEAL_HEADER, ImportCase, make_deals, make_files, to_csv


@tagged("post_install", "-at_install")
class TestImportRun(ImportCase):
    # -- steps -------------------------------------------------------------------------------------------------------

    def test_the_steps_guess_show_check_and_import(self):
        run = self.new_run(make_files(make_deals(12)))
        run.action_read()
        self.assertEqual(run.state, "map")
        self.assertEqual(run.table_ids.mapped("kind"), ["account", "product", "rep", "deal"])
        self.assertFalse(run.column_ids.filtered(lambda column: not column.field_id))
        self.assertEqual({s.name: s.outcome for s in run.stage_ids},
                         {"Won": "won", "Lost": "lost", "Engaging": "open", "Prospecting": "open"})  # fmt: skip
        self.assertIn("Anna Snelling", run.table_ids[2].preview)
        run.action_check()
        self.assertEqual((run.state, run.deal_count), ("check", 12))
        self.assertFalse(self.imported(), "checking imports nothing")
        run.action_import()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self.imported()), 12)

    def test_a_column_can_be_left_out_or_mapped_otherwise(self):
        run = self.new_run([make_files(make_deals(4))[3]])
        run.action_read()
        run.column_ids.filtered(lambda column: column.name == "close_value").field_id = False
        run.action_check()
        run.action_import()
        self.assertEqual(set(self.imported().filtered("date_closed").mapped("expected_revenue")), {0})

    def test_another_kind_of_table_has_its_columns_guessed_anew(self):
        run = self.new_run([("x.csv", b"name,price\nPump,5\n")])
        run.action_read()
        run.table_ids.kind = "product"
        self.assertEqual(run.column_ids.mapped("field_id.code"), ["name", "price"])
        run.action_check()
        self.assertEqual(run.product_count, 1)

    def test_an_unknown_stage_is_rejected_until_it_is_mapped(self):
        rows = [["Z1", "", "", "", "Limbo", "2024-01-01", "", "5"]]
        run = self.new_run([("deals.csv", to_csv(DEAL_HEADER, rows))])
        run.action_read()
        self.assertFalse(run.stage_ids.outcome)
        run.action_check()
        self.assertEqual((run.rejected_count, run.deal_count), (1, 0))
        run.action_back()
        stage = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        run.stage_ids.write({"outcome": "open", "stage_id": stage.id})
        run.action_check()
        run.action_import()
        self.assertEqual(self.imported("Z1").stage_id, stage)

    def test_only_files_that_cannot_be_read_is_an_error_naming_them(self):
        run = self.new_run([("photo.csv", b"\x00\x01\x02" * 50), ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")])
        with self.assertRaisesRegex(CrmImportError, r"photo\.csv.*\n.*old\.xls"):
            run.action_read()

    def test_no_file_at_all_is_an_error(self):
        with self.assertRaisesRegex(CrmImportError, "Upload"):
            self.new_run([]).action_read()

    # -- disturbances ------------------------------------------------------------------------------------------------

    def test_a_second_click_is_told_that_it_is_done(self):
        run = self.new_run(make_files(make_deals(4)))
        run.action_read()
        run.action_check()
        run.action_import()
        with self.assertRaisesRegex(CrmImportError, "Result"):
            run.action_import()
        self.assertEqual(len(self.imported()), 4)

    def test_an_import_beside_another_one_is_told_to_wait(self):
        guard = self.env.ref("crm_core.config_parameter_import_guard")
        run = self.new_run(make_files(make_deals(4)))
        run.action_read()
        run.action_check()
        with self.registry.cursor() as other:
            other.execute("SELECT id FROM ir_config_parameter WHERE id = %s FOR UPDATE NOWAIT", [guard.id])
            with self.assertRaisesRegex(CrmImportError, "Another import is running"):
                run.action_import()
            other.rollback()
        self.assertFalse(self.imported())

    # -- job ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def job_of(self, number):
        """A checked run whose import is a job, with the progress kept in the test's own transaction."""
        run = self.new_run(make_files(make_deals(number)))
        run.action_read()
        run.action_check()
        progress_class = type(self.env["crm.import.progress"])

        @contextmanager
        def same_transaction(progress):
            yield progress

        with patch.object(crm_import_execution, "BACKGROUND_ROWS", 2), patch.object(
            progress_class, "_own_transaction", same_transaction
        ):
            run.action_import()
            yield run

    def test_many_deals_are_imported_by_one_job(self):
        with self.job_of(12) as run:
            self.assertEqual(run.state, "running")
            job = self.env["queue.job"].search([("model_name", "=", "crm.import.run")])
            self.assertEqual((len(job), job.user_id), (1, self.director))
            self.assertFalse(self.imported())
            with self.assertRaisesRegex(CrmImportError, "Import"):
                run.action_import()
            run._run_job()
            self.assertEqual((run.state, run.progress), ("done", 100))
            self.assertEqual(len(self.imported()), 12)
            run._run_job()  # a job run twice
            self.assertEqual(len(self.imported()), 12)

    def test_a_cancelled_job_leaves_nothing_and_can_be_repeated(self):
        with self.job_of(12) as run:
            run.action_cancel()
            self.assertTrue(run.cancel_asked)
            run._run_job()
            self.assertEqual(run.state, "cancelled")
            self.assertFalse(self.imported())
            self.assertFalse(self.env["res.users"].search([("name", "=", "Boris Faz")]))
        run.action_import()
        self.assertEqual((run.state, len(self.imported())), ("done", 12))

    def test_a_run_whose_job_is_gone_can_be_taken_up_again(self):
        with self.job_of(12) as run:
            self.env["queue.job"].search([("model_name", "=", "crm.import.run")]).write({"state": "failed"})
            run.action_cancel()
            self.assertEqual(run.state, "cancelled")
        run.action_import()
        self.assertEqual(len(self.imported()), 12)

    def test_a_job_that_breaks_leaves_nothing_and_says_why(self):
        loader = type(self.env["crm.import.deal.loader"])
        with self.job_of(12) as run, patch.object(loader, "_prepare_deal", side_effect=KeyError("broken")):
            run._run_job()
            self.assertEqual(run.state, "failed")
            self.assertIn("broken", run.message)
            self.assertFalse(self.env["res.users"].search([("name", "=", "Boris Faz")]))

    # -- rights ------------------------------------------------------------------------------------------------------

    def test_only_directors_and_administrators_import(self):
        files = make_files(make_deals(4))
        for number, group in enumerate(
            ("base.group_user", "crm_core.group_sales_rep", "crm_core.group_team_leader", "crm_core.group_marketing",
             "crm_core.group_executive")
        ):  # fmt: skip
            user = self.new_user("no-import-%d" % number, group)
            with self.assertRaises(AccessError):
                self.importer(user).import_files(files)
            with self.assertRaises(AccessError):
                self.importer(user).search([])
        for number, group in enumerate(("crm_core.group_sales_director", "base.group_system")):
            user = self.new_user("import-%d" % number, "base.group_user", group)
            self.assertEqual(self.importer(user).import_files(files)["state"], "done")

    def test_a_run_made_by_a_director_cannot_be_pushed_on_by_a_rep(self):
        run = self.new_run(make_files(make_deals(4)))
        rep = self.new_user("pushing-rep", "crm_core.group_sales_rep")
        for step in ("action_read", "action_check", "action_import", "action_back", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(run.with_user(rep), step)()
        for model in ("table", "column", "stage", "issue", "progress", "field"):
            with self.assertRaises(AccessError):
                self.env["crm.import.%s" % model].with_user(rep).search([])

    def test_the_writer_cannot_be_called_from_outside(self):
        for name in ("crm.import.loader", "crm.import.deal.loader", "crm.lead.writer"):
            model, base = type(self.env[name]), type(self.env["base"])
            own = {method for method, _value in inspect.getmembers(model, inspect.isfunction)}
            own -= {method for method, _value in inspect.getmembers(base, inspect.isfunction)}
            self.assertFalse([method for method in own if not method.startswith("_")], name)

    # -- report ------------------------------------------------------------------------------------------------------

    def test_the_report_is_a_spreadsheet_with_a_line_per_row(self):
        openpyxl = self.import_openpyxl()
        rows = make_deals(12)
        rows[3][4] = "=cmd()"
        run = self.new_run(make_files(rows))
        run.action_read()
        run.action_check()
        sheet = openpyxl.load_workbook(io.BytesIO(run._make_report())).active
        lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
        self.assertEqual(lines[0], ["Result", "File", "Line", "Column", "Value", "Reason", "What Was Done"])
        self.assertEqual(lines[1][:5], ["Rejected", "sales_pipeline.csv", 5, "deal_stage", "=cmd()"])
        self.assertEqual(sheet.cell(2, 5).data_type, "s", "text of a file is never a formula")
        self.assertEqual(len(lines) - 1, sum(issue.row_count for issue in run.issue_ids))

    def import_openpyxl(self):
        import openpyxl

        return openpyxl

    def test_every_reason_of_the_engine_has_words(self):
        issue_model = self.env["crm.import.issue"]
        self.assertEqual(set(issue_model._get_texts()), set(SEVERITY))
        run = self.new_run([])
        issues = issue_model.create(
            [{"run_id": run.id, "code": code, "severity": severity, "kind": "deal.stage"} for code, severity in SEVERITY.items()]
        )
        for issue in issues:
            self.assertTrue(issue.reason and issue.action, issue.code)
            self.assertNotIn("%(", issue.reason + issue.action)

    def test_the_fields_to_map_to_are_those_of_the_engine(self):
        fields = self.env["crm.import.field"].search([])
        self.assertEqual(
            {(field.kind, field.code, field.required) for field in fields},
            {(kind, item.code, item.required) for kind, items in KINDS.items() for item in items},
        )

    def test_a_chinese_export_is_understood_as_it_comes(self):
        deals = (
            "商机编号;商机名称;客户名称;负责人;商机阶段;金额（元）;创建时间;成交日期\n"
            "S-1;空压机改造;深圳市华强电子有限公司;张伟;赢单;￥1,234.50;2024年3月1日;2024/4/2\n"
            "S-2;机器人;华强(不详);李娜;商务谈判;1.5万;2024-03-05;\n"
        )
        accounts = "客户名称;所属行业;国家\n深圳市华强电子有限公司;电子;中国\n"
        files = [("商机.csv", deals.encode("gb18030")), ("客户.csv", accounts.encode("utf-16"))]
        report = self.importer().import_files([*files, ("销售.csv", "姓名,主管,大区\n张伟,王芳,华南\n".encode())])
        self.assertEqual((report["state"], report["rejected"]), ("done", 0))
        won, opened = self.imported("S-1", "S-2")
        self.assertEqual((won.name, won.expected_revenue, won.probability), ("空压机改造", 1234.5, 100))
        self.assertEqual((won.partner_id.country_id.code, won.partner_id.industry_id.name), ("CN", "电子"))
        self.assertEqual((won.user_id.name, won.team_id.parent_id.name), ("张伟", "华南"))
        self.assertEqual((str(won.create_date.date()), str(won.date_closed.date())), ("2024-03-01", "2024-04-02"))
        self.assertEqual((opened.expected_revenue, opened.partner_name), (15000, "华强(不详)"))
        self.assertIn("李娜", opened.description)

    def test_xlsx_imports_like_csv(self):
        openpyxl = self.import_openpyxl()
        book = openpyxl.Workbook()
        book.active.title = "deals"
        for row in [DEAL_HEADER.split(","), *make_deals(8)]:
            book.active.append(row)
        book.create_sheet("products").append(["product", "series", "sales_price"])
        book["products"].append(["GTX Pro", "GTX", 4821])
        stream = io.BytesIO()
        book.save(stream)
        report = self.importer().import_files([("export.xlsx", stream.getvalue())])
        self.assertEqual((report["counts"]["deal"]["created"], report["counts"]["product"]["created"]), (8, 1))
        self.assertEqual({file["name"] for file in report["files"]}, {"export.xlsx [deals]", "export.xlsx [products]"})
