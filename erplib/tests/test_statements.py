# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp parse-statement``: JSON on its output, 2 for what it could not recognise, no database."""

import json

import pytest

from erplib import statements
from erplib.layout import Layout
from erplib.ui import ErpError


@pytest.fixture(scope="module")
def layout():
    layout = Layout()
    if not layout.python.exists():
        pytest.skip("the server's Python is not set up")
    return layout


@pytest.mark.parametrize(("row", "code"), [("2026-01-05,-5.00,货款", 0), ("2026-01-05,5x,货款", 2)])
def test_a_file_is_printed_as_json(layout, tmp_path, capfd, row, code):
    path = tmp_path / "a statement.csv"
    path.write_bytes(f"日期,金额,摘要\n{row}\n".encode("gb18030"))
    assert statements.main(layout, path) == code
    answer = json.loads(capfd.readouterr().out)
    assert (answer["recognised"], answer["encoding"]) == (code == 0, "GB18030")
    if code:
        assert [(one["row"], one["column"], one["value"]) for one in answer["problems"]] == [(2, "金额", "5x")]
    else:
        assert [(one["date"], one["amount"], one["memo"]) for one in answer["lines"]] == [("2026-01-05", "-5.00", "货款")]


def test_a_file_that_is_not_there_is_wrong_use(layout, tmp_path):
    with pytest.raises(ErpError) as refused:
        statements.main(layout, tmp_path / "none.csv")
    assert refused.value.code == 2
