"""The order in which rows grow together into groups: average link, slightly dearer for large groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GROWTH = 0.1
"""Exponent by which joining two groups of a and b rows is dearer: their mean distance times (2ab / (a + b)) ** GROWTH, the harmonic mean of
their sizes. 0 is average link, where large groups swallow their neighbours; 1 is Ward's criterion, which forces groups of equal size."""


def size_cost(one: np.ndarray | float, other: np.ndarray | float) -> np.ndarray:
    """The factor by which the distance of groups of these sizes counts."""
    return (2 * one * other / (one + other)) ** GROWTH


def grow_tree(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int64 (n - 1, 2), which two rows' groups become one, nearest first, named by one row of each; and float32 (n - 1,), at what cost.

    `rows` is float32 (n, d), n at least 1, unit length each.

    The nearest neighbour of each group is kept and looked for again only when it has merged (Müllner 2011, section 3.3): O(n²) in practice.
    """
    n = len(rows)
    distances = 1 - rows @ rows.T
    np.fill_diagonal(distances, np.inf)
    sizes = np.ones(n, np.float32)
    nearest = distances.argmin(axis=1)
    least = distances[np.arange(n), nearest]
    alive = np.ones(n, bool)
    merges, costs_of = np.empty((n - 1, 2), np.int64), np.empty(n - 1, np.float32)
    for step in range(n - 1):
        kept = int(least.argmin())
        gone = int(nearest[kept])
        merges[step], costs_of[step] = (kept, gone), least[kept]
        joint = (sizes[kept] * distances[kept] + sizes[gone] * distances[gone]) / (sizes[kept] + sizes[gone])
        joint[kept] = np.inf
        sizes[kept] += sizes[gone]
        alive[gone] = False
        distances[kept] = distances[:, kept] = joint
        distances[:, gone] = np.inf
        least[gone] = np.inf
        for other in (kept, *np.flatnonzero(alive & ((nearest == kept) | (nearest == gone)))):
            costs = distances[other] * size_cost(sizes[other], sizes)
            nearest[other] = costs.argmin()
            least[other] = costs[nearest[other]]
        costs = joint * size_cost(sizes[kept], sizes)
        nearer = alive & (costs < least)
        nearest[nearer], least[nearer] = kept, costs[nearer]
    return merges, costs_of


def labels_at(merges: np.ndarray, counts: Sequence[int]) -> dict[int, np.ndarray]:
    """Number of groups -> int64 (n,) labels 0..count-1 when the tree has grown until so many are left; `counts` within 1..n."""
    n = len(merges) + 1
    members = {row: [row] for row in range(n)}
    labels, found, wanted = np.arange(n), {}, set(counts)
    for step in range(n):
        if n - step in wanted:
            found[n - step] = np.unique(labels, return_inverse=True)[1]
        if step < n - 1:
            kept, gone = merges[step].tolist()
            labels[members[gone]] = kept
            members[kept] += members.pop(gone)
    return found
