"""Texts that come one by one: which existing group each joins, and which groups are one after all.

How near is near enough follows from the groups that are known: what lies further apart than groups here are when they are told apart is another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feedback.grouping_tree import size_cost

FEW = 20.0
"""How many average questions are assumed to have been seen before the first text: the centre of few rows is mostly theirs."""
SAMPLED_GROUPS = 256
"""Groups whose nearest neighbour tells how near two groups are here that are told apart."""
NEAREST = 0.02
"""The quantile of these distances within which a row joins."""
REPAIR = 1.0
"""Groups are merged only well within that distance."""
RELATED = 0.3
"""Least similarity with which a row joins; it is asked for where only one group is known, which tells nothing about how near two are."""
FEW_GROUPS = 10.0
"""How many groups RELATED counts as, against those that are known."""


def join_groups(rows: np.ndarray, centroids: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """int64 (m,): the index of the group that each row of `represent` joins, or -1 where none is near enough.

    `centroids` float32 (k, d) are the means of the members' rows, `sizes` their numbers.
    """
    rows = np.asarray(rows, np.float32)
    if not len(rows) or not len(sizes):
        return np.full(len(rows), -1, np.int64)
    spread = measure_spread(centroids, sizes)
    costs = (1 - unit_rows(rows - spread.centre) @ spread.groups.T) * size_cost(1.0, np.asarray(sizes, np.float32))
    best = costs.argmin(axis=1)
    return np.where(costs[np.arange(len(rows)), best] <= spread.reach, best, -1).astype(np.int64)


def mergeable(centroids: np.ndarray, sizes: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of groups that are nearer to each other than groups here are when they are told apart; most alike first.

    Each group is in one pair at most, so that all can be merged and the rest be looked at again.
    """
    if len(sizes) < 2:
        return []
    spread, sizes = measure_spread(centroids, sizes), np.asarray(sizes, np.float32)
    found = []
    for start in range(0, len(sizes), 512):
        part = slice(start, start + 512)
        costs = (1 - spread.groups[part] @ spread.groups.T) * size_cost(sizes[part, None], sizes)
        for i, j in np.argwhere(costs <= spread.reach * REPAIR):
            if start + i < j:
                found.append((float(costs[i, j]), int(start + i), int(j)))
    taken: set[int] = set()
    pairs = []
    for _, i, j in sorted(found):
        if i not in taken and j not in taken:
            taken |= {i, j}
            pairs.append((i, j))
    return pairs


@dataclass(frozen=True)
class Spread:
    """How existing groups lie: their common `centre` (d,), `groups` (k, d) as mean unit rows seen from it, and the greatest cost, `reach`,
    at which two would be one."""

    centre: np.ndarray
    groups: np.ndarray
    reach: float


def measure_spread(centroids: np.ndarray, sizes: np.ndarray) -> Spread:
    centroids, sizes = np.asarray(centroids, np.float32), np.asarray(sizes, np.float32)
    centre = (sizes @ centroids / (sizes.sum() + FEW)).astype(np.float32)
    # For unit rows r of a group with mean c, the mean of |r - centre|² is 1 - 2 c·centre + |centre|².
    groups = (centroids - centre) / np.sqrt(np.maximum(1 - 2 * centroids @ centre + centre @ centre, 1e-6))[:, None]
    sample = np.unique(np.linspace(0, len(sizes) - 1, min(len(sizes), SAMPLED_GROUPS)).astype(int))
    costs = (1 - groups[sample] @ groups.T) * size_cost(sizes[sample, None], sizes)
    costs[np.arange(len(sample)), sample] = np.inf
    seen = float(np.quantile(costs.min(axis=1), NEAREST)) if len(sizes) > 1 else 0.0
    reach = (FEW_GROUPS * (1 - RELATED) + (len(sizes) - 1) * seen) / (FEW_GROUPS + len(sizes) - 1)
    # Never further than RELATED: groups that took in too much lie further apart, and would reach ever further.
    return Spread(centre, groups, min(reach, 1 - RELATED))


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """The rows at unit length; rows of zeros stay."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
