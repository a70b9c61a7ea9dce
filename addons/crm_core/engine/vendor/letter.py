# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a mail that asks for something tells of its writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parseaddr

MAX_TEXT = 20_000
_LABEL = re.compile(r"^\s*[>*•\-]*\s*(?P<label>[\w .（）()-]{1,20}?)\s*[:：]\s*(?P<value>\S.*?)\s*$", re.MULTILINE)
_LABELS = {
    "name": {"姓名", "联系人", "称呼", "name", "contact", "contact name", "your name", "full name"},
    "company": {"公司", "公司名称", "单位", "企业", "企业名称", "company", "company name", "organization"},
    "phone": {"电话", "手机", "手机号", "手机号码", "联系电话", "tel", "phone", "mobile", "telephone", "phone number", "mobile phone"},
    "email": {"邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "mail"},
    "wechat": {"微信", "微信号", "wechat", "weixin", "wechat id"},
}
_COMPANY = re.compile(r"[\w（）()·]{2,40}?(?:有限责任公司|股份有限公司|有限公司|集团公司|研究院|事务所)")
_MOBILE = re.compile(r"(?<![\d-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d-])")
_LANDLINE = re.compile(r"(?<![\d-])(?:\(?0\d{2,3}\)?[- ]?)\d{7,8}(?:[- 转]{1,2}\d{1,5})?(?![\d-])")
#: From here on somebody else is quoted
_QUOTED = re.compile(
    r"^\s*(?:>|-{2,}\s*(?:原始邮件|Original Message|Forwarded message|转发)|On .{5,200} wrote:|在.{4,80}写道[:：]|发件人[:：])",
    re.MULTILINE | re.IGNORECASE,
)


def read_letter(sender: str, subject: str, text: str) -> dict[str, str]:
    """Name, address, phone, company, WeChat, subject and text; what is labelled in the text wins over the sender.

    >>> found = read_letter("Zhang <z@example.cn>", "询价", "您好，请报价。\\n深圳市华强电子有限公司\\n张三 13800138000")
    >>> found["name"], found["email"], found["phone"], found["company"]
    ('Zhang', 'z@example.cn', '13800138000', '深圳市华强电子有限公司')
    >>> read_letter("form@site.cn", "新留言", "姓名：李四\\n手机: 139-0013-8000\\nE-mail: li@a.cn")["email"]
    'li@a.cn'
    """
    text = text[:MAX_TEXT].replace("\r\n", "\n").replace("\u00a0", " ").strip()
    own = _own_words(text)
    labelled = dict(_labelled(own))
    name, address = parseaddr(sender)
    company = _COMPANY.search(own)
    return {
        "name": labelled.get("name") or name or address.partition("@")[0],
        "email": labelled.get("email") or address,
        "phone": labelled.get("phone") or _first(own, _MOBILE, _LANDLINE),
        "company": labelled.get("company") or (company.group() if company else ""),
        "wechat": labelled.get("wechat", ""),
        "subject": subject.strip(),
        "text": text,
    }


def _own_words(text: str) -> str:
    """The text without the mail it answers or passes on; all of it if nothing stands before."""
    quoted = _QUOTED.search(text)
    return text[: quoted.start()].strip() or text if quoted else text


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    found = set()
    for match in _LABEL.finditer(text):
        label = match["label"].strip().lower()
        kind = next((kind for kind, labels in _LABELS.items() if label in labels), None)
        if kind and kind not in found:
            found.add(kind)
            yield kind, match["value"][:255]


def _first(text: str, *patterns: re.Pattern[str]) -> str:
    return next((found.group().strip() for pattern in patterns for found in [pattern.search(text)] if found), "")
