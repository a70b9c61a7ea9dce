# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Opportunities: rows that name all the others."""

from __future__ import annotations

import datetime as dt
import hashlib

from .matching import EXACT, FUZZY, NameIndex
from .records import Deal, Known, Plan, Source
from .rows import Rejected, Row, RowReader
from .schema import CLOSED_SLOTS, STAGE_SLOTS, normalise


class DealReader:
    """Appends to ``plan.deals``. Names are looked up in the plan's masters first, then in the database's."""

    def __init__(self, plan: Plan, known: Known) -> None:
        self._plan = plan
        prices = {normalise(name): price for name, price in known.products.items()}
        prices.update((product.key, product.price) for product in plan.products)
        self._prices = prices
        people = [name for rep in plan.reps for name in (rep.name, rep.manager) if name]
        self._names = {
            "account": NameIndex([*(account.name for account in plan.accounts), *known.accounts]),
            "product": NameIndex([*(product.name for product in plan.products), *known.products]),
            "rep": NameIndex([*people, *known.reps]),
        }
        self._slots = {**STAGE_SLOTS, **{normalise(word): slot for word, slot in known.stages.items()}}
        self._seen: dict[str, tuple[Deal, int]] = {}
        self._made: dict[str, int] = {}

    def read_rows(self, reader: RowReader) -> None:
        for row in reader:
            try:
                deal = self._deal(row, reader.file)
                self._check_duplicate(deal, row)
            except Rejected:
                continue
            if deal.ref not in self._seen:
                self._seen[deal.ref] = (deal, row.line)
                self._plan.deals.append(deal)

    def _deal(self, row: Row, file: str) -> Deal:
        slot = self._slot(row)
        unknown: dict[str, str] = {}
        account, product, rep = (self._lookup(row, code, unknown) for code in ("account", "product", "rep"))
        open_date, close_date = self._dates(row, slot)
        deal = Deal(
            ref=row.text("ref"),
            name="",
            source=Source(file, row.line),
            slot=slot,
            value=self._value(row, slot, product),
            rep=rep,
            product=product,
            account=account,
            unknown=unknown,
            open_date=open_date,
            close_date=close_date if slot in CLOSED_SLOTS else None,
            expected_close=row.date("expected_close") or (None if slot in CLOSED_SLOTS else close_date),
            lost_reason=row.text("lost_reason"),
            note=row.text("note"),
        )
        if not deal.ref:
            deal.ref = self._make_ref(deal, row)
        deal.name = row.text("name") or self._title(row, deal)
        return deal

    def _slot(self, row: Row) -> str:
        word = row.text("stage")
        if not word:
            raise row.reject("stage_missing", "stage")
        self._plan.stage_words[word] = self._plan.stage_words.get(word, 0) + 1
        slot = self._slots.get(normalise(word))
        if not slot:
            raise row.reject("stage_unknown", "stage", word)
        return slot

    def _lookup(self, row: Row, code: str, unknown: dict[str, str]) -> str:
        """Key of the record the row names, "" if none; a name that is not known goes to ``unknown``.

        Only product names are matched loosely: two people or companies may well differ by one letter."""
        written = row.text(code)
        if not written:
            if code == "account":
                row.report("no_account", code)
            return ""
        found = self._names[code].find(written)
        if not found or (found[1] == FUZZY and code != "product"):
            row.report("name_unknown", code, written, kind=code)
            unknown[code] = written
            return ""
        if found[1] != EXACT:
            row.report("name_matched", code, written, found[0], code)
        return normalise(found[0])

    @staticmethod
    def _dates(row: Row, slot: str) -> tuple[dt.date | None, dt.date | None]:
        open_date, close_date = row.date("open_date"), row.date("close_date")
        if open_date and close_date and close_date < open_date:
            row.report("close_before_open", "close_date", close_date.isoformat(), open_date.isoformat())
            close_date = open_date
        if slot in CLOSED_SLOTS and not close_date:
            row.report("close_date_missing", "close_date", "", open_date.isoformat() if open_date else "")
            close_date = open_date
        if not open_date:
            row.report("no_open_date", "open_date")
        return open_date, close_date

    def _value(self, row: Row, slot: str, product: str) -> float:
        """What the file says; an open deal without a value is expected to bring the product's list price."""
        value = row.amount("value")
        if value is not None:
            return value
        price = self._prices.get(product, 0.0)
        if slot in CLOSED_SLOTS or not price:
            return 0.0
        row.report("value_from_price", "value", "", "%g" % price)
        return price

    def _make_ref(self, deal: Deal, row: Row) -> str:
        """A name for a deal that has none: the same again when the same file comes again."""
        content = "|".join(row.text(code) for code in ("name", "rep", "product", "account", "open_date", "value"))
        digest = hashlib.sha1(content.encode()).hexdigest()[:12]
        number = self._made[digest] = self._made.get(digest, 0) + 1
        row.report("ref_generated", "ref")
        return "import-%s-%d" % (digest, number)

    def _title(self, row: Row, deal: Deal) -> str:
        """A title in words: what for whom."""
        parts = [self._shown("product", row), self._shown("account", row)]
        return " · ".join(filter(None, parts)) or deal.ref

    def _shown(self, code: str, row: Row) -> str:
        written = row.text(code)
        found = self._names[code].find(written) if written else None
        return found[0] if found and (code == "product" or found[1] != FUZZY) else written

    def _check_duplicate(self, deal: Deal, row: Row) -> None:
        first = self._seen.get(deal.ref)
        if not first:
            return
        if {**vars(first[0]), "source": None} == {**vars(deal), "source": None}:
            row.report("duplicate_same", "ref", deal.ref, str(first[1]))
            raise Rejected("duplicate_same")
        raise row.reject("duplicate_differs", "ref", deal.ref, str(first[1]))
