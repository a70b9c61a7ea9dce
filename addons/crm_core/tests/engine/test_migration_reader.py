# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import datetime as dt
import io
import random
import zipfile

import pytest
from crm_core_engine.migration import IssueLog, read_files

ROWS = [["客户名称", "金额", "备注"], ["深圳市华强电子", "1200.50", "first; second, third"], ["Ångström GmbH", "7", ""]]


def csv_text(delimiter):
    return "\r\n".join(delimiter.join('"%s"' % cell for cell in row) for row in ROWS) + "\r\n"


def read(name, content):
    log = IssueLog()
    return read_files([(name, content)], log), [issue.code for issue in log]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_is_read_in_any_usual_encoding_and_with_any_separator(encoding, delimiter):
    tables, codes = read("a.csv", csv_text(delimiter).encode(encoding))
    assert not codes
    assert tables[0].header == ROWS[0]
    assert [cells for _line, cells in tables[0].rows] == ROWS[1:]


def test_line_numbers_are_those_of_the_file_even_with_breaks_in_cells():
    tables, _codes = read("a.csv", b'name,note\nA,"two\nlines"\n\nB,x\n')
    assert tables[0].rows == [(2, ["A", "two\nlines"]), (5, ["B", "x"])]


def test_title_lines_above_the_header_are_passed_over():
    tables, _codes = read("a.csv", b"Report of 2017,,\n\naccount,sector,revenue\nA,x,5\n")
    assert tables[0].header == ["account", "sector", "revenue"]
    assert tables[0].rows == [(4, ["A", "x", "5"])]


def test_short_lines_are_filled_and_reported():
    log = IssueLog()
    tables = read_files([("a.csv", b"a,b,c\n1,2\n1,2,3\n")], log)
    assert tables[0].rows[0] == (2, ["1", "2", ""])
    assert [(issue.code, issue.lines) for issue in log] == [("rows_short", [2])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.4 ..."),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel"),
        ("a.zip", b"no zip at all"),
        ("a.csv", bytes(range(256)) * 4),
    ],
)
def test_a_wrong_file_is_reported_and_raises_nothing(name, content):
    assert read(name, content) == ([], ["file_unreadable"])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"only,a,header\n"])
def test_an_empty_file_is_reported_or_has_no_rows(content):
    tables, codes = read("a.csv", content)
    assert codes == ["file_empty"] or tables[0].rows == []


def test_random_bytes_never_raise():
    dice = random.Random(5)
    for _round in range(200):
        start = dice.choice([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b'"'])
        read("a.csv", start + bytes(dice.randrange(256) for _byte in range(dice.randrange(400))))


def test_a_zip_is_read_as_the_files_in_it():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("export/a.csv", csv_text(","))
        archive.writestr("__MACOSX/._a.csv", "junk")
        archive.writestr("readme.md", "no table")
    tables, codes = read("all.zip", stream.getvalue())
    assert [table.name for table in tables] == ["all.zip/a.csv"]
    assert not codes


def test_a_zip_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("crm_core_engine.migration.reader.MAX_BYTES", 10_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0" * 100_000)
    assert read("bomb.zip", stream.getvalue()) == ([], ["file_too_big"])
    assert read("bomb.xlsx", stream.getvalue()) == ([], ["file_too_big"])


def xlsx(fill):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_xlsx_cells_come_as_text_with_their_dates_and_numbers():
    def fill(sheet):
        sheet.append(["account", "engage date", "value"])
        sheet.append(["A", dt.date(2017, 3, 1), 1054.0])
        sheet.append(["B", dt.datetime(2017, 3, 1, 8, 30), 10.5])

    tables, codes = read("a.xlsx", xlsx(fill))
    assert not codes
    assert tables[0].rows == [(2, ["A", "2017-03-01", "1054"]), (3, ["B", "2017-03-01T08:30:00", "10.5"])]


def test_merged_cells_count_for_each_line_under_them_and_are_reported():
    def fill(sheet):
        sheet.append(["sales agent", "manager"])
        sheet.append(["A", "Dustin"])
        sheet.append(["B", None])
        sheet.merge_cells("B2:B3")

    log = IssueLog()
    tables = read_files([("a.xlsx", xlsx(fill))], log)
    assert [cells for _line, cells in tables[0].rows] == [["A", "Dustin"], ["B", "Dustin"]]
    assert [(issue.code, issue.lines, issue.result) for issue in log] == [("merged_cells", [2, 3], "Dustin")]


def test_a_formula_without_a_stored_result_is_reported_with_its_line():
    def fill(sheet):
        sheet.append(["product", "price"])
        sheet.append(["A", "=1+1"])

    log = IssueLog()
    tables = read_files([("a.xlsx", xlsx(fill))], log)
    assert tables[0].rows == [(2, ["A", ""])]
    assert [(issue.code, issue.lines, issue.value) for issue in log] == [("formula_without_value", [2], "=1+1")]


def test_a_broken_xlsx_is_reported():
    assert read("a.xlsx", xlsx(lambda sheet: sheet.append(["a", "b"]))[:-200]) == ([], ["file_unreadable"])
