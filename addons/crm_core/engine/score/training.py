# mypy: disable-error-code="import-not-found,import-untyped"
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Training of a :class:`~.model.ScoreModel`: logistic regression with an L2 penalty over the values of each feature
and of the few pairs of features that say most together. How strong the penalty is, and whether pairs help, is found
by cross-validation inside the training leads.

Needs numpy, scipy and scikit-learn.
"""

from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from .model import Cell, Feature, Pair, ScoreModel, Table, fold
from .quality import auc, brier

FOLDS = 5
INNER_FOLDS = 3
PENALTIES = (0.03, 0.1, 0.3)  # scikit-learn's C: the smaller, the stronger
PAIRS = (0, 16)
PAIR_SCALE = 0.35  # pairs are penalised more than single features
BINS = 10
PAIR_BINS = 6
LEVEL_MINIMUM = 10  # leads a category needs for a weight of its own
PAIR_LEVEL_MINIMUM = 30
LEVELS = 200  # most categories of a feature
LEAST_OF_EACH = 10  # won and lost leads below which nothing can be learnt


class TooFewLeads(ValueError):
    """There are not enough won or not enough lost leads to learn from."""


class Evaluation(NamedTuple):
    """What cross-validation found: each lead predicted by a model that did not see it."""

    predicted: List[float]
    auc: float  # mean over the folds
    brier: float


def train(table: Table, truth: Sequence[int]) -> ScoreModel:
    """The model for leads like these.

    :param table: columns of equal length by feature name; a cell is a category (str), a number or None
    :param truth: 1 for a won lead, 0 for a lost one
    :raise TooFewLeads: below LEAST_OF_EACH won or lost leads
    """
    outcome = _check(truth)
    penalty, pairs = _choose(table, outcome)
    return _fit(table, outcome, penalty, pairs)


def evaluate(table: Table, truth: Sequence[int], folds: int = FOLDS, seed: int = 14) -> Evaluation:
    """Train and test on stratified folds; costs ``folds`` trainings.

    :raise TooFewLeads: as :func:`train`
    """
    outcome = _check(truth)
    predicted = np.zeros(len(outcome))
    areas, scores = [], []
    for learn, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(outcome, outcome):
        model = train(_take(table, learn), outcome[learn].tolist())
        chances = model.predict(_take(table, test))
        predicted[test] = chances
        areas.append(auc(outcome[test].tolist(), chances))
        scores.append(brier(outcome[test].tolist(), chances))
    return Evaluation(predicted.tolist(), float(np.mean(areas)), float(np.mean(scores)))


def _check(truth: Sequence[int]) -> Any:
    outcome = np.asarray(truth, dtype=int)
    won = int(outcome.sum())
    if min(won, len(outcome) - won) < LEAST_OF_EACH:
        raise TooFewLeads("%d won and %d lost leads: %d of each are needed" % (won, len(outcome) - won, LEAST_OF_EACH))
    return outcome


def _take(table: Table, rows: Any) -> Dict[str, List[Cell]]:
    return {name: [column[row] for row in rows] for name, column in table.items()}


def _choose(table: Table, outcome: Any) -> Tuple[float, int]:
    """Penalty and number of pairs with the least log-loss on folds of the training leads."""
    losses: Dict[Tuple[float, int], float] = {}
    splits = list(StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=1).split(outcome, outcome))
    for learn, test in splits:
        known, unknown = _take(table, learn), _take(table, test)
        for penalty in PENALTIES:
            for pairs in PAIRS:
                model = _fit(known, outcome[learn], penalty, pairs)
                loss = log_loss(outcome[test], model.predict(unknown), labels=[0, 1])
                losses[penalty, pairs] = losses.get((penalty, pairs), 0.0) + float(loss)
    return min(losses, key=lambda choice: losses[choice])


# -- cutting values into codes -----------------------------------------------------------------------------------------


def _cut(name: str, cells: Sequence[Cell]) -> Optional[Feature]:
    """A feature without weights, or None where all leads have the same code."""
    given = [cell for cell in cells if cell is not None and cell != ""]
    numeric = bool(given) and all(isinstance(cell, (int, float)) for cell in given)
    feature = _cut_number(name, given) if numeric else _cut_category(name, given)
    return feature if len(set(feature.encode(cells))) > 1 else None


def _cut_number(name: str, given: Sequence[Cell]) -> Feature:
    """About equally many leads in each interval; nothing or less (0 visits, no budget) is one of its own."""
    values = np.asarray([value for value in given if value == value], dtype=float)
    above = values[values > 0]
    edges = {0.0} if len(above) < len(values) else set()
    if len(above):
        edges.update(np.unique(np.quantile(above, np.linspace(0, 1, BINS + 1)[1:-1], method="lower")).tolist())
    return Feature(name, True, edges=tuple(sorted(edges)))


def _cut_category(name: str, given: Sequence[Cell]) -> Feature:
    counts = Counter(fold(cell) for cell in given)
    written = Counter((fold(cell), str(cell).strip()) for cell in given)
    best = {level: label for (level, label), _count in sorted(written.items(), key=lambda item: item[1])}
    levels = sorted(level for level, count in counts.most_common(LEVELS) if count >= LEVEL_MINIMUM)
    return Feature(name, False, tuple(levels), tuple(best[level] for level in levels))


def _group(feature: Feature, codes: Any) -> Tuple[int, ...]:
    """Coarser groups of a feature's codes, for pairs: neighbouring intervals, rare categories together."""
    counts = np.bincount(codes, minlength=feature.size)
    if not feature.numeric:
        frequent = [code for code in range(feature.size) if counts[code] >= PAIR_LEVEL_MINIMUM]
        names = {code: group for group, code in enumerate(frequent)}
        return tuple(names.get(code, len(frequent)) for code in range(feature.size))
    none, zero = feature.size - 1, int(bool(feature.edges) and feature.edges[0] == 0.0)
    inner = none - zero
    groups = [0] * zero + [zero + code * PAIR_BINS // max(inner, PAIR_BINS) for code in range(inner)]
    return (*groups, groups[-1] + 1)


# -- fitting -----------------------------------------------------------------------------------------------------------


def _fit(table: Table, outcome: Any, penalty: float, pair_count: int) -> ScoreModel:
    features = [feature for feature in (_cut(name, cells) for name, cells in table.items()) if feature]
    codes = {feature.name: np.asarray(feature.encode(table[feature.name])) for feature in features}
    blocks = [(codes[feature.name], feature.size, 1.0) for feature in features]
    if not blocks:
        return ScoreModel(_log_odds(outcome.mean()), ())
    pairs: List[Pair] = []
    if pair_count and len(features) > 1:
        weights, intercept = _regress(blocks, outcome, penalty)
        odds = intercept + sum(block[column] for block, (column, _size, _scale) in zip(weights, blocks))
        pairs = _find_pairs(features, codes, outcome, odds, pair_count)
        blocks += [_pair_block(pair, codes) for pair in pairs]
    weights, intercept = _regress(blocks, outcome, penalty)
    return _assemble(features, pairs, blocks, weights, intercept, outcome)


def _regress(blocks: Sequence[Tuple[Any, int, float]], outcome: Any, penalty: float) -> Tuple[List[Any], float]:
    """Weights of each block of codes (codes of the leads, number of codes, scale), and the intercept."""
    height, width = len(outcome), len(blocks)
    starts = np.cumsum([0] + [size for _column, size, _scale in blocks])
    columns = np.stack([column + start for (column, _size, _scale), start in zip(blocks, starts)], axis=1)
    values = np.tile([scale for _column, _size, scale in blocks], height)
    design = csr_matrix((values, columns.ravel(), np.arange(0, height * width + 1, width)), (height, int(starts[-1])))
    fitted = LogisticRegression(C=penalty, max_iter=1000).fit(design, outcome)
    slices = zip(starts, starts[1:], blocks)
    return [fitted.coef_[0][start:end] * block[2] for start, end, block in slices], float(fitted.intercept_[0])


def _find_pairs(features: Sequence[Feature], codes: Dict[str, Any], outcome: Any, odds: Any, count: int) -> List[Pair]:
    """The pairs whose cells still hold most of what single features leave unexplained (a score test)."""
    chance = 1.0 / (1.0 + np.exp(-odds))
    rest, spread = outcome - chance, chance * (1.0 - chance)
    groups = {feature.name: _group(feature, codes[feature.name]) for feature in features}
    grouped = {name: np.asarray(groups[name])[codes[name]] for name in groups}
    found = []
    for first, second in combinations(groups, 2):
        width = max(groups[second]) + 1
        cell = grouped[first] * width + grouped[second]
        size = (max(groups[first]) + 1) * width
        surprise = np.bincount(cell, rest, size) ** 2 / (np.bincount(cell, spread, size) + 5.0)
        worth = float(surprise.sum()) - 0.5 * len(np.unique(cell))
        found.append((worth, first, second))
    best = sorted(found, key=lambda item: -item[0])[:count]
    return [Pair(first, second, groups[first], groups[second], ()) for _worth, first, second in best]


def _pair_block(pair: Pair, codes: Dict[str, Any]) -> Tuple[Any, int, float]:
    first = np.asarray(pair.first_groups)[codes[pair.first]]
    second = np.asarray(pair.second_groups)[codes[pair.second]]
    width = max(pair.second_groups) + 1
    return (first * width + second, (max(pair.first_groups) + 1) * width, PAIR_SCALE)


def _assemble(
    features: Sequence[Feature],
    pairs: Sequence[Pair],
    blocks: Sequence[Tuple[Any, int, float]],
    weights: Sequence[Any],
    intercept: float,
    outcome: Any,
) -> ScoreModel:
    """Centre every block on its mean over the leads; what is taken away goes to the intercept."""
    centred = []
    for (column, size, _scale), block in zip(blocks, weights):
        counts = np.bincount(column, minlength=size)
        mean = float(block @ counts) / len(outcome)
        intercept += mean
        centred.append(np.where(counts > 0, block - mean, 0.0).round(6))
    full = [
        replace(
            feature,
            weights=tuple(block.tolist()),
            counts=tuple(np.bincount(column, minlength=size).tolist()),
            won=tuple(np.bincount(column, outcome, minlength=size).astype(int).tolist()),
        )
        for feature, block, (column, size, _scale) in zip(features, centred, blocks)
    ]
    joint = [
        replace(pair, weights=tuple(map(tuple, block.reshape(max(pair.first_groups) + 1, -1).tolist())))
        for pair, block in zip(pairs, centred[len(features) :])
    ]
    return ScoreModel(round(intercept, 6), tuple(full), tuple(joint))


def _log_odds(share: float) -> float:
    return round(float(np.log(share / (1.0 - share))), 6)
