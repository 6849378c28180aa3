"""Keep the gaps up to date: judge what happened, group the evidence, open and reopen gaps, say what kind each is."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from feedback import schema as schema
from feedback.evidence import judge_open_searches
from feedback.gap_kinds import KindFinder
from feedback.gaps import ACTIVE, insert_gap
from feedback.grouping import represent
from feedback.groups import EVIDENCE_ITEMS, new_items, place_items, read_centroids, recount_groups, withdraw_items
from feedback.helped import count_helped, does_its_work
from feedback.history import add_step
from feedback.joining import mergeable
from feedback.moments import stamp, utc_now
from feedback.query_vectors import name_recipe, store_vectors, vector_key
from feedback.regrouping import is_due, regroup
from feedback.titles import retitle
from indexer.embedder import Embedder
from indexer.indexing import complete_background
from indexer.store import read_state, read_token_background
from kb.database import read, write
from kb.errors import DatabaseError

LOG = logging.getLogger("kb")

PEOPLE = 2
"""A group becomes a gap when so many visits share it, or when the team was asked: one failed search of one visit may be anything."""

JOINED_PER_GROUP = 50
"""Groups are looked through for pairs that are one when one in so many has taken something in."""


@dataclass(frozen=True)
class Update:
    """What one update did. `busy`: another process was at it, and nothing was done."""

    judged: int = 0
    joined: int = 0
    opened: int = 0
    reopened: int = 0
    classified: int = 0
    busy: bool = False


class GapKeeper:
    """Works through what is new. Safe to call from several processes: one works, the others come back at once."""

    def __init__(self, database_path: Path, embedder: Embedder, kinds: KindFinder, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._embedder, self._kinds, self._now = database_path, embedder, kinds, now

    def update(self, *, classify: bool = True) -> Update:
        """Bring evidence, groups and gaps up to now. Raises DatabaseError, and ModelError when texts must be embedded and cannot be."""
        with self._alone() as alone:
            if not alone:
                return Update(busy=True)
            if not self._is_indexed():
                return Update()
            complete_background(self._path, self._embedder)
            with write(self._path) as database:
                renamed = self._follow_model(database)
                judged = judge_open_searches(database, represent=self._represent(database), now=self._now())
                waiting = _note_change(database, changed=bool(judged or renamed))
            joined, opened, reopened = self._bring_up(renamed=renamed) if waiting else (0, 0, 0)
            classified = self._kinds.classify_changed(at=stamp(self._now())) if classify else 0
            return Update(judged, joined, opened, reopened, classified)

    def _is_indexed(self) -> bool:
        """Whether there has been an index: before it nothing was searched, and nothing can be compared."""
        with read(self._path) as database:
            return "generation" in read_state(database)

    def _bring_up(self, *, renamed: bool) -> tuple[int, int, int]:
        """Group what is new, open and reopen gaps: how many joined, were opened, were reopened."""
        self._embed_missing()
        with write(self._path) as database:
            if renamed:
                recount_groups(database, [group for (group,) in database.execute("select id from groups").fetchall()], represent=self._represent(database))
            joined, changed = self._group(database)
            due = is_due(database)
            opened, reopened = self._open_gaps(database, set() if due else changed)
            if not due:
                _note_done(database)
        if due:
            changed |= regroup(self._path, represent=self.represent, at=stamp(self._now()))
            with write(self._path) as database:
                opened, reopened = self._open_gaps(database, changed)
                _note_done(database)
        return joined, opened, reopened

    def represent(self, vectors: np.ndarray, langs: Sequence[str]) -> np.ndarray:
        """`evidence.Represent` for the index's background."""
        complete_background(self._path, self._embedder)
        with read(self._path) as database:
            return self._represent(database)(vectors, langs)

    def _represent(self, database: Database):
        background = read_token_background(database)
        return lambda vectors, langs: represent(vectors, langs, background=background)

    def _group(self, database: Database) -> tuple[int, set[int]]:
        represented, at = self._represent(database), stamp(self._now())
        withdrawn = withdraw_items(database)
        recount_groups(database, sorted(withdrawn), represent=represented)
        items = new_items(database)
        changed = place_items(database, items, represent=represented, at=at) | withdrawn
        if items:
            changed |= self._merge_alike(database, at, joined=len(items))
        return len(items), changed

    def _merge_alike(self, database: Database, at: str, *, joined: int) -> set[int]:
        """Unite groups that are one meaning after all: both free, and at most one of their gaps decided about by a person.

        It compares all with all, so many groups wait until enough has joined to make it worth while.
        """
        ids, centroids, sizes = read_centroids(database)
        if joined * JOINED_PER_GROUP < len(ids):
            return set()
        united: set[int] = set()
        for one, other in mergeable(centroids, sizes):
            pair = {ids[one], ids[other]}
            if pair & united or not _may_unite(database, *sorted(pair)):
                continue
            kept, gone = sorted(pair)
            _unite(database, kept, gone, at)
            united |= pair
            recount_groups(database, [kept, gone], represent=self._represent(database))
        return united

    def _open_gaps(self, database: Database, changed: set[int]) -> tuple[int, int]:
        at = stamp(self._now())
        opened = 0
        reached = _reach(database, changed)
        helped = count_helped(database, [group for group, _, _ in reached])
        for group, people, questions in reached:
            if (people >= PEOPLE or questions) and not does_its_work(helped=helped.get(group, 0), failed=people):
                gap = insert_gap(database, at=at)
                database.execute("update groups set gap = ? where id = ?", [gap, group])
                add_step(database, "gap", gap, "opened", at=at)
                opened += 1
        gaps = [gap for (gap,) in database.execute(
            f"select distinct gap from groups where gap is not null and id in ({', '.join(map(str, changed)) or 'null'})"
        ).fetchall()]  # fmt: skip
        retitle(database, gaps, represent=self._represent(database))
        reopened = _reopen(database, gaps, at)
        return opened, reopened

    def _embed_missing(self) -> None:
        """Embed the texts of evidence that have no vector: those that something was redacted from, and questions."""
        with read(self._path) as database:
            rows = database.execute(
                f"select distinct e.vector_key, e.text from ({EVIDENCE_ITEMS}) e where not exists"
                " (select 1 from query_vectors v where v.key = e.vector_key)"
            ).fetchall()
        if not rows:
            return
        embedded = self._embedder.embed_queries([text for _, text in rows])
        with write(self._path) as database:
            store_vectors(database, [(key, each.token_mean) for (key, _), each in zip(rows, embedded, strict=True)])

    def _follow_model(self, database: Database) -> bool:
        """Name every text's vector anew when vectors are made in another way, and say so; groups and decisions stay."""
        model = read_state(database).get("model", self._embedder.name)
        known = database.execute("select value from feedback_state where name = 'model'").fetchone()
        searches, questions = "evidence != '' or settled_at is null", "1"
        same = bool(known and known[0] == name_recipe(model))
        if same:
            searches, questions = "0", "vector_key = ''"
        else:
            database.execute("insert or replace into feedback_state values ('model', ?)", [name_recipe(model)])
        for table, wanted in (("searches", searches), ("questions", questions)):
            rows = database.execute(f"select id, text from {table} where {wanted}").fetchall()
            database.conn.executemany(f"update {table} set vector_key = ? where id = ?", [(vector_key(model, text), id) for id, text in rows])
        return not same

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        path = self._path.with_suffix(".gaps.lock")
        try:
            lock = open(path, "w")
        except OSError as fault:
            raise DatabaseError(f"{path} cannot be written: {fault.strerror}; check free space, the folder and its permissions") from fault
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _note_change(database: Database, *, changed: bool) -> bool:
    """Whether there is anything to group: something was judged, or asked, since that was done last. Kept in the database, so that an update that was
    killed is taken up again."""
    (asked,) = database.execute("select ifnull(max(id), 0) from questions").fetchone()
    known = dict(database.execute("select name, value from feedback_state where name in ('grouping_waits', 'grouped_questions')").fetchall())
    if not changed and known.get("grouping_waits") == "0" and known.get("grouped_questions") == str(asked):
        return False
    database.execute("insert or replace into feedback_state values ('grouping_waits', '1')")
    return True


def _note_done(database: Database) -> None:
    database.execute("insert or replace into feedback_state values ('grouping_waits', '0')")
    database.execute("insert or replace into feedback_state select 'grouped_questions', ifnull(max(id), 0) from questions")


def _reach(database: Database, groups: set[int]) -> list[tuple[int, int, int]]:
    """(group, visits, questions) of those of these groups that are no gap yet."""
    return database.execute(
        f"select g.id, count(distinct e.session), sum(e.source = 'question') from groups g join group_members m on m.grouped = g.id"
        f" join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id"
        f" where g.gap is null and g.id in ({', '.join(map(str, groups)) or 'null'}) group by g.id order by min(e.created_at)"
    ).fetchall()


def _reopen(database: Database, gaps: Sequence[int], at: str) -> int:
    """Reopen closed gaps that two visits or a question came to since; returns how many."""
    reopened = 0
    for gap in gaps:
        state, closed_at = database.execute("select state, closed_at from gaps where id = ?", [gap]).fetchone()
        if state != "closed":
            continue
        people, questions = database.execute(
            f"select count(distinct e.session), ifnull(sum(e.source = 'question'), 0) from group_members m join groups g on g.id = m.grouped"
            f" join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id where g.gap = ? and e.created_at > ?",
            [gap, closed_at],
        ).fetchone()
        if people >= PEOPLE or questions:
            database.execute("update gaps set state = 'reopened', closed_at = null, updated_at = ? where id = ?", [at, gap])
            add_step(database, "gap", gap, "reopened", detail=f"{people}", at=at)
            reopened += 1
    return reopened


def _may_unite(database: Database, one: int, other: int) -> bool:
    rows = database.execute(
        "select g.fixed, ifnull(p.state, ''), ifnull(p.owner || p.titled_by || p.kind_by, '') from groups g left join gaps p on p.id = g.gap"
        " where g.id in (?, ?)",
        [one, other],
    ).fetchall()
    decided = [state not in ("", "open") or bool(by) for _, state, by in rows]
    return not any(fixed for fixed, _, _ in rows) and sum(decided) <= 1 and all(state in ("", *ACTIVE) for _, state, _ in rows)


def _unite(database: Database, kept: int, gone: int, at: str) -> None:
    """Move everything into the older group; of two gaps the one that people decided about lives on, else the older."""
    gaps = dict(database.execute("select id, gap from groups where id in (?, ?)", [kept, gone]).fetchall())
    held = sorted({gap for gap in gaps.values() if gap is not None})
    if len(held) == 2:
        decided = database.execute(
            "select id from gaps where id in (?, ?) and (state != 'open' or owner || titled_by || kind_by != '')", held
        ).fetchone()
        survivor = decided[0] if decided else held[0]
        other = held[1] if survivor == held[0] else held[0]
        database.execute("update groups set gap = ? where gap = ?", [survivor, other])
        database.execute("update gaps set merged_into = ?, updated_at = ?, judged_generation = '' where id = ?", [survivor, at, other])
        add_step(database, "gap", survivor, "merged", detail=f"<- {other}", at=at)
        add_step(database, "gap", other, "merged", detail=f"-> {survivor}", at=at)
    elif held:
        database.execute("update groups set gap = ? where id = ?", [held[0], kept])
    database.execute("update group_members set grouped = ? where grouped = ?", [kept, gone])
    database.execute("update groups set gap = null where id = ?", [gone])
