# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Keys by which a person or a company is recognised, however the text was typed.

Every function takes what a field holds and returns the keys in it, best first and without repetition; text that
identifies nobody gives no key. Nothing here raises. Parsed phones and names are remembered (bounded).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import phonenumbers  # type: ignore[import-not-found]
from stdnum.cn import uscc  # type: ignore[import-not-found]

from .company_name import parse_company

PHONE, EMAIL, WECHAT, USCC, COMPANY = "phone", "email", "wechat", "uscc", "company"
#: Kinds that name a person, the surest first; the others name a company
PERSON_KINDS = (PHONE, WECHAT, EMAIL)
COMPANY_KINDS = (USCC, COMPANY)
#: Longer text is no contact detail but somebody trying something
MAX_TEXT = 512

_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_SEVERAL = re.compile(r"[,;/|\\\n\t、，；]|或|和|(?<=\d)\s*&\s*(?=[\d+])")
_EXTENSION = re.compile(r"(?i)(?:\s*(?:转|分机号?|ext\.?|x|#)\s*[:.]?\s*(\d{1,6})|(?<=\d)\s*-\s*(\d{1,4}))$")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\uff0d\u30fc]")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_WECHAT_LABEL = re.compile(r"(?i)^(?:微信号?|wechat|weixin|wx|vx|v信)\s*(?:id)?\s*[:=]\s*")
_WECHAT = re.compile(r"[\w.-]{5,64}")


def _text(value: object) -> str:
    return unicodedata.normalize("NFKC", value[:MAX_TEXT]).strip() if isinstance(value, str) else ""


def phones(value: object, region: str = "CN") -> tuple[str, ...]:
    """The valid numbers in ``value`` as E.164, an extension behind it; without country code they are of ``region``.

    >>> phones("１３８ 0013-8000"), phones("+86 13800138000 / 0755-26001234转801")
    (('+8613800138000',), ('+8613800138000', '+8675526001234;ext=801'))
    >>> phones("(0755) 2600 1234-801"), phones("+852 2123 4567"), phones("26001234"), phones("12345")
    (('+8675526001234;ext=801',), ('+85221234567',), (), ())
    """
    text = value.strip() if isinstance(value, str) else ""
    match = _MOBILE.fullmatch(text)
    if match and region == "CN" and text.isascii():
        return ("+86" + match[1],)
    return _phones(_DASHES.sub("-", _text(text)), region) if text else ()


@lru_cache(maxsize=65536)
def _phones(text: str, region: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in _SEVERAL.split(text):
        number = _phone(part, region)
        # two numbers with nothing but blanks between them
        for each in (number,) if number else (_phone(word, region) for word in part.split()):
            if each:
                found[each] = None
    return tuple(found)


def _phone(text: str, region: str) -> str:
    """One number, or "" if ``text`` is none that could be dialled."""
    text = text.strip()
    match = _EXTENSION.search(text)
    if not match:
        return _e164(text, region)
    # behind a dash, it is an extension only if the whole is no number
    whole = _e164(text, region) if match[2] else ""
    if whole:
        return whole
    number = _e164(text[: match.start()], region)
    return f"{number};ext={match[1] or match[2]}" if number else ""


def _e164(text: str, region: str) -> str:
    number = re.sub(r"^[^\d+]*?(?=\+?\d)", "", re.sub(r"[\s().-]", "", text))
    mobile = _MOBILE.fullmatch(number)
    if mobile and region == "CN":
        return "+86" + mobile[1]
    if not re.fullmatch(r"\+?\d{6,18}", number):
        return ""
    if number.startswith("00"):
        number = "+" + number[2:]
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    e164: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164


def emails(value: object) -> tuple[str, ...]:
    """The addresses in ``value``.

    >>> emails("Li Lei <Li.Lei@Example.COM>; ｓａｌｅｓ＠example.com"), emails("nobody at home")
    (('li.lei@example.com', 'sales@example.com'), ())
    """
    text = _text(value).lower()
    return tuple(dict.fromkeys(match[0].lstrip("'") for match in _EMAIL.finditer(text))) if "@" in text else ()


def wechats(value: object) -> tuple[str, ...]:
    """The WeChat id in ``value``; WeChat ignores case.

    >>> wechats("微信：Li_Lei88"), wechats("同手机"), wechats("wx-lead")
    (('li_lei88',), (), ('wx-lead',))
    """
    text = _WECHAT_LABEL.sub("", _text(value)).casefold()
    return (text,) if text.isascii() and _WECHAT.fullmatch(text) else ()


def credit_codes(value: object) -> tuple[str, ...]:
    """The unified social credit code, if its check digit is right.

    >>> credit_codes("91110000600037341l"), credit_codes("ＣＮ 9111 0000 6000 3734 1L"), credit_codes("911100006000373411")
    (('91110000600037341L',), ('91110000600037341L',), ())
    """
    text = re.sub(r"[\s.-]", "", _text(value)).upper()
    text = text[2:] if len(text) == 20 and text.startswith("CN") else text
    return (text,) if len(text) == 18 and uscc.is_valid(text) else ()


def companies(value: object) -> tuple[str, ...]:
    """The exact key of a company's name: width, case, blanks, punctuation and legal form folded.

    >>> companies("深圳市 华强电子（有限公司）") == companies("深圳市华强电子有限责任公司")
    True
    >>> companies("个人"), companies("ACME Co., Ltd.")
    ((), ('acme',))
    """
    name = parse_company(value) if isinstance(value, str) else None
    return (name.key,) if name else ()


def person_and_company_keys(values: Mapping[str, object], region: str = "CN") -> Iterator[tuple[str, str]]:
    """(kind, key) of everything that identifies in ``values``: the fields phone, mobile, email, wechat, uscc, company.

    >>> sorted(person_and_company_keys({"mobile": "13800138000", "wechat": "13800138000", "company": "华强电子"}))
    [('company', '华强电子'), ('phone', '+8613800138000'), ('wechat', '13800138000')]
    """
    seen = set()
    for kind, keys in (
        (PHONE, phones(values.get("mobile"), region)),
        (PHONE, phones(values.get("phone"), region)),
        (EMAIL, emails(values.get("email"))),
        (WECHAT, wechats(values.get("wechat"))),
        (USCC, credit_codes(values.get("uscc"))),
        (COMPANY, companies(values.get("company"))),
    ):
        for key in keys:
            if (kind, key) not in seen:
                seen.add((kind, key))
                yield kind, key
