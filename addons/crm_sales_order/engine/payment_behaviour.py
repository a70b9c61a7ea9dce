# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How a customer pays: a grade from a (on time) to e (hardly ever), and what it rests on.

Three things are looked at, and the worst of them decides: by how many days the money came late on average, which part of
it came late, and how long the oldest unpaid amount is past its due date. Who has not paid often enough to be known is
graded no better than b.
"""

from __future__ import annotations

from dataclasses import dataclass

GRADES = "abcde"
#: Up to so many days late on average: grades a to d
DAYS_LATE = (3.0, 10.0, 30.0, 60.0)
#: Up to such a part of the money late: grades a and b; who always pays a little late is no worse than c
LATE_SHARE = (0.15, 0.5)
#: Up to so many days the oldest unpaid amount is overdue: grades a to d
OVERDUE_DAYS = (7, 30, 60, 120)
#: Fewer invoices than these tell too little for an a
KNOWN = 3


@dataclass(frozen=True)
class Payments:
    """What is known: ``paid`` and ``late`` in minor units; ``weighted`` is the sum of minor units × days after due.

    Money that came early counts with days below zero. ``overdue_days`` is 0 when nothing is overdue.
    """

    invoices: int
    paid: int
    late: int
    weighted: int
    overdue_days: int


@dataclass(frozen=True)
class Behaviour:
    """``days_late`` weighted by amount; ``late_share`` from 0 to 1; ``decided_by``: days, share, overdue or history."""

    days_late: float
    late_share: float
    grade: str
    decided_by: str


def judge(payments: Payments) -> Behaviour:
    """The behaviour these payments show.

    >>> judge(Payments(invoices=5, paid=100000, late=0, weighted=-200000, overdue_days=0))
    Behaviour(days_late=-2.0, late_share=0.0, grade='a', decided_by='days')
    >>> judge(Payments(invoices=5, paid=100000, late=60000, weighted=900000, overdue_days=2))
    Behaviour(days_late=9.0, late_share=0.6, grade='c', decided_by='share')
    >>> judge(Payments(invoices=1, paid=100000, late=0, weighted=0, overdue_days=0))
    Behaviour(days_late=0.0, late_share=0.0, grade='b', decided_by='history')
    >>> judge(Payments(invoices=4, paid=0, late=0, weighted=0, overdue_days=200))
    Behaviour(days_late=0.0, late_share=0.0, grade='e', decided_by='overdue')
    """
    days_late = payments.weighted / payments.paid if payments.paid else 0.0
    late_share = payments.late / payments.paid if payments.paid else 0.0
    grades = {
        "days": _place(days_late, DAYS_LATE),
        "share": _place(late_share, LATE_SHARE),
        "overdue": _place(payments.overdue_days, OVERDUE_DAYS),
        "history": 1 if payments.invoices < KNOWN else 0,
    }
    decided_by = max(grades, key=lambda name: grades[name])
    return Behaviour(days_late, late_share, GRADES[grades[decided_by]], decided_by)


def _place(value: float, limits: tuple[float, ...]) -> int:
    return sum(value > limit for limit in limits)
