# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a line of a quotation costs the customer, by the company's price rules, and why.

Stages, one after the other; each rule belongs to one of them (``kind``):

1. ``cost``: what one unit costs us. The first rank that has a rule; of equal rank the highest cost.
2. ``price``: a net price in place of the list price. The first rank that has a rule; of equal rank the lowest price.
3. ``discount``: rank after rank, each on what the rank before left. Within a rank all look at the same price: the best of
   the exclusive ones and the sum of the others come off.
4. ``surcharge``: all of them, each on the price after discounts; on the unit price or as a line of its own.
5. ``gift``, ``bundle``, ``accessory``: products that come along. A gift is free, a bundle's part is paid with its main
   product, an accessory has its own price and is needed once whatever number of rules ask for it.

Within a rank nothing depends on the order of rules: minima, maxima and exactly rounded sums. A rule whose formula fails is
left out and reported as a problem of the line. Amounts of a rule are in its own currency, per unit of the product.

Cost: compiling is linear in the rules; pricing a line looks only at rules filed under its product, categories, customer,
attribute values, grade, source or team, and at those that name none of these.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Optional

from .formula import UNKNOWN, Formula, FormulaError, find_order
from .parameters import Parameter

COST, PRICE, DISCOUNT, SURCHARGE = "cost", "price", "discount", "surcharge"
GIFT, BUNDLE, ACCESSORY = "gift", "bundle", "accessory"
KINDS = (PRICE, DISCOUNT, SURCHARGE, GIFT, BUNDLE, ACCESSORY, COST)
#: Names every formula may use, besides parameters
NAMES = frozenset({"list_price", "price", "cost", "quantity"})
#: Code of the error of parameters computed from each other in a circle
CIRCLE = "circle"
#: Float dust that counts as nothing in quantities
DUST = 1e-9


@dataclass(frozen=True)
class Part:
    """``quantity`` of ``product`` for ``every`` so many units sold; ``every`` 0: once, whatever the quantity."""

    product: int
    quantity: float
    every: float = 1.0


@dataclass(frozen=True)
class Rule:
    """One price rule. Empty conditions are met by everything; ``attributes`` has one set per attribute, each must be met.

    ``quantity_max`` 0 means no limit; ``percent`` makes ``value`` (or what ``formula`` gives) a percentage of the price.
    """

    key: int
    kind: str
    rank: int = 10
    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    attributes: tuple[frozenset[int], ...] = ()
    customers: frozenset[int] = frozenset()
    grades: frozenset[str] = frozenset()
    sources: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    quantity_min: float = 0.0
    quantity_max: float = 0.0
    date_from: Optional[date] = None
    date_to: Optional[date] = None
    condition: Optional[Formula] = None
    value: float = 0.0
    percent: bool = False
    formula: Optional[Formula] = None
    exclusive: bool = False
    currency: int = 0
    parts: tuple[Part, ...] = ()
    own_line: int = 0
    broken: Optional[FormulaError] = None


@dataclass(frozen=True)
class Facts:
    """What is known of one line. ``list_price`` is per unit of the line in the order's currency; ``quantity`` and ``cost``
    are in the product's unit, the cost in the order's currency. One line unit is ``unit_factor`` product units.

    ``rates``: {currency of a rule: how much of the order's currency one of it is}.
    """

    product: int
    list_price: float
    quantity: float = 1.0
    categories: frozenset[int] = frozenset()
    attributes: frozenset[int] = frozenset()
    customer: int = 0
    grade: str = ""
    source: int = 0
    team: int = 0
    day: date = date.min
    parameters: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    unit_factor: float = 1.0
    rates: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one rule did: ``change`` of the unit price and the ``price`` after its rank. ``acted`` is False for a rule that
    applied but was beaten by a better one."""

    rule: int
    kind: str
    change: float
    price: float
    acted: bool = True


@dataclass(frozen=True)
class Companion:
    """A line that comes along: ``price`` per unit, None for its own price."""

    role: str
    rule: int
    product: int
    quantity: float
    price: Optional[float] = 0.0


@dataclass(frozen=True)
class Problem:
    """A rule that could not be computed and so was left out."""

    rule: int
    error: FormulaError


@dataclass
class Result:
    """What the rules make of a line, prices per line unit in the order's currency.

    ``base`` is the list price or what a price rule put in its place, ``net`` what is to be paid, ``surcharge`` the part of
    it that is surcharges. ``cost`` is None when no cost rule applies; it is per unit of the product.
    """

    base: float
    net: float
    surcharge: float = 0.0
    cost: Optional[float] = None
    steps: list[Step] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Book:
    """The compiled rules.

    :param rules: any order

    >>> rules = [
    ...     Rule(1, DISCOUNT, products=frozenset({7}), value=10, percent=True),
    ...     Rule(2, DISCOUNT, quantity_min=5, value=2, currency=1),
    ...     Rule(3, GIFT, products=frozenset({7}), parts=(Part(9, 1.0, every=10),)),
    ... ]
    >>> result = Book(rules).price(Facts(product=7, list_price=100.0, quantity=25, rates={1: 1.0}))
    >>> result.net, result.companions[0].quantity
    (88.0, 2.0)
    """

    def __init__(self, rules: Iterable[Rule], parameters: Iterable[Parameter] = ()) -> None:
        self.parameters = {parameter.name: parameter for parameter in parameters}
        self.names = NAMES | self.parameters.keys()
        self._formulas = {name: known.formula for name, known in self.parameters.items() if known.formula}
        self._order, self._circle = find_order(self._formulas)
        self._files: defaultdict[Hashable, list[Rule]] = defaultdict(list)
        self.currencies: set[int] = set()
        for rule in rules:
            self.currencies.add(rule.currency)
            for place in _get_places(rule):
                self._files[place].append(rule)

    def price(self, facts: Facts) -> Result:
        """Price one line."""
        return _Pricing(self, facts).run()

    def get_defaults(self, product: int, categories: frozenset[int]) -> dict[str, float]:
        """The parameters a line of this product is asked for, with their usual values."""
        return {name: known.default for name, known in self.parameters.items() if known.is_asked(product, categories)}

    def get_candidates(self, facts: Facts) -> Iterator[Rule]:
        """The rules filed where this line looks, each once."""
        places: list[Hashable] = [None, ("product", facts.product), ("customer", facts.customer), ("grade", facts.grade)]
        places += [("source", facts.source), ("team", facts.team)]
        places += [("category", category) for category in facts.categories]
        places += [("attribute", value) for value in facts.attributes]
        seen = set()
        for place in places:
            for rule in self._files.get(place, ()):
                if rule.key not in seen:
                    seen.add(rule.key)
                    yield rule

    def get_values(self, facts: Facts) -> tuple[dict[str, float], dict[str, FormulaError]]:
        """Values of the parameters, computed ones included, and why others have none."""
        values = dict(facts.parameters)
        values["quantity"] = facts.quantity
        errors = {name: FormulaError(CIRCLE, " → ".join(sorted(self._circle))) for name in self._circle}
        for name in self._order:
            try:
                values[name] = self._formulas[name].evaluate(values)
            except FormulaError as error:
                # a name without a value: this line does not have that parameter, nor what is computed from it
                if error.code != UNKNOWN or error.detail not in self.names:
                    errors[name] = error
        return values, errors


def _get_places(rule: Rule) -> list[Hashable]:
    """Where a rule is filed: under its most telling condition."""
    for name, values in (
        ("product", rule.products),
        ("customer", rule.customers),
        ("category", rule.categories),
        ("attribute", rule.attributes[0] if rule.attributes else ()),
        ("grade", rule.grades),
        ("source", rule.sources),
        ("team", rule.teams),
    ):
        if values:
            return [(name, value) for value in values]
    return [None]


def why_not(rule: Rule, facts: Facts) -> str:
    """The first condition of ``rule`` this line does not meet; empty when it meets all but perhaps the formula.

    >>> why_not(Rule(1, DISCOUNT, quantity_min=10), Facts(product=7, list_price=1.0, quantity=2))
    'quantity'
    """
    if rule.products and facts.product not in rule.products:
        return "product"
    if rule.categories and not rule.categories & facts.categories:
        return "category"
    if not all(values & facts.attributes for values in rule.attributes):
        return "attribute"
    if rule.customers and facts.customer not in rule.customers:
        return "customer"
    if rule.grades and facts.grade not in rule.grades:
        return "grade"
    if rule.sources and facts.source not in rule.sources:
        return "source"
    if rule.teams and facts.team not in rule.teams:
        return "team"
    if rule.date_from and facts.day < rule.date_from or rule.date_to and facts.day > rule.date_to:
        return "date"
    # a line of nothing, or one that takes goods back, is no sale: it has its list price
    quantity = facts.quantity + DUST
    if facts.quantity <= 0 or quantity < rule.quantity_min or rule.quantity_max and facts.quantity - DUST > rule.quantity_max:
        return "quantity"
    return ""


class _Pricing:
    """The pricing of one line, stage by stage."""

    def __init__(self, book: Book, facts: Facts) -> None:
        self._book = book
        self._facts = facts
        self._values, self._errors = book.get_values(facts)
        self._cost = facts.cost
        self._price = facts.list_price
        self._result = Result(base=facts.list_price, net=facts.list_price)

    def run(self) -> Result:
        matching: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in sorted(self._book.get_candidates(self._facts), key=lambda rule: (rule.rank, rule.key)):
            if not why_not(rule, self._facts) and self._is_met(rule):
                matching[rule.kind].append(rule)
        self._apply_costs(matching[COST])
        self._apply_prices(matching[PRICE])
        self._apply_discounts(matching[DISCOUNT])
        self._apply_surcharges(matching[SURCHARGE])
        for rule in (*matching[GIFT], *matching[BUNDLE]):
            self._add_parts(rule)
        self._apply_accessories(matching[ACCESSORY])
        self._result.net = self._price
        return self._result

    # -- formulas ------------------------------------------------------------------------------------------------------

    def _is_met(self, rule: Rule) -> bool:
        """Whether its formula's condition is met; one that asks for a parameter the line does not have is not."""
        if rule.broken:
            self._result.problems.append(Problem(rule.key, rule.broken))
            return False
        if rule.condition is None:
            return True
        if any(name not in self._errors and name not in self._values for name in rule.condition.names - NAMES):
            return False
        value = self._evaluate(rule, rule.condition)
        return bool(value)

    def _evaluate(self, rule: Rule, formula: Formula) -> Optional[float]:
        """What a formula of ``rule`` comes to, in the rule's currency; None, and a problem noted, when it fails."""
        unit = self._get_rate(rule) * self._facts.unit_factor
        self._values["list_price"] = self._facts.list_price / unit
        self._values["price"] = self._price / unit
        self._values["cost"] = self._cost / self._get_rate(rule)
        try:
            for name in sorted(formula.names & self._errors.keys()):
                raise self._errors[name]
            return formula.evaluate(self._values)
        except FormulaError as error:
            self._result.problems.append(Problem(rule.key, error))
            return None

    def _get_rate(self, rule: Rule) -> float:
        return self._facts.rates.get(rule.currency, 1.0)

    def _get_amount(self, rule: Rule, base: float, per_unit: bool = True) -> Optional[float]:
        """The amount ``rule`` stands for in the order's currency, per line unit: its own, or a percentage of ``base``."""
        value = rule.value if rule.formula is None else self._evaluate(rule, rule.formula)
        if value is None:
            return None
        if rule.percent:
            return base * value / 100.0
        return value * self._get_rate(rule) * (self._facts.unit_factor if per_unit else 1.0)

    def _get_amounts(self, rules: list[Rule], base: float) -> list[tuple[float, Rule]]:
        amounts = [(self._get_amount(rule, base), rule) for rule in rules]
        return [(amount, rule) for amount, rule in amounts if amount is not None]

    def _note(self, rule: Rule, change: float, price: float, acted: bool = True) -> None:
        self._result.steps.append(Step(rule.key, rule.kind, change, price, acted))

    # -- stages --------------------------------------------------------------------------------------------------------

    def _apply_costs(self, rules: list[Rule]) -> None:
        before = self._facts.cost
        for _rank, same in _by_rank(rules):
            amounts = [(amount / self._facts.unit_factor, rule) for amount, rule in self._get_amounts(same, before)]
            if amounts:
                self._cost, chosen = max(amounts, key=lambda pair: (pair[0], -pair[1].key))
                self._result.cost = self._cost = max(0.0, self._cost)
                self._note(chosen, self._cost - before, self._cost)
                return

    def _apply_prices(self, rules: list[Rule]) -> None:
        before, chosen = self._price, None
        for _rank, same in _by_rank(rules):
            amounts = self._get_amounts(same, before) if chosen is None else [(0.0, rule) for rule in same]
            if amounts and chosen is None:
                price, chosen = min(amounts, key=lambda pair: (pair[0], pair[1].key))
                self._price = self._result.base = max(0.0, price)
                self._note(chosen, self._price - before, self._price)
            for _amount, rule in amounts:
                if rule is not chosen:
                    self._note(rule, 0.0, self._price, acted=False)

    def _apply_discounts(self, rules: list[Rule]) -> None:
        for _rank, same in _by_rank(rules):
            before = self._price
            amounts = self._get_amounts(same, before)
            best = max((pair for pair in amounts if pair[1].exclusive), key=lambda pair: (pair[0], -pair[1].key), default=None)
            acting = [pair for pair in amounts if not pair[1].exclusive or pair is best]
            self._price = max(0.0, before - math.fsum(amount for amount, _rule in acting))
            for amount, rule in amounts:
                acted = not rule.exclusive or best is not None and rule is best[1]
                self._note(rule, -amount if acted else 0.0, self._price, acted)

    def _apply_surcharges(self, rules: list[Rule]) -> None:
        before = self._price
        on_top = self._get_amounts([rule for rule in rules if not rule.own_line], before)
        self._result.surcharge = math.fsum(amount for amount, _rule in on_top)
        after = max(0.0, before + self._result.surcharge)
        for rule in rules:
            if rule.own_line:
                line_amount = self._get_amount(rule, before * self._facts.quantity / self._facts.unit_factor, per_unit=False)
                if line_amount is not None:
                    self._result.companions.append(Companion(SURCHARGE, rule.key, rule.own_line, 1.0, line_amount))
                    self._note(rule, 0.0, after)
        self._price = after
        for amount, rule in on_top:
            self._note(rule, amount, after)

    def _add_parts(self, rule: Rule) -> None:
        """Gifts for each full ``every``, parts in proportion."""
        added = False
        for part in rule.parts:
            times = self._facts.quantity / part.every if part.every else 1.0
            quantity = part.quantity * (math.floor(times + DUST) if rule.kind == GIFT else times)
            if quantity > DUST:
                self._result.companions.append(Companion(rule.kind, rule.key, part.product, quantity))
                added = True
        if added:
            self._note(rule, 0.0, self._price)

    def _apply_accessories(self, rules: list[Rule]) -> None:
        """What is needed of each product is the most that any rule asks for."""
        needed: dict[int, tuple[float, Rule]] = {}
        for rule in rules:
            for part in rule.parts:
                quantity = part.quantity * (math.ceil(self._facts.quantity / part.every - DUST) if part.every else 1.0)
                if quantity > DUST and quantity > needed.get(part.product, (0.0, rule))[0]:
                    needed[part.product] = (quantity, rule)
        acting = {rule.key for _quantity, rule in needed.values()}
        for product, (quantity, rule) in sorted(needed.items()):
            self._result.companions.append(Companion(ACCESSORY, rule.key, product, quantity, None))
        for rule in rules:
            self._note(rule, 0.0, self._price, rule.key in acting)


def _by_rank(rules: list[Rule]) -> Iterator[tuple[int, list[Rule]]]:
    """The rules rank by rank, the first rank first."""
    ranks: defaultdict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        ranks[rule.rank].append(rule)
    return iter(sorted(ranks.items()))
