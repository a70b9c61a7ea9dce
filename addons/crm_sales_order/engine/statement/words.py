# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What problems and skipped rows are called, for the command line; Odoo translates the same texts."""

from __future__ import annotations

from .model import Problem


def _(text: str) -> str:
    """Marks a text for translation."""
    return text


#: Problem.code → what is wrong and what to do
TEXTS = {
    "empty": _("The file is empty. Download it from the bank again."),
    "too_big": _("The file is too large. Download a shorter period."),
    "pdf": _("This is a PDF. Download the statement as Excel, CSV, OFX or CAMT.053."),
    "password": _("The file is protected by a password. Take the password off in Excel and save it."),
    "damaged": _("The file is damaged. Download it from the bank again."),
    "no_text": _("This is neither a table nor OFX or CAMT.053. Download the statement as Excel or CSV."),
    "encoding": _("From here on the characters are in no encoding that banks use. Download the file again and do not save it in between."),
    "spoilt": _("These characters were spoilt when another program saved the file. Download it again and do not save it in between."),
    "truncated": _("The file ends in the middle of this row: it is not complete. Download it again."),
    "unknown_xml": _("This XML is neither CAMT.053 nor OFX."),
    "no_table": _("There is no row with a date and an amount. Download the statement as Excel or CSV, with details."),
    "unknown_layout": _("These columns are not known yet. Say once what each of them is; it is remembered."),
    "no_lines": _("There are no movements in this file."),
    "date": _("This is no date."),
    "date_order": _("Day or month first? Say it in the layout of this file."),
    "amount": _("This is no amount."),
    "precision": _("This amount has more decimals than its currency."),
    "no_amount": _("The row has a date but no amount."),
    "both": _("The row has money in and money out at once."),
    "direction": _("This says neither that money came in nor that it went out."),
    "currency": _("This currency is not known."),
    "two_accounts": _("A second account begins here. Download each account in a file of its own."),
    "two_currencies": _("A second currency begins here. Download each currency in a file of its own."),
    "rounded": _("A spreadsheet cut these numbers to their first digits; they were left out. Better take the bank's own file."),
    "no_direction": _("All amounts are above zero and nothing says in or out: they are taken as money that came in."),
    "balance_gap": _("The balance does not follow from the row before: rows may be missing."),
    "total_rows": _("The file says how many rows it has, and has not as many: rows may be missing."),
    "total_income": _("Money in is not what the file itself says."),
    "total_expense": _("Money out is not what the file itself says."),
    "total_income_rows": _("There are not as many payments in as the file says."),
    "total_expense_rows": _("There are not as many payments out as the file says."),
}
#: Skipped.reason → why the row moved no money
REASONS = {
    "closed": _("Not paid"),
    "zero": _("No amount"),
    "within": _("Between pockets of this account"),
    "undirected": _("Neither in nor out"),
    "total": _("Total"),
}


def sentence(problem: Problem) -> str:
    """A problem in plain English.

    >>> sentence(Problem("amount", 7, "金额", "12abc"))
    'Row 7, column 金额: “12abc”. This is no amount.'
    """
    where = ", ".join(filter(None, ("row %d" % problem.row if problem.row else "", problem.column and "column " + problem.column)))
    shown = "“%s”" % problem.value if problem.value else ""
    place = ": ".join(filter(None, (where, shown)))
    return "%s%s" % (place[:1].upper() + place[1:] + ". " if place else "", TEXTS[problem.code])
