# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Is this a scan of paper? A PDF or a picture by what it holds, not by its name; what is uploaded is untrusted."""
from __future__ import annotations

import base64
import binascii
from typing import Tuple, Union

#: Largest file taken, in bytes
MAX_BYTES = 20 * 1024 * 1024
#: How files begin: (first bytes, type, ending)
KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)

MISSING, TOO_LARGE, NO_SCAN = "missing", "too_large", "no_scan"


def check(data: Union[str, bytes, None]) -> str:
    """What is wrong with a scan sent as base64: "" for nothing, else one of the constants above.

    >>> check(None), check("#"), check(base64.b64encode(b"MZ, a program")), check(base64.b64encode(b"%PDF-1.7"))
    ('missing', 'no_scan', 'no_scan', '')
    >>> check("A" * (MAX_BYTES * 2))
    'too_large'
    """
    if not data:
        return MISSING
    if len(data) * 3 // 4 > MAX_BYTES + 3:
        return TOO_LARGE
    try:
        raw = base64.b64decode(data)
    except (binascii.Error, ValueError):
        return NO_SCAN
    return "" if describe(raw)[0] else NO_SCAN


def describe(raw: bytes) -> Tuple[str, str]:
    """(type, ending) of a scan; both empty for what is none.

    >>> describe(bytes([0xFF, 0xD8, 0xFF, 0xE0])), describe(b"GIF89a")
    (('image/jpeg', 'jpg'), ('', ''))
    """
    return next(((kind, ending) for head, kind, ending in KINDS if raw.startswith(head)), ("", ""))
