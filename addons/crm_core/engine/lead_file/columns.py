# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which column of a lead file is which field, by its name and, failing that, by what is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..enrich.place import province_key
from ..migration.schema import normalise
from ..migration.values import is_empty

SURE = 0.8  # share of the filled cells that must look like it

#: Target (a field of the lead, or where the intake mapping puts it) → names people give the column, best first
NAMES: dict[str, str] = {
    "contact_name": (
        "contact name, contact, contact person, full name, name, customer name, your name, lead name, 姓名, 联系人, 联系人姓名, "
        "客户姓名, 联系人名称, 称呼, 名字"
    ),
    "partner_name": (
        "company name, company, organization, organisation, account, account name, business name, firm, employer, "
        "公司, 公司名称, 企业, 企业名称, 单位, 单位名称, 客户名称, 客户, 公司全称"
    ),
    "mobile": "mobile, mobile phone, mobile number, cell, cell phone, 手机, 手机号, 手机号码, 移动电话",
    "phone": (
        "phone, phone number, telephone, tel, telephone number, contact number, work phone, business phone, "
        "电话, 联系电话, 电话号码, 联系方式, 固定电话, 座机, 办公电话, 公司电话"
    ),
    "email_from": "email, e-mail, mail, email address, 邮箱, 电子邮箱, 电子邮件, 邮件, 邮箱地址",
    "wechat": "wechat, wechat id, weixin, wx, 微信, 微信号",
    "function": "job title, position, job position, role, title, 职位, 职务, 岗位",
    "credit_code": "credit code, unified social credit code, uscc, 统一社会信用代码, 信用代码, 税号",
    "name.state": "province, state, region, 省份, 省, 所在省, 省市",
    "city": "city, town, 城市, 市, 所在城市, 地市",
    "street": "address, street, street address, full address, 地址, 详细地址, 公司地址, 联系地址",
    "website": "website, web, url, homepage, web site, 网站, 网址, 公司网站, 官网",
    "name": "subject, topic, opportunity, inquiry, requirement title, 主题, 标题, 线索名称, 意向, 意向产品",
    "description": (
        "notes, note, remarks, remark, comment, comments, description, message, requirement, requirements, details, "
        "备注, 说明, 需求, 需求描述, 留言, 描述, 沟通记录"
    ),
    "expected_revenue": "budget, expected revenue, amount, value, 预算, 预计金额, 金额, 预计收入",
    "company_industry": "industry, sector, 行业, 所属行业",
    "touch.occurred_at": "date, time, created, create date, submitted at, created at, 日期, 时间, 提交时间, 创建时间, 登记日期, 录入时间",
    "touch.keyword": "keyword, search keyword, 关键词, 搜索词",
    "touch.landing_page": "landing page, page url, 落地页, 着陆页",
    "name.source": "source, lead source, utm source, 来源, 线索来源, 客户来源",
    "name.medium": "medium, utm medium, 媒介",
    "name.campaign": "campaign, utm campaign, 活动, 推广计划, 营销活动",
    "name.country": "country, 国家",
    "name.tags": "tags, labels, 标签",
}
#: Columns of our own list of bad rows, and numbering: nothing to import
LEFT_OUT = frozenset(map(normalise, "line, line number, reason, no, no., #, index, 行号, 行, 原因, 序号, 编号, 退回原因".split(",")))
_KEYS: dict[str, tuple[int, str]] = {}
for _target, _names in NAMES.items():
    for _rank, _name in enumerate(_names.split(",")):
        _KEYS.setdefault(normalise(_name), (_rank, _target))

_PHONE = re.compile(r"(?:(?:\+|00)?86)?1[3-9]\d{9}|0\d{9,11}|\+\d{8,15}|400\d{7}")
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_COMPANY = re.compile(
    r"(?i)(?:公司|集团|厂|商行|经营部|事务所|合作社|研究院|中心|医院|大学|银行|\b(?:inc|ltd|llc|corp|co|gmbh|company|limited)\.?)(?:[（(].*[)）])?$"
)
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}(?:先生|女士|总|经理)?")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_FOLD = re.compile(r"[\s()（）\-–—.]+")


def fold_phone(cell: str) -> str:
    """A phone number without blanks, dashes and brackets."""
    return _FOLD.sub("", cell)


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a line is a row and no header: somebody's number or address stands in it."""
    return any(_PHONE.fullmatch(fold_phone(cell)) or _EMAIL.fullmatch(cell) for cell in cells)


def names_known(cells: Sequence[str]) -> int:
    """How many cells of a line are names of columns that are known."""
    return sum(_key(cell) in _KEYS for cell in cells)


def _key(name: str) -> str:
    """A header without its unit or remark: ``手机（必填）`` and ``* 手机`` are ``手机``."""
    plain = name.replace("（", "(").split("(")[0]
    return normalise(plain) or normalise(name)


def is_left_out(name: str) -> bool:
    """Whether a column of this name holds nothing to keep: a line number, our own reason.

    >>> is_left_out("原因"), is_left_out("楼层")
    (True, False)
    """
    return _key(name) in LEFT_OUT


def header_key(header: Sequence[str]) -> str:
    """What two files with the same columns have in common, whatever their order.

    >>> header_key(["姓名", "手 机"]) == header_key(["手机", "姓名"])
    True
    """
    return "|".join(sorted(normalise(name) for name in header))


def guess_targets(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The target of each column, "" for none: names first (the better name wins), then the content of the rest.

    >>> guess_targets(["联系方式", "客户", "x", "序号"], [["13812345678", "华强电子有限公司", "a@b.cn", "1"]])
    ['phone', 'partner_name', 'email_from', '']
    """
    targets = [""] * len(header)
    keys = [_key(name) for name in header]
    known = sorted((*_KEYS[key], column) for column, key in enumerate(keys) if key in _KEYS)
    for _rank, target, column in known:
        if target not in targets:
            targets[column] = target
    for column in range(len(header)):
        if not targets[column] and not is_left_out(header[column]):
            cells = [row[column].strip() for row in rows if column < len(row) and not is_empty(row[column])]
            target = next((target for target in _guess(cells) if target not in targets), "")
            targets[column] = target
    return targets


def _is_person(cell: str) -> bool:
    return bool(_PERSON.fullmatch(cell)) and cell[0] in _SURNAMES


def _is_province(cell: str) -> bool:
    return bool(province_key(cell)) and len(cell) <= 8


#: How cells of a column look → the targets it may be, best first
_LOOKS: tuple[tuple[Callable[[str], object], list[str]], ...] = (
    (_CODE.fullmatch, ["credit_code"]),
    (lambda cell: _MOBILE.fullmatch(fold_phone(cell)), ["mobile", "phone"]),
    (lambda cell: _PHONE.fullmatch(fold_phone(cell)), ["phone", "mobile"]),
    (_EMAIL.fullmatch, ["email_from"]),
    (_URL.fullmatch, ["website"]),
    (_COMPANY.search, ["partner_name"]),
    (_DATE.fullmatch, ["touch.occurred_at"]),
    (_is_province, ["name.state"]),
    (_is_person, ["contact_name"]),
)


def _guess(cells: Sequence[str]) -> list[str]:
    """Targets whose values look like these cells, best first."""
    if cells:
        for looks_like_it, targets in _LOOKS:
            if sum(bool(looks_like_it(cell)) for cell in cells) >= SURE * len(cells):
                return targets
    return []
