# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Flow chart of a rule (when – if – then) as SVG: one column, so that it fits the phone.

Text is wrapped by the width of its characters: a Chinese one is as wide as its height, a Latin one about half of it.
Colours are the suite's (primary_variables.scss); the picture scales with its frame up to :data:`WIDTH` pixels.
"""
from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Iterable, Iterator, List, Sequence, Tuple

WIDTH = 380
SIZE, LEADING = 14, 20  # letters and lines, in pixels
PAD, GAP = 12, 30  # within a box, between boxes
LEFT, RIGHT = 8, 44  # margins; the right one holds the way out of a condition
ACCENT, INK, MUTED, LINE, TINT = "#1d5fbf", "#1f2a37", "#566273", "#c5ccd5", "#eef4fc"
#: Widths taken for full ones: Chinese fonts draw quotation marks and dashes ("A", ambiguous) as wide as characters
WIDE = "WFA"
#: What must not begin a line
CLOSING = "，。、；：！？）”’》」』】…,.;:!?)"


@dataclass(frozen=True)
class Box:
    """``kind``: "when", "if" or "then"; ``title`` above the text, small."""

    kind: str
    title: str
    text: str


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is, in pixels.

    >>> text_width("客户") == 2 * SIZE
    True
    >>> text_width("ab") < text_width("客")+2
    True
    """
    return sum(size * (1.0 if unicodedata.east_asian_width(char) in WIDE else 0.56) for char in text)


def wrap(text: str, width: float, size: float = SIZE) -> List[str]:
    """Lines of at most ``width`` pixels, broken at spaces and between Chinese characters.

    >>> wrap("VIP客户十四天没有联系。", 70)
    ['VIP客户十', '四天没有联', '系。']
    >>> wrap("one two", 40)
    ['one', 'two']
    >>> wrap("", 40)
    ['']
    """
    lines = [""]
    for piece in _pieces(text, width, size):
        line = lines[-1]
        if line and text_width((line + piece).rstrip(), size) > width and piece not in CLOSING:
            lines[-1] = line.rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] = line + piece
    lines[-1] = lines[-1].rstrip()
    return lines


def _pieces(text: str, width: float, size: float) -> Iterator[str]:
    """What is not broken: a Chinese character, a word with the space behind it, a slice of a word too long."""
    word = ""
    for char in " ".join(text.split()):
        if unicodedata.east_asian_width(char) in "WF":
            if word:
                yield word
                word = ""
            yield char
            continue
        if word and text_width(word + char, size) > width:
            yield word
            word = ""
        word += char
        if char == " ":
            yield word
            word = ""
    if word:
        yield word


def draw(boxes: Sequence[Box], yes: str, no: str, label: str) -> str:
    """The picture.

    :param yes: at the way on from a condition
    :param no: at the way out of it
    :param label: what it shows, for readers who do not see it

    >>> picture = draw([Box("when", "When", "created"), Box("if", "If", "城市是 <深圳>"), Box("then", "1", "call")], "yes", "no", "Rule")
    >>> picture.count("<text"), "&lt;深圳&gt;" in picture
    (8, True)
    """
    parts: List[str] = []
    top = 4.0
    for number, box in enumerate(boxes):
        if number:
            parts += _arrow(top, yes if boxes[number - 1].kind == "if" else "")
            top += GAP
        drawn, height = _draw_box(box, top, no)
        parts += drawn
        top += height
    parts += [
        f'<line x1="{_middle()}" y1="{top}" x2="{_middle()}" y2="{top + 16}" stroke="{LINE}" stroke-width="1.5"/>',
        f'<circle cx="{_middle()}" cy="{top + 21}" r="5" fill="{MUTED}"/>',
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crm_flow_chart" role="img" viewBox="0 0 {WIDTH} {top + 30:.0f}"'
        f' width="100%" style="max-width:{WIDTH}px" font-size="{SIZE}"><title>{escape(label)}</title>'
    )
    return head + "".join(parts) + "</svg>"


def _middle() -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) / 2


def _arrow(top: float, label: str) -> List[str]:
    x, end = _middle(), top + GAP
    parts = [
        f'<line x1="{x}" y1="{top}" x2="{x}" y2="{end - 6}" stroke="{LINE}" stroke-width="1.5"/>',
        f'<path d="M{x - 5} {end - 8}L{x} {end}L{x + 5} {end - 8}z" fill="{LINE}"/>',
    ]
    if label:
        parts.append(_text(x + 8, top + 18, label, MUTED, 12))
    return parts


def _draw_box(box: Box, top: float, no: str) -> Tuple[List[str], float]:
    """Its shapes and its height."""
    inset = 14 if box.kind == "if" else 0
    width = WIDTH - LEFT - RIGHT
    lines = wrap(box.text, width - 2 * PAD - 2 * inset)
    height = PAD + 16 + LEADING * len(lines) + PAD - 4
    title, ink = (TINT, "#ffffff") if box.kind == "when" else (ACCENT if box.kind == "if" else MUTED, INK)
    x = LEFT + PAD + inset
    texts = [_text(x, top + PAD + 8, box.title, title, 12)]
    texts += [_text(x, top + PAD + 12 + LEADING * number, line, ink, SIZE) for number, line in enumerate(lines, 1)]
    return [*_outline(box.kind, top, width, height, no), *texts], height


def _outline(kind: str, top: float, width: float, height: float, no: str) -> Iterable[str]:
    if kind == "if":
        left, right, middle = LEFT, LEFT + width, top + height / 2
        upper = [(left, middle), (left + 14, top), (right - 14, top), (right, middle)]
        lower = [(right - 14, top + height), (left + 14, top + height)]
        path = " ".join(f"{x},{y}" for x, y in upper + lower)
        return [
            f'<polygon points="{path}" fill="{TINT}" stroke="{ACCENT}" stroke-width="1.2"/>',
            f'<line x1="{right}" y1="{middle}" x2="{WIDTH - 14}" y2="{middle}" stroke="{LINE}" stroke-width="1.5"/>',
            f'<circle cx="{WIDTH - 10}" cy="{middle}" r="4" fill="{MUTED}"/>',
            _text(right + 6, middle - 7, no, MUTED, 12),
        ]
    fill, stroke, radius = (ACCENT, ACCENT, 18) if kind == "when" else ("#ffffff", LINE, 6)
    return [f'<rect x="{LEFT}" y="{top}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{stroke}"/>']


def _text(x: float, y: float, text: str, fill: str, size: int) -> str:
    return f'<text x="{x}" y="{y}" fill="{fill}" font-size="{size}">{escape(text)}</text>'
