# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A submission as it arrives at the door, and how it is turned away."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Mapping

#: Largest body that is read, in bytes.
MAX_BODY = 64 * 1024


class Refusal(Exception):
    """The submission is turned away and not stored.

    :param status: the HTTP status
    :param code: a word for programs
    :param message: what is wrong and what to do, for people
    :param retry_after: seconds after which the same submission may be tried again
    """

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True)
class Incoming:
    """One HTTP submission: header names in lower case, the query string as a flat mapping, the raw body."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    #: seconds since 1970 at which it arrived
    now: float = 0.0
    #: path with the query, as in the request line
    path: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex: tells whether two submissions say the same.

        >>> Incoming(b"{}").digest[:16]
        '44136fa355b3678a'
        """
        return hashlib.sha256(self.body).hexdigest()
