# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the door answers: a receipt, or the acknowledgement the sender's platform waits for.

A platform that wants something else gets an entry in :data:`ANSWERS`.
"""
from __future__ import annotations

import json
from typing import Callable

from .incoming import Refusal

#: name → (status and JSON for an accepted submission, JSON for a refused one)
Answers = tuple[Callable[[str, bool], "tuple[int, object]"], Callable[[Refusal], object]]


def _receipt(receipt: str, repeated: bool) -> tuple[int, object]:
    return 202, {"receipt": receipt, "status": "known" if repeated else "accepted"}


def _reason(refusal: Refusal) -> object:
    return {"error": refusal.code, "reason": refusal.message}


def _vendor(receipt: str, repeated: bool) -> tuple[int, object]:
    return 200, {"code": 0, "message": "success"}


def _vendor_reason(refusal: Refusal) -> object:
    return {"code": refusal.status, "message": refusal.message}


ANSWERS: dict[str, Answers] = {"receipt": (_receipt, _reason), "vendor": (_vendor, _vendor_reason)}


def accepted(ack: str, receipt: str, repeated: bool) -> tuple[int, bytes]:
    """Status and JSON body for a stored submission.

    >>> accepted("receipt", "0b7e", False)
    (202, b'{"receipt": "0b7e", "status": "accepted"}')
    >>> accepted("vendor", "0b7e", True)
    (200, b'{"code": 0, "message": "success"}')
    """
    status, content = ANSWERS[ack][0](receipt, repeated)
    return status, json.dumps(content).encode()


def refused(ack: str, refusal: Refusal) -> tuple[int, bytes]:
    """Status and JSON body for one that is turned away.

    >>> refused("receipt", Refusal(413, "size", "Too big."))
    (413, b'{"error": "size", "reason": "Too big."}')
    """
    return refusal.status, json.dumps(ANSWERS[ack][1](refusal)).encode()
