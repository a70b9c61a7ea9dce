# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A file of leads (CSV or XLSX, up to some hundred thousand rows): read as a stream, its columns guessed, its rows checked.

No Odoo in here. Built on the reader and the words of :mod:`engine.migration`, which reads whole exports at once.
"""

from .check import RowChecker
from .columns import guess_targets, header_key, is_left_out
from .source import BadFile, LeadFile

__all__ = ["BadFile", "LeadFile", "RowChecker", "guess_targets", "header_key", "is_left_out"]
