"""How well the index finds what the team knows the answer to: one figure for each run of the standing test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback import schema as schema
from feedback.moments import read_stamp
from feedback.periods import Period, day_of
from feedback.replay import FIRST_PAGE


@dataclass(frozen=True)
class Findability:
    """One run of the standing test after a change of the index: the team's own labelled searches (helpful votes and closed gaps). `first` and `found` are
    searches whose article came first, and on the first page; `reciprocal` is the mean reciprocal rank."""

    at: datetime
    generation: int
    searches: int
    found: int
    first: int
    reciprocal: float


def record_run(database: Database, places: Sequence[int], *, generation: int, at: str) -> None:
    """Keep what a run found: the place, from 1, at which each search's article came, 0 for nowhere."""
    database["standing_runs"].insert(
        {
            "at": at, "generation": generation, "searches": len(places), "found": sum(1 <= place <= FIRST_PAGE for place in places),
            "first": sum(place == 1 for place in places), "reciprocal": sum(1 / place for place in places if place) / max(len(places), 1),
        }
    )  # fmt: skip


def read_findability(database: Database, period: Period) -> tuple[Findability, ...]:
    """The latest run of each calendar day of the period, oldest first. Runs that had nothing to search say nothing, and are left out."""
    rows = database.execute(
        "select at, generation, searches, found, first, reciprocal from standing_runs where at >= ? and at < ? and searches > 0 order by at, id",
        [period.since, period.until],
    ).fetchall()
    runs = [Findability(read_stamp(at), *row) for at, *row in rows]
    return tuple({day_of(run.at, period.zone): run for run in runs}.values())
