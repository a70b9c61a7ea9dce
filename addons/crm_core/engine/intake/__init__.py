# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Intake: who may submit (signature), what is answered (answer), what a body says (body, path, mapping, clean).

No Odoo in here.
"""
from __future__ import annotations

from .answer import ANSWERS, accepted, refused
from .body import check_type, decode, parse
from .incoming import MAX_BODY, Incoming, Refusal
from .mapping import CONVERTERS, Line, Mapped, apply, example
from .path import PathError, compile_path, find
from .problem import ParseProblem
from .signature import SCHEMES, Hmac, Scheme, check_time, hmac_hex, register, same, sender_key

__all__ = [
    "ANSWERS",
    "CONVERTERS",
    "MAX_BODY",
    "SCHEMES",
    "Hmac",
    "Incoming",
    "Line",
    "Mapped",
    "ParseProblem",
    "PathError",
    "Refusal",
    "Scheme",
    "accepted",
    "apply",
    "check_time",
    "check_type",
    "compile_path",
    "decode",
    "example",
    "find",
    "hmac_hex",
    "parse",
    "refused",
    "register",
    "same",
    "sender_key",
]
