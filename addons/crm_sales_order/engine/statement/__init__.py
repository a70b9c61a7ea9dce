# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bank statements as they come: OFX, CAMT.053, and tables of Chinese banks, Alipay and WeChat Pay in any usual wrapping.

Bytes in, one :class:`Statement` out, or :class:`StatementError` with every problem named by row and column. No Odoo in here;
XLSX needs openpyxl and the old XLS xlrd, the rest nothing but Python. ``python -m engine.statement FILE`` prints JSON.

What is read is decided by what a file contains, never by its name:

1. ``source``: encoding and kind of file → tables of text, or XML
2. ``columns``: which row is the header and which column is what, by known names or as a person mapped it
3. ``rows``: rows → lines, each with its sign; totals, notes and repeated headers set apart
4. ``facts``: what stands around the table (account, period, totals); ``check``: do they agree
"""

from .accounts import is_same_account
from .columns import Mapping
from .keys import line_keys
from .model import Line, Problem, Skipped, Statement, StatementError, Totals, Unknown, digits_of
from .names import ROLES
from .parse import parse
from .words import REASONS, TEXTS

__all__ = [
    "REASONS",
    "ROLES",
    "TEXTS",
    "Line",
    "Mapping",
    "Problem",
    "Skipped",
    "Statement",
    "StatementError",
    "Totals",
    "Unknown",
    "digits_of",
    "is_same_account",
    "line_keys",
    "parse",
]
