# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where the parties sign: side by side on one page, a chop lying over the name as it does on paper."""

import io

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

CHOP, SIGNED = 38 * mm, (52 * mm, 18 * mm)
_RULE = colors.HexColor("#6b7480")


class SignatureRow(Flowable):
    """The signatures of a document next to each other; never cut in two by a page break.

    :param signatures: ``engine.paper.document.Signature``, one to three
    :param paragraph: callable (text, style) → a laid-out paragraph
    """

    def __init__(self, signatures, width, font, paragraph):
        super().__init__()
        self.signatures, self.width, self.font = signatures, width, font
        self.step = width / max(len(signatures), 2)  # one alone takes half of the page
        column = self.step - 8 * mm
        self.columns = [self._lay_out(signature, column, paragraph) for signature in signatures]
        self.height = max([CHOP] + [sum(height for _part, height in parts) for parts in self.columns]) + 12 * mm

    def _lay_out(self, signature, width, paragraph):
        """[(paragraph, its height)] from the top."""
        parts = [paragraph(signature.label, "head"), paragraph(signature.name, "name")]
        parts += [paragraph(line, "base") for line in signature.lines]
        return [(part, part.wrap(width, 1000)[1] + 4) for part in parts]

    def wrap(self, _width, _height):
        return self.width, self.height

    def draw(self):
        step = self.step
        for index, (signature, parts) in enumerate(zip(self.signatures, self.columns)):
            left, top = index * step, self.height
            for part, height in parts:
                top -= height
                part.drawOn(self.canv, left, top)
            self.canv.setStrokeColor(_RULE)
            self.canv.line(left, 4 * mm, left + step - 12 * mm, 4 * mm)
            if signature.image:
                self._draw_image(signature, left)

    def _draw_image(self, signature, left):
        image = ImageReader(io.BytesIO(signature.image))
        width, height = (CHOP, CHOP) if signature.chop else SIGNED
        x, y = (left + 16 * mm, 5 * mm) if signature.chop else (left, 5 * mm)
        self.canv.drawImage(image, x, y, width, height, mask="auto", preserveAspectRatio=True, anchor="sw")
