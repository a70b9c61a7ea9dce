# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Migration from another CRM: read any export, guess what is what, check every row, report what was done.

No Odoo in here. ``plan_files`` is the whole way in one call.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import mapping
from .issues import IssueLog
from .planner import Planner
from .reader import Table, read_files
from .records import Known, Plan
from .schema import KINDS, STAGE_SLOTS, normalise

__all__ = [
    "KINDS",
    "STAGE_SLOTS",
    "IssueLog",
    "Known",
    "Plan",
    "Planner",
    "Table",
    "mapping",
    "normalise",
    "plan_files",
    "read_files",
]


def plan_files(files: Iterable[tuple[str, bytes]], known: Known | None = None) -> Plan:
    """Read, guess and check ``files`` against what the database holds (``known``)."""
    known = known or Known()
    log = IssueLog()
    tables = read_files(files, log)
    mapping.guess(tables, {"account": known.accounts, "product": set(known.products), "rep": known.reps})
    return Planner(tables, known, log).plan()
