# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bank statements: every usual file to the cent, or told by row and column why not."""

import csv
import io
import os
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from crm_sales_order_engine.statement import Mapping, StatementError, line_keys, parse

SHARED = Path(os.environ.get("CRM_SHARED_DATA") or Path(__file__).resolve().parents[5] / "shared" / "data") / "cn-statements"


def read(text, encoding="utf-8", **options):
    return parse(text.encode(encoding), **options)


def amounts(statement):
    return [line.amount for line in statement.lines]


def problems(content, **options):
    with pytest.raises(StatementError) as refused:
        parse(content if isinstance(content, bytes) else content.encode(), **options)
    return [(problem.code, problem.row, problem.column, problem.value) for problem in refused.value.problems]


# -- the files people brought, untouched ---------------------------------------------------------------------------------

#: file → layout, encoding, account, payments, in, out (minor units), of which neither income nor expense to the file
FILES = {
    "alipay.csv": ("alipay", "GB18030", "xx@gmail.com", 9, 22239387, 21164),
    "boc-debit.csv": ("boc", "UTF-8", "3167", 17, 982100, 939430),
    "cmb-debit.csv": ("cmb", "UTF-8", "", 5, 123400, 201314),
    "icbc-debit.csv": ("icbc", "UTF-8", "1234****9876", 11, 284174, 424108),
    "wechat.csv": ("wechat", "UTF-8", "测试", 25, 332849, 2306941),
    "wechat.xlsx": ("wechat", "XLSX", "测试", 25, 332849, 2306941),
}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared statements are not on this machine")
@pytest.mark.parametrize("name", FILES)
def test_a_shared_file_is_read_untouched(name):
    layout, encoding, account, count, income, expense = FILES[name]
    statement = parse((SHARED / name).read_bytes())
    assert (statement.layout, statement.encoding, statement.account, statement.currency) == (layout, encoding, account, "CNY")
    assert (len(statement.lines), statement.income, statement.expense) == (count, income, expense)
    assert len(set(line_keys(statement.lines))) == count


@pytest.mark.skipif(not SHARED.exists(), reason="the shared statements are not on this machine")
@pytest.mark.parametrize("name", ["alipay.csv", "wechat.csv"])
def test_income_and_expense_of_wallets_are_the_rows_that_say_so(name):
    """Counted here without the engine: the rows of the file that say 收入 and 支出."""
    text = (SHARED / name).read_bytes().decode("gb18030" if name == "alipay.csv" else "utf-8")
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    header = next(row for row in rows if "收/支" in row)
    way, amount = header.index("收/支"), header.index("金额" if name == "alipay.csv" else "金额(元)")
    said = {word: 0 for word in ("收入", "支出")}
    for row in rows[rows.index(header) + 1 :]:
        if len(row) > way and row[way] in said:
            said[row[way]] += round(float(row[amount].replace("¥", "")) * 100)
    counted = [line for line in parse((SHARED / name).read_bytes()).lines if not line.neutral]
    assert sum(line.amount for line in counted if line.amount > 0) == said["收入"]
    assert -sum(line.amount for line in counted if line.amount < 0) == said["支出"]


@pytest.mark.skipif(not SHARED.exists(), reason="the shared statements are not on this machine")
def test_balances_of_a_shared_file_follow_through():
    statement = parse((SHARED / "boc-debit.csv").read_bytes())
    assert statement.closing - statement.opening == statement.income - statement.expense == 42670
    assert statement.warnings == ()


@pytest.mark.skipif(not SHARED.exists(), reason="the shared statements are not on this machine")
def test_a_workbook_and_a_text_of_the_same_payments_have_the_same_keys():
    one, two = (parse((SHARED / name).read_bytes()) for name in ("wechat.csv", "wechat.xlsx"))
    assert line_keys(one.lines) == line_keys(two.lines)


# -- layouts -------------------------------------------------------------------------------------------------------------

CCB = (
    "账号：,6227001234567890123\n记账日,交易日期,交易时间,支出金额,收入金额,账户余额,币种,摘要,对方账号,对方户名\n"
    "20260105,20260105,10:11:12,0.00,100.00,600.00,人民币,货款,62220001,华强电子\n"
    "20260106,20260106,09:00:00,40.50,0.00,559.50,人民币,手续费,,\n"
)
BOC = (
    "查询账号[ Inquirer account number ]\t4563\n"
    "交易类型[ Transaction Type ]\t付款人账号[ Debit Account No. ]\t付款人名称[ Payer's Name ]\t收款人账号[ Payee's Account Number ]\t"
    "收款人名称[ Payee's Name ]\t交易日期[ Transaction Date ]\t交易货币[ Trade Currency ]\t交易金额[ Trade Amount ]\t"
    "交易后余额[ After-transaction balance ]\t交易流水号[ Transaction reference number ]\t用途[ Purpose ]\n"
    "来账\t77001\t客户甲\t4563\t本公司\t20260105\tCNY\t1,000.00\t1,500.00\tT1\t合同S00042\n"
    "往账\t4563\t本公司\t77002\t供应商乙\t20260106\tCNY\t-200.00\t1,300.00\tT2\t货款\n"
)
CMBC = (
    "<html><head><meta charset='gb2312'></head><body><table><tr><td colspan=4>民生银行 账户明细</td></tr>"
    "<tr><td>账号</td><td>600012345</td></tr><tr><th>交易日期</th><th>主机交易流水号</th><th>借方发生额</th><th>贷方发生额</th>"
    "<th>账户余额</th><th>摘要</th><th>对方账号</th><th>对方账号名称</th></tr>"
    "<tr><td>2026-01-05</td><td>X1</td><td></td><td>88.00</td><td>188.00</td><td>货款</td><td>1234567</td><td>客户甲</td></tr>"
    "</table></body></html>"
)
ALIPAY = (
    "#支付宝账务明细查询\n#账号：[20881234567890120156]\n#起始日期：[2026年01月01日 00:00:00]   终止日期：[2026年02月01日 00:00:00]\n"
    "#-----------------------------------------账务明细列表----------------------------------------\n"
    "账务流水号\t,业务流水号\t,商户订单号\t,商品名称\t,发生时间\t,对方账号\t,收入金额（+元）\t,支出金额（-元）\t,账户余额（元）\t,业务类型\t,备注\t\n"
    "101\t,B1\t,S00042\t,泵\t,2026-01-05 10:00:00\t,buyer@example.com\t,500.00\t,0.00\t,500.00\t,在线支付\t,\t\n"
    "102\t,B2\t,S00042\t,\t,2026-01-05 10:00:00\t,\t,0.00\t,-3.00\t,497.00\t,收费\t,\t\n"
    "#-----------------------------------------账务明细列表结束------------------------------------\n"
    "#支出合计：1笔，共-3.00元\n#收入合计：1笔，共500.00元\n#导出时间：[2026年02月02日 09:00:00]\n"
)
MERCHANT = (
    "交易时间,公众账号ID,商户号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,微信退款单号,退款金额,商品名称,手续费,费率\n"
    "`2026-01-05 10:00:00,`wx1,`1900001,`4200001,`S00042,`u1,`JSAPI,`SUCCESS,`CFT,`CNY,`100.00,`0,`0.00,`泵,两台,`0.60000,`0.60%\n"
    "`2026-01-06 11:00:00,`wx1,`1900001,`4200001,`S00042,`u1,`JSAPI,`REFUND,`CFT,`CNY,`0.00,`5000001,`40.00,`泵,两台,`-0.24000,`0.60%\n"
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额\n`2,`100.00,`40.00,`0.00,`0.36000\n"
)
FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\n"
    "`2026-01-05 04:21:23,`5001,`9001,`交易,`交易,`收入,`10.00,`10.00,`system,`S00042,`V1\n"
    "`2026-01-05 05:21:23,`5002,`9002,`退款,`退款,`支出,`0.02,`9.98,`system,`缺货,`V2\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`2.0,`1.0,`10.00,`1.0,`0.02\n"
)
OFX1 = (
    "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD\n"
    "<BANKACCTFROM><BANKID>1<ACCTID>778899<ACCTTYPE>CHECKING\n"
    "</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n"
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>250.10<FITID>f1<NAME>Acme<MEMO>Invoice INV/2026/0042</STMTTRN>\n"
    "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260106<TRNAMT>-12.00<FITID>f2<NAME>Fee</STMTTRN>\n"
    "</BANKTRANLIST><LEDGERBAL><BALAMT>1238.10<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
)
CAMT = (
    '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
    "<Acct><Id><IBAN>DE12500105170648489890</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>150.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    "<Ntry><Amt Ccy='EUR'>60.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2026-01-05</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>"
    "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Kunde GmbH</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02</IBAN></Id></DbtrAcct></RltdPties>"
    "<RmtInf><Ustrd>S00042</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    "<Ntry><Amt Ccy='EUR'>10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>"
    "<BookgDt><Dt>2026-01-06</Dt></BookgDt><NtryRef>R2</NtryRef></Ntry>"
    "</Stmt></BkToCstmrStmt></Document>"
)
LAYOUTS = {
    "ccb": (CCB, "gb18030", "6227001234567890123", "CNY", [10000, -4050], ("华强电子", "62220001", "货款", "")),
    "boc": (BOC, "utf-16", "4563", "CNY", [100000, -20000], ("客户甲", "77001", "合同S00042", "T1")),
    "cmbc": (CMBC, "gb18030", "600012345", "", [8800], ("客户甲", "1234567", "货款", "X1")),
    "alipay_account": (ALIPAY, "gb18030", "20881234567890120156", "CNY", [50000, -300], ("", "buyer@example.com", "S00042 泵", "101")),
    "wechat_merchant": (MERCHANT, "utf-8-sig", "1900001", "CNY", [10000, -60, -4000, 24], ("u1", "", "S00042 泵,两台", "4200001")),
    "wechat_fund": (FUND, "utf-8", "", "CNY", [1000, -2], ("", "", "S00042", "9001")),
    "ofx": (OFX1, "utf-8", "778899", "USD", [25010, -1200], ("Acme", "", "Invoice INV/2026/0042", "f1")),
    "camt": (CAMT, "utf-8", "DE12500105170648489890", "EUR", [6050, -1000], ("Kunde GmbH", "DE02", "S00042", "R1")),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_recognised(layout):
    text, encoding, account, currency, expected, first = LAYOUTS[layout]
    statement = read(text, encoding)
    line = statement.lines[0]
    assert (statement.layout, statement.account, statement.currency) == (layout, account, currency)
    assert amounts(statement) == expected
    assert (line.counterparty, line.counterparty_account, line.memo, line.reference) == first
    assert (line.date, statement.warnings) == (date(2026, 1, 5), ())


def test_balances_frame_what_moved():
    for text, opening, closing in ((CCB, 50000, 55950), (OFX1, 100000, 123810), (CAMT, 10000, 15050), (ALIPAY, 0, 49700)):
        statement = read(text)
        assert (statement.opening, statement.closing) == (opening, closing)


def test_a_collected_entry_is_read_as_its_transactions_if_they_come_to_it():
    part = "<TxDtls><AmtDtls><TxAmt><Amt Ccy='EUR'>%s</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls>"
    start, end = CAMT.index("<TxDtls>"), CAMT.index("</NtryDtls>")
    both = CAMT[:start] + part % ("40.50", "S1") + part % ("20.00", "S2") + CAMT[end:]
    short = CAMT[:start] + part % ("40.50", "S1") + part % ("19.00", "S2") + CAMT[end:]
    assert (amounts(read(both)), amounts(read(short))) == ([4050, 2000, -1000], [6050, -1000])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_encodings_and_separators(encoding, separator):
    statement = read("交易日期,金额,摘要\n2026-01-05,-5.00,货款\n2026-01-06,7.10,退回\n".replace(",", separator), encoding)
    assert (amounts(statement), [line.memo for line in statement.lines]) == ([-500, 710], ["货款", "退回"])


def test_an_xlsx_keeps_the_cents_of_floating_point():
    book = openpyxl.Workbook()
    for row in (["日期", "收入", "支出", "摘要"], [date(2026, 1, 5), 0.1 + 0.2, None, "a"], ["2026/1/6", None, 1234.56, "b"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    assert amounts(parse(content.getvalue())) == [30, -123456]


def test_excels_xml_of_2003_is_a_table():
    cell = '<Cell%s><Data ss:Type="String">%s</Data></Cell>'
    rows = "<Row>%s</Row><Row>%s</Row>" % (
        "".join(cell % ("", text) for text in ("日期", "收入", "支出")),
        cell % ("", "2026-01-05") + cell % (' ss:Index="3"', "7.00"),
    )
    kind = "urn:schemas-microsoft-com:office:spreadsheet"
    book = '<?xml version="1.0"?><Workbook xmlns="%s" xmlns:ss="%s">' % (kind, kind)
    assert amounts(read(book + '<Worksheet ss:Name="a"><Table>' + rows + "</Table></Worksheet></Workbook>")) == [-700]


def test_a_sheet_that_repeats_another_is_taken_once_and_one_that_goes_on_is_added():
    for second, expected in (("a", [100]), ("b", [100, 100])):
        book = openpyxl.Workbook()
        for sheet, memo in ((book.active, "a"), (book.create_sheet(), second)):
            sheet.append(["日期", "金额", "摘要"])
            sheet.append(["2026-01-05", 1, memo])
        content = io.BytesIO()
        book.save(content)
        assert amounts(parse(content.getvalue())) == expected


def test_what_went_out_may_be_written_below_zero_and_a_minus_beside_others_is_a_reversal():
    head = "日期,收入,支出\n"
    assert amounts(read(head + "2026-01-05,,-5.00\n2026-01-06,,-6.00\n")) == [-500, -600]
    assert amounts(read(head + "2026-01-05,,-5.00\n2026-01-06,,6.00\n")) == [500, -600]
    assert amounts(read("日期,金额,借贷标志\n2026-01-05,5.00,贷\n2026-01-06,6.00,借\n")) == [500, -600]


def test_newest_first_is_turned_round():
    statement = read("日期,金额,余额\n2026-01-06,-1.00,4.00\n2026-01-05,2.00,5.00\n")
    assert (amounts(statement), statement.opening, statement.closing) == ([200, -100], 300, 400)


def test_a_deal_closed_unpaid_moved_nothing_and_one_closed_after_its_refund_did():
    head = "交易时间,收/支,金额,收/付款方式,交易状态,商家订单号,交易分类\n"
    rows = ("10:00:00,支出,5.00,,交易关闭,a,x", "11:00:00,支出,6.00,余额,交易关闭,b,x", "12:00:00,不计收支,6.00,余额,退款成功,b,退款")
    other = "13:00:00,不计收支,7.00,余额,成功,c,其它"
    statement = read(head + "".join("2026-01-05 %s\n" % row for row in (*rows, other)))
    assert amounts(statement) == [-600, 600]
    assert [(one.row, one.reason) for one in statement.skipped] == [(2, "closed"), (5, "undirected")]


def test_numbers_a_spreadsheet_rounded_are_none():
    statement = read("日期,金额,对方账号,流水号\n2026-01-05,5.00,6.22202E+18,1.2E+15\n")
    assert (statement.lines[0].counterparty_account, statement.lines[0].reference) == ("", "")
    assert [warning.code for warning in statement.warnings] == ["rounded", "rounded"]


def test_an_account_in_groups_of_digits_is_read_whole():
    assert read("账号：,6222 0212 3456 7890\n日期,金额\n2026-01-05,1.00\n").account == "6222021234567890"
    assert read("账号：6222 **** **** 7890 户名：某公司\n日期,金额\n2026-01-05,1.00\n").account == "6222********7890"


def test_what_does_not_add_up_is_a_warning():
    text = "共3笔记录\n收入：2笔 9.00元\n日期,金额,余额\n2026-01-05,5.00,5.00\n2026-01-06,2.00,8.00\n"
    found = [(warning.code, warning.row, warning.value) for warning in read(text).warnings]
    assert found[:1] + found[2:] == [("balance_gap", 5, ""), ("total_rows", 0, "3 ≠ 2"), ("total_income", 0, "9.00 ≠ 7.00")]
    assert found[1][0] == "no_direction"


# -- unknown layouts -----------------------------------------------------------------------------------------------------

UNKNOWN = "Report\nWann,Wer,Wieviel,Wofür\n05/01/2026,Acme,1.50,S00042\n06/01/2026,Beta,-2.00,rent\n"


def test_an_unknown_layout_is_described_and_read_once_mapped():
    with pytest.raises(StatementError) as refused:
        read(UNKNOWN)
    unknown = refused.value.unknown
    assert (unknown.header_row, unknown.columns) == (2, ("Wann", "Wer", "Wieviel", "Wofür"))
    mapping = Mapping(("date", "counterparty", "amount", "memo"), "Meine Bank", day_first=True)
    statement = read(UNKNOWN, mappings={unknown.signature: mapping})
    assert (statement.layout, amounts(statement), statement.lines[0].date) == ("Meine Bank", [150, -200], date(2026, 1, 5))
    turned = Mapping(mapping.roles, "Meine Bank", True, out_positive=True)
    assert amounts(read(UNKNOWN, mappings={unknown.signature: turned})) == [-150, 200]


def test_a_date_that_can_be_read_two_ways_is_asked_for():
    assert problems("date,amount\n03/04/2026,1\n")[0] == ("date_order", 2, "date", "03/04/2026")
    assert read("date,amount\n03/04/2026,1\n25/04/2026,1\n").lines[0].date == date(2026, 4, 3)


# -- wrong input ---------------------------------------------------------------------------------------------------------

HEAD = "日期,金额,币种,账号,摘要\n"
WRONG = {
    "an amount with text": (HEAD + "2026-01-05,12abc,CNY,1,a\n", ("amount", 2, "金额", "12abc")),
    "more decimals than the currency has": (HEAD + "2026-01-05,1.005,CNY,1,a\n", ("precision", 2, "金额", "1.005")),
    "no amount": (HEAD + "2026-01-05,,CNY,1,a\n", ("no_amount", 2, "金额", "")),
    "no date": (HEAD + "2026-02-30,1,CNY,1,a\n", ("date", 2, "日期", "2026-02-30")),
    "two accounts": (HEAD + "2026-01-05,1,CNY,1111,a\n2026-01-05,1,CNY,2222,a\n", ("two_accounts", 3, "账号", "2222")),
    "two currencies": (HEAD + "2026-01-05,1,CNY,1,a\n2026-01-05,1,USD,1,a\n", ("two_currencies", 3, "币种", "USD")),
    "an unknown currency": (HEAD + "2026-01-05,1,贝壳,1,a\n", ("currency", 2, "币种", "贝壳")),
    "in and out at once": ("日期,收入,支出\n2026-01-05,1,2\n", ("both", 2, "收入", "1 / 2")),
    "neither in nor out": ("日期,金额,收/支\n2026-01-05,1,收入\n2026-01-06,1,冻结\n", ("direction", 3, "收/支", "冻结")),
    "a row cut off": (HEAD + "2026-01-05,1.00,CNY,1,a\n2026-01-06,2.0", ("truncated", 3, "", "2026-01-06, 2.0")),
    "a day cut off": (HEAD + "2026-01-05,1.00,CNY,1,a\n2026-0", ("truncated", 3, "", "2026-0")),
    "a first row cut off": ("账号：,1\n" + HEAD + "2026-01-05,1", ("truncated", 3, "", "2026-01-05, 1")),
    "a row cut off before its day": (BOC[: BOC.index("\t20260106")], ("truncated", 4, "", None)),
    "an amount cut off": ("日期,摘要,金额\n2026-01-05,a,1.00\n2026-01-06,b,12.5", ("truncated", 3, "", "2026-01-06, b, 12.5")),
    "a quote never closed": (HEAD + '2026-01-05,1.00,CNY,1,"a\n2026-01-06', ("truncated", 2, "", "")),
    "details without their end": (ALIPAY[: ALIPAY.index("#---", 300)], ("truncated", 7, "", "")),
    "a merchant bill without its summary": (MERCHANT[: MERCHANT.index("总交易")], ("truncated", 3, "", "")),
    "an OFX cut off": (OFX1[:500], ("truncated", 9, "", "")),
    "a CAMT cut off": (CAMT[:900], ("truncated", 1, "", "")),
    "an HTML cut off": (CMBC[:-40], ("truncated", 4, "", "")),
    "cut within a character": (CCB.encode("utf-8")[:-8], ("truncated", 4, "", None)),
    "characters of no encoding": (HEAD.encode("gb18030") + b"\xff\xff\xff\x80,1\n2026-01-06,1,CNY,1,a\n", ("encoding", 2, "", "")),
    "saved in a wrong encoding": (CCB.encode("utf-8").decode("gb18030", "ignore"), ("spoilt", 1, "", None)),
    "characters lost": (HEAD.encode("ascii", "replace"), ("spoilt", 1, "", None)),
    "nothing": ("\n\n", ("empty", 0, "", "")),
    "a PDF": (b"%PDF-1.4 ...", ("pdf", 0, "", "")),
    "a broken workbook": (b"PK\x03\x04 no zip", ("damaged", 0, "", "")),
    "XML of another kind": ("<?xml version='1.0'?><a/>", ("unknown_xml", 0, "", "a")),
    "XML that unfolds": ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', ("damaged", 0, "", "")),
    "two accounts in an OFX": (OFX1.replace("</STMTRS>", "<ACCTID>55</STMTRS>"), ("two_accounts", 9, "ACCTID", "55")),
    "an amount with text in a CAMT": (CAMT.replace(">60.50<", ">60x<"), ("amount", 1, "Amt", "60x")),
    "a page without a table": ("<html><body>404</body></html>", ("no_table", 0, "", "")),
    "a merchant bill that lost a column": (MERCHANT.replace("交易时间,", "x,", 1), ("unknown_layout", 0, "", "")),
    "a header and no rows": (HEAD, ("no_lines", 0, "", "")),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_named_by_row_and_column(case):
    content, expected = WRONG[case]
    found = problems(content)[0]
    assert found[:3] == expected[:3]
    assert expected[3] in (None, found[3])
