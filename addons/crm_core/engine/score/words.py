# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the texts of a lead tell about it, as a few kinds a model can learn from."""

import re
from typing import Optional

#: Kinds of job titles, the first that fits counts. Chinese words match anywhere, Latin ones as words.
TITLES = (
    ("student", r"学生|实习|\b(student|intern)\b"),
    ("assistant", r"助理|秘书|文员|前台|\b(assistant|secretary|clerk|receptionist)\b"),
    (
        "decision",
        r"董事|总裁|总经理|创始|合伙人|老板|法人|厂长|院长|校长|首席"
        r"|\b(ceo|cto|cfo|coo|cio|owner|founder|partner|president|chairman|managing director|general manager|gm|vp)\b",
    ),
    ("buyer", r"采购|供应链|\b(purchas\w*|procure\w*|buyer|sourcing|supply chain)\b"),
    ("manager", r"经理|主任|总监|主管|部长|科长|处长|负责人|\b(manager|director|head|lead|supervisor|chief)\b"),
    ("engineer", r"工程师|技术|研发|设备|\b(engineer|developer|technician|technical|r&d)\b"),
)
_TITLES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in TITLES)
FREE_MAIL = frozenset(
    "qq.com foxmail.com 163.com 126.com yeah.net 139.com 189.cn wo.cn sina.com sina.cn sohu.com aliyun.com tom.com 21cn.com"
    " gmail.com hotmail.com outlook.com live.com yahoo.com yahoo.cn icloud.com me.com msn.com".split()
)


def title_kind(title: Optional[str]) -> Optional[str]:
    """The kind of a job title; "other" for one that says nothing, None where there is none.

    >>> title_kind("采购部经理"), title_kind("General Manager"), title_kind("总经理助理"), title_kind(" "), title_kind("诗人")
    ('buyer', 'decision', 'assistant', None, 'other')
    """
    if not title or not title.strip():
        return None
    for kind, pattern in _TITLES:
        if pattern.search(title):
            return kind
    return "other"


def email_kind(email: Optional[str]) -> Optional[str]:
    """Whether an address is one of a company ("company") or of everybody ("free"); None without one.

    >>> email_kind("Li Lei <li@huaqiang.com.cn>"), email_kind("123@QQ.com"), email_kind("none"), email_kind(None)
    ('company', 'free', None, None)
    """
    found = re.search(r"@([\w.-]+\.\w+)", email or "")
    if not found:
        return None
    return "free" if found.group(1).lower() in FREE_MAIL else "company"


def phone_kind(*numbers: Optional[str]) -> Optional[str]:
    """The best of some telephone numbers: "mobile" (Chinese), "foreign", "landline"; None without one.

    >>> phone_kind("0755-26001234", "+86 138 1234 5678"), phone_kind("+1 650 253 0000"), phone_kind("0755-26001234")
    ('mobile', 'foreign', 'landline')
    >>> phone_kind(None, "ask") is None
    True
    """
    kinds = {_phone_kind(number) for number in numbers if number}
    return next((kind for kind in ("mobile", "foreign", "landline") if kind in kinds), None)


def _phone_kind(number: str) -> Optional[str]:
    digits = re.sub(r"[^\d+]", "", number)
    digits = re.sub(r"^(\+|00)86", "", digits)
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return "mobile"
    if digits.startswith(("+", "00")):
        return "foreign"
    return "landline" if len(digits) >= 7 else None
