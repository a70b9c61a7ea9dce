# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``python -m engine.statement FILE``: what a statement file says, as JSON; exit code 2 if it cannot be read in full."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, Optional

from .model import Problem, Statement, StatementError, digits_of
from .parse import parse
from .words import REASONS, sentence


def describe(statement: Statement) -> dict[str, Any]:
    """A statement as plain data; amounts as decimal text with their sign."""

    def shown(minor: Optional[int]) -> Optional[str]:
        digits = digits_of(statement.currency)
        return None if minor is None else str(Decimal(minor).scaleb(-digits))

    return {
        "recognised": True,
        "layout": statement.layout,
        "encoding": statement.encoding,
        "account": statement.account or None,
        "currency": statement.currency or None,
        "period": {"start": str(statement.start) if statement.start else None, "end": str(statement.end) if statement.end else None},
        "balance_start": shown(statement.opening),
        "balance_end": shown(statement.closing),
        "count": len(statement.lines),
        "income": shown(statement.income),
        "expense": shown(statement.expense),
        "totals_in_file": {
            "rows": statement.totals.rows,
            "income": shown(statement.totals.income),
            "expense": shown(statement.totals.expense),
            "income_rows": statement.totals.income_rows,
            "expense_rows": statement.totals.expense_rows,
        },
        "lines": [
            {
                "row": line.row,
                "date": str(line.date),
                "time": line.time or None,
                "amount": shown(line.amount),
                "counterparty": line.counterparty,
                "counterparty_account": line.counterparty_account,
                "memo": line.memo,
                "reference": line.reference,
                "kind": line.kind,
                "balance": shown(line.balance),
                "neutral": line.neutral,
            }
            for line in statement.lines
        ],
        "skipped": [{"row": one.row, "reason": one.reason, "why": REASONS[one.reason], "text": one.text} for one in statement.skipped],
        "warnings": [_problem(one) for one in statement.warnings],
    }


def refuse(error: StatementError) -> dict[str, Any]:
    """What could not be recognised, as plain data."""
    problems = [_problem(one) for one in error.problems]
    answer: dict[str, Any] = {"recognised": False, "encoding": error.encoding or None, "problems": problems}
    if error.unknown:
        columns = zip(error.unknown.columns, error.unknown.guesses, error.unknown.samples)
        answer["header_row"] = error.unknown.header_row
        answer["columns"] = [{"name": name, "role": role or None, "sample": sample} for name, role, sample in columns]
    return answer


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "row": problem.row or None,
        "column": problem.column or None,
        "value": problem.value or None,
        "message": sentence(problem),
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m engine.statement FILE\n")
        return 2
    try:
        answer, code = describe(parse(Path(arguments[0]).read_bytes())), 0
    except StatementError as error:
        answer, code = refuse(error), 2
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
