# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A trained model as plain data: a weight for each value of each feature, added up to the odds of winning.

Because it only adds, what a value contributes is a fact of the model, not an estimate: the reasons shown for a lead
sum up to its probability. Weights are centred: 0 is what the average lead of the training has.
"""

import math
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

#: A value of a lead: a category, a number, or nothing known.
Cell = Union[str, float, None]
Table = Mapping[str, Sequence[Cell]]


class Reason(NamedTuple):
    """Why a lead stands above or below the average: the effect is in log-odds."""

    feature: str
    value: Cell
    effect: float


@dataclass(frozen=True)
class Feature:
    """Values of one feature, cut into codes, and the weight of each.

    A category has a code for each of ``levels``, one for any other and one for none. A number has a code for each
    interval of ``edges`` (up to and including the edge), one above the last edge and one for none.
    """

    name: str
    numeric: bool
    levels: Tuple[str, ...] = ()
    labels: Tuple[str, ...] = ()  # levels as they were written
    edges: Tuple[float, ...] = ()
    weights: Tuple[float, ...] = ()
    counts: Tuple[int, ...] = ()  # leads of the training, by code
    won: Tuple[int, ...] = ()  # and how many of them were won
    _codes: Dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._codes.update((level, code) for code, level in enumerate(self.levels))

    @property
    def size(self) -> int:
        """How many codes there are."""
        return (len(self.edges) + 2) if self.numeric else (len(self.levels) + 2)

    def encode(self, cells: Sequence[Cell]) -> List[int]:
        """The code of each cell. A value of the wrong type counts as none; what was never seen, as other."""
        none = self.size - 1
        if self.numeric:
            edges = self.edges
            return [none if not isinstance(cell, (int, float)) or cell != cell else bisect_left(edges, cell) for cell in cells]
        known, other = self._codes, none - 1
        return [none if cell is None or cell == "" else known.get(fold(cell), other) for cell in cells]

    def interval(self, code: int) -> Tuple[Optional[float], Optional[float]]:
        """Above what, and up to what, a code of a number stands for; (None, None) for no value."""
        if code > len(self.edges):
            return (None, None)
        return (self.edges[code - 1] if code else None, self.edges[code] if code < len(self.edges) else None)


@dataclass(frozen=True)
class Pair:
    """What two features together say beyond each alone. Codes are put into groups first.

    ``weights`` has one row per group of the first feature.
    """

    first: str
    second: str
    first_groups: Tuple[int, ...]
    second_groups: Tuple[int, ...]
    weights: Tuple[Tuple[float, ...], ...]


@dataclass(frozen=True)
class ScoreModel:
    """See the module. ``intercept`` is the log-odds of a lead that is average in everything."""

    intercept: float
    features: Tuple[Feature, ...]
    pairs: Tuple[Pair, ...] = ()

    def predict(self, table: Table) -> List[float]:
        """Probability of winning for each row of ``table`` (0 < p < 1). Cost: a few microseconds per value."""
        return [sigmoid(self.intercept + sum(row)) for row in self._rows(table)]

    def explain(self, table: Table, limit: int = 3, least: float = 0.1) -> List[Tuple[float, List[Reason]]]:
        """Probability and strongest reasons (at most ``limit``, each of at least ``least`` log-odds) of each row.

        A column the table does not have counts as average, which is better than taking it for empty.
        """
        names = [feature.name for feature in self.features if feature.name in table]
        columns = [table[name] for name in names]
        results = []
        for position, row in enumerate(self._rows(table)):
            strongest = sorted(range(len(row)), key=[-abs(share) for share in row].__getitem__)[:limit]
            reasons = [Reason(names[index], columns[index][position], row[index]) for index in strongest if abs(row[index]) >= least]
            results.append((sigmoid(self.intercept + sum(row)), reasons))
        return results

    def _rows(self, table: Table) -> Iterator[List[float]]:
        """What each feature contributes, row by row. A pair's share goes to its two features by halves."""
        known = [feature for feature in self.features if feature.name in table]
        if not known:
            return iter([[] for _row in range(_height(table))])
        codes = {feature.name: feature.encode(table[feature.name]) for feature in known}
        effects = {f.name: [f.weights[code] for code in codes[f.name]] for f in known}
        for pair in self.pairs:
            if pair.first not in codes or pair.second not in codes:
                continue
            first, second = effects[pair.first], effects[pair.second]
            for position, (one, two) in enumerate(zip(codes[pair.first], codes[pair.second])):
                half = pair.weights[pair.first_groups[one]][pair.second_groups[two]] / 2
                first[position] += half
                second[position] += half
        return (list(row) for row in zip(*effects.values()))

    # -- plain data ----------------------------------------------------------------------------------------------------

    def to_data(self) -> Dict[str, Any]:
        """The model as lists, strings and numbers, fit for JSON."""
        features = [{key: value for key, value in asdict(f).items() if key != "_codes"} for f in self.features]
        return {"intercept": self.intercept, "features": features, "pairs": [asdict(pair) for pair in self.pairs]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ScoreModel":
        """The model :meth:`to_data` described.

        :raise KeyError, TypeError: when it did not
        """
        return cls(
            float(data["intercept"]),
            tuple(Feature(**{key: _frozen(value) for key, value in feature.items()}) for feature in data["features"]),
            tuple(Pair(**{key: _frozen(value) for key, value in pair.items()}) for pair in data["pairs"]),
        )


def fold(cell: Cell) -> str:
    """A category as it is compared: without case and spaces around it.

    >>> fold(" Google ") == fold("google")
    True
    """
    return str(cell).strip().casefold()


def sigmoid(odds: float) -> float:
    """Probability of log-odds, kept a little away from 0 and 1: no lead is certain.

    >>> sigmoid(0.0), sigmoid(1000.0) < 1
    (0.5, True)
    """
    return 1.0 / (1.0 + math.exp(-max(-9.0, min(9.0, odds))))


def _by_size(numbered: Tuple[int, float]) -> float:
    return -abs(numbered[1])


def _height(table: Table) -> int:
    return len(next(iter(table.values()), ()))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
