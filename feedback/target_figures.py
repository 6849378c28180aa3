"""The figures of the published targets, read from what was counted by day, from customers' questions and from the health record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from feedback import targets
from feedback.coverage import narrow, repeated_problems
from feedback.health import measure_availability
from feedback.moments import read_stamp
from feedback.periods import Period, Selection
from feedback.targets import Case, Target, Window, share_target, unknown_target

OF_QUESTIONS = {"acknowledged": "ask", "answered": "ask", "resolution_rate": "ask", "resolution_time": "close", "satisfaction": "close"}
"""Target -> the step by which a question belongs to a period."""


def measure_targets(
    database: Database, selection: Selection, *, now: datetime, acknowledge_minutes: int, respond_minutes: int
) -> tuple[Target, ...]:
    """The nine targets in the order of `GOALS`. Product and language of the selection narrow all but availability."""
    results = _count_results(database, selection)
    cases = _read_cases(database, selection)
    window = Window(read_stamp(selection.period.since), read_stamp(selection.period.until), now)
    measured = measure_availability(database, selection.period, now=now)
    has_record = database.execute("select exists (select 1 from health_spans where began_at < ?)", [selection.period.until]).fetchone()[0]
    figures = (
        targets.self_service(results),
        targets.automated(results),
        share_target("repeated", repeated_problems(database, selection, now=now), why="no_problems"),
        targets.satisfaction(cases, window),
        targets.done_in_time("acknowledged", cases, window, minutes=acknowledge_minutes, done=lambda case: case.seen_at),
        targets.done_in_time("answered", cases, window, minutes=respond_minutes, done=lambda case: case.answered_at),
        targets.resolution_time(cases, window),
        targets.resolution_rate(cases, window),
        targets.availability(measured, window, has_record=bool(has_record)),
    )
    gone = _count_forgotten(database, selection.period)
    forgotten = _is_forgotten(database, selection.period)
    return tuple(_admit_forgotten(figure, gone.get(OF_QUESTIONS.get(figure.name, ""), 0), forgotten=forgotten) for figure in figures)


def _count_results(database: Database, selection: Selection) -> dict[str, int]:
    """Result -> requests of the selection."""
    condition, values = narrow(selection)
    return dict(database.execute(f"select result, sum(requests) from day_requests where {condition} group by result", values).fetchall())


def _read_cases(database: Database, selection: Selection) -> tuple[Case, ...]:
    """Customers' questions asked before the period ends. Closing one is acting on it, though it answers nothing; telling of an article is an answer."""
    first = "(select min(done_at) from history where subject = 'question' and subject_id = cast(q.id as text) and"
    rows = database.execute(
        f"select q.created_at, q.state, q.acknowledged_at, {first} action = 'close' and account != ''), {first} action in ('reply', 'told')),"
        " q.closed_at, q.rated_at, q.rating from questions q where q.audience = 'customer' and q.created_at < ?"
        " and (? = '' or q.product = ?) and (? = '' or q.lang = ?) order by q.id",
        [selection.period.until, selection.product, selection.product, selection.lang, selection.lang],
    )
    cases = []
    for asked, state, acknowledged, closed_by_team, answered, closed, rated, rating in rows.fetchall():
        seen = min(filter(None, (acknowledged, closed_by_team)), default=None)
        moments = (read_stamp(at) if at else None for at in (seen, answered, closed, rated))
        cases.append(Case(read_stamp(asked), state, *moments, rating))
    return tuple(cases)


def _count_forgotten(database: Database, period: Period) -> dict[str, int]:
    """'ask' and 'close' -> questions to which that was done in the period and that are there no more; of whom and about what is not known."""
    rows = database.execute(
        "select action, count(distinct subject_id) from history where subject = 'question' and action in ('ask', 'close') and done_at >= ?"
        " and done_at < ? and subject_id not in (select cast(id as text) from questions) group by action",
        [period.since, period.until],
    )
    return dict(rows.fetchall())


def _is_forgotten(database: Database, period: Period) -> bool:
    """Whether the period reaches into days whose texts have expired."""
    row = database.execute("select value from feedback_state where name = 'counted_until'").fetchone()
    return bool(row) and period.first.isoformat() <= row[0]


def _admit_forgotten(figure: Target, gone: int, *, forgotten: bool) -> Target:
    """How many questions are missing beside the figure; no figure where they went by age: those that still wait stay, and what is left is no sample."""
    if figure.name not in OF_QUESTIONS or not gone:
        return figure
    parts = (*figure.parts, ("forgotten", gone))
    return unknown_target(figure.name, "forgotten", parts) if forgotten else replace(figure, parts=parts)
