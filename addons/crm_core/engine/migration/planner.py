# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From mapped tables to records: every row is checked, matched with the others, repaired or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, TypeVar

from .deals import DealReader
from .issues import IssueLog
from .mapping import missing_fields
from .matching import EXACT, NameIndex
from .reader import Table
from .records import Account, Known, Plan, Product, Rep, Source
from .rows import Rejected, Row, RowReader
from .schema import KINDS, normalise
from .words import COUNTRY_ALIASES, SECTORS

R = TypeVar("R", Account, Product, Rep)


class Planner:
    """``Planner(tables, known, log).plan()``. Cost: linear in rows, plus one fuzzy search per distinct unknown name.

    >>> tables = [Table("p.csv", ["product", "price"], [(2, ["GTX Pro", "4,821"])], "product", {"name": 0, "price": 1}),
    ...     Table("d.csv", ["product", "stage"], [(2, ["GTXPro", "Engaging"])], "deal", {"product": 0, "stage": 1})]
    >>> plan = Planner(tables, Known(), IssueLog()).plan()
    >>> [(deal.name, deal.product, deal.slot, deal.value) for deal in plan.deals]
    [('GTX Pro', 'gtxpro', 'qualified', 4821.0)]
    >>> [(issue.code, issue.value, issue.result) for issue in plan.log if issue.severity == "repaired"]
    [('name_matched', 'GTXPro', 'GTX Pro'), ('value_from_price', '', '4821')]
    """

    def __init__(self, tables: Sequence[Table], known: Known, log: IssueLog) -> None:
        self._tables = tables
        self._known = known
        self._log = log
        self._industries = NameIndex([*known.industries, *SECTORS])
        self._countries = NameIndex([*known.countries, *COUNTRY_ALIASES])

    def plan(self) -> Plan:
        """All kinds, masters before the deals that name them."""
        plan = Plan(self._log)
        readers: dict[str, list[RowReader]] = {kind: [] for kind in KINDS}
        for table in self._tables:
            if not table.kind:
                self._log.add("file_unknown", table.name, 0, "", ", ".join(filter(None, table.header))[:200])
            elif missing_fields(table):
                for code in missing_fields(table):
                    self._log.add("column_required", table.name, 0, "", "", kind="%s.%s" % (table.kind, code))
            else:
                readers[table.kind].append(RowReader(table, self._log))
        plan.accounts = self._collect(readers["account"], self._account)
        plan.products = self._collect(readers["product"], self._product)
        plan.reps = self._collect(readers["rep"], self._rep)
        self._link_parents(plan)
        deals = DealReader(plan, self._known)
        for reader in readers["deal"]:
            deals.read_rows(reader)
        return plan

    def _collect(self, readers: Sequence[RowReader], build: Callable[[Row, str, Source], R]) -> list[R]:
        """One record per folded name. A repeated line is dropped, one that contradicts the first refused."""
        records: dict[str, tuple[R, Row]] = {}
        for reader in readers:
            for row in reader:
                name = row.text("name")
                try:
                    if not normalise(name):
                        raise row.reject("name_missing", "name")
                    record = build(row, normalise(name), Source(reader.file, row.line))
                    self._check_duplicate(record, row, records)
                except Rejected:
                    continue
                records.setdefault(record.key, (record, row))
        return [record for record, _row in records.values()]

    @staticmethod
    def _check_duplicate(record: R, row: Row, records: dict[str, tuple[R, Row]]) -> None:
        if record.key not in records:
            return
        first, first_row = records[record.key]
        if {**vars(first), "source": None, "name": ""} == {**vars(record), "source": None, "name": ""}:
            row.report("duplicate_same", "name", record.name, str(first_row.line))
        else:
            raise row.reject("duplicate_differs", "name", record.name, str(first_row.line))

    def _account(self, row: Row, key: str, source: Source) -> Account:
        texts = {code: row.text(code) for code in ("name", "ref", "phone", "email", "website", "city", "street")}
        return Account(
            key=key,
            source=source,
            industry=self._industry(row),
            established=row.integer("established"),
            revenue=row.amount("revenue") or 0.0,
            employees=row.integer("employees"),
            country=self._country(row),
            parent=row.text("parent"),
            **texts,
        )

    def _industry(self, row: Row) -> str:
        word = row.text("industry")
        found = self._industries.find(word) if word else None
        if not found:
            return word
        if normalise(found[0]) != normalise(word):
            row.report("word_corrected", "industry", word, found[0])
        return found[0]

    def _country(self, row: Row) -> str:
        word = row.text("country")
        if not word:
            return ""
        found = self._countries.find(word)
        if not found:
            row.report("country_unknown", "country", word)
            return ""
        name, how = found
        if how != EXACT and normalise(name) != normalise(word):
            row.report("word_corrected", "country", word, name)
        return self._known.countries.get(name) or COUNTRY_ALIASES[name]

    @staticmethod
    def _product(row: Row, key: str, source: Source) -> Product:
        price = row.amount("price") or 0.0
        return Product(key, row.text("name"), source, row.text("code"), row.text("category"), price)

    @staticmethod
    def _rep(row: Row, key: str, source: Source) -> Rep:
        codes = ("name", "email", "manager", "region", "team")
        return Rep(key=key, source=source, **{code: row.text(code) for code in codes})

    def _link_parents(self, plan: Plan) -> None:
        """Turn the parents' names into keys; unknown ones and circles are cut and reported."""
        accounts = {account.key: account for account in plan.accounts}
        names = NameIndex([*(account.name for account in plan.accounts), *self._known.accounts])
        for account in plan.accounts:
            written = account.parent
            found = names.find(written) if written else None
            account.parent = normalise(found[0]) if found else ""
            if written and not found:
                self._log.add("parent_unknown", account.source.file, account.source.line, "parent", written)
            elif found and normalise(written) != account.parent:
                self._log.add(
                    "name_matched", account.source.file, account.source.line, "parent", written, found[0], "account"
                )
        for account in plan.accounts:
            seen, above = {account.key}, account.parent
            while above and above not in seen:
                seen.add(above)
                above = accounts[above].parent if above in accounts else ""
            if above:
                self._log.add("parent_loop", account.source.file, account.source.line, "parent", account.name)
                account.parent = ""
