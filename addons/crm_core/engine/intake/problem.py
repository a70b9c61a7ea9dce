# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Why a stored submission cannot become a lead."""
from __future__ import annotations


class ParseProblem(Exception):
    """A submission that waits in the dead-letter list.

    :param code: one of the words :mod:`body` and :mod:`mapping` use
    :param message: for people, in the language of whoever reads the list
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
