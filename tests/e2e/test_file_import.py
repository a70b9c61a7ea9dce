# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Marketing brings a spreadsheet from a fair: ten columns in odd order, some rows wrong, and gets those back."""

import functools
import io
import time

import openpyxl
import pytest
from screen import PHONE

MENU = "crm_core.menu_intake_files"
HEADER = ["备注", "Company Name", "职务", "E-mail", "手机（必填）", "序号", "省份", "* 姓名", "微信号", "楼层"]
TARGETS = ["description", "partner_name", "function", "email_from", "mobile", "", "name.state", "contact_name", "wechat", ""]
GOOD = 12
BAD = [
    (["", "天马精密", "经理", "ok@example.com", "1381234", "90", "广东省", "李娜", "", "2"], "1381234"),
    (["=1+1", "天马精密", "", "wrong@", "", "91", "", "赵磊", "", ""], "wrong@"),
    (["只有备注", "", "", "", "", "92", "", "", "", "3"], ""),
]


@functools.lru_cache
def workbook(stamp):
    """The bytes of the spreadsheet; ``stamp`` makes it, and the people in it, new for each run."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["春季交易会 客户名单"])
    sheet.append(HEADER)
    for number in range(GOOD):
        mobile = 13700000000 + (stamp * 100 + number) % 100_000_000
        person = ["想要报价", f"展会客户{stamp}{number}有限公司", "采购", f"fair{stamp}-{number}@example.com", mobile, number]
        sheet.append([*person, "浙江", f"王{number}", f"wx{stamp}{number}", 3])
    for cells, _wrong in BAD:
        sheet.append(cells)
    sheet.cell(3 + GOOD + 1, 1).data_type = "s"  # a text, as typed with an apostrophe
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def stamp():
    return int(time.time()) % 1_000_000


def test_a_spreadsheet_is_imported_and_its_bad_rows_come_back(open_screen, stamp):
    screen = open_screen("marketing")
    page = screen.page
    screen.open_menu(MENU)
    screen.shoot("file-import-list")
    page.click(".o_list_button_add")
    name = f"fair-{stamp}.xlsx"
    page.set_input_files(".o_field_widget[name=content] input[type=file]", {"name": name, "mimeType": "", "buffer": workbook(stamp)})
    screen.settle()
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_readonly .o_data_row, .modal.show")
    screen.settle()
    screen.shoot("file-import-columns")
    rows = page.query_selector_all(".o_field_widget[name=column_ids] .o_data_row")
    named = [row.query_selector("td[name=name], td.o_data_cell").inner_text() for row in rows]
    assert named == HEADER
    taken_for = [row.query_selector_all("td.o_data_cell")[2].inner_text() != "" for row in rows]
    assert taken_for == [bool(target) for target in TARGETS]

    page.click("button[name=action_import]")
    page.wait_for_selector(f".crm_file_progress:has-text('{GOOD + len(BAD)}')")
    page.wait_for_selector(".o_arrow_button.btn-primary[data-value=done]")
    page.wait_for_function(f"() => document.querySelector('button[name=action_view_created]').innerText.includes('{GOOD}')")
    screen.settle()
    screen.shoot("file-import-result")
    assert str(len(BAD)) in page.inner_text("button[name=action_view_bad]")

    with page.expect_download() as download:
        page.click("button[name=action_download_bad]")
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    header, *refused = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert header[: len(HEADER)] == HEADER
    assert len(header) == len(HEADER) + 2
    for row, (cells, wrong), line in zip(refused, BAD, range(3 + GOOD, 99)):
        assert row[: len(HEADER)] == cells
        assert row[len(HEADER)] == str(line)
        assert wrong in row[-1]
        assert row[-1]
    assert len(refused) == len(BAD)

    page.click("button[name=action_view_created]")
    page.wait_for_selector(".o_list_view .o_data_row")
    screen.settle()
    assert len(page.query_selector_all(".o_list_view .o_data_row")) == GOOD
    assert screen.problems == []


def test_the_same_file_is_recognised(open_screen, stamp):
    screen = open_screen("marketing")
    page = screen.page
    screen.open_menu(MENU)
    page.click(".o_list_button_add")
    file = {"name": "again.xlsx", "mimeType": "", "buffer": workbook(stamp)}
    page.set_input_files(".o_field_widget[name=content] input[type=file]", file)
    screen.settle()
    page.click(".o_form_button_save")
    page.wait_for_selector(f".crm_next_action:has-text('fair-{stamp}.xlsx')")
    screen.shoot("file-import-again")
    assert screen.problems == []


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"%PDF-1.7"), ("empty.csv", b"a,b\n")])
def test_a_wrong_file_is_refused_in_words(open_screen, name, content):
    screen = open_screen("marketing")
    page = screen.page
    screen.open_menu(MENU)
    page.click(".o_list_button_add")
    page.set_input_files(".o_field_widget[name=content] input[type=file]", {"name": name, "mimeType": "", "buffer": content})
    screen.settle()
    page.click(".o_form_button_save")
    page.wait_for_selector(".modal.show .o_dialog_warning")  # and no traceback
    screen.shoot(f"file-import-refused-{name.split('.')[0]}")
    page.click(".modal.show .modal-footer button")


def test_the_list_is_readable_on_a_phone(open_screen):
    screen = open_screen("leader", PHONE)
    screen.open_menu(MENU)
    screen.shoot("file-import-list")
    assert screen.scroll_width() == 0
    assert screen.problems == []
