# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The little language of price rules: arithmetic, comparisons, ``and or not``, ``a if b else c`` and a few functions.

A formula is parsed once and becomes a closure; it is never given to ``eval``. It knows numbers and the names it is given,
nothing else: no attributes, no calls but :data:`FUNCTIONS`, no text.

>>> Formula("list_price * 0.9 + 2 * length").evaluate({"list_price": 100, "length": 3})
96.0
>>> sorted(Formula("max(height, 2) * width if height > 0 else 0").names)
['height', 'width']
>>> Formula("quantity > 10 and power <= 7.5").evaluate({"quantity": 12, "power": 5.5})
1.0
"""

from __future__ import annotations

import ast
import math
import operator
from typing import Callable, Mapping

#: Longest formula, in characters
LONGEST = 500
#: Deepest nesting of a formula
DEEPEST = 40

Values = Mapping[str, float]
Term = Callable[[Values], float]

#: Why a formula fails: the code of a :class:`FormulaError`
SYNTAX, FORBIDDEN, TOO_LONG, UNKNOWN, DIVISION, NO_NUMBER = "syntax", "forbidden", "too_long", "unknown", "division", "no_number"


class FormulaError(ValueError):
    """A formula cannot be read or computed.

    :param code: one of the codes above
    :param detail: the name or piece of the formula it is about
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
#: name: (function, fewest arguments, most arguments)
FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "min": (min, 2, 20),
    "max": (max, 2, 20),
    "abs": (abs, 1, 1),
    "round": (lambda value, digits=0.0: round(value, max(-9, min(9, int(digits)))), 1, 2),
    "ceil": (lambda value: float(math.ceil(value)), 1, 1),
    "floor": (lambda value: float(math.floor(value)), 1, 1),
    "sqrt": (math.sqrt, 1, 1),
}


class Formula:
    """One formula, ready to be computed many times.

    ``source`` is its text, ``names`` are the names it needs. Raises :class:`FormulaError` when it cannot be read.
    """

    def __init__(self, source: str) -> None:
        self.source = source.strip()
        if len(self.source) > LONGEST:
            raise FormulaError(TOO_LONG, str(LONGEST))
        try:
            tree = ast.parse(self.source, mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as problem:
            raise FormulaError(SYNTAX, self.source) from problem
        names: set[str] = set()
        self._term = _compile(tree.body, names, 0)
        self.names = frozenset(names)

    def evaluate(self, values: Values) -> float:
        """The number it comes to; 1.0 and 0.0 stand for true and false.

        Raises :class:`FormulaError` with code ``unknown``, ``division`` or ``no_number``.

        >>> Formula("price / (length - 6)").evaluate({"price": 10, "length": 6})  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
            ...
        FormulaError: division: price / (length - 6)
        """
        try:
            result = float(self._term(values))
        except ZeroDivisionError:
            raise FormulaError(DIVISION, self.source) from None
        except KeyError as problem:
            raise FormulaError(UNKNOWN, str(problem.args[0])) from None
        except (ValueError, OverflowError, TypeError):
            raise FormulaError(NO_NUMBER, self.source) from None
        if not math.isfinite(result):
            raise FormulaError(NO_NUMBER, self.source)
        return result


def _compile(node: ast.AST, names: set[str], depth: int) -> Term:
    """The closure of one node; ``names`` collects the names met."""
    if depth > DEEPEST:
        raise FormulaError(TOO_LONG, str(DEEPEST))
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Name):
        name = node.id
        names.add(name)
        return lambda values: float(values[name])
    parts = [_compile(child, names, depth + 1) for child in _children(node)]
    if isinstance(node, ast.BinOp):
        return _binary(_BINARY[type(node.op)], *parts)
    if isinstance(node, ast.UnaryOp):
        return _unary(node.op, parts[0])
    if isinstance(node, ast.BoolOp):
        return _all(parts) if isinstance(node.op, ast.And) else _any(parts)
    if isinstance(node, ast.Compare):
        return _compare([_COMPARE[type(op)] for op in node.ops], parts)
    if isinstance(node, ast.IfExp):
        test, then, otherwise = parts
        return lambda values: then(values) if test(values) else otherwise(values)
    function = FUNCTIONS[_get_called(node)][0]
    return lambda values: function(*[part(values) for part in parts])


def _get_called(node: ast.AST) -> str:
    """Name of the function ``node`` calls, of those there are; empty if it calls none."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords and node.func.id in FUNCTIONS:
        return node.func.id
    return ""


def _children(node: ast.AST) -> list[ast.expr]:
    """The operands of ``node``; raises what is no part of the language."""
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd, ast.Not)):
        return [node.operand]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        return [node.left, *node.comparators]
    if isinstance(node, ast.IfExp):
        return [node.test, node.body, node.orelse]
    called = _get_called(node)
    if called and isinstance(node, ast.Call):
        _function, fewest, most = FUNCTIONS[called]
        if fewest <= len(node.args) <= most:
            return node.args
    raise FormulaError(FORBIDDEN, ast.unparse(node))


def _constant(value: object) -> Term:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FormulaError(FORBIDDEN, repr(value))
    try:
        number = float(value)
    except OverflowError:
        raise FormulaError(NO_NUMBER, "…") from None
    return lambda values: number


def _binary(function: Callable[[float, float], float], left: Term, right: Term) -> Term:
    return lambda values: function(left(values), right(values))


def _unary(op: ast.unaryop, operand: Term) -> Term:
    if isinstance(op, ast.Not):
        return lambda values: float(not operand(values))
    if isinstance(op, ast.UAdd):
        return operand
    return lambda values: -operand(values)


def _all(parts: list[Term]) -> Term:
    return lambda values: float(all(part(values) for part in parts))


def _any(parts: list[Term]) -> Term:
    return lambda values: float(any(part(values) for part in parts))


def _compare(functions: list[Callable[[float, float], bool]], parts: list[Term]) -> Term:
    def compare(values: Values) -> float:
        numbers = [part(values) for part in parts]
        return float(all(function(*pair) for function, pair in zip(functions, zip(numbers, numbers[1:]))))

    return compare


def find_order(formulas: Mapping[str, Formula]) -> tuple[list[str], set[str]]:
    """In which order names that are computed from each other come: (names, those that go round in circles).

    >>> find_order({"area": Formula("length * width"), "volume": Formula("area * height")})
    (['area', 'volume'], set())
    >>> order, circle = find_order({"a": Formula("b"), "b": Formula("a + 1"), "c": Formula("a"), "d": Formula("2")})
    >>> order, sorted(circle)
    (['d'], ['a', 'b', 'c'])
    """
    waiting = {name: set(formula.names & formulas.keys()) for name, formula in formulas.items()}
    order: list[str] = []
    while True:
        ready = sorted(name for name, needed in waiting.items() if not needed)
        if not ready:
            return order, set(waiting)
        for name in ready:
            del waiting[name]
        for needed in waiting.values():
            needed.difference_update(ready)
        order += ready
