# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How good predicted probabilities were, against what happened."""

from typing import List, NamedTuple, Sequence


class Bucket(NamedTuple):
    """Leads of about the same predicted probability."""

    size: int
    predicted: float  # mean of the predictions
    actual: float  # share that was won


def auc(truth: Sequence[int], predicted: Sequence[float]) -> float:
    """Chance that a won lead was rated above a lost one; ties count half. 0.5 is guessing, 1 is perfect.

    :raise ValueError: when all leads ended alike

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    won = sum(truth)
    lost = len(truth) - won
    if not won or not lost:
        raise ValueError("AUC needs won and lost leads")
    order = sorted(range(len(truth)), key=predicted.__getitem__)
    rank_sum, position = 0.0, 0
    while position < len(order):
        end = position
        while end < len(order) and predicted[order[end]] == predicted[order[position]]:
            end += 1
        middle = (position + end + 1) / 2  # ranks from 1; equal predictions share the middle one
        rank_sum += middle * sum(truth[index] for index in order[position:end])
        position = end
    return (rank_sum - won * (won + 1) / 2) / (won * lost)


def brier(truth: Sequence[int], predicted: Sequence[float]) -> float:
    """Mean squared distance of prediction and outcome: 0 is perfect, always saying one half gives 0.25.

    >>> round(brier([1, 0], [0.8, 0.4]), 2)
    0.1
    """
    return sum((chance - outcome) ** 2 for outcome, chance in zip(truth, predicted)) / len(truth)


def calibration(truth: Sequence[int], predicted: Sequence[float], buckets: int = 10) -> List[Bucket]:
    """Up to ``buckets`` groups of about equal size, from the least to the most likely.

    Equal predictions stay in one group, so there may be fewer.

    >>> calibration([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], 2)
    [Bucket(size=2, predicted=0.2, actual=0.0), Bucket(size=2, predicted=0.7, actual=1.0)]
    """
    order = sorted(range(len(truth)), key=predicted.__getitem__)
    groups: List[List[int]] = []
    for position, index in enumerate(order):
        due = position * buckets // len(order)
        same = groups and predicted[groups[-1][-1]] == predicted[index]
        if not groups or (due > _bucket_of(groups, order, buckets) and not same):
            groups.append([])
        groups[-1].append(index)
    return [
        Bucket(
            len(group),
            round(sum(predicted[index] for index in group) / len(group), 6),
            sum(truth[index] for index in group) / len(group),
        )
        for group in groups
    ]


def _bucket_of(groups: List[List[int]], order: List[int], buckets: int) -> int:
    """Number of the bucket the last group began in."""
    begun = sum(len(group) for group in groups[:-1])
    return begun * buckets // len(order)
