# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ways of selling: where a deal stands when it is sold another way."""


def same_step(step: int, steps: int, others: int) -> int:
    """The step of another sequence that is as far along, never further; both count from 0.

    :param step: where a deal stands, from 0 to ``steps - 1``
    :param steps: how many steps its sequence has, at least 1
    :param others: how many the other sequence has, at least 1
    :raise ValueError: where one of the sequences is empty or ``step`` is not of the first

    The first step stays the first, and what was half-way is half-way again:

    >>> same_step(0, 4, 3)
    0
    >>> [same_step(step, 3, 5) for step in range(3)]
    [0, 2, 4]

    A deal is not made to look better than it is:

    >>> [same_step(step, 5, 3) for step in range(5)]
    [0, 0, 1, 1, 2]
    >>> same_step(2, 3, 1), same_step(0, 1, 4)
    (0, 0)
    >>> same_step(3, 3, 3)
    Traceback (most recent call last):
    ...
    ValueError: there is no step 3 of 3
    """
    if not 0 <= step < steps or others < 1:
        raise ValueError("there is no step %d of %d" % (step, steps) if others > 0 else "no steps to choose from")
    return step * (others - 1) // (steps - 1) if steps > 1 else 0
