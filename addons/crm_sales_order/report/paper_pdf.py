# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Draws an engine.paper document as PDF with reportlab."""

import functools
import io
import os
from html import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, Image, KeepTogether, LongTable, PageTemplate, Paragraph, Spacer, Table

from ..engine.paper.document import Text, continued, paragraphs
from .paper_signature import SignatureRow

#: TrueType with Chinese, of Debian's fonts-wqy-microhei (or -zenhei); others do not embed
FONT_FILES = ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
FONT = "SuiteCJK"
ACCENT, INK, GREY, LINE, FILL = (colors.HexColor(code) for code in ("#1f6f8b", "#22272e", "#6b7480", "#d5dae0", "#f3f6f8"))
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
#: As many rows fit on a page together with the signatures, whatever stands in them
SHORT_TABLE = 6


class FontMissing(Exception):
    """No font with Chinese on this machine."""


@functools.cache
def _register_font():
    for path in FONT_FILES:
        if os.path.exists(path):
            pdfmetrics.registerFont(TTFont(FONT, path, subfontIndex=0))
            return
    raise FontMissing(", ".join(FONT_FILES))


def draw(paper):
    """The PDF of an ``engine.paper.document.Paper``, fonts embedded.

    :rtype: bytes
    :raise FontMissing: neither of :data:`FONT_FILES` is installed
    """
    _register_font()
    return _Drawing(paper).draw()


class _Canvas(Canvas):
    """Numbers the pages once it is known how many there are."""

    def __init__(self, *args, paper, **kwargs):
        super().__init__(*args, **kwargs)
        self.paper, self.pages = paper, []

    def showPage(self):
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        pages = self.pages
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self.setFont(FONT, 8)
            self.setFillColor(GREY)
            self.drawRightString(A4[0] - MARGIN, 11 * mm, self.paper.page.format(page=number, pages=len(pages)))
            Canvas.showPage(self)
        super().save()


class _Drawing:
    """One document on its way to paper."""

    def __init__(self, paper):
        self.paper = paper
        wrap = "CJK" if paper.cjk else None
        base = ParagraphStyle("base", fontName=FONT, fontSize=9, leading=13, textColor=INK, wordWrap=wrap)
        self.styles = {
            "base": base,
            "grey": ParagraphStyle("grey", base, textColor=GREY, fontSize=8, leading=11.5),
            "number": ParagraphStyle("number", base, alignment=TA_RIGHT, wordWrap=None),
            "head": ParagraphStyle("head", base, textColor=GREY, fontSize=8, leading=11),
            "headnumber": ParagraphStyle("headnumber", base, textColor=GREY, fontSize=8, leading=11, alignment=TA_RIGHT),
            "section": ParagraphStyle("section", base, textColor=ACCENT, fontSize=9.5),
            "name": ParagraphStyle("name", base, fontSize=11, leading=15),
            "company": ParagraphStyle("company", base, fontSize=14, leading=19, textColor=ACCENT),
            "title": ParagraphStyle("title", base, fontSize=19, leading=26, alignment=TA_CENTER),
            "total": ParagraphStyle("total", base, fontSize=12.5, leading=17, alignment=TA_RIGHT, textColor=ACCENT, wordWrap=None),
        }

    def draw(self):
        stream = io.BytesIO()
        document = BaseDocTemplate(
            stream,
            pagesize=A4,
            title=f"{self.paper.title} {self.paper.number}",
            author=self.paper.letterhead.name,
            initialFontName=FONT,
        )
        frame = Frame(MARGIN, 18 * mm, WIDTH, A4[1] - 36 * mm, 0, 0, 0, 0)
        document.addPageTemplates(PageTemplate(frames=[frame], onPage=self._draw_edges))
        document.build(self._get_story(), canvasmaker=functools.partial(_Canvas, paper=self.paper))
        return stream.getvalue()

    def _get_story(self):
        story = [*self._letterhead(), *self._headings()]
        parts = [self._text(part) if isinstance(part, Text) else self._table(part) for part in self.paper.body]
        if self.paper.signatures:
            # nobody signs on a page that says nothing: the last words, the total or a short table come along
            last = parts.pop() if parts and _goes_with_signatures(self.paper.body[-1]) else []
            signatures = [Spacer(0, 9 * mm), SignatureRow(self.paper.signatures, WIDTH, FONT, self._paragraph)]
            parts += [last[:-2], [KeepTogether([*_unbound(last[-2:]), *signatures])]]
        return story + [flowable for part in parts for flowable in part]

    def _draw_edges(self, canvas, _document):
        """The foot of each page, and from the second on what document it belongs to."""
        canvas.saveState()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 11 * mm, self.paper.footer)
        canvas.setStrokeColor(LINE)
        canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
        if canvas.getPageNumber() > 1:
            canvas.drawString(MARGIN, A4[1] - 13 * mm, self.paper.letterhead.name)
            canvas.drawRightString(A4[0] - MARGIN, A4[1] - 13 * mm, f"{self.paper.title}  {self.paper.number}")
        if self.paper.stamp:
            canvas.setFillColor(colors.HexColor("#c2410c"), alpha=0.10)
            canvas.setFont(FONT, 96)
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, -30, self.paper.stamp)
        canvas.restoreState()

    # -- parts -----------------------------------------------------------------------------------------------------

    def _letterhead(self):
        head = self.paper.letterhead
        if head.banner:
            return [_image(head.banner, WIDTH, 32 * mm), Spacer(0, 4 * mm)]
        words = [self._paragraph(head.name, "company"), *(self._paragraph(line, "grey") for line in head.lines)]
        logo = [_image(head.logo, 42 * mm, 18 * mm)] if head.logo else []
        widths = [46 * mm, WIDTH - 46 * mm] if logo else [WIDTH]
        table = Table([[logo, words] if logo else [words]], widths)
        table.setStyle([*_NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LINEBELOW", (0, 0), (-1, -1), 1.2, ACCENT)])
        return [table, Spacer(0, 7 * mm)]

    def _headings(self):
        yield self._paragraph(self.paper.title, "title")
        yield Spacer(0, 4 * mm)
        if self.paper.parties:
            cells = [
                [
                    self._paragraph(party.label, "head"),
                    self._paragraph(party.name, "name"),
                    *(self._paragraph(line) for line in party.lines),
                ]
                for party in self.paper.parties
            ]
            yield Table([cells], [WIDTH / len(cells)] * len(cells), style=[*_NO_PADDING, ("RIGHTPADDING", (0, 0), (-1, -1), 12)])
            yield Spacer(0, 5 * mm)
        yield from self._facts()

    def _facts(self):
        """Number, dates, terms: up to four in a row."""
        facts = self.paper.facts
        for start in range(0, len(facts), 4):
            cells = [[self._paragraph(label, "head"), self._paragraph(value)] for label, value in facts[start : start + 4]]
            cells += [""] * (4 - len(cells))
            yield Table([cells], [WIDTH / 4] * 4, style=[*_NO_PADDING, ("RIGHTPADDING", (0, 0), (-1, -1), 8)])
            yield Spacer(0, 3 * mm)

    def _table(self, part):
        total = sum(column.weight for column in part.columns)
        head = [self._paragraph(column.label, "headnumber" if column.number else "head") for column in part.columns]
        data, spans = [head], []
        for row in continued(part.rows):
            if row.kind == "line":
                data.append([self._cell(text, column) for text, column in zip(row.cells, part.columns)])
            else:
                style = "section" if row.kind == "section" else "grey"
                spans.append(("SPAN", (0, len(data)), (-1, len(data))))
                data.append([self._paragraph(row.cells[0], style)] + [""] * (len(part.columns) - 1))
        table = LongTable(data, [WIDTH * column.weight / total for column in part.columns], repeatRows=1)
        table.setStyle(_TABLE_STYLE + spans)
        return [table, *self._totals(part), Spacer(0, 4 * mm)]

    def _totals(self, part):
        rows = [
            ["", self._paragraph(label, "headnumber"), self._paragraph(value, "total" if last else "number")]
            for label, value, last in ((label, value, index == len(part.totals)) for index, (label, value) in enumerate(part.totals, 1))
        ]
        flowables = []
        if rows:
            style = [*_NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("TOPPADDING", (0, 0), (-1, -1), 3)]
            style += [("RIGHTPADDING", (-1, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, -1), (-1, -1), 7)]
            flowables.append(Table(rows, [WIDTH * 0.4, WIDTH * 0.3, WIDTH * 0.3], style=style))
        if part.words:
            style = [*_NO_PADDING, ("BACKGROUND", (0, 0), (-1, -1), FILL), ("LEFTPADDING", (0, 0), (-1, -1), 5)]
            style += [("TOPPADDING", (0, 0), (-1, -1), 5), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]
            flowables.append(Table([[self._paragraph(part.words)]], [WIDTH], style=style))
        return [KeepTogether(flowables)] if flowables else []

    def _text(self, part):
        lines = [self._paragraph(line) if line else Spacer(0, 2 * mm) for line in paragraphs(part.text)]
        if part.heading:
            # a heading is not left alone at the foot of a page
            lines = [KeepTogether([self._paragraph(part.heading, "section"), *lines[:1]]), *lines[1:]]
        return [*lines, Spacer(0, 3 * mm)]

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _cell(self, text, column):
        return self._paragraph(text, "number" if column.number else "base")

    def _paragraph(self, text, style="base"):
        return Paragraph(escape(text or "").replace("\n", "<br/>"), self.styles[style])


def _goes_with_signatures(part):
    """A long table without totals would leave the page before it empty."""
    return isinstance(part, Text) or bool(part.totals or part.words) or len(part.rows) <= SHORT_TABLE


def _unbound(flowables):
    """What the KeepTogethers among ``flowables`` hold: one within another breaks pages that need no break."""
    for flowable in flowables:
        yield from flowable._content if isinstance(flowable, KeepTogether) else [flowable]


def _image(content, width, height):
    """The image as large as fits into ``width`` × ``height`` points."""
    pixels = ImageReader(io.BytesIO(content)).getSize()
    scale = min(width / pixels[0], height / pixels[1])
    return Image(io.BytesIO(content), pixels[0] * scale, pixels[1] * scale, mask="auto", hAlign="LEFT")


_NO_PADDING = [
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
_TABLE_STYLE = [
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("BACKGROUND", (0, 0), (-1, 0), FILL),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
    ("LINEABOVE", (0, 0), (-1, 0), 0.8, ACCENT),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]
