# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Document numbers in what people write on a payment: whole, with other separators, cut at the front, without zeros."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

#: Shorter numbers turn up in any memo by accident: they name an item of a customer who is known otherwise, at most.
MIN_WHOLE = 5
MIN_CUT = 4
#: Numbers of nothing but digits, and shorter, are dates, amounts and telephones as often as not.
MIN_DIGITS = 8
#: An end of a number that more items share than this names none of them.
MAX_SHARED = 200
MAX_MEMO = 500

_PIECE = re.compile(r"[A-Z]+|[0-9]+")
#: The letter O where a zero should stand
_LETTER_O = re.compile(r"(?<=[\d/-])O+(?=\d)")
_DOCUMENT = re.compile(r"([A-Z]+)([0-9]+)")
_WORD = re.compile(r"[0-9A-Z]+")


def fold(text: str) -> str:
    """Half width and upper case.

    >>> fold("ｉｎｖ－0042")
    'INV-0042'
    """
    return unicodedata.normalize("NFKC", text).upper()


def normalize(reference: str) -> str:
    """One spelling for a document number: what is neither a Latin letter nor a digit is dropped.

    >>> normalize("inv/2026/11/0042"), normalize("ＳＯ-0017"), normalize("合同 2026-7")
    ('INV2026110042', 'SO0017', '20267')
    """
    return "".join(_WORD.findall(fold(reference)))


def numbers(reference: str) -> tuple[int, ...]:
    """The numbers a document number is made of, zeros in front dropped.

    >>> numbers("INV/2026/11/0042"), numbers("S00017")
    ((2026, 11, 42), (17,))
    """
    return tuple(int(piece) for piece in _PIECE.findall(fold(reference)) if piece[0].isdigit() and len(piece) < 19)


@dataclass(frozen=True)
class Memo:
    """A memo read once. ``text`` is what is left of it normalized; ``edges`` are the places in it where a number may
    begin or end: next to what was dropped, or between a letter and a digit."""

    text: str
    edges: frozenset[int]
    #: Digits that stand together, with nothing but separators in between
    runs: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, memo: str) -> Memo:
        """
        >>> Memo.read("货款 INV 2026/11-0042").runs, Memo.read("INV/2O26/11/OO42").text
        ((('2026', '11', '0042'),), 'INV2026110042')
        """
        folded = _LETTER_O.sub(lambda found: "0" * len(found[0]), fold(memo[:MAX_MEMO]))
        text, end, edges = "", 0, set()
        runs: list[tuple[str, ...]] = []
        run: list[str] = []
        for match in _PIECE.finditer(folded):
            edges |= {len(text), len(text) + len(match[0])}
            between = folded[end : match.start()]
            if run and (match[0].isalpha() or any(character.isalnum() or character in ",;、+&" for character in between)):
                runs.append(tuple(run))
                run = []
            if match[0].isdigit():
                run.append(match[0])
            text += match[0]
            end = match.end()
        return cls(text, frozenset(edges), (*runs, tuple(run)) if run else tuple(runs))

    def chains(self, longest: int = 4) -> Iterator[tuple[str, ...]]:
        """Neighbouring groups of digits, the longest chains first.

        >>> list(Memo.read("11-42").chains())
        [('11', '42'), ('11',), ('42',)]
        """
        for run in self.runs:
            for size in range(min(longest, len(run)), 0, -1):
                for start in range(len(run) - size + 1):
                    yield run[start : start + size]

    def sequences(self) -> set[int]:
        """Every number in it, and what short lists and ranges stand for: 42-45, 42、43.

        >>> sorted(Memo.read("发票0042-0045, 48").sequences())
        [42, 43, 44, 45, 48]
        """
        found = {int(group) for run in self.runs for group in run if len(group) <= 8}
        for run in self.runs:
            if len(run) == 2 and len(run[0]) == len(run[1]) and 0 < int(run[1]) - int(run[0]) < 20:
                found |= set(range(int(run[0]), int(run[1])))
        return found


def one_slip(one: str, other: str) -> bool:
    """Whether a single typing error makes one of the other: a character wrong, missing, too much, or two swapped.

    >>> one_slip("S00042", "S00024"), one_slip("S00042", "S0042"), one_slip("S00042", "S00142"), one_slip("S1", "T2")
    (True, True, True, False)
    """
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) == len(other):
        wrong = [at for at, (left, right) in enumerate(zip(one, other)) if left != right]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            return one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        return len(wrong) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


@dataclass
class ReferenceIndex:
    """Which open items a memo names. Built once; a look-up costs by the memo's length only."""

    _whole: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _ends: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _chains: defaultdict[tuple[int, ...], set[int]] = field(default_factory=lambda: defaultdict(set))
    _lengths: set[int] = field(default_factory=set)
    #: (letters, number of digits) of document numbers
    _shapes: set[tuple[str, int]] = field(default_factory=set)

    def add(self, item: int, references: Iterable[str]) -> None:
        for reference in references:
            whole, groups = normalize(reference), numbers(reference)
            digits = "".join(filter(str.isdigit, whole))
            if len(whole) >= MIN_WHOLE and len(digits) >= 2 and (not whole.isdigit() or len(whole) >= MIN_DIGITS):
                self._whole[whole].add(item)
                self._lengths.add(len(whole))
                document = _DOCUMENT.fullmatch(whole)
                if document:
                    self._shapes.add((document[1], len(document[2])))
            for start in range(len(digits) - MIN_CUT + 1):
                self._ends[digits[start:]].add(item)
            for start in range(len(groups) - 1):
                self._chains[groups[start:]].add(item)

    def whole(self, memo: Memo) -> dict[int, str]:
        """{item: its number} of the numbers that stand in the memo from end to end.

        >>> index = ReferenceIndex(); index.add(1, ["INV/2026/11/0042", "S00042"])
        >>> index.whole(Memo.read("inv 2026 11 0042")), index.whole(Memo.read("款S00042货")), index.whole(Memo.read("S000421"))
        ({1: 'INV2026110042'}, {1: 'S00042'}, {})
        """
        found: dict[int, str] = {}
        for start in memo.edges:
            for length in self._lengths:
                if start + length in memo.edges:
                    for item in self._whole.get(memo.text[start : start + length], ()):
                        found.setdefault(item, memo.text[start : start + length])
        return found

    def unknown(self, memo: Memo) -> list[str]:
        """Numbers in the memo that look like those of the index, and are none of them.

        >>> index = ReferenceIndex(); index.add(1, ["INV/2026/11/0042", "S00042"])
        >>> index.unknown(Memo.read("INV/2026/11/0042, S00043, S43"))
        ['S00043']
        """
        return [
            found[0]
            for found in _DOCUMENT.finditer(memo.text)
            if {found.start(), found.end()} <= memo.edges and (found[1], len(found[2])) in self._shapes and found[0] not in self._whole
        ]

    def cut(self, memo: Memo) -> dict[int, int]:
        """{item: digits of its number in the memo}, of numbers whose end stands there, also without zeros.

        >>> index = ReferenceIndex(); index.add(1, ["INV/2026/11/0042"])
        >>> index.cut(Memo.read("26110042")), index.cut(Memo.read("11/42")), index.cut(Memo.read("42"))
        ({1: 8}, {1: 6}, {})
        """
        found: dict[int, int] = {}
        for chain in memo.chains():
            digits = "".join(chain)
            shared = self._ends.get(digits, set()) if len(digits) >= MIN_CUT else set()
            self._note(found, shared, len(digits))
            if len(chain) > 1 and all(len(group) < 19 for group in chain):
                groups = tuple(map(int, chain))
                self._note(found, self._chains.get(groups, set()), max(6, len(digits)) if groups[0] else len(digits))
        return found

    @staticmethod
    def _note(found: dict[int, int], items: set[int], length: int) -> None:
        if len(items) <= MAX_SHARED:
            for item in items:
                found[item] = max(length, found.get(item, 0))
