# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who reports to whom: the tree to draw, and the loop to refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional


@dataclass
class Node:
    """A person, and those who report to them."""

    person: int
    below: list[Node] = field(default_factory=list)


def find_loop(superiors: Mapping[int, Optional[int]], person: int) -> list[int]:
    """The way up from a person back to themselves, they first; empty if it ends elsewhere.

    :param superiors: the superior of each person, None or missing for who has none

    >>> find_loop({1: 2, 2: 3, 3: 1}, 1)
    [1, 2, 3]
    >>> find_loop({1: 1}, 1), find_loop({1: 2, 2: None}, 1), find_loop({1: 2, 2: 3, 3: 2}, 1)
    ([1], [], [])
    """
    way: list[int] = []
    at: Optional[int] = person
    while at is not None and at not in way:
        way.append(at)
        at = superiors.get(at)
    return way if at == person else []


def forest(superiors: Mapping[int, Optional[int]]) -> list[Node]:
    """The trees of all persons in ``superiors``, everybody once, in that order on each level.

    Whose superior is not among them is at the top. A loop, which a merge of two contacts can leave behind, is cut
    above one of its persons. Cost: linear in the persons, for loops their length more.

    >>> def show(nodes): return [(node.person, show(node.below)) if node.below else node.person for node in nodes]
    >>> show(forest({1: None, 2: 1, 3: 1, 4: 3, 5: 99}))
    [(1, [2, (3, [4])]), 5]
    >>> show(forest({6: 7, 7: 8, 8: 9, 9: 7}))
    [(7, [6, (9, [8])])]
    >>> forest({})
    []
    """
    nodes = {person: Node(person) for person in superiors}
    settled: dict[int, bool] = {}  # person → whether they are at the top
    for person in superiors:
        way: list[int] = []
        at: Optional[int] = person
        while at in nodes and at not in settled and at not in way:
            way.append(at)
            at = superiors[at]
        settled.update(dict.fromkeys(way, False))
        if way and (at in way or at not in nodes):
            settled[at if at in way else way[-1]] = True
    for person, superior in superiors.items():
        if superior is not None and not settled[person]:
            nodes[superior].below.append(nodes[person])
    return [nodes[person] for person in superiors if settled[person]]
