"""How needs ended, in numbers that are never mixed: customers said so, they behaved so, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


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


def count_self_service(database: Database, *, since: str, until: str) -> SelfService:
    """The four numbers for needs whose first search lies in [since, until), stamps in UTC, expired days from their totals."""
    counts = dict.fromkeys(("confirmed", "implicit", "unknown", "unresolved"), 0)
    rows = database.execute(
        "select result, count(distinct ifnull(need, id)) from searches where audience = 'customer' and created_at >= ? and created_at < ?"
        " and (need is null or need = id) group by result",
        [since, until],
    ).fetchall()
    expired = database.execute(
        "select result, sum(needs) from daily_totals where audience = 'customer' and day >= ? and day < ? group by result", [since[:10], until[:10]]
    ).fetchall()
    for result, needs in [*rows, *expired]:
        counts[result] += needs
    excluded = database.execute(
        "select audience, count(*) from searches where audience != 'customer' and created_at >= ? and created_at < ? group by audience", [since, until]
    ).fetchall()
    return SelfService(sum(counts.values()), **counts, excluded=tuple(excluded))
