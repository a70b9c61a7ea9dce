# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A company's name taken apart: 深圳市 | 华强 | 电子 | 有限公司, so that each part can be compared for what it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from . import company_words as words

MAX_NAME = 256


def fold(text: str) -> str:
    """Fold width, case, blanks and punctuation, so that two spellings of one name compare equal.

    >>> fold("GTX Pro") == fold("ＧＴＸ-pro ")
    True
    >>> fold("深圳市 华强（电子）")
    '深圳市华强电子'
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class CompanyName:
    """The parts of a name. ``key``, ``core`` and ``brand`` are never empty; a key has (about) the parts of its name."""

    key: str  # the whole name without legal form: what makes two names exactly the same
    core: str  # without place and branch, too
    brand: str  # the core without its trade
    trade: str  # the rest of the core
    place: str  # where the company is at home, "" if it does not say
    branch: bool  # whether it is a branch, an office, a shop of a company


def _any(parts: object) -> str:
    return "|".join(map(re.escape, parts))  # type: ignore[call-overload]


_PLACE = (
    rf"(?:(?P<known>{_any(words.PLACES)})(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|地区|省|市)?"
    r"|(?P<other>[\u4e00-\u9fff]{2,4}?(?<![超城都夜门股])(?:省|市)))"
)
_PLACE_FIRST = re.compile(_PLACE + r"(?:[\u4e00-\u9fff]{2,3}?(?:区|县|镇)(?=[\u4e00-\u9fff]{4}))?")
_PLACE_ONLY = re.compile(_PLACE + r"?(?:[\u4e00-\u9fff]{2,4}(?:区|县|市|镇))?")
_PLACE_LAST = re.compile(rf"(?:{_any(words.PLACES)})(?:省|市)?$")
_LEGAL_LAST = re.compile(rf"(?:{_any(words.LEGAL)})$")
_LEGAL_THEN_BRANCH = re.compile(
    rf"^(?P<head>.{{2,}}?(?:有限责任公司|有限公司|股份公司|集团公司|总公司|公司))(?P<part>.{{0,16}}?)(?:{_any(words.BRANCHES)})$"
)
_BRANCH_LAST = re.compile(rf"(?:第?[一二三四五六七八九十\d]+)?(?:{_any(words.BRANCHES)})$")
_BRACKETS = re.compile(r"[(\[【〔《<「]([^)\]】〕》>」]*)[)\]】〕》>」]")
_TRADE_LAST = re.compile(rf"(?:{_any(sorted(words.TRADES, key=len, reverse=True))})$")
_LATIN_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FILLER = re.compile(r"[\W_]+")


@lru_cache(maxsize=131072)
def parse_company(name: str) -> CompanyName | None:
    """Take a name apart; None if it names no company.

    >>> parse_company("深圳市华强电子有限公司")
    CompanyName(key='深圳市华强电子', core='华强电子', brand='华强', trade='电子', place='深圳', branch=False)
    >>> parse_company("华强电子（深圳）").core, parse_company("华强电子股份有限公司广州分公司").core
    ('华强电子', '华强电子')
    >>> parse_company("Huaqiang Electronics (Shenzhen) Co., Ltd.").core, parse_company("北京银行").core
    ('huaqiang electronics', '北京银行')
    """
    text = unicodedata.normalize("NFKC", name[:MAX_NAME]).casefold().translate(words.TRADITIONAL).strip()
    folded = _FILLER.sub("", text)
    if _is_too_little(folded) or folded in words.NO_COMPANY:
        return None
    parsed = _parse_chinese(text, folded) if _HAN.search(folded) else _parse_latin(_without_accents(text), folded)
    # "N/A Ltd." is nobody either: a key read again must name the same company
    return None if _FILLER.sub("", parsed.key) in words.NO_COMPANY else parsed


def _is_too_little(folded: str) -> bool:
    return len(folded) < 2 or folded.isdigit()


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(char for char in decomposed if not unicodedata.combining(char)))


def _parse_latin(text: str, folded: str) -> CompanyName:
    # "B.V." and "S.A." are words, and so is "H&M"
    spelled = _LATIN_WORD.findall(re.sub(r"(?<=\w)[.'&](?=\w)", "", text)) or [folded]
    legal = [word for word in spelled if word not in words.LATIN_LEGAL]
    if _is_too_little("".join(legal)):
        legal = spelled  # "X Ltd." is somebody, "X" is nobody
    core = [word for word in legal if word not in words.LATIN_PLACES] or legal
    if all(word in words.LATIN_TRADES for word in core):
        core = legal  # Shenzhen Electronics
    brand = [word for word in core if word not in words.LATIN_TRADES] or core
    trade = [word for word in core if word not in brand]
    places = [word for word in legal if word not in core]
    return CompanyName(" ".join(legal), " ".join(core), " ".join(brand), " ".join(trade), " ".join(places), False)


def _parse_chinese(text: str, folded: str) -> CompanyName:
    places: list[str] = []
    text, legal_text, branch = _without_brackets(text, places)
    key = _key(_FILLER.sub("", legal_text))
    key = folded if _is_too_little(key) else key
    body = _FILLER.sub("", text)
    body, is_branch, branch_place = _without_branch(body)
    body = _without_legal(body) or body
    core, place = _without_place(body)
    core, last_place = _without_last_place(core)
    place = place or last_place
    brand, trade = _split_trade(core)
    brand, middle_place = _without_last_place(brand)  # 阿里巴巴中国网络技术
    core, place = brand + trade, place or middle_place
    if not place and not is_branch and places:
        place = places[0]
    return CompanyName(key, core, brand, trade, place, branch or is_branch or bool(branch_place))


def _key(whole: str) -> str:
    """The whole name without the legal form, which stands at its end or before the name of a branch."""
    match = _LEGAL_THEN_BRANCH.match(whole)
    return _without_legal(match["head"]) + whole[match.end("head") :] if match else _without_legal(whole)


def _without_brackets(text: str, places: list[str]) -> tuple[str, str, bool]:
    """(text without places, legal forms and branches in brackets; text without brackets; is there a branch in them)"""
    if not _BRACKETS.search(text):
        return text, text, False
    branch = False

    def take(match: re.Match[str]) -> str:
        nonlocal branch
        inner = _FILLER.sub("", match[1])
        if _PLACE_ONLY.fullmatch(inner) or inner in words.LATIN_PLACES:
            places.append(_plain_place(inner))
            return ""
        if _BRANCH_LAST.search(inner):
            branch = True
            return ""
        return "" if _LEGAL_LAST.fullmatch(inner) else match[1]

    shortened = _BRACKETS.sub(take, text)
    return (shortened if len(_FILLER.sub("", shortened)) >= 2 else text), text, branch


def _without_branch(body: str) -> tuple[str, bool, str]:
    match = _LEGAL_THEN_BRANCH.match(body)
    if match:
        return match["head"], True, match["part"]
    match = _BRANCH_LAST.search(body)
    if not match or match.start() < 2:
        return body, False, ""
    rest = body[: match.start()]
    place = _PLACE_LAST.search(rest)
    if place and place.start() >= 2:
        return rest[: place.start()], True, place[0]
    return rest, True, ""


def _without_legal(body: str) -> str:
    """``body`` without legal forms at its end, also if nothing but "" is left."""
    while True:
        match = _LEGAL_LAST.search(body)
        if not match or (match.start() < 2 and match.start() > 0):
            return body
        body = body[: match.start()]


def _without_place(body: str) -> tuple[str, str]:
    """(core, place): a place is only taken off if a name is left: 北京银行 stays."""
    place = ""
    rest = body
    for _step in range(3):  # 浙江省金华市义乌市
        match = _PLACE_FIRST.match(rest)
        if not match or len(rest) - match.end() < 2:
            break
        if not _has_brand(rest[match.end() :]):
            break
        place = _plain_place(match["known"] or match["other"])
        rest = rest[match.end() :]
    return rest, place


def _without_last_place(body: str) -> tuple[str, str]:
    match = _PLACE_LAST.search(body)
    if match and match.start() >= 2 and _has_brand(body[: match.start()]):
        return body[: match.start()], _plain_place(match[0])
    return body, ""


def _plain_place(place: str) -> str:
    return re.sub(r"(?<=..)[省市区县镇]$", "", place)


def _has_brand(text: str) -> bool:
    while text:
        match = _TRADE_LAST.search(text)
        if not match:
            return len(text) >= 2
        text = text[: match.start()]
    return False


def _split_trade(core: str) -> tuple[str, str]:
    """(brand, trade): words of trade at the end, as long as two characters are left before them."""
    brand = core
    while True:
        match = _TRADE_LAST.search(brand)
        if not match or match.start() < 2:
            return brand, core[len(brand) :]
        brand = brand[: match.start()]
