"""The standing test: what closed gaps' customers and those who were helped searched has to go on finding its article, after every change of the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from feedback.findability import record_run
from feedback.gaps import ACTIVE
from feedback.history import add_step
from feedback.moments import stamp, utc_now
from feedback.proofs import note_published_drafts, pending_proofs, settle_proof
from feedback.replay import CLOSES, FIRST_PAGE, SURE
from feedback.replay_searches import StoredSearch, read_gap_searches, read_helped_searches
from feedback.replaying import OWN, asked_as
from feedback.scopes import read_pairs
from indexer.overlay import Found, Overlay
from indexer.store import read_state
from kb.database import read, write

HELPED = 1_000
"""Searches that were called helpful and are tested, those of most people first."""


@dataclass(frozen=True)
class Lost:
    """A search that does not find its article any more: `place` is where it is now, 0 for nowhere, `gap` the closed gap it is of, None for one that
    helped somebody."""

    text: str
    lang: str
    people: int
    article: str
    place: int
    gap: int | None


@dataclass(frozen=True)
class StandingReport:
    """What one run found. `searches` and `found` count texts."""

    generation: int
    searches: int
    found: int
    lost: tuple[Lost, ...]
    closed: tuple[int, ...]
    reopened: tuple[int, ...]


class StandingTest:
    """Runs the test, settles proofs, reopens gaps, and keeps what each run found."""

    def __init__(self, database_path: Path, overlay: Overlay, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._overlay, self._now = database_path, overlay, now

    def is_due(self) -> bool:
        """Whether the index has changed since the last run, or has by now what was published with a proof."""
        with read(self._path) as database:
            return read_state(database).get("generation", "") != _tested(database) or bool(pending_proofs(database))

    def run(self) -> StandingReport:
        """Settle what was published, then test everything against the newest index; gaps whose searches stopped finding their article reopen."""
        with read(self._path) as database:
            generation = int(read_state(database).get("generation", 0))
        closed = self._settle()
        with read(self._path) as database:
            moved = _moved(database)
            standing = _read_standing(database)
            helped = [each for each in read_helped_searches(database) if each.confirmed][:HELPED]
        gaps = {gap: searches for gap, searches in standing.items() if searches}
        everything = [(gap, each) for gap, searches in gaps.items() for each in searches] + [(None, each) for each in helped]
        found = self._overlay.find([asked_as(each) for _, each in everything])
        places = [_place(each, search, moved) for each, (_, search) in zip(found, everything, strict=True)]
        lost = tuple(
            Lost(search.text, search.lang, search.people, search.article, place, gap)
            for place, (gap, search), result in zip(places, everything, found, strict=True)
            if not _holds(place, result, strict=gap is not None)
        )
        reopened = self._reopen(gaps, everything, places, found, generation)
        return StandingReport(generation, len(everything), len(everything) - len(lost), lost, closed, reopened)

    def _settle(self) -> tuple[int, ...]:
        """Close the gaps whose articles are live now, if their searches find them; returns those."""
        with write(self._path) as database:
            note_published_drafts(database, at=stamp(self._now()))
        with read(self._path) as database:
            pending = [(proof, gap, article, read_gap_searches(database, gap, limit=OWN) if gap is not None else [])
                       for proof, gap, article, _, _ in pending_proofs(database)]  # fmt: skip
        closed = []
        for proof, _, article, searches in pending:
            results = self._overlay.find([asked_as(each) for each in searches])
            answered = [each for each, result in zip(searches, results, strict=True) if result.first == article and result.confidence >= SURE]
            people, found = sum(each.people for each in searches), sum(each.people for each in answered)
            held = found >= CLOSES * people
            with write(self._path) as database:
                closed.append(settle_proof(database, proof, searches=answered, found=found, people=people, held=held, at=stamp(self._now())))
        return tuple(gap for gap in closed if gap is not None)

    def _reopen(self, gaps: dict, everything: Sequence, places: Sequence[int], found: Sequence[Found], generation: int) -> tuple[int, ...]:
        """Reopen the gaps whose searches stopped finding their article, and keep what was found: one transaction. Returns those gaps."""
        kept, asked = defaultdict(int), defaultdict(int)
        for (gap, search), place, result in zip(everything, places, found, strict=True):
            if gap is not None:
                asked[gap] += search.people
                kept[gap] += search.people * _holds(place, result, strict=True)
        at, reopened = stamp(self._now()), []
        with write(self._path) as database:
            for gap in gaps:
                # The test keeps only searches that found the article when the gap was closed.
                if kept[gap] >= CLOSES * asked[gap]:
                    continue
                (state, owner) = database.execute("select state, owner from gaps where id = ?", [gap]).fetchone()
                if state in ACTIVE or state == "dismissed":
                    continue
                database["gaps"].update(gap, {"state": "reopened", "closed_at": None, "updated_at": at})
                add_step(database, "gap", gap, "reopened", detail=f"test {kept[gap]}/{asked[gap]}", at=at)
                reopened.append(gap)
            database.execute("insert or replace into feedback_state values ('standing_generation', ?)", [str(generation)])
            record_run(database, places, generation=generation, at=at)
        return tuple(reopened)


def _tested(database: Database) -> str:
    row = database.execute("select value from feedback_state where name = 'standing_generation'").fetchone()
    return row[0] if row else ""


def _read_standing(database: Database) -> dict[int, list[StoredSearch]]:
    """Closed gap -> its searches of the standing test."""
    rows = database.execute(
        "select s.gap, s.text, s.lang, s.scope, s.people, s.article, s.vector_key from standing_searches s join gaps g on g.id = s.gap"
        " where g.state = 'closed' and g.merged_into is null order by s.gap, s.id"
    )
    found: dict[int, list[StoredSearch]] = defaultdict(list)
    for gap, text, lang, scope, people, article, key in rows.fetchall():
        found[gap].append(StoredSearch(text, lang, read_pairs(scope), people, article, False, key))
    return dict(found)


def _moved(database: Database) -> dict[str, str]:
    """Old address -> the article that it leads to."""
    return dict(database.execute("select old, article from redirects").fetchall())


def _place(found: Found, search: StoredSearch, moved: dict[str, str]) -> int:
    return found.place(search.article) or found.place(moved.get(search.article, ""))


def _holds(place: int, found: Found, *, strict: bool) -> bool:
    """Whether a search still does its work: a closed gap's finds its article first and is not told that nothing answers, another's where customers look."""
    return place == 1 and found.confidence >= SURE if strict else 1 <= place <= FIRST_PAGE
