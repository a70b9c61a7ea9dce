# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads of the scoring benchmark from CSV files, and which columns may be learnt from."""

import csv

OUTCOME = "Converted"
#: Columns left out, and why. Compared without case; a file need not have them.
LEFT_OUT = {
    "Prospect ID": "identifies the lead",
    "Lead Number": "a running number: tells when, not who",
    "Tags": "what the salesperson noted after talking to the lead (“Will revert”, “Closed by Horizzon”)",
    "Lead Quality": "the salesperson's judgement after contact",
    "Lead Profile": "assigned by the salesperson after contact",
    "Asymmetrique Activity Index": "a score assigned afterwards",
    "Asymmetrique Profile Index": "a score assigned afterwards",
    "Asymmetrique Activity Score": "a score assigned afterwards",
    "Asymmetrique Profile Score": "a score assigned afterwards",
    "Last Activity": "overwritten until the deal is decided: its last value is part of the outcome (“SMS Sent” by the sales team)",
    "Last Notable Activity": "as Last Activity",
    "I agree to pay the amount through cheque": "asked when the deal is closed",
}
_LEFT_OUT = {name.casefold() for name in LEFT_OUT}
#: A drop-down nobody opened says "Select"
NOTHING_CHOSEN = "(nothing chosen)"


class FileProblem(Exception):
    """A file cannot be used; the text says why."""


class Leads:
    """Columns by name (texts, stripped; None for empty) and outcomes of a file."""

    def __init__(self, path):
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file))
        names = {name.strip().casefold(): name for name in rows[0] if name} if rows else {}
        if OUTCOME.casefold() not in names:
            raise FileProblem("%s has no rows with a column %s" % (path, OUTCOME))
        self.truth = [int(float(row[names[OUTCOME.casefold()]])) for row in rows]
        kept = [name for key, name in names.items() if key not in _LEFT_OUT and key != OUTCOME.casefold()]
        self.columns = {name.strip(): [clean(row[name]) for row in rows] for name in kept}
        self.left_out = [name for key, name in names.items() if key in _LEFT_OUT]

    def table(self, numeric):
        """The engine's table: columns of ``numeric`` as numbers, the others as categories."""
        return {name: [as_number(cell) for cell in cells] if name in numeric else cells for name, cells in self.columns.items()}

    def numeric(self):
        """Columns whose cells are all numbers, and of more than two values."""
        return {
            name
            for name, cells in self.columns.items()
            if len(set(cells)) > 3 and all(cell is None or as_number(cell) is not None for cell in cells)
        }


def clean(cell):
    text = (cell or "").strip()
    return NOTHING_CHOSEN if text == "Select" else text or None


def as_number(cell):
    try:
        return float(cell)
    except (TypeError, ValueError):
        return None


def take(table, rows):
    return {name: [cells[row] for row in rows] for name, cells in table.items()}
