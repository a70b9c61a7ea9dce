# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Is this a signature? What a browser sends is untrusted: size, format and content are looked at before it is kept."""
from __future__ import annotations

import base64
import binascii
import io
from typing import Union

from PIL import Image, UnidentifiedImageError

#: Largest file taken, in bytes; a drawn signature has some ten thousand
MAX_BYTES = 2 * 1024 * 1024
#: Largest width and height in pixels
MAX_SIDE = 4096
FORMATS = ("PNG", "JPEG")

MISSING, TOO_LARGE, NO_IMAGE, EMPTY = "missing", "too_large", "no_image", "empty"


def check(data: Union[str, bytes, None]) -> str:
    """What is wrong with a signature sent as base64: "" for nothing, else one of the constants above.

    >>> check(""), check("#"), check(base64.b64encode(b"a picture, honestly"))
    ('missing', 'no_image', 'no_image')
    >>> check("A" * (MAX_BYTES * 2))
    'too_large'
    """
    if not data:
        return MISSING
    if len(data) * 3 // 4 > MAX_BYTES + 3:
        return TOO_LARGE
    try:
        raw = base64.b64decode(data, validate=True)
        image = Image.open(io.BytesIO(raw))
        if image.format not in FORMATS:
            return NO_IMAGE
        if max(image.size) > MAX_SIDE:
            return TOO_LARGE
        return EMPTY if _is_blank(image) else ""
    except Image.DecompressionBombError:
        return TOO_LARGE
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return NO_IMAGE


def _is_blank(image: Image.Image) -> bool:
    """Whether every pixel looks the same on white paper.

    >>> _is_blank(Image.new("RGBA", (20, 10)))
    True
    >>> image = Image.new("RGBA", (20, 10)); image.putpixel((3, 3), (0, 0, 0, 255)); _is_blank(image)
    False
    """
    drawn = image.convert("RGBA")
    paper = Image.new("RGBA", drawn.size, (255, 255, 255, 255))
    low, high = Image.alpha_composite(paper, drawn).convert("L").getextrema()
    return bool(high - low < 16)
