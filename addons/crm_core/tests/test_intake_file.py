# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Importing files of leads: columns, good and refused rows, jobs that stop and go on, rights."""
import base64
import io
import json
from unittest.mock import patch

import openpyxl
from odoo.exceptions import AccessError
from psycopg2.errors import SerializationFailure

from ..models import crm_intake_file_run
from ..models.crm_intake_file import CrmIntakeFileError
from .common import RolesCase

HEADER = ["姓名", "手机", "公司", "邮箱", "备注", "楼层"]


def to_xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def people(number, start=0):
    return [["客户%04d" % n, "138%08d" % n, "公司%04d" % n, "c%d@example.com" % n, "", "3"] for n in range(start, start + number)]


class IntakeFileCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["crm.intake.channel"].create({"name": "Fair", "kind": "file", "team_id": cls.east.id})

    def upload(self, *rows, header=HEADER, user=None, channel=None, name="fair.xlsx", content=None):
        content = to_xlsx(header, *rows) if content is None else content
        files = self.env["crm.intake.file"].with_user(user or self.marketer)
        return files.create({"name": name, "channel_id": (channel or self.channel).id, "content": base64.b64encode(content)})

    def imported(self, *rows, **options):
        file = self.upload(*rows, **options)
        file.action_import()
        return file

    def job_of(self, file, batch=2):
        """Context in which ``file`` is read by a job in batches, without commits."""
        run = crm_intake_file_run
        patches = (
            patch.object(run, "BACKGROUND_ROWS", 0),
            patch.object(run, "BATCH", batch),
            patch.object(type(file), "_commit", lambda file: file.flush() or file.invalidate_cache()),
        )
        for one in patches:
            one.start()
            self.addCleanup(one.stop)
        file.action_import()

    def jobs(self, file):
        return self.env["queue.job"].search([("identity_key", "=", file._get_job_key())])

    def payloads(self, file):
        return [json.loads(touchpoint.payload) for touchpoint in file.sudo().touchpoint_ids.sorted("id")]

    def sheet(self, file):
        stream = io.BytesIO(base64.b64decode(file.report_file))
        return [list(row) for row in openpyxl.load_workbook(stream).active.iter_rows(values_only=True)]


class TestIntakeFile(IntakeFileCase):
    # -- upload ------------------------------------------------------------------------------------------------------

    def test_an_uploaded_file_shows_its_columns_and_first_rows(self):
        file = self.upload(*people(3))
        self.assertEqual((file.state, file.row_estimate), ("draft", 3))
        self.assertEqual(
            file.column_ids.mapped(lambda column: (column.name, column.target or "")),
            list(zip(HEADER, ["contact_name", "mobile", "partner_name", "email_from", "description", ""])),
        )
        self.assertIn("客户0002", file.preview)
        self.assertEqual(file.column_ids[0].sample, "客户0000, 客户0001, 客户0002")
        self.assertFalse(file.sudo().touchpoint_ids)

    def test_cells_of_the_preview_are_no_markup(self):
        file = self.upload(["<img src=x onerror=alert(1)>", "13812345678"])
        self.assertNotIn("<img", file.preview)

    def test_a_wrong_file_is_refused_in_words(self):
        for content, words in (
            (b"", "empty"),
            (b"%PDF-1.4", "PDF"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
            (b"\x89PNG\r\n\x1a\n\0\0", "neither a CSV nor an XLSX"),
            (b"a,b\n" + b"1,13812345678\n" * 2_000_000, "2,000,00. rows; at most 500,000"),
            (b"x" * (65 << 20), "too large .65.* at most 64"),
        ):
            with self.assertRaisesRegex(CrmIntakeFileError, words):
                self.upload(content=content)

    def test_only_channels_for_files(self):
        website = self.env["crm.intake.channel"].create({"name": "Web", "kind": "website"})
        with self.assertRaisesRegex(Exception, "File Import"):
            self.upload(*people(1), channel=website)

    def test_columns_can_be_corrected_and_are_remembered(self):
        header = ["A", "B", "C"]
        file = self.upload(["王伟", "13812345678", "x"], header=header)
        file.column_ids[2].target = "function"
        file.column_ids[0].target = False
        file.column_ids[0].keep = False
        file.action_import()
        self.assertEqual(self.payloads(file), [{"mobile": "13812345678", "function": "x"}])
        second = self.upload(["Engineer", "李娜", "13912345678"], header=["C", "A", "B"])
        self.assertTrue(second.remembered)
        self.assertEqual(second.column_ids.mapped(lambda column: column.target or ""), ["function", "", "mobile"])
        self.assertEqual(second.column_ids.mapped("keep"), [True, False, True])
        other = self.env["crm.intake.channel"].create({"name": "Other", "kind": "file"})
        self.assertFalse(self.upload(["x", "李娜", "13912345678"], header=["C", "A", "B"], channel=other).remembered)

    def test_a_file_without_anybody_or_with_a_field_twice_is_not_imported(self):
        file = self.upload(["王伟", "13812345678", "x"], header=["A", "B", "C"])
        file.column_ids.target = False
        with self.assertRaisesRegex(CrmIntakeFileError, "Which column"):
            file.action_import()
        file.column_ids.target = "mobile"
        with self.assertRaisesRegex(CrmIntakeFileError, "Two columns go to the same field: Mobile"):
            file.action_import()

    def test_the_channel_chosen_last_is_proposed(self):
        files = self.env["crm.intake.file"].with_user(self.eli)
        self.assertEqual(files._default_channel(), self.channel)
        other = self.channel.copy({"name": "Other"})
        self.upload(*people(1), user=self.eli, channel=other)
        self.assertEqual(files._default_channel(), other)
        self.assertFalse(files.with_user(self.sam)._default_channel())

    # -- import ------------------------------------------------------------------------------------------------------

    def test_good_rows_become_submissions_and_bad_ones_come_back(self):
        file = self.imported(
            ["王伟", 13812345678, "华强电子", "wang@example.com", "急", "3"],
            ["李娜", "1381234", "天马", "li@", "", ""],
            [],
            ["", "", "", "", "only a note", "5"],
        )
        self.assertEqual((file.state, file.position, file.accepted_count, file.bad_count, file.progress), ("done", 3, 1, 2, 100.0))
        self.assertEqual(
            self.payloads(file),
            [
                {
                    "contact_name": "王伟",
                    "mobile": "13812345678",
                    "partner_name": "华强电子",
                    "email_from": "wang@example.com",
                    "description": "急\n楼层: 3",
                }
            ],
        )
        first, second = file.row_ids
        self.assertEqual((first.line, second.line), (3, 5))
        self.assertIn("“1381234” in “手机” is no phone number", first.reason)
        self.assertIn("“li@” in “邮箱” is no e-mail address", first.reason)
        self.assertIn("nobody to contact", second.reason)

    def test_refused_rows_as_a_spreadsheet(self):
        bad = ["李娜", "1381234", "=HYPERLINK(1)", "+1", "@SUM(A1)", "-"]
        file = self.imported(content="\n".join([",".join(HEADER), ",".join(bad)]).encode(), name="fair.csv")
        header, row = self.sheet(file)
        self.assertEqual(header, [*HEADER, "Line", "Reason"])
        self.assertEqual(row[:7], [*bad, 2])
        self.assertIn("no phone number", row[7])
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(file.report_file)))
        for cell in book.active[2][:6]:
            self.assertEqual(cell.data_type, "s")
        self.assertTrue(book.active["C2"].quotePrefix)
        self.assertIn("report_file", file.action_download_bad()["url"])

    def test_corrected_rows_are_uploaded_again(self):
        file = self.imported(["李娜", "1381234", "天马", "", "", ""])
        header, row = self.sheet(file)
        row[1] = "13812345678"
        again = self.imported(row, header=header)
        self.assertEqual((again.accepted_count, again.bad_count), (1, 0))
        self.assertEqual(self.payloads(again), [{"contact_name": "李娜", "mobile": "13812345678", "partner_name": "天马"}])

    def test_rows_go_through_the_pipeline(self):
        file = self.imported(*people(2), ["客户0000", "13800000000", "", "", "again", ""])
        self.assertEqual((file.pending_count, file.created_count), (3, 0))
        file.sudo().touchpoint_ids._process()
        file.invalidate_cache()
        self.assertEqual((file.pending_count, file.created_count, file.attached_count), (0, 2, 1))
        lead = file.sudo().touchpoint_ids.sorted("id")[:1].lead_id
        self.assertEqual((lead.contact_name, lead.partner_name, lead.phone_carrier), ("客户0000", "公司0000", "中国移动"))
        self.assertEqual(file.get_progress()["processed"], 100.0)
        action = file.action_view_created()
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), 2)

    def test_a_csv_of_old_excel(self):
        content = "客户名单\n姓名,电话,公司\n王伟,0755-26000000,华强电子\n".encode("gb18030")
        file = self.imported(content=content, name="客户.csv")
        self.assertEqual(self.payloads(file), [{"contact_name": "王伟", "phone": "0755-26000000", "partner_name": "华强电子"}])

    def test_a_field_the_channel_does_not_map_yet_is_added(self):
        file = self.upload(["王伟", "13812345678", "李强"], header=["A", "B", "C"])
        file.column_ids[2].target = "legal_person"
        file.action_import()
        self.assertIn("legal_person", self.channel.mapping_ids.mapped("target"))
        (vals,) = file.sudo().touchpoint_ids._parse_submissions().values()
        self.assertEqual((vals["legal_person"], vals["team_id"]), ("李强", self.east.id))

    # -- never twice -------------------------------------------------------------------------------------------------

    def test_the_same_file_again_is_recognised_and_adds_nothing(self):
        content = to_xlsx(HEADER, *people(3))
        first = self.imported(content=content)
        again = self.upload(content=content, name="renamed.xlsx")
        self.assertEqual(again.twin_id, first)
        again.action_import()
        self.assertEqual((again.accepted_count, again.known_count), (0, 3))
        self.assertEqual(len(first.sudo().touchpoint_ids), 3)

    def test_an_import_cannot_be_started_twice(self):
        file = self.imported(*people(1))
        with self.assertRaisesRegex(CrmIntakeFileError, "another step"):
            file.action_import()
        with self.assertRaisesRegex(CrmIntakeFileError, "imported already"):
            file.content = base64.b64encode(to_xlsx(HEADER, *people(2)))

    # -- jobs --------------------------------------------------------------------------------------------------------

    def test_many_rows_are_read_by_one_job(self):
        file = self.upload(*people(7))
        self.job_of(file)
        self.assertEqual((file.state, file.accepted_count), ("running", 0))
        job = self.jobs(file)
        self.assertEqual((len(job), job.user_id, job.channel), (1, self.marketer, "root.intake.file"))
        with self.assertRaisesRegex(CrmIntakeFileError, "nothing to resume"):
            file.action_resume()
        with self.assertRaisesRegex(CrmIntakeFileError, "Cancel it first"):
            file.unlink()
        file._run_job(file.run)
        self.assertEqual((file.state, file.position, file.accepted_count), ("done", 7, 7))
        file._run_job(file.run)  # a job run twice
        self.assertEqual(file.accepted_count, 7)

    def test_progress_is_seen_while_it_runs(self):
        file = self.upload(*people(8))
        self.job_of(file)
        seen = []

        def look(file):
            file.invalidate_cache()
            seen.append((file.position, file.progress))

        with patch.object(type(file), "_commit", look):
            file._run_job(file.run)
        self.assertEqual(seen, [(2, 25.0), (4, 50.0), (6, 75.0), (8, 99.9)])

    def test_cancelled_and_resumed(self):
        file = self.upload(*people(7), ["x", "bad", "", "", "", ""])
        self.job_of(file)

        def cancel_after_two(file):
            file.invalidate_cache()
            if file.position == 4:
                file.action_cancel()

        with patch.object(type(file), "_commit", cancel_after_two):
            file._run_job(file.run)
        self.assertEqual((file.state, file.position, file.accepted_count), ("cancelled", 4, 4))
        self.jobs(file).write({"state": "done"})
        file.action_resume()
        self.assertEqual((file.state, file.cancel_asked), ("running", False))
        file._run_job(file.run)
        self.assertEqual((file.state, file.position, file.accepted_count, file.known_count, file.bad_count), ("done", 8, 7, 0, 1))

    def test_killed_after_a_batch_it_goes_on_there(self):
        file = self.upload(*people(7))
        self.job_of(file)

        class Killed(BaseException):
            pass

        def killed(file):
            file.flush()
            file.invalidate_cache()
            if file.position == 4:
                raise Killed

        with patch.object(type(file), "_commit", killed), self.assertRaises(Killed):
            file._run_job(file.run)
        self.assertEqual((file.state, file.position), ("running", 4))
        file._run_job(file.run)  # as the queue does with jobs of dead processes
        self.assertEqual((file.state, file.accepted_count, file.known_count), ("done", 7, 0))
        keys = file.sudo().touchpoint_ids.mapped("idempotency_key")
        self.assertEqual(len(set(keys)), 7)

    def test_a_job_that_is_gone_is_resumed_by_hand(self):
        file = self.upload(*people(3))
        self.job_of(file)
        self.jobs(file).write({"state": "failed"})
        file.action_cancel()
        self.assertEqual(file.state, "cancelled")
        file.action_resume()
        file._run_job(file.run)
        self.assertEqual((file.state, file.accepted_count), ("done", 3))

    def test_a_job_leaves_an_import_that_another_one_reads(self):
        file = self.upload(*people(7), *[["x", "bad", "", "", "", ""]] * 2)
        self.job_of(file)
        lost, seen = file.run, []

        def cancelled_and_resumed(file):
            """What people do while the job lives on, though its record says otherwise: after the first batch."""
            file.flush()
            file.invalidate_cache()
            seen.append(file.position)
            if file.run == lost:
                self.jobs(file).write({"state": "failed"})
                file.action_cancel()
                file.action_resume()

        with patch.object(type(file), "_commit", cancelled_and_resumed):
            file._run_job(lost)
            self.assertEqual((seen, file.state, file.position), ([2], "running", 2))
            file._run_job(lost)  # as the queue does with jobs of dead processes
            self.assertEqual(file.position, 2)
            self.assertEqual(len(self.jobs(file)), 1)
            file._run_job(file.run)
        self.assertEqual((file.state, file.position, file.accepted_count, file.bad_count), ("done", 9, 7, 2))
        self.assertEqual(len(file.row_ids), 2)

    def test_of_two_processes_with_one_job_the_one_behind_stops(self):
        file = self.upload(*people(5), ["x", "bad", "", "", "", ""])
        self.job_of(file)
        inner = []

        def overtaken(file):
            file.flush()
            file.invalidate_cache()
            if not inner:
                inner.append(True)
                file._run_job(file.run)

        with patch.object(type(file), "_commit", overtaken):
            file._run_job(file.run)
        self.assertEqual((file.state, file.position, file.accepted_count, file.bad_count), ("done", 6, 5, 1))
        self.assertEqual(len(file.row_ids), 1)

    def test_what_goes_wrong_is_told(self):
        file = self.upload(*people(3))
        self.job_of(file)
        touchpoints = type(self.env["crm.touchpoint"])
        with patch.object(touchpoints, "_accept_rows", side_effect=SerializationFailure), self.assertRaises(SerializationFailure):
            file._run_job(file.run)  # the queue tries again
        with patch.object(touchpoints, "_accept_rows", side_effect=ValueError("disk full")), patch.object(
            type(self.env.cr), "rollback", lambda cr: None
        ), self.assertLogs(crm_intake_file_run.__name__, "ERROR"):
            file._run_job(file.run)
        self.assertEqual((file.state, file.message), ("failed", "The import stopped: disk full"))

    def test_a_thousand_rows_take_few_queries(self):
        file = self.upload(*people(1000))
        file.flush()
        with self.assertQueryCount(60):
            file.action_import()
        self.assertEqual(file.accepted_count, 1000)


class TestIntakeFileRights(IntakeFileCase):
    MODELS = ("crm.intake.file", "crm.intake.file.column", "crm.intake.file.row")

    def setUp(self):
        super().setUp()
        self.file = self.imported(*people(1), ["x", "bad", "", "", "", ""])

    def test_marketing_directors_and_the_teams_leaders_see_it(self):
        for user in (self.marketer, self.director, self.eli, self.nora):
            for model in self.MODELS:
                self.assertTrue(self.env[model].with_user(user).search_read([("id", "!=", 0)]), (user.name, model))

    def test_leaders_of_other_teams_do_not(self):
        for model in self.MODELS:
            self.assertFalse(self.env[model].with_user(self.sam).search([]))
        with self.assertRaises(AccessError):
            self.file.with_user(self.sam).read(["preview"])
        with self.assertRaises(AccessError):
            self.file.with_user(self.sam).action_cancel()

    def test_nobody_else_reads_or_starts_one(self):
        for user in (self.ann, self.executive, self.clerk):
            for model in self.MODELS:
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_read([])
            for method in ("action_import", "action_resume", "action_cancel", "get_progress", "action_download_bad"):
                with self.assertRaises(AccessError):
                    getattr(self.file.with_user(user), method)()
            with self.assertRaises(AccessError):
                self.upload(*people(1), user=user)

    def test_the_file_itself_is_guarded(self):
        domain = [("res_model", "=", "crm.intake.file"), ("res_field", "=", "content"), ("res_id", "=", self.file.id)]
        attachment = self.env["ir.attachment"].search(domain)
        self.assertTrue(attachment)
        for user in (self.ann, self.bob, self.sam, self.executive, self.clerk):
            self.assertFalse(self.env["ir.attachment"].with_user(user).search(domain))
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["datas"])
        self.file.invalidate_cache()
        self.assertTrue(self.file.with_user(self.eli).content)

    def test_leaders_import_for_own_teams_only(self):
        self.assertTrue(self.upload(*people(1, 10), user=self.eli))
        self.assertTrue(self.upload(*people(1, 11), user=self.nora))
        with self.assertRaises(AccessError):
            self.upload(*people(1, 12), user=self.sam)
        everybody = self.env["crm.intake.channel"].create({"name": "All", "kind": "file"})
        with self.assertRaises(AccessError):
            self.upload(*people(1, 13), user=self.eli, channel=everybody)
        mine = self.upload(*people(1, 14), user=self.eli)
        with self.assertRaises(AccessError):
            mine.channel_id = everybody

    def test_a_leader_imports_and_sees_what_came(self):
        file = self.imported(*people(2, 20), user=self.eli)
        file.sudo().touchpoint_ids._process()
        file.invalidate_cache()
        self.assertEqual((file.created_count, file.bad_count), (2, 0))
