"""How needs ended, in numbers that are never mixed: customers said so, they behaved so, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from feedback.periods import Period


@dataclass(frozen=True)
class SelfService:
    """Needs of customers in a period. Each need is in exactly one of the four; silence is in `unknown`, never in success."""

    needs: int
    confirmed: int
    implicit: int
    unknown: int
    unresolved: int
    excluded: tuple[tuple[str, int], ...]
    """(audience, searches) of what is kept out: staff, bot, flood."""


def count_self_service(database: Database, period: Period) -> SelfService:
    """The four numbers for needs whose first search lies in the period, as they were counted last."""
    days = [period.first.isoformat(), period.last.isoformat()]
    counts = dict.fromkeys(("confirmed", "implicit", "unknown", "unresolved"), 0)
    counts |= dict(database.execute(
        "select result, sum(requests) from day_requests where day >= ? and day <= ? and outcome != 'question' group by result", days
    ).fetchall())  # fmt: skip
    excluded = database.execute("select audience, sum(searches) from day_excluded where day >= ? and day <= ? group by audience", days).fetchall()
    return SelfService(sum(counts.values()), **counts, excluded=tuple(excluded))
