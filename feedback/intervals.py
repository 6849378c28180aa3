"""How sure a figure is that was counted on a sample: 95 % intervals of shares, means and differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959964
FEW = 20
"""Fewer cases than this are shown as a count, and marked."""


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, and the Wilson interval of 95 % around it (Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1)."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper bound, 0 to 1; None of nothing."""
        return wilson(self.part, self.whole) if self.whole else None

    @property
    def is_few(self) -> bool:
        return self.whole < FEW


def wilson(part: float, whole: float) -> tuple[float, float]:
    """Bounds of a share at 95 %, for whole > 0."""
    share, square = part / whole, Z95 * Z95
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z95 / (1 + square / whole) * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    # Rounding must not leave 0 of n, or n of n, just outside its own interval.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Bounds of the mean at 95 % by Student's t; None of fewer than two values."""
    if len(values) < 2:
        return None
    # Imported here: it takes a while, and most pages need no mean.
    from scipy.special import stdtrit

    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    half = float(stdtrit(len(values) - 1, 0.975)) * deviation / math.sqrt(len(values))
    return mean - half, mean + half


def difference(after: Share, before: Share) -> tuple[float, float, float] | None:
    """`after` - `before` with the bounds of Newcombe (1998, method 10); None when one of them counts nothing."""
    if not after.whole or not before.whole:
        return None
    (low_a, high_a), (low_b, high_b) = after.interval, before.interval
    change = after.value - before.value
    low = change - math.hypot(after.value - low_a, high_b - before.value)
    return change, low, change + math.hypot(high_a - after.value, before.value - low_b)
