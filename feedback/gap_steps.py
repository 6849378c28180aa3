"""When gaps opened, closed and reopened, as their history has it, and which of them are of a product or language."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from feedback.moments import read_stamp
from feedback.periods import DAY, Selection


@dataclass(frozen=True)
class GapStep:
    """One opening, closing or reopening: `action` is 'opened', 'closed' or 'reopened'. `gap` is the number that it had then, also when it was merged into
    another since. `days` is set of a closing: how long the gap had been open, None where its opening is not known."""

    gap: int
    action: str
    account: str
    done_at: datetime
    days: float | None = None


def read_gap_steps(database: Database, selection: Selection) -> list[GapStep]:
    """What was done in the selection's period, in order, to the gaps that customers asked about in its language and of its product.

    A gap that was split off another opened then.
    """
    period = selection.period
    rows = database.execute(
        "select cast(subject_id as integer), iif(action = 'split', 'opened', action), account, done_at from history where subject = 'gap'"
        " and (action in ('opened', 'closed', 'reopened') or (action = 'split' and detail like '<-%')) and done_at < ? order by done_at, id",
        [period.until],
    ).fetchall()
    opened: dict[int, datetime] = {}
    steps = []
    for gap, action, account, at in rows:
        done_at = read_stamp(at)
        began = opened.get(gap) if action == "closed" else None
        if action != "closed":
            opened[gap] = done_at
        if at >= period.since:
            steps.append(GapStep(gap, action, account, done_at, (done_at - began) / DAY if began else None))
    chosen = _select(database, {step.gap for step in steps}, selection)
    return [step for step in steps if step.gap in chosen]


def read_heirs(database: Database) -> dict[int, int]:
    """Merged gap -> the gap under whose number it lives on."""
    into = dict(database.execute("select id, merged_into from gaps where merged_into is not null").fetchall())
    return {gap: _last(gap, into) for gap in into}


def _last(gap: int, into: dict[int, int]) -> int:
    seen = {gap}
    while into.get(gap, gap) not in seen:
        gap = into[gap]
        seen.add(gap)
    return gap


def _select(database: Database, gaps: set[int], selection: Selection) -> set[int]:
    """Those of the gaps that are of the selection's product and were asked in its language; a merged one as the one it went into."""
    heirs = read_heirs(database)
    for column, wanted in (("product", selection.product), ("lang", selection.lang)):
        if wanted and gaps:
            asked = _read_asked(database, column, wanted, heirs)
            asked |= _read_members(database, column, wanted, {heirs.get(gap, gap) for gap in gaps} - asked)
            gaps = {gap for gap in gaps if heirs.get(gap, gap) in asked}
    return gaps


def _read_asked(database: Database, column: str, wanted: str, heirs: dict[int, int]) -> set[int]:
    """Gaps that requests with this product or language were counted under. Counts stay when texts expire."""
    rows = database.execute(f"select distinct topic from day_requests where topic >= 'g:' and topic < 'g;' and {column} = ?", [wanted]).fetchall()
    counted = {int(topic[2:]) for (topic,) in rows}
    named = {gap for (gap,) in database.execute("select id from gaps where product = ?", [wanted]).fetchall()} if column == "product" else set()
    return {heirs.get(gap, gap) for gap in counted | named}


def _read_members(database: Database, column: str, wanted: str, gaps: Iterable[int]) -> set[int]:
    """Those of the gaps that hold a search or a question with this product or language: one that ended well in other words is counted under what helped."""
    rows = database.execute(
        "select p.id from gaps p where p.id in (select value from json_each(?)) and exists (select 1 from groups g join group_members m on m.grouped = g.id"
        " left join searches s on m.source = 'search' and s.id = m.source_id left join questions q on m.source = 'question' and q.id = m.source_id"
        f" where g.gap = p.id and ifnull(s.{column}, q.{column}) = ?)",
        [json.dumps(sorted(gaps)), wanted],
    ).fetchall()
    return {gap for (gap,) in rows}
