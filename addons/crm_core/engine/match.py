# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Are two company names one company? A score from 0 to 100 with its reasons, and the marks by which a database finds
the names worth comparing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from . import company_words as words
from .company_name import CompanyName, parse_company

#: Above it two names are shown as one company's; the list in tests/engine/company_pairs.py is what it was set by
THRESHOLD = 80.0
#: Longer brands are looked for by their beginning only
MAX_BRAND = 14

SAME, PLACE, TRADE, SHORT, TYPO, SOUND, BRANCH = "same", "place", "trade", "short", "typo", "sound", "branch"


@dataclass(frozen=True)
class Match:
    """How alike two names are: 0 to 100, and codes of why, the weightiest first (texts: ``crm.dedupe``)."""

    score: float
    reasons: tuple[str, ...]


NO_MATCH = Match(0.0, ())


def marks(name: str) -> tuple[int, ...]:
    """Numbers (int4) two names have in common if they may be one company's; () for no name.

    One typing error, a missing end and another trade or place leave at least one mark the same. Marks are chosen so
    that few other names have them: the brand, the brand without one of its characters, its first characters; a brand
    of two characters, of which one may be wrong, only together with its trade.

    >>> bool(set(marks("华强电子")) & set(marks("深圳市华强电子有限公司")))
    True
    >>> bool(set(marks("华强电子")) & set(marks("华为技术")))
    False
    """
    strong, weak = marks_by_strength(name)
    return tuple(sorted({*strong, *weak}))


def marks_by_strength(name: str) -> tuple[list[int], list[int]]:
    """:func:`marks` apart: those of the whole name, which few names share, and those of its beginning alone."""
    parsed = parse_company(name)
    if not parsed:
        return [], []
    strong, weak = (list(dict.fromkeys(map(_number, found))) for found in (_strong_marks(parsed), _weak_marks(parsed)))
    return strong, [mark for mark in weak if mark not in strong]


def _number(mark: str) -> int:
    return crc32(mark.encode()) - 2**31


def _strong_marks(name: CompanyName) -> Iterator[str]:
    brand = name.brand
    if brand.isascii():
        yield from _latin_marks(brand)
        return
    if name.core != brand and len(name.core) <= MAX_BRAND:
        yield name.core
    if len(brand) == 2:
        trade = name.trade[:2]
        if trade:
            yield f"{brand}{trade}"
            yield f"{brand[0]}?{trade}"
            yield f"?{brand[1]}{trade}"
        else:
            yield brand
    else:
        yield brand
        if len(brand) <= MAX_BRAND:
            yield from _shorter(brand)


def _weak_marks(name: CompanyName) -> Iterator[str]:
    """The brand, or its beginning, and how it sounds: shared by every company that has it, whatever its trade."""
    brand = name.brand
    if brand.isascii():
        return
    yield brand[:2]
    if len(brand) == 2:
        yield "~" + ".".join(str(words.SOUNDS.get(char, char)) for char in brand)
    else:
        yield brand[:3]


def _latin_marks(brand: str) -> Iterator[str]:
    """The whole, and the first two words that are not initials, each with one letter left out."""
    whole = brand.replace(" ", "")
    yield whole
    for word in [whole, *brand.split()[:2]]:
        if len(word) >= 3:
            yield word
        if 5 <= len(word) <= MAX_BRAND:
            yield from _shorter(word)


def _shorter(word: str) -> Iterator[str]:
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]


def compare(one: str, other: str) -> Match:
    """How likely the two names are one company's.

    >>> compare("深圳市华强电子有限公司", "华强电子").score >= THRESHOLD
    True
    >>> compare("深圳市华强电子有限公司", "华强食品").score >= THRESHOLD
    False
    >>> compare("海尔智家", "海尓智家").reasons
    ('typo',)
    """
    a, b = parse_company(one), parse_company(other)
    return compare_parsed(a, b) if a and b else NO_MATCH


def compare_parsed(a: CompanyName, b: CompanyName) -> Match:
    """As :func:`compare`, of names already taken apart."""
    if a.key == b.key:
        return Match(100.0, (SAME,))
    reasons: list[str] = []
    score = _compare_brands(a, b, reasons)
    if not score:
        return NO_MATCH
    score -= _trade_penalty(a, b, score, reasons)
    if a.place and b.place and a.place != b.place and "中国" not in (a.place, b.place):
        if not (a.branch or b.branch):
            score -= 22 if min(len(a.brand), len(b.brand)) <= 2 else 8
    elif a.place != b.place:
        reasons.append(PLACE)
    if a.branch != b.branch:
        reasons.append(BRANCH)
    return Match(max(0.0, min(score, 99.0)), tuple(dict.fromkeys(reasons))) if score > 0 else NO_MATCH


def _compare_brands(a: CompanyName, b: CompanyName, reasons: list[str]) -> float:
    """Points for what the names have in common; 0 if it is nothing."""
    if a.core == b.core:
        reasons.append(SAME)
        return 98.0
    if a.brand == b.brand:
        reasons.append(SAME)
        return 96.0
    short, long = sorted((a, b), key=lambda name: len(name.brand))
    if short.brand.isascii() and long.brand.isascii():
        return _compare_latin(short, long, reasons)
    if a.core[:2] == b.core[:2] and min(len(a.core), len(b.core)) >= 5 and edits(a.core, b.core, limit=1) == 1:
        reasons.append(TYPO)
        return 90.0
    typo = _compare_typo(short, long, reasons)
    if long.brand.startswith(short.brand) and not short.brand.isascii():
        rest = len(long.brand) - len(short.brand)
        # 字节 of 字节跳动; 华强 of 华强北 is another name, and so is 华强 of 华强方特 if each says its trade
        points = 86.0 if not short.trade else 84.0 if rest >= 2 and not long.trade else 76.0
        if rest == 1 and len(short.brand) == 2:
            points -= 12
        if points > typo:
            reasons[:] = [SHORT]
            return points
    return typo


def _compare_typo(short: CompanyName, long: CompanyName, reasons: list[str]) -> float:
    """One character wrong, missing or too many, or two changed over, judged by how much of the name is left."""
    distance = edits(short.brand, long.brand)
    if distance > 2:
        return 0.0
    size = len(long.brand)
    wrong = [(x, y) for x, y in zip(short.brand, long.brand) if x != y] if len(short.brand) == size else []
    if distance <= 2 and wrong and len(wrong) == distance:
        if all(x in words.SOUNDS and words.SOUNDS[x] == words.SOUNDS.get(y) for x, y in wrong):
            reasons.append(SOUND)
            return 92.0 if distance == 1 and size >= 3 else 88.0 if distance == 1 else 82.0 if size >= 4 else 60.0
    same_trade = bool(short.trade) and short.trade == long.trade
    if distance == 1:
        reasons.append(TYPO)
        if size >= 4:
            return 90.0
        if size == 3:
            return 84.0 if same_trade and len(short.brand) == 3 else 81.0 if same_trade else 74.0
        return 70.0 if same_trade else 40.0
    if distance == 2 and size >= 6:
        reasons.append(TYPO)
        return 84.0
    return 0.0


def edits(one: str, other: str, limit: int = 2) -> int:
    """Characters to change, add, leave out or swap with their neighbour; ``limit + 1`` if they are more.

    What both begin and end with is skipped, so that the cost is that of the few characters between.

    >>> edits("字节跳动", "字节动跳"), edits("华强", "华强北"), edits("abcdef", "xbcdey"), edits("kitten", "sitting")
    (1, 1, 2, 3)
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    a, b = one[start : len(one) - end], other[start : len(other) - end]
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, letter in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != letter))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == letter:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], limit + 1)


def _compare_latin(short: CompanyName, long: CompanyName, reasons: list[str]) -> float:
    one, other = short.brand.replace(" ", ""), long.brand.replace(" ", "")
    size = max(len(one), len(other))
    distance = edits(one, other, limit=size // 5)
    if distance == 0:
        reasons.append(SAME)
        return 96.0
    if distance * 5 <= size:
        reasons.append(TYPO)
        return 96.0 - 60.0 * distance / size
    words_short = short.brand.split()
    if long.brand.split()[: len(words_short)] == words_short and len(one) >= 3:
        reasons.append(SHORT)
        return 76.0 if short.trade else 84.0
    return 0.0


def _trade_penalty(a: CompanyName, b: CompanyName, score: float, reasons: list[str]) -> float:
    """What two different trades take off: nothing if one is not said, much if they are of different groups."""
    if a.trade == b.trade or a.core == b.core:
        return 0.0
    groups_a, groups_b = _trade_groups(a.trade), _trade_groups(b.trade)
    if not a.trade or not b.trade:
        reasons.append(SHORT)
        return 4.0
    short = min(len(a.brand), len(b.brand)) <= 2
    if a.trade.startswith(b.trade) or b.trade.startswith(a.trade):
        reasons.append(TRADE)
        return 4.0
    said_a, said_b = groups_a - {"any", "tech"}, groups_b - {"any", "tech"}
    reasons.append(TRADE)
    if said_a & said_b:
        return 24.0 if said_a == said_b == {"finance"} else 8.0  # a bank and an insurance of one name are two
    if _technical(groups_a, said_a, said_b) or _technical(groups_b, said_b, said_a):
        return 14.0 if short else 8.0
    if said_a and said_b:
        return 40.0 if short else 20.0
    return 18.0 if short else 10.0


def _technical(groups: frozenset[str], said: frozenset[str], others: frozenset[str]) -> bool:
    """科技 beside 软件 or 电子: one says less than the other, but nothing else."""
    return "tech" in groups and not said and bool(others & {"it", "electronics"})


def _trade_groups(trade: str) -> frozenset[str]:
    """The groups of the words a trade is made of, read from its end.

    >>> sorted(_trade_groups("电子科技"))
    ['electronics']
    >>> sorted(_trade_groups("食品贸易"))
    ['any', 'food']
    """
    groups = set()
    rest = trade
    while rest:
        for size in range(min(len(rest), 7), 0, -1):
            group = words.TRADES.get(rest[-size:])
            if group:
                groups.add(group)
                rest = rest[:-size]
                break
        else:
            break
    return frozenset(groups)
