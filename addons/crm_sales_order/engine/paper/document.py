# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What stands on a document, without a word about how it is drawn.

All texts are plain, translated and formatted already; a newline is a line break. Images are the bytes of a PNG or JPEG.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Union

#: A cell longer than this goes on in a row of its own, so that any text fits on pages
CELL_LENGTH = 1200


@dataclass(frozen=True)
class Letterhead:
    """The company at the top. With ``banner``, the company's own printed head, nothing else is drawn there."""

    name: str
    lines: tuple[str, ...] = ()
    logo: bytes = b""
    banner: bytes = b""


@dataclass(frozen=True)
class Party:
    """One side of the deal: ``label`` (Buyer), its name, address and numbers."""

    label: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """``weight`` is the share of the width; numbers are aligned to the right."""

    label: str
    weight: float = 1.0
    number: bool = False


@dataclass(frozen=True)
class Row:
    """One cell per column; a section or a note has one cell for the whole width."""

    cells: tuple[str, ...]
    kind: str = "line"  # line, section, note


@dataclass(frozen=True)
class Table:
    """Goods and amounts. ``totals`` stand below on the right, the last one is the largest; ``words`` below over the whole width."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[tuple[str, str], ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Text:
    """Terms, a clause: a heading and paragraphs."""

    heading: str = ""
    text: str = ""


@dataclass(frozen=True)
class Signature:
    """A place to sign: ``label`` (Seller), what is filled in already, and the chop or the drawn name over it."""

    label: str
    name: str = ""
    lines: tuple[str, ...] = ()
    image: bytes = b""
    chop: bool = False


@dataclass(frozen=True)
class Paper:
    """A document. ``page`` is how pages are numbered, with ``{page}`` and ``{pages}``; ``stamp`` lies across each page."""

    title: str
    number: str
    letterhead: Letterhead
    parties: tuple[Party, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    body: tuple[Union[Table, Text], ...] = ()
    signatures: tuple[Signature, ...] = ()
    footer: str = ""
    page: str = "{page} / {pages}"
    stamp: str = ""
    cjk: bool = True


def continued(rows: tuple[Row, ...], length: int = CELL_LENGTH) -> Iterator[Row]:
    """``rows`` with every cell cut to ``length``; what is cut goes on in rows below, the other cells empty.

    >>> [row.cells for row in continued((Row(("pump", "abcdefg", "3")),), 3)]
    [('pum', 'abc', '3'), ('p', 'def', ''), ('', 'g', '')]
    """
    for row in rows:
        rest = row.cells
        while any(rest):
            yield replace(row, cells=tuple(cell[:length] for cell in rest))
            rest = tuple(cell[length:] for cell in rest)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of ``text``, without the empty ones at both ends.

    >>> paragraphs("one\\n\\ntwo\\n")
    ['one', '', 'two']
    """
    return text.strip("\n").split("\n") if text.strip() else []
