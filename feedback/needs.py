"""Which searches of one visit are the same need: one problem, put in other words until it is solved or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from feedback.query_vectors import fold_text

AT_ONCE = timedelta(minutes=10)
LATER = timedelta(hours=24)
RELATED, SAME = 0.2, 0.45
"""Similarity (cosine of what `grouping.represent` gives) from which a search soon after another is the same need, and from which one
is hours later. Soon after, a customer seldom has a second problem, so less is asked for."""


@dataclass(frozen=True)
class Asked:
    """One search of a visit: when it began and ended, its text, its represented vector or None, and the first article it found."""

    id: int
    began_at: datetime
    ended_at: datetime
    text: str
    row: np.ndarray | None
    first_hit: str


def chain_needs(searches: Sequence[Asked]) -> list[int]:
    """For each search, given in the order of time, the id of the first search of its need."""
    needs: list[int] = []
    for place, search in enumerate(searches):
        earlier = next((n for n in range(place - 1, -1, -1) if _continues(search, searches[n])), None)
        needs.append(search.id if earlier is None else needs[earlier])
    return needs


def _continues(search: Asked, earlier: Asked) -> bool:
    pause = search.began_at - earlier.ended_at
    if pause > LATER:
        return False
    if fold_text(search.text) == fold_text(earlier.text):
        return True
    likeness = float(search.row @ earlier.row) if search.row is not None and earlier.row is not None else 0.0
    if pause > AT_ONCE:
        return likeness >= SAME
    return likeness >= RELATED or (likeness > 0 and bool(search.first_hit) and search.first_hit == earlier.first_hit)
