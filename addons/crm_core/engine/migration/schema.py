# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a CRM export can hold: four kinds of table, their fields and the names people give them.

Synonyms are compared after :func:`normalise`, so ``Sales Agent``, ``sales_agent`` and ``SALES-AGENT`` are one name.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..company_name import fold

NAME, TEXT, INTEGER, AMOUNT, DATE, STAGE = "name", "text", "integer", "amount", "date", "stage"
normalise = fold


@dataclass(frozen=True)
class Field:
    """One target field: ``code`` in the record, how to read the cell, and the column names it is known by."""

    code: str
    type: str
    synonyms: str  # separated by commas
    required: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (normalise(self.code), *(normalise(synonym) for synonym in self.synonyms.split(",")))


ACCOUNT = (
    Field(
        "name",
        NAME,
        "account, account name, company, company name, customer, customer name, organization, organisation, "
        "客户, 客户名称, 公司, 公司名称, 企业名称, 账户名称, 单位名称",
        required=True,
    ),
    Field("ref", TEXT, "account id, accountid, company id, customer id, customer no, 客户编号, 客户编码, 客户id"),
    Field("industry", TEXT, "sector, branch, industry name, 行业, 所属行业"),
    Field("established", INTEGER, "year established, founded, founded year, year founded, 成立年份, 成立时间"),
    Field("revenue", AMOUNT, "annual revenue, turnover, annual turnover, 年营业额, 年收入, 营业额"),
    Field(
        "employees",
        INTEGER,
        "number of employees, employee count, no of employees, headcount, 员工数, 员工人数, 人数, 规模",
    ),
    Field(
        "country", TEXT, "office location, location, billing country, country/region, 国家, 国家/地区, 所在地, 所在国家"
    ),
    Field("parent", NAME, "subsidiary of, parent, parent account, parent company, 母公司, 上级公司, 上级客户"),
    Field("phone", TEXT, "telephone, tel, phone number, 电话, 联系电话, 公司电话"),
    Field("email", TEXT, "e-mail, mail, email address, 邮箱, 电子邮件, 电子邮箱"),
    Field("website", TEXT, "web, url, homepage, 网站, 网址, 公司网站"),
    Field("city", TEXT, "billing city, town, 城市, 所在城市"),
    Field("street", TEXT, "address, billing street, street address, 地址, 详细地址, 公司地址"),
)
PRODUCT = (
    Field("name", NAME, "product, product name, item, 产品, 产品名称, 商品, 商品名称, 品名", required=True),
    Field("code", TEXT, "product code, sku, internal reference, item no, 产品编号, 产品编码, 商品编码, 货号"),
    Field("category", TEXT, "series, product family, family, product category, 产品系列, 系列, 产品分类, 类别"),
    Field("price", AMOUNT, "sales price, list price, unit price, standard price, 单价, 价格, 标价, 销售价格, 标准价格"),
)
REP = (
    Field(
        "name",
        NAME,
        "sales agent, agent, rep, sales rep, salesperson, user, full name, employee, owner, 销售, 销售员, "
        "销售人员, 业务员, 姓名, 销售代表, 员工姓名",
        required=True,
    ),
    Field("email", TEXT, "e-mail, mail, login, email address, 邮箱, 电子邮件, 账号"),
    Field(
        "manager",
        NAME,
        "sales manager, team leader, leader, supervisor, reports to, 主管, 经理, 销售经理, 上级, 负责人",
    ),
    Field("region", NAME, "regional office, office, territory, area, 区域, 大区, 地区, 办事处, 销售区域"),
    Field("team", NAME, "sales team, group, department, 团队, 销售团队, 小组, 部门"),
)
DEAL = (
    Field("ref", TEXT, "opportunity id, deal id, record id, id, opportunityid, 商机编号, 商机id, 编号"),
    Field(
        "name", TEXT, "opportunity, opportunity name, deal, deal name, title, subject, 商机, 商机名称, 项目名称, 主题"
    ),
    Field(
        "rep",
        NAME,
        "sales agent, agent, sales rep, rep, owner, opportunity owner, deal owner, salesperson, assigned to, "
        "销售, 销售员, 销售人员, 业务员, 负责人, 商机负责人, 销售代表",
    ),
    Field("product", NAME, "product name, item, 产品, 产品名称, 商品, 意向产品"),
    Field(
        "account",
        NAME,
        "account name, company, company name, associated company, customer, customer name, 客户, 客户名称, "
        "公司, 公司名称",
    ),
    Field(
        "stage",
        STAGE,
        "deal stage, status, sales stage, opportunity stage, pipeline stage, state, 阶段, 商机阶段, 销售阶段, 状态",
        required=True,
    ),
    Field(
        "open_date",
        DATE,
        "engage date, create date, created date, created, created on, open date, start date, date created, "
        "创建时间, 创建日期, 开始日期, 立项日期, 接触日期",
    ),
    Field(
        "close_date",
        DATE,
        "closed date, closed, closing date, date closed, won date, end date, close, 成交日期, 关闭日期, "
        "结束日期, 完成日期, 关单日期",
    ),
    Field(
        "expected_close",
        DATE,
        "expected close date, expected close, expected closing, forecast date, 预计成交日期, 预计结束日期, "
        "预计签单日期",
    ),
    Field(
        "value",
        AMOUNT,
        "close value, amount, deal value, deal amount, revenue, expected revenue, price, 金额, 商机金额, "
        "成交金额, 预计金额, 销售金额",
    ),
    Field(
        "lost_reason", TEXT, "loss reason, closed lost reason, reason lost, lost because, 丢单原因, 失败原因, 输单原因"
    ),
    Field("note", TEXT, "description, notes, comment, remarks, 备注, 描述, 说明"),
)
KINDS: dict[str, tuple[Field, ...]] = {"account": ACCOUNT, "product": PRODUCT, "rep": REP, "deal": DEAL}

# Words for the steps of a sale, by outcome slot. ``new`` … ``proposition`` are open, in order.
STAGE_WORDS: dict[str, str] = {
    "new": (
        "new, prospecting, prospect, lead, appointment scheduled, open, initial, 新建, 初步接触, 潜在, 线索, 需求培养"
    ),
    "qualified": (
        "qualified, engaging, engaged, qualification, qualified to buy, needs analysis, discovery, contacted, "
        "in progress, working, 有需求, 需求确认, 跟进中, 需求分析, 立项, 合格"
    ),
    "proposition": (
        "proposition, proposal, proposal sent, quote, quoted, quotation, value proposition, negotiation, "
        "negotiating, negotiation review, contract sent, presentation scheduled, decision maker bought in, "
        "方案报价, 报价, 方案, 谈判, 商务谈判, 洽谈, 合同审批"
    ),
    "won": "won, closed won, win, success, successful, 赢单, 已成交, 成交, 已赢单, 签约, 已签约",
    "lost": (
        "lost, closed lost, loss, dead, disqualified, cancelled, canceled, 丢单, 输单, 失败, 已关闭, 流失, 已丢单, 无效"
    ),
}
STAGE_SLOTS: dict[str, str] = {
    normalise(word): slot for slot, words in STAGE_WORDS.items() for word in words.split(",")
}
CLOSED_SLOTS = ("won", "lost")


def field(kind: str, code: str) -> Field:
    """The field ``code`` of ``kind``; KeyError if there is none."""
    for candidate in KINDS[kind]:
        if candidate.code == code:
            return candidate
    raise KeyError("%s.%s" % (kind, code))
