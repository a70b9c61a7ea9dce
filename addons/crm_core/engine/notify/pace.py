# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Keeping below a vendor's rate limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """At most ``number`` requests within any ``seconds``, for each pair of ``limits``."""

    limits: tuple[tuple[int, float], ...]

    @property
    def memory(self) -> float:
        """Seconds for which earlier requests count."""
        return max((seconds for _number, seconds in self.limits), default=0.0)

    @property
    def depth(self) -> int:
        """How many earlier requests have to be known."""
        return max((number for number, _seconds in self.limits), default=0)

    def wait(self, ages: Sequence[float]) -> float:
        """Seconds until the next request may be made.

        The vendor counts when a request arrives, the sender when its answer came: that is never earlier, so the
        sender's window is always the stricter one.

        :param ages: seconds since the answers to earlier requests, youngest first

        >>> pace = Pace(((2, 10.0), (3, 60.0)))
        >>> pace.wait([]), pace.wait([1.0]), pace.wait([1.0, 4.0]), pace.wait([11.0, 12.0, 20.0])
        (0.0, 0.0, 6.0, 40.0)
        """
        waits = [seconds - ages[number - 1] for number, seconds in self.limits if len(ages) >= number]
        return max(0.0, *waits) if waits else 0.0
