# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever a bank writes, in any usual form, is what is read."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from crm_sales_order_engine.statement import Mapping, StatementError, line_keys, parse
from crm_sales_order_engine.statement.separated import find_separator, read_separated
from hypothesis import given, settings
from hypothesis import strategies as st

HEADS = {
    "date": ("交易日期", "记账日期", "日期", "Transaction Date"),
    "amount": ("交易金额", "金额", "发生额(元)"),
    "amount_in": ("收入金额", "贷方发生额", "贷方金额（元）"),
    "amount_out": ("支出金额", "借方发生额", "借方金额（元）"),
    "direction": ("收/支",),
    "balance": ("余额", "账户余额"),
    "counterparty": ("对方户名", "对方名称"),
    "counterparty_account": ("对方账号",),
    "memo": ("摘要", "附言", "用途"),
    "reference": ("交易流水号", "流水号"),
}
STYLES = {"signed": ["amount"], "columns": ["amount_in", "amount_out"], "direction": ["amount", "direction"]}
STYLES["negative"] = STYLES["columns"]
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d 10:11:12", "%Y.%m.%d")
ABOVE = ("某某银行交易明细", "账号：,6222021234567", "起始日期：2026-01-01, 终止日期：2026-05-01", "--------------------")
ABOVE += ("", "#导出时间：2026-04-01 10:00:00", "币种：,人民币", "共%d笔")
NAME = st.text("张三有限公司ABCxyz,;|\"'（）-", max_size=10)
MEMO = st.text("货款合同退回张三有限公司ABCxyz019 ,;|\"'（）-/#*:.：\n`¥总计", max_size=14)
ROW = st.tuples(st.integers(0, 90), st.integers(-(10**9), 10**9).filter(bool), NAME, MEMO)


@dataclass(frozen=True)
class Form:
    """How a bank writes: everything that is a matter of taste."""

    style: str
    separator: str
    encoding: str
    end: str
    day: str
    thousands: bool
    newest_first: bool
    padding: str
    above: list
    footer: bool
    roles: list
    heads: list
    known: bool

    def write(self, rows, opening):
        """The file, and the balance it ends with."""
        written, balance = [], opening
        for number, (days, amount, name, memo) in enumerate(rows):
            balance += amount
            values = {
                "date": (date(2026, 1, 1) + timedelta(days=days)).strftime(self.day),
                "amount": self.money(abs(amount) if self.style == "direction" else amount),
                "amount_in": self.money(amount) if amount > 0 else "",
                "amount_out": self.money(amount if self.style == "negative" else -amount) if amount < 0 else "",
                "direction": "收入" if amount > 0 else "支出",
                "balance": self.money(balance),
                "counterparty": name,
                "counterparty_account": "62220%03d" % number,
                "memo": memo,
                "reference": "T%05d" % number,
            }
            written.append([values[role] for role in self.roles])
        lines = [text.replace("%d", str(len(rows))).replace(",", self.separator) for text in self.above]
        lines += [self.line(cells) for cells in (self.heads, *(written[::-1] if self.newest_first else written))]
        lines += ["合计"] if self.footer else []
        return "".join(line + self.end for line in lines).encode(self.encoding), balance

    def money(self, amount):
        return ("{:,.2f}" if self.thousands else "{:.2f}").format(amount / 100)

    def line(self, cells):
        if self.padding == "each" and self.separator != "\t":
            cells = [cell + "\t" for cell in cells]
        written = io.StringIO()
        # older Pythons quote a line break only where lines end with it
        csv.writer(written, delimiter=self.separator, lineterminator="\n").writerow(cells)
        return written.getvalue()[:-1] + {"separator": self.separator, "tab": "\t"}.get(self.padding, "")


@st.composite
def forms(draw):
    style, known = draw(st.sampled_from(sorted(STYLES))), draw(st.booleans())
    rest = [*STYLES[style], "counterparty", "counterparty_account", "memo"]
    rest += [role for role in ("balance", "reference") if draw(st.booleans())]
    roles = ["date", *draw(st.permutations(rest))]
    return Form(
        style,
        draw(st.sampled_from(",\t;|")),
        draw(st.sampled_from(["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.sampled_from(DAYS)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from(["", "separator", "tab", "each"])),
        draw(st.lists(st.sampled_from(ABOVE), max_size=4, unique=True)),
        draw(st.booleans()),
        roles,
        [draw(st.sampled_from(HEADS[role])) if known else "栏位%d" % place for place, role in enumerate(roles)],
        known,
    )


def read(form, content):
    """The statement; columns nobody knows are mapped as a person would."""
    if form.known:
        return parse(content)
    with pytest.raises(StatementError) as refused:
        parse(content)
    unknown = refused.value.unknown
    assert list(unknown.columns[: len(form.heads)]) == form.heads
    roles = (*form.roles, *[""] * (len(unknown.columns) - len(form.roles)))
    return parse(content, {unknown.signature: Mapping(roles, "一次说明")})


@settings(max_examples=120, deadline=None)
@given(form=forms(), rows=st.lists(ROW, min_size=1, max_size=8), opening=st.integers(-(10**6), 10**8))
def test_what_a_bank_writes_is_what_is_read(form, rows, opening):
    """The same days, amounts, names, references and balances come out, each payment once, and nothing is warned of."""
    rows = sorted(rows, key=lambda row: row[0])
    content, closing = form.write(rows, opening)
    statement = read(form, content)
    found = {
        line.counterparty_account: (line.date, line.amount, line.counterparty.strip("-"), line.reference) for line in statement.lines
    }
    expected = {}
    for number, (days, amount, name, _memo) in enumerate(rows):
        name = name.replace("（", "(").replace("）", ")").lstrip("'").strip("-")
        reference = "T%05d" % number if "reference" in form.roles else ""
        expected["62220%03d" % number] = (date(2026, 1, 1) + timedelta(days=days), amount, name, reference)
    assert found == expected
    assert len(set(line_keys(statement.lines))) == len(statement.lines) == len(rows)
    if "balance" in form.roles:
        assert (statement.opening, statement.closing) == (opening, closing)
    assert {warning.code for warning in statement.warnings} <= {"no_direction"}


SEPARATORS = {
    "an unknown table of one row, its last cells empty": ("栏甲\t栏乙\t栏丙\t栏丁\n2026-01-05\t5.00\t\t\n", "\t"),
    "a cell that begins with another separator": ("栏甲\t栏乙\t栏丙\n2026-01-05\t5.00\t,a;b\n", "\t"),
    "a tab before each separator": ("栏甲\t;栏乙\t;栏丙\t\n2026-01-05\t;5.00\t;a\t\n", ";"),
    "a tab within quotes": ('栏甲\t,栏乙\t\n2026-01-05\t,"5.00\t"\n', ","),
    "texts full of commas": ("交易日期\t金额\t摘要\n2026-01-05\t1.00\t泵,管,阀,油,布,丝,胶,漆\n", "\t"),
}


@pytest.mark.parametrize("case", SEPARATORS)
def test_the_separator_is_the_one_that_makes_a_table(case):
    text, separator = SEPARATORS[case]
    assert find_separator(text) == separator


def test_a_backtick_in_a_quoted_text_makes_no_wechat_bill():
    rows = read_separated('日期,金额,摘要\n2026-01-05,"1,000.00","货款\n`"\n')
    assert rows == [(1, ["日期", "金额", "摘要"]), (2, ["2026-01-05", "1,000.00", "货款\n`"])]
