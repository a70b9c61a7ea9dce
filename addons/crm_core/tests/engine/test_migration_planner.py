# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From files to records: what is imported, what is repaired, what is refused, and that each is reported."""

import datetime as dt

import pytest
from crm_core_engine.migration import IssueLog, Known, mapping, plan_files, read_files
from crm_core_engine.migration.schema import KINDS

ACCOUNTS = "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nGTX Plus Pro,GTX,5482\nMG Special,MG,55\n"
REPS = "sales_agent,manager,regional_office\nAnna Snelling,Dustin Brinkmann,Central\n"
DEALS = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"


def plan(known=None, **files):
    return plan_files([("%s.csv" % name, text.encode()) for name, text in files.items()], known)


def deals(rows, **files):
    files = {"products": PRODUCTS, "reps": REPS, "accounts": ACCOUNTS + "Isdom,medical,,,,,\n", **files}
    return plan(deals=DEALS + rows, **files)


def issues(result, severity=None):
    return [
        (issue.code, issue.column, issue.value, issue.result, issue.lines)
        for issue in result.log
        if severity in (None, issue.severity)
    ]


# -- what is what ------------------------------------------------------------------------------------------------------


def guess(*texts):
    log = IssueLog()
    tables = read_files([("%d.csv" % number, text.encode()) for number, text in enumerate(texts)], log)
    mapping.guess(tables)
    return tables


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("account,sector,year_established,revenue,employees,office_location,subsidiary_of", "account"),
        ("客户名称,所属行业,成立年份,员工人数,国家", "account"),
        ("product,series,sales_price", "product"),
        ("产品名称,产品编码,单价", "product"),
        ("sales_agent,manager,regional_office", "rep"),
        ("姓名,主管,大区", "rep"),
        ("opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", "deal"),
        ("Opportunity Name,Account Name,Stage,Amount (USD),Close Date,Created Date,Opportunity Owner", "deal"),
        ("Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Associated Company", "deal"),
        ("商机名称,客户名称,商机阶段,金额（元）,创建时间,成交日期,负责人", "deal"),
        ("Field,Description,Table", ""),
        ("colour,weight", ""),
    ],
)
def test_a_file_is_known_by_the_names_of_its_columns(header, kind):
    [table] = guess(header + "\n" + ",".join("x" for _column in header.split(",")) + "\n")
    assert table.kind == kind
    if kind:
        assert len(table.columns) == len(header.split(","))


def test_columns_with_strange_names_are_known_by_their_content():
    table = guess(
        "a,b,c,d,e,f\n1,Anna Snelling,GTX Pro,Won,2017-01-01,2017-03-01\n"
        "2,Anna Snelling,MG Special,Lost,2017-02-01,2017-04-01\n",
        PRODUCTS,
        REPS,
    )[0]
    assert table.kind == "deal"
    assert table.columns == {"stage": 3, "open_date": 4, "close_date": 5, "rep": 1, "product": 2}


def test_two_fields_never_share_a_column():
    for table in guess(DEALS, "price,amount,revenue,stage\n1,2,3,Won\n", "name,email,mail,manager\na,b,c,d\n"):
        assert len(set(table.columns.values())) == len(table.columns)


def test_every_synonym_is_told_apart_within_its_kind():
    for kind, fields in KINDS.items():
        keys = [key for item in fields for key in set(item.keys)]
        assert len(keys) == len(set(keys)), kind


# -- rows --------------------------------------------------------------------------------------------------------------


def test_a_plain_deal_comes_through_unchanged_and_unreported():
    result = deals("D1,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,3/11/2017,4514\n")
    [deal] = result.deals
    assert (deal.ref, deal.rep, deal.product, deal.account) == ("D1", "annasnelling", "gtxpro", "isdom")
    assert (deal.slot, deal.value, deal.name) == ("won", 4514.0, "GTX Pro · Isdom")
    assert (deal.open_date, deal.close_date) == (dt.date(2016, 10, 25), dt.date(2017, 3, 11))
    assert not issues(result)


def test_a_product_spelled_otherwise_is_matched_and_reported_once_with_all_lines():
    rows = "".join("D%d,Anna Snelling,GTXPro,Isdom,Won,10/25/2016,3/11/2017,1\n" % number for number in range(3))
    result = deals(rows)
    assert {deal.product for deal in result.deals} == {"gtxpro"}
    assert issues(result) == [("name_matched", "product", "GTXPro", "GTX Pro", [2, 3, 4])]


def test_a_product_that_could_be_two_is_not_guessed():
    result = deals("D1,Anna Snelling,GTX Plus,Isdom,Won,10/25/2016,3/11/2017,1\n")
    assert result.deals[0].product == ""
    assert result.deals[0].unknown == {"product": "GTX Plus"}
    assert issues(result) == [("name_unknown", "product", "GTX Plus", "", [2])]


def test_people_and_companies_are_not_matched_by_likeness():
    result = deals("D1,Anna Snellink,GTX Pro,Isdon,Won,10/25/2016,3/11/2017,1\n")
    assert result.deals[0].unknown == {"rep": "Anna Snellink", "account": "Isdon"}
    assert {issue[0] for issue in issues(result)} == {"name_unknown"}


def test_an_open_deal_without_value_is_worth_the_list_price_and_a_lost_one_nothing():
    result = deals(
        "D1,Anna Snelling,GTX Pro,Isdom,Engaging,10/25/2016,,\n"
        "D2,Anna Snelling,GTX Pro,Isdom,Lost,10/25/2016,3/1/2017,\n"
    )
    assert [deal.value for deal in result.deals] == [4821.0, 0.0]
    assert issues(result) == [("value_from_price", "close_value", "", "4821", [2])]


def test_a_deal_without_account_is_kept_and_noted():
    result = deals("D1,Anna Snelling,GTX Pro,,Engaging,10/25/2016,,5\n")
    assert result.deals[0].account == ""
    assert issues(result, "note") == [("no_account", "account", "", "", [2])]


@pytest.mark.parametrize(
    ("row", "issue"),
    [
        ("D1,Anna Snelling,GTX Pro,Isdom,,10/25/2016,,5", ("stage_missing", "deal_stage", "")),
        ("D1,Anna Snelling,GTX Pro,Isdom,Limbo,10/25/2016,,5", ("stage_unknown", "deal_stage", "Limbo")),
        ("D1,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,3/1/2017,lots", ("bad_amount", "close_value", "lots")),
    ],
)
def test_a_row_that_cannot_be_understood_is_refused_naming_line_and_column(row, issue):
    result = deals("D0,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,3/1/2017,1\n" + row + "\n")
    assert [deal.ref for deal in result.deals] == ["D0"]
    assert issues(result, "rejected") == [(*issue, "", [3])]


def test_a_day_that_does_not_exist_is_left_empty_and_reported():
    result = deals(
        "D1,Anna Snelling,GTX Pro,Isdom,Engaging,31/02/2017,,5\nD2,Anna Snelling,GTX Pro,Isdom,Engaging,25/02/2017,,5\n"
    )
    assert [deal.open_date for deal in result.deals] == [None, dt.date(2017, 2, 25)]
    assert ("bad_date", "engage_date", "31/02/2017", "", [2]) in issues(result, "repaired")


def test_a_closed_deal_without_closing_date_closed_when_it_began():
    result = deals("D1,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,,5\n")
    assert result.deals[0].close_date == dt.date(2016, 10, 25)
    assert issues(result) == [("close_date_missing", "close_date", "", "2016-10-25", [2])]


def test_a_deal_cannot_close_before_it_began():
    result = deals("D1,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,10/20/2016,5\n")
    assert result.deals[0].close_date == dt.date(2016, 10, 25)
    assert issues(result)[0][0] == "close_before_open"


def test_a_closing_date_of_an_open_deal_is_an_expected_one():
    deal = deals("D1,Anna Snelling,GTX Pro,Isdom,Engaging,10/25/2016,12/31/2016,5\n").deals[0]
    assert (deal.close_date, deal.expected_close) == (None, dt.date(2016, 12, 31))


def test_the_same_row_twice_is_imported_once_and_another_with_its_number_refused():
    row = "D1,Anna Snelling,GTX Pro,Isdom,Won,10/25/2016,3/1/2017,5\n"
    result = deals(row + row + row.replace(",5\n", ",6\n"))
    assert [deal.value for deal in result.deals] == [5.0]
    assert issues(result) == [
        ("duplicate_differs", "opportunity_id", "D1", "2", [4]),
        ("duplicate_same", "opportunity_id", "D1", "2", [3]),
    ]


def test_deals_without_numbers_get_the_same_ones_every_time():
    text = "product,stage,amount\nGTX Pro,Won,5\nGTX Pro,Won,5\nMG Special,Lost,5\n"
    first, second = (plan(deals=text, products=PRODUCTS) for _time in range(2))
    assert [deal.ref for deal in first.deals] == [deal.ref for deal in second.deals]
    assert len({deal.ref for deal in first.deals}) == 3


def test_stages_people_mapped_go_before_the_usual_words():
    known = Known(stages={"Limbo": "stage:7", "Won": ""})
    result = plan(known, deals=DEALS + "D1,,,,Limbo,,,5\nD2,,,,Won,,,5\n")
    assert [(deal.ref, deal.slot) for deal in result.deals] == [("D1", "stage:7")]
    assert issues(result, "rejected") == [("stage_unknown", "deal_stage", "Won", "", [3])]


# -- masters -----------------------------------------------------------------------------------------------------------


def test_typing_errors_in_sectors_and_countries_are_corrected_and_reported():
    known = Known(countries={"Philippines": "PH"})
    result = plan(known, accounts=ACCOUNTS + "A,technolgy,,,,Philipines,\nB,,,,,Korea,\nC,,,,,Atlantis,\n")
    assert [(a.industry, a.country) for a in result.accounts] == [("Technology", "PH"), ("", "KR"), ("", "")]
    assert [(issue[0], issue[2]) for issue in issues(result)] == [
        ("word_corrected", "technolgy"),
        ("word_corrected", "Philipines"),
        ("country_unknown", "Atlantis"),
    ]


def test_accounts_are_one_however_their_name_is_written():
    result = plan(accounts=ACCOUNTS + "Acme Corp.,,,,,,\nACME  corp,,,,,,\nacme corp,retail,,,,,\n")
    assert [account.name for account in result.accounts] == ["Acme Corp."]
    assert [(issue[0], issue[4]) for issue in issues(result)] == [("duplicate_differs", [4]), ("duplicate_same", [3])]


def test_a_parent_company_may_stand_below_its_subsidiary():
    result = plan(accounts=ACCOUNTS + "Codehow,,,,,,Acme\nAcme,,,,,,\nLost Child,,,,,,Nobody\n")
    assert [account.parent for account in result.accounts] == ["acme", "", ""]
    assert [(issue[0], issue[2], issue[4]) for issue in issues(result)] == [("parent_unknown", "Nobody", [4])]


def test_a_circle_of_subsidiaries_is_cut():
    result = plan(accounts=ACCOUNTS + "A,,,,,,B\nB,,,,,,A\n")
    assert [account.parent for account in result.accounts] == ["", "a"]
    assert issues(result)[0][0] == "parent_loop"


def test_a_row_without_name_is_refused():
    result = plan(products="product,series,sales_price\n,GTX,5\n")
    assert not result.products
    assert issues(result) == [("name_missing", "product", "", "", [2])]


def test_a_file_of_something_else_is_left_out_and_noted():
    dictionary = "accounts,,,sales_teams,\naccount,sector,revenue,sales_agent,manager\n,,,,\n"
    result = plan(dictionary=dictionary, products=PRODUCTS)
    assert len(result.products) == 3
    assert not result.accounts
    assert [issue[0] for issue in issues(result)] == ["file_unknown"]
