# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who gets what of a colleague's work. Plain Python, no Odoo.

Everything about one customer goes to one person. So records are grouped by what they hang on, their *anchor*: the
customer, or the record itself if it has none. An anchor is a pair (model name, id).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional


class Anchor(NamedTuple):
    """What the records that stay together hang on."""

    model: str
    id: int


@dataclass(frozen=True)
class HandoverKind:
    """A kind of records that have an owner and can be open."""

    key: str
    #: Plural, translated
    label: str
    model: str
    #: Odoo domain of those still open; the owner is added to it
    domain: Sequence[object] = ()
    owner: str = "user_id"
    #: Field of the sales team that follows the owner; "" for none
    team: str = ""
    #: XML id of the group without which nobody can work on it; "" for anybody
    group: str = ""
    #: Method of crm.handover that gives them to their new owners: ``(kind, {record id: user id})``
    mover: str = "_move_plain"


@dataclass(frozen=True)
class Share:
    """A rule: what matches goes to the receivers, evenly."""

    receivers: Sequence[int]
    #: None: everything
    matches: Optional[frozenset[Anchor]] = None


def share_out(weights: Mapping[Anchor, int], shares: Sequence[Share]) -> dict[Anchor, int]:
    """{anchor: receiver}; each anchor goes by the first rule that it matches, and stays away if none does.

    Within a rule the heaviest go first, each to whoever has the least by then: loads differ by at most the weight of
    one anchor. The same input always gives the same answer.

    >>> heavy, light, other = Anchor("p", 1), Anchor("p", 2), Anchor("p", 3)
    >>> out = share_out({heavy: 5, light: 2, other: 2}, [Share([7, 8])])
    >>> [out[anchor] for anchor in (heavy, light, other)]
    [7, 8, 8]
    >>> share_out({heavy: 1, light: 1}, [Share([7], frozenset([light]))])
    {Anchor(model='p', id=2): 7}
    """
    result: dict[Anchor, int] = {}
    rest = sorted(weights, key=lambda anchor: (-weights[anchor], anchor))
    for share in shares:
        loads = Counter(dict.fromkeys(share.receivers, 0))
        left = []
        for anchor in rest:
            if share.receivers and (share.matches is None or anchor in share.matches):
                receiver = min(loads, key=loads.__getitem__)  # the first named of those with least
                loads[receiver] += weights[anchor]
                result[anchor] = receiver
            else:
                left.append(anchor)
        rest = left
    return result


class Difference(NamedTuple):
    """How two plans differ: ids of records that came, went, or would go to somebody else."""

    new: list[int]
    gone: list[int]
    other: list[int]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.other)


def compare(previewed: Mapping[int, Optional[int]], planned: Mapping[int, Optional[int]]) -> Difference:
    """What changed from one plan {record id: receiver} of a kind to another.

    >>> compare({1: 7, 2: 7, 3: 8}, {2: 8, 3: 8, 4: 7})
    Difference(new=[4], gone=[1], other=[2])
    >>> bool(compare({1: None}, {1: None}))
    False
    """
    both: Iterable[int] = previewed.keys() & planned.keys()
    return Difference(
        sorted(planned.keys() - previewed.keys()),
        sorted(previewed.keys() - planned.keys()),
        sorted(record_id for record_id in both if previewed[record_id] != planned[record_id]),
    )
