"""Forget texts when their time is over: totals stay, what anybody wrote goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from feedback.days import count_stale_days, keep_counted_days
from feedback.demand import Ask, count_demand
from feedback.groups import EVIDENCE_ITEMS, recount_groups
from feedback.health import drop_old_spans
from feedback.history import add_step
from feedback.moments import read_stamp, stamp, utc_now
from feedback.proofs import drop_forgotten_searches
from feedback.query_vectors import drop_unused_vectors
from feedback.titles import retitle
from feedback.topic_names import forget_names
from kb.database import write


@dataclass(frozen=True)
class Expired:
    """How many rows of each kind were forgotten."""

    searches: int
    opens: int
    votes: int
    questions: int


def expire(database_path: Path, *, days: int, represent, zone: ZoneInfo, now: Callable[[], datetime] = utc_now) -> Expired:
    """Delete searches, opens, votes and closed questions older than `days`; what was counted of them by day and week stays.

    A question that still waits for an answer stays. A gap keeps its number, kind, decisions and weekly totals; a title in the words of a
    customer who is forgotten gives way to another customer's, or to the gap's number.
    """
    moment = now()
    before = stamp(moment - timedelta(days=days))
    count_stale_days(database_path, zone=zone, now=moment)
    with write(database_path) as database:
        # Forgotten means gone from the file too, not only from the tables.
        database.execute("pragma secure_delete = on")
        keep_counted_days(database, before=before, zone=zone)
        gaps = _keep_totals(database, before, moment)
        groups = [group for (group,) in database.execute(
            f"select distinct m.grouped from group_members m join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id"
            " where e.created_at < ?", [before],
        ).fetchall()]  # fmt: skip
        questions = "created_at < ? and state in ('answered', 'closed')"
        database.execute(
            f"delete from group_members where (source = 'search' and source_id in (select id from searches where created_at < ?))"
            f" or (source = 'question' and source_id in (select id from questions where {questions}))",
            [before, before],
        )
        database.execute(
            f"update history set detail = '' where subject = 'question' and subject_id in (select cast(id as text) from questions where {questions})",
            [before],
        )
        expired = Expired(
            database.execute("delete from searches where created_at < ?", [before]).rowcount,
            database.execute("delete from opens where opened_at < ?", [before]).rowcount,
            database.execute("delete from votes where cast_at < ?", [before]).rowcount,
            database.execute(f"delete from questions where {questions}", [before]).rowcount,
        )
        drop_forgotten_searches(database)
        forget_names(database, before=before)
        drop_old_spans(database, now=moment)
        drop_unused_vectors(database, since=stamp(moment - timedelta(days=2)))
        recount_groups(database, groups, represent=represent)
        retitle(database, gaps, represent=represent)
        if any(vars(expired).values()):
            add_step(database, "erasure", "retention", "expired", detail=f"{expired.searches} searches before {before[:10]}", at=stamp(moment))
    return expired


def _keep_totals(database: Database, before: str, now: datetime) -> list[int]:
    """Add what is about to go to the gaps' weekly totals; returns the gaps concerned."""
    rows = database.execute(
        f"select g.gap, e.session, e.address, e.created_at, e.evidence, e.source from group_members m join groups g on g.id = m.grouped"
        f" join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id where g.gap is not null and e.created_at < ?"
        " and not (e.source = 'question' and e.id in (select id from questions where state not in ('answered', 'closed')))",
        [before],
    ).fetchall()
    weeks: dict[tuple[int, str], list[tuple[Ask, str]]] = {}
    for gap, session, address, at, evidence, source in rows:
        day = read_stamp(at).date()
        monday = (day - timedelta(days=day.weekday())).isoformat()
        weeks.setdefault((gap, monday), []).append((Ask(session, address, at, evidence, source == "question"), source))
    for (gap, monday), asks in weeks.items():
        demand = count_demand([ask for ask, _ in asks], now=now)
        database.execute(
            "insert into gap_totals values (?, ?, ?, ?, ?) on conflict do update set person_days = person_days + excluded.person_days,"
            " searches = searches + excluded.searches, questions = questions + excluded.questions",
            [gap, monday, demand.person_days, sum(source == "search" for _, source in asks), sum(source == "question" for _, source in asks)],
        )
    return sorted({gap for gap, _ in weeks})
