# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Names that should be the same, matched although they are not written the same."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from .schema import normalise

EXACT, FOLDED, FUZZY = "exact", "folded", "fuzzy"


class NameIndex:
    """Looks names up among known ones: as written, then folded, then nearest if it is near enough and alone.

    Look-ups are remembered: the cost is one fuzzy comparison with every known name per *distinct* unknown value.

    >>> index = NameIndex(["GTX Pro", "GTX Plus Pro", "MG Special"])
    >>> index.find("GTX Pro"), index.find("GTXPro"), index.find("MG Spezial"), index.find("nothing like it")
    (('GTX Pro', 'exact'), ('GTX Pro', 'folded'), ('MG Special', 'fuzzy'), None)
    """

    def __init__(self, names: Iterable[str], threshold: float = 0.86, margin: float = 0.06) -> None:
        self._threshold = threshold
        self._margin = margin
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._found: dict[str, tuple[str, str] | None] = {}
        for name in names:
            self.add(name)

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, name: str) -> None:
        """Make ``name`` known; the first of two names that fold to the same one wins."""
        self._exact.setdefault(name, name)
        self._folded.setdefault(normalise(name), name)
        self._found.clear()

    def find(self, name: str) -> tuple[str, str] | None:
        """(the known name, how it was found) or None."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> tuple[str, str] | None:
        if name in self._exact:
            return name, EXACT
        key = normalise(name)
        if key in self._folded:
            return self._folded[key], FOLDED
        nearest = self._nearest(key)
        return (nearest, FUZZY) if nearest else None

    def _nearest(self, key: str) -> str | None:
        """The one known name near ``key``. Digits must agree: model 500 is not model 600."""
        scored = []
        digits = [char for char in key if char.isdigit()]
        matcher = SequenceMatcher(b=key, autojunk=False)
        for folded, name in self._folded.items():
            if [char for char in folded if char.isdigit()] != digits:
                continue
            matcher.set_seq1(folded)
            if matcher.real_quick_ratio() >= self._threshold and matcher.quick_ratio() >= self._threshold:
                scored.append((matcher.ratio(), name))
        scored.sort(reverse=True)
        if not scored or scored[0][0] < self._threshold:
            return None
        if len(scored) > 1 and scored[0][0] - scored[1][0] < self._margin:
            return None
        return scored[0][1]
