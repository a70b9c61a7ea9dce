# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which customer a payer's name, or a name in a memo, is: whole, short, cut off, in pinyin, or nearly so."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Optional, Protocol

from .pinyin import fold_pinyin, initials, pinyin


class NameParts(Protocol):
    """A company's name taken apart (``crm_core``: ``engine/company_name.py``)."""

    @property
    def key(self) -> str: ...

    @property
    def core(self) -> str: ...

    @property
    def brand(self) -> str: ...

    @property
    def trade(self) -> str: ...

    @property
    def place(self) -> str: ...


#: Takes a name apart; None if it names no company.
Parse = Callable[[str], Optional[NameParts]]

#: Below it two names are not alike.
LIKENESS = 0.8
#: So many names are compared letter by letter, those with most pairs of characters in common.
MAX_COMPARED = 8
#: More names than this begin alike: it is no name.
MAX_BEGINNING = 3
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEGAL_PINYIN = re.compile(r"(?:gufen|jituan)*(?:youxian(?:zeren)?)?gongsi$|(?:co)?(?:ltd|limited)$|youxian$")


def squeeze(text: str) -> str:
    """Letters and digits only, in one width and case.

    >>> squeeze("huaqiang electronics"), squeeze("华强（电子）")
    ('huaqiangelectronics', '华强电子')
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def is_within(short: str, whole: str) -> bool:
    """Whether all of ``short`` stands in ``whole`` in the same order.

    >>> is_within("深华强", "深圳市华强电子"), is_within("华深强", "深圳市华强电子")
    (True, False)
    """
    rest = iter(whole)
    return all(character in rest for character in short)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


class NameIndex:
    """Customers by the forms of their names. Look-ups are remembered: a payer comes again."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._forms: dict[str, defaultdict[str, set[int]]] = {
            form: defaultdict(set) for form in ("key", "core", "brand", "pinyin", "pinyin_brand", "initials", "contact")
        }
        self._parts: defaultdict[int, list[NameParts]] = defaultdict(list)
        self._pairs: defaultdict[str, set[int]] = defaultdict(set)
        #: (whole name or its pinyin, customer), (core, customer): sorted when first asked
        self._whole_names: list[tuple[str, int]] = []
        self._cores: list[tuple[str, int]] = []
        self._is_sorted = False
        #: First character of a name → the names that begin so
        self._first: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._known: dict[str, tuple[str, frozenset[int]]] = {}

    def add(self, customer: int, names: Iterable[str], contacts: Iterable[str] = ()) -> None:
        for name in names:
            parts = self._parse(name)
            if not parts:
                continue
            self._parts[customer].append(parts)
            for form, text in (("key", parts.key), ("core", parts.core), ("brand", parts.brand)):
                self._forms[form][squeeze(text)].add(customer)
            for text in (parts.key, parts.core, parts.place + parts.core):
                spelled = pinyin(squeeze(text))
                self._forms["pinyin"][spelled].add(customer)
                self._whole_names.append((spelled, customer))
            self._whole_names += [(squeeze(name), customer), (pinyin(squeeze(name)), customer)]
            self._cores.append((squeeze(parts.core), customer))
            for text in {squeeze(name), squeeze(parts.core)}:
                self._first[text[:1]].append((text, customer))
            for text in {parts.core, parts.key, parts.place + parts.core}:
                self._forms["initials"][initials(squeeze(text))].add(customer)
            for text in (parts.brand, parts.place + parts.brand):
                self._forms["pinyin_brand"][pinyin(squeeze(text))].add(customer)
            for pair in _pairs(squeeze(parts.core)):
                self._pairs[pair].add(customer)
        for contact in contacts:
            self._forms["contact"][squeeze(contact)].add(customer)

    def who(self, name: str) -> tuple[str, frozenset[int]]:
        """(code of the surest way the name fits, customers it fits so); ("", none) for a name that fits nobody."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> tuple[str, frozenset[int]]:
        parts = self._parse(name)
        for code, found in (
            ("name", self._whole(parts)),
            ("name_core", self._core(parts)),
            ("pinyin", self._pinyin(name, parts)),
            ("name_part", self._part(parts) or self._beginning(name, parts)),
            ("contact", self._forms["contact"].get(squeeze(name), set())),
            ("name_like", self._short(name) or self._like(parts)),
        ):
            if found:
                return code, frozenset(found)
        return "", frozenset()

    def _whole(self, parts: Optional[NameParts]) -> set[int]:
        return self._forms["key"].get(squeeze(parts.key), set()) if parts else set()

    def _core(self, parts: Optional[NameParts]) -> set[int]:
        """Same name without place, which one of the two does not say."""
        return self._in_place(self._forms["core"].get(squeeze(parts.core), set()), parts) if parts else set()

    def _part(self, parts: Optional[NameParts]) -> set[int]:
        """The brand alone: one of the two does not say the trade."""
        if not parts:
            return set()
        found = self._forms["brand"].get(squeeze(parts.brand), set())
        return {
            customer
            for customer in self._in_place(found, parts)
            if any(known.trade in parts.trade or parts.trade in known.trade for known in self._parts[customer])
        }

    def _in_place(self, customers: Iterable[int], parts: NameParts) -> set[int]:
        return {
            customer
            for customer in customers
            if not parts.place or any(known.place in ("", parts.place) for known in self._parts[customer])
        }

    def _beginning(self, name: str, parts: Optional[NameParts]) -> set[int]:
        """A name a field was too short for, or a short name without place: the beginning of few."""
        text = squeeze(name)
        if not parts or not text:
            return set()
        if not self._is_sorted:
            self._whole_names.sort()
            self._cores.sort()
            self._is_sorted = True
        chinese = bool(_HAN.search(text))
        found = self._starting(self._whole_names, text) if len(text) >= (5 if chinese else 12) else set()
        core = squeeze(parts.core)
        if not found and len(core) >= (3 if chinese else 8):
            found = self._in_place(self._starting(self._cores, core), parts)
        return found if len(found) <= MAX_BEGINNING else set()

    @staticmethod
    def _starting(names: list[tuple[str, int]], beginning: str) -> set[int]:
        found = set()
        for at in range(bisect_left(names, (beginning,)), len(names)):
            if not names[at][0].startswith(beginning):
                break
            found.add(names[at][1])
        return found

    def _short(self, name: str) -> set[int]:
        """A name made of some of the customer's characters in their order, as people shorten, or of its initials."""
        text = squeeze(name)
        if text.isascii():
            return self._forms["initials"].get(text, set()) if 4 <= len(text) <= 10 else set()
        if not 3 <= len(text) <= 6:
            return set()
        found = {customer for whole, customer in self._first[text[0]] if is_within(text, whole)}
        return found if len(found) == 1 else set()

    def _pinyin(self, name: str, parts: Optional[NameParts]) -> set[int]:
        if _HAN.search(name):
            return set()
        text = fold_pinyin(name)
        text = _LEGAL_PINYIN.sub("", text) or text
        found = self._forms["pinyin"].get(text, set())
        if not found and parts:
            found = self._forms["pinyin_brand"].get(fold_pinyin(parts.brand), set())
        return found

    def _like(self, parts: Optional[NameParts]) -> set[int]:
        """Names nearly the same. Of several the one most alike, if it is alone."""
        if not parts or len(parts.core) < 3:
            return set()
        core = squeeze(parts.core)
        shared = Counter(customer for pair in _pairs(core) for customer in self._pairs.get(pair, ()))
        scores: dict[int, float] = {}
        for customer, _count in shared.most_common(MAX_COMPARED):
            if parts.place and all(known.place not in ("", parts.place) for known in self._parts[customer]):
                continue
            scores[customer] = max(
                SequenceMatcher(None, core, squeeze(known.core), autojunk=False).ratio() for known in self._parts[customer]
            )
        best = max(scores.values(), default=0.0)
        return {customer for customer, score in scores.items() if score >= max(LIKENESS, best)}

    def in_memo(self, memo: str) -> dict[int, str]:
        """{customer: the name found}: the longest names of customers a memo holds, at least three characters of Chinese.

        Memos are short: every piece of Chinese text in one is looked up.
        """
        found: dict[int, str] = {}
        for run in re.findall(r"[\u3400-\u9fff]{3,}", memo):
            at = 0
            while at < len(run) - 2:
                size = self._longest(run, at, found)
                at += size or 1
        return found

    def _longest(self, run: str, at: int, found: dict[int, str]) -> int:
        for size in range(min(20, len(run) - at), 2, -1):
            text = run[at : at + size]
            customers = self._forms["key"].get(text) or self._forms["core"].get(text) or self._forms["brand"].get(text)
            if customers:
                found.update(dict.fromkeys(customers, text))
                return size
        return 0
