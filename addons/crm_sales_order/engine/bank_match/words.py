# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words by which a payer says that he pays no whole invoice: in part, ahead, as a security, or back."""

import re

_PARTLY = re.compile(
    r"部分|先付|定金|订金|首付|首期|期款|预付|暂付|押金|保证金|质保金|退款|退回|退还|退货|借款|投资款"
    r"|\b(?:on account|deposit|advance|down ?payment|pre-?payment|part(?:ial)? payment|instal?lment|retention|security|refund|loan)\b",
    re.IGNORECASE,
)


def partly(memo: str) -> str:
    """The word in ``memo`` that says so; "" if none does. The rest of something (尾款, balance) may well be an invoice.

    >>> partly("S00042 定金"), partly("Advance payment"), partly("货款 尾款"), partly("advanced tools")
    ('定金', 'Advance', '', '')
    """
    found = _PARTLY.search(memo)
    return found[0] if found else ""
