# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Is the account a file names the one that is known?"""

from __future__ import annotations

import re


def is_same_account(account: str, known: str) -> bool:
    """Whether a number of which banks hid digits behind stars, or left only the last four to seven, can be the known one.

    >>> is_same_account("6222****3344", "6222 0212 3456 3344"), is_same_account("3344", "622202123344"), is_same_account("44", "6244")
    (True, True, False)
    >>> is_same_account("rim***@qq.com", "rimini@qq.com"), is_same_account("622202123344", "622202123345")
    (True, False)
    """
    one, two = (re.sub(r"[\s\-]", "", text).lower() for text in (account, known))
    if one == two:
        return True
    if "*" in one:
        return bool(re.fullmatch(".*".join(map(re.escape, re.split(r"\*+", one))), two))
    return 4 <= len(one) < 8 and one.isdigit() and two.isdigit() and two.endswith(one)
