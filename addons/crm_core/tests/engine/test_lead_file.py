# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of leads: read whatever they are encoded in, columns recognised, rows checked, nothing breaks it."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from crm_core_engine.lead_file import BadFile, LeadFile, RowChecker, guess_targets, header_key
from crm_core_engine.lead_file import source as source_module
from hypothesis import example, given, settings
from hypothesis import strategies as st

HEADER = ["姓名", "手机", "公司"]
ROWS = [["王伟", "13812345678", "华强电子有限公司"], ["李娜", "13912345678", "天马精密"]]


def csv_bytes(rows, encoding="utf-8", delimiter=","):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def xlsx_bytes(rows, sheets=()):
    book = openpyxl.Workbook()
    for name, state in sheets:
        book.create_sheet(name, 0).sheet_state = state
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cells(content):
    return [row for _line, row in LeadFile(content).rows()]


# -- reading -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_encoding_and_separator(encoding, delimiter):
    content = csv_bytes([HEADER, *ROWS], encoding, delimiter)
    assert LeadFile(content).header == HEADER
    assert cells(content) == ROWS


def test_a_character_cut_by_the_reading_piece_is_still_one_encoding():
    content = csv_bytes([HEADER, *(ROWS * 4000)], "gb18030")
    assert len(content) > 1 << 16
    assert cells(content)[-1] == ROWS[-1]


def test_the_header_is_found_below_titles():
    file = LeadFile(csv_bytes([["2024年广交会客户名单"], [], ["制表：市场部", "2024-05-01"], HEADER, *ROWS]))
    assert (file.header, file.header_line) == (HEADER, 4)
    assert [line for line, _row in file.rows()] == [5, 6]


def test_a_file_without_a_header_has_numbered_columns():
    file = LeadFile(csv_bytes(ROWS))
    assert (file.header, file.header_line) == (["1", "2", "3"], 0)
    assert cells(csv_bytes(ROWS)) == ROWS


def test_an_xlsx_with_numbers_dates_and_a_hidden_sheet():
    content = xlsx_bytes(
        [["客户"], HEADER + ["日期"], ["王伟", 13812345678, None, dt.datetime(2024, 5, 1, 9, 30)], [], ["李娜", 1.3912345678e10, "天马"]],
        sheets=[("参数", "hidden")],
    )
    assert cells(content) == [["王伟", "13812345678", "", "2024-05-01T09:30:00"], ["李娜", "13912345678", "天马"]]


def test_lines_are_those_of_the_file():
    file = LeadFile(b"name,phone\n\n\n\"a\nb\",13812345678\nc,13912345678\n")
    assert [line for line, _row in file.rows()] == [4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rows_are_counted_before_they_are_read(encoding):
    assert LeadFile(csv_bytes([HEADER, *ROWS], encoding)).row_estimate == 3
    assert LeadFile(csv_bytes([HEADER, *ROWS], encoding)[: -2 if encoding == "utf-8" else -4]).row_estimate == 3
    assert LeadFile(xlsx_bytes([HEADER, *ROWS])).row_estimate == 3


def test_rows_can_be_read_again_and_are_the_same():
    file = LeadFile(xlsx_bytes([HEADER, *ROWS]))
    assert list(file.rows()) == list(file.rows())


def encrypted():
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")


def other_zip():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n \n", "empty"),
        (b",,,\n,,\n", "empty"),
        (csv_bytes([HEADER]), "no_rows"),
        (xlsx_bytes([HEADER]), "no_rows"),
        (xlsx_bytes([]), "empty"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old_excel"),
        (encrypted(), "password"),
        (b"\n <HTML><table><tr><td>1</td></tr></table>", "html"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unreadable"),
        (other_zip(), "unreadable"),
        (xlsx_bytes([HEADER, *ROWS])[:2000], "unreadable"),
    ],
)
def test_what_is_no_list_of_leads_is_named(content, code):
    with pytest.raises(BadFile) as caught:
        LeadFile(content)
    assert caught.value.code == code


def test_too_many_rows_and_too_large_files_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(source_module, "MAX_ROWS", 1000)
    for content in (csv_bytes([HEADER] + ROWS * 600), xlsx_bytes([HEADER] + ROWS * 600)):
        with pytest.raises(BadFile) as caught:
            LeadFile(content)
        assert (caught.value.code, caught.value.size // 10) == ("too_many_rows", 120)
    monkeypatch.setattr(source_module, "MAX_FILE_BYTES", 100)
    with pytest.raises(BadFile, match="too_big"):
        LeadFile(csv_bytes([HEADER] + ROWS * 600))


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    stream = io.BytesIO(xlsx_bytes([HEADER, *ROWS]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.bin", b"\0" * (3 << 20))
    monkeypatch.setattr(source_module, "MAX_BYTES", 1 << 19)
    with pytest.raises(BadFile, match="too_big"):
        LeadFile(stream.getvalue())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    try:
        for _line, row in LeadFile(content).rows():
            assert all("\0" not in cell for cell in row)
    except BadFile:
        pass


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=2, max_size=5), min_size=1, max_size=20))
@example([["", ";;;;;;;"], ["", ";;;;;;;"]])
def test_what_a_program_writes_as_csv_is_read_back(rows):
    rows = [["k%d" % number, *row] for number, row in enumerate(rows)]
    wanted = []
    for row in rows:
        row = [cell.strip().strip("\ufeff") for cell in row]
        while not row[-1]:
            row.pop()
        wanted.append(row)
    assert cells(csv_bytes([HEADER, *rows], "utf-8-sig")) == wanted


# -- columns -------------------------------------------------------------------------------------------------------------


def test_ten_columns_in_odd_order_by_chinese_and_english_names():
    header = ["备注", "Company Name", "职务", "E-mail", "手机（必填）", "序号", "省份", "* 姓名", "微信号", "来源"]
    assert guess_targets(header, []) == [
        "description", "partner_name", "function", "email_from", "mobile", "", "name.state", "contact_name", "wechat", "name.source",
    ]  # fmt: skip


CODE = "91440300192244260K"


def test_columns_with_meaningless_names_are_told_by_their_content():
    rows = [
        ["13812345678", "wang@example.com", "深圳市华强电子有限公司", "0755-26000000", CODE, "王伟", "广东省", "2024-05-01"],
        ["139 1234 5678", "", "天马精密制造厂", "010-65432100", CODE, "李娜女士", "北京", "2024/6/1"],
    ]
    assert guess_targets(list("ABCDEFGH"), rows) == [
        "mobile", "email_from", "partner_name", "phone", "credit_code", "contact_name", "name.state", "touch.occurred_at",
    ]  # fmt: skip


def test_one_field_is_not_guessed_twice():
    assert guess_targets(["电话", "联系电话"], []) == ["phone", ""]
    rows = [["13812345678", "13912345678", "13712345678"]]
    assert guess_targets(["A", "B", "C"], rows) == ["mobile", "phone", ""]


def test_our_own_list_of_refused_rows_comes_back_right():
    assert guess_targets(["姓名", "手机", "行号", "原因"], [["王伟", "138", "7", "x@y.zz"]]) == ["contact_name", "mobile", "", ""]


def test_the_same_header_in_another_order_is_the_same():
    assert header_key(HEADER) == header_key(HEADER[::-1]) != header_key(HEADER[:2])


# -- rows ----------------------------------------------------------------------------------------------------------------

TARGETS = ["contact_name", "mobile", "email_from", "description", "touch.occurred_at", "expected_revenue", ""]
NAMES = ["姓名", "手机", "邮箱", "备注", "日期", "预算", "楼层"]


def read(**given_cells):
    return RowChecker(NAMES, TARGETS).read([given_cells.get(name, "") for name in NAMES])


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("手机", "1381234567", "bad_phone"),
        ("手机", "138123456789", "bad_phone"),
        ("手机", "没有", "bad_phone"),
        ("手机", "12345678", "bad_phone"),
        ("手机", "1.38123E+10", "rounded_phone"),
        ("手机", "=1+1", "bad_phone"),
        ("邮箱", "wang@", "bad_email"),
        ("邮箱", "wang example.com", "bad_email"),
        ("邮箱", "a@b.cn\r\nBcc: c@d.cn", "bad_email"),
        ("日期", "2024-13-45", "bad_date"),
        ("日期", "soon", "bad_date"),
        ("预算", "a lot", "bad_number"),
        ("姓名", "x" * 256, "too_long"),
        ("备注", "x" * 16001, "too_long"),
    ],
)
def test_a_bad_cell_refuses_the_row_and_is_named(name, cell, code):
    _values, reasons = read(**{"姓名": "王伟", name: cell})
    assert [(reason.code, NAMES[reason.column]) for reason in reasons] == [(code, name)]


def test_a_row_is_refused_for_all_its_reasons_at_once():
    _values, reasons = read(手机="12", 邮箱="x", 日期="y")
    assert [reason.code for reason in reasons] == ["bad_phone", "bad_email", "bad_date"]


def test_nobody_to_contact():
    for given_cells in ({}, {"备注": "interested"}, {"姓名": "-"}, {"姓名": "n/a", "手机": "无"}):
        assert [reason.code for reason in read(**given_cells)[1]] == ["nobody"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0755-26000000", "0755-26000000"),
        ("400-800-1234", "400-800-1234"),
        ("+852 9123 4567", "+852 9123 4567"),
    ],
)
def test_numbers_as_people_write_them(cell, value):
    assert read(手机=cell) == ({"mobile": value}, [])


def test_two_numbers_in_a_cell_keep_the_second_as_a_note():
    assert read(手机="13812345678/13912345678") == ({"mobile": "13812345678", "description": "13912345678"}, [])


def test_columns_that_go_nowhere_are_kept_as_notes_if_wanted():
    assert read(姓名="王伟", 备注="急", 楼层="3")[0]["description"] == "急\n楼层: 3"
    checker = RowChecker(["姓名", "楼层"], ["contact_name", ""], [True, False])
    assert checker.read(["王伟", "3"]) == ({"contact_name": "王伟"}, [])


def test_a_cell_too_many_is_said():
    assert [reason.code for reason in RowChecker(["姓名"], ["contact_name"]).read(["王伟", "x"])[1]] == ["too_many_cells"]


def test_amounts_and_dates_as_people_write_them():
    values, reasons = read(姓名="王伟", 日期="2024年5月1日", 预算="￥1.5万")
    assert (values["touch.occurred_at"], values["expected_revenue"], reasons) == ("2024-05-01", "15000.00", [])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=9))
def test_any_row_is_read_or_refused(row):
    values, reasons = RowChecker(NAMES, TARGETS).read(row)
    assert reasons or any(values.get(name) for name in ("contact_name", "mobile", "email_from"))
    assert all(isinstance(value, str) for value in values.values())
