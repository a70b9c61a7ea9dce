# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A condition (a domain as Odoo's domain widget writes it) read as a tree and said in words. Never evaluated."""
from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, NamedTuple, Tuple, Union

OPERATORS = frozenset("= != > >= < <= like ilike =like =ilike in child_of parent_of".split()) | {
    "not like",
    "not ilike",
    "not in",
}


class Leaf(NamedTuple):
    field: str
    operator: str
    value: Any


class Node(NamedTuple):
    """``word``: "and", "or" or "not" (one part)."""

    word: str
    parts: Tuple[Tree, ...]


Tree = Union[Leaf, Node]


def parse(text: str) -> List[Any]:
    """The domain written in a text, if it is nothing but constants.

    :raise ValueError: where it is anything else

    >>> parse("[('city', '=', 'Shenzhen')]")
    [('city', '=', 'Shenzhen')]
    >>> parse("[('id', '=', __import__('os'))]")
    Traceback (most recent call last):
    ValueError: not a list of constants
    """
    try:
        domain = ast.literal_eval((text or "[]").strip() or "[]")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError("not a list of constants") from None
    if not isinstance(domain, list):
        raise ValueError("not a list of constants")
    read(domain)
    return domain


def leaves(domain: List[Any]) -> List[Leaf]:
    """The comparisons of a domain, in order.

    >>> [leaf.field for leaf in leaves(["|", ("a", "=", 1), ("b", "=", 2)])]
    ['a', 'b']
    """
    return [Leaf(*term) for term in domain if not isinstance(term, str) and not _is_true(term)]


def _is_true(term: Any) -> bool:
    return list(term) in ([1, "=", 1], [0, "=", 1])


def read(domain: List[Any]) -> Node:
    """The tree of a domain: one "and" on top.

    :raise ValueError: where it is no domain

    >>> read(["|", ("a", "=", 1), "!", ("b", "=", 2), ("c", "=", 3)])  # doctest: +NORMALIZE_WHITESPACE
    Node(word='and', parts=(Node(word='or', parts=(Leaf(field='a', operator='=', value=1),
        Node(word='not', parts=(Leaf(field='b', operator='=', value=2),)))), Leaf(field='c', operator='=', value=3)))
    """
    terms = list(reversed(domain))
    parts: List[Tree] = []
    while terms:
        parts.append(_take(terms))
    return Node("and", tuple(parts))


def _take(terms: List[Any]) -> Tree:
    if not terms:
        raise ValueError("a condition is missing")
    term = terms.pop()
    if term == "!":
        return Node("not", (_take(terms),))
    if term in ("&", "|"):
        word = "and" if term == "&" else "or"
        parts: List[Tree] = []
        for part in (_take(terms), _take(terms)):
            parts += part.parts if isinstance(part, Node) and part.word == word else [part]
        return Node(word, tuple(parts))
    if not isinstance(term, (list, tuple)) or len(term) != 3:
        raise ValueError("%r is no condition" % (term,))
    if not _is_true(term) and not (isinstance(term[0], str) and term[1] in OPERATORS):
        raise ValueError("%r is no condition" % (term,))
    return Leaf(*term)


def say(tree: Tree, leaf: Callable[[Leaf], str], words: Dict[str, str], top: bool = True) -> str:
    """The condition in words.

    :param leaf: says one comparison
    :param words: "and", "or", "not" in the reader's language, "not" with a place for the rest

    >>> tree = read(["|", ("a", "=", 1), "!", ("b", "=", 2), ("c", "=", 3)])
    >>> say(tree, lambda leaf: leaf.field, {"and": " and ", "or": " or ", "not": "not (%s)"})
    '(a or not (b)) and c'
    """
    if isinstance(tree, Leaf):
        return leaf(tree)
    if tree.word == "not":
        return words["not"] % say(tree.parts[0], leaf, words)
    single = len(tree.parts) == 1
    said = words[tree.word].join(say(part, leaf, words, top and single) for part in tree.parts)
    return said if top or single else "(%s)" % said
