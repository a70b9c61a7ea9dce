# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Parameters of an order line as people write them: ``length=6; power=7.5``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from .formula import Formula

_PAIR = re.compile(r"^([^\W\d]\w*)\s*[=:\s]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+))$")
_BETWEEN = re.compile(r"[;,，；、\n]+")


@dataclass(frozen=True)
class Parameter:
    """A figure of a line that rules may use: filled in by hand, or computed by ``formula`` from others.

    It is asked for on lines of its products and categories; naming neither, on none by itself.
    """

    name: str
    default: float = 0.0
    formula: Optional[Formula] = None
    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()

    def is_asked(self, product: int, categories: frozenset[int]) -> bool:
        """Whether a line of this product is asked for it."""
        return self.formula is None and (product in self.products or bool(self.categories & categories))


class ParameterError(ValueError):
    """``piece`` of the text names no value."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


def parse(text: str) -> dict[str, float]:
    """{name: value} of a text; full-width characters are as good as others. Raises :class:`ParameterError`.

    >>> parse("length=6; power 7.5，宽度：２")
    {'length': 6.0, 'power': 7.5, '宽度': 2.0}
    """
    values = {}
    for piece in _BETWEEN.split(unicodedata.normalize("NFKC", text)):
        piece = piece.strip()
        if piece:
            match = _PAIR.match(piece)
            if not match:
                raise ParameterError(piece)
            values[match.group(1)] = float(match.group(2))
    return values


def render(values: Mapping[str, float]) -> str:
    """The text of ``values``, as :func:`parse` reads it.

    >>> render({"length": 6.0, "power": 7.5})
    'length=6; power=7.5'
    """
    return "; ".join(f"{name}={value:g}" for name, value in values.items())
