# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a checked file comes to: plain records, keyed by folded names, ready to be written by any ORM."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from .issues import IssueLog


@dataclass(frozen=True)
class Source:
    """Where a record was read."""

    file: str
    line: int


@dataclass
class Account:
    key: str
    name: str
    source: Source
    ref: str = ""
    industry: str = ""
    established: int = 0
    revenue: float = 0.0
    employees: int = 0
    country: str = ""  # ISO code
    parent: str = ""  # key of another account
    phone: str = ""
    email: str = ""
    website: str = ""
    city: str = ""
    street: str = ""


@dataclass
class Product:
    key: str
    name: str
    source: Source
    code: str = ""
    category: str = ""
    price: float = 0.0


@dataclass
class Rep:
    key: str
    name: str
    source: Source
    email: str = ""
    manager: str = ""  # name
    region: str = ""  # name
    team: str = ""  # name


@dataclass
class Deal:
    ref: str
    name: str
    source: Source
    slot: str  # new, qualified, proposition, won, lost, or stage:<what the caller put in the stage map>
    value: float
    rep: str = ""  # key
    product: str = ""  # key
    account: str = ""  # key
    unknown: dict[str, str] = field(default_factory=dict)  # account, product or rep as written, when there is none such
    open_date: dt.date | None = None
    close_date: dt.date | None = None
    expected_close: dt.date | None = None
    lost_reason: str = ""
    note: str = ""


@dataclass
class Known:
    """What the database already holds. Names as shown to people; the planner folds them itself."""

    accounts: set[str] = field(default_factory=set)
    products: dict[str, float] = field(default_factory=dict)  # name → list price
    reps: set[str] = field(default_factory=set)
    countries: dict[str, str] = field(default_factory=dict)  # name (any language) → ISO code
    industries: set[str] = field(default_factory=set)
    stages: dict[str, str] = field(default_factory=dict)  # word as in the file → slot, over the built-in words


@dataclass
class Plan:
    """Everything to be written, and the report of what is not or not as it stood."""

    log: IssueLog
    accounts: list[Account] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    reps: list[Rep] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    stage_words: dict[str, int] = field(default_factory=dict)  # as written → rows
