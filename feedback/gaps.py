"""What people decide about a gap: state, owner, notes, merging and splitting. Every change is one transaction and one step of history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from feedback.groups import insert_group, read_centroids, recount_groups
from feedback.history import add_step
from feedback.moments import stamp, utc_now
from feedback.titles import retitle
from kb.articles import Article
from kb.database import write
from kb.errors import KnowledgeBaseError

STATES = ("open", "assigned", "drafted", "closed", "dismissed", "reopened")
ACTIVE = ("open", "assigned", "drafted", "reopened")
GAP_KINDS = ("missing", "unfindable", "unhelpful", "wrong_language", "hidden")
GAP_STEPS = ("opened", "assigned", "drafted", "closed", "dismissed", "reopened", "noted", "renamed", "classified", "merged", "split", "proof_failed")
"""What the history of a gap can say."""
DISMISSALS = ("not_ours", "spam", "duplicate", "answered_elsewhere", "too_rare")
"""Why a gap is not worth an article: another company's product, nonsense, the same as another, told elsewhere on purpose, rare."""


class GapError(KnowledgeBaseError):
    """Something that cannot be done with a gap; the message says what can."""


class Gaps:
    """Changes gaps. Every method takes the name of the account that acts, and raises GapError for what cannot be done."""

    def __init__(self, database_path: Path, *, represent, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._represent, self._now = database_path, represent, now

    def assign(self, gap: int, owner: str, *, due: str = "", account: str) -> None:
        """Give the gap an owner and, if wanted, a due date (YYYY-MM-DD); an empty owner gives it back."""
        if due:
            try:
                date.fromisoformat(due)
            except ValueError:
                raise GapError(f"the due date is not a date: {due!r} (want YYYY-MM-DD)") from None
        with write(self._path) as database:
            row = _active(database, gap)
            state = row["state"] if row["state"] == "drafted" else "assigned" if owner else "open"
            detail = f"{owner or '-'}{f', {due}' if due else ''}"
            self._change(database, gap, "assigned", account, detail, audit=detail, owner=owner, due=due, state=state)

    def draft(self, gap: int, article: str, *, account: str) -> None:
        """Note that an article is being written for the gap; without an owner it is from now on the account's."""
        with write(self._path) as database:
            row = _active(database, gap)
            self._change(database, gap, "drafted", account, article, state="drafted", owner=row["owner"] or account)

    def draft_for_question(self, question: int, article: str, *, account: str) -> None:
        """The same for the gap that holds a question, if there is one and it waits for an article. The audit log has it as the question's draft."""
        with write(self._path) as database:
            row = database.execute(
                "select p.id, p.state from group_members m join groups g on g.id = m.grouped join gaps p on p.id = g.gap"
                " where m.source = 'question' and m.source_id = ?",
                [question],
            ).fetchone()
            if row and row[1] in ACTIVE:
                self._change(database, row[0], "drafted", account, article, audit=None, state="drafted")

    def close(self, gap: int, evidence: str, *, account: str) -> None:
        """Close the gap with what shows that it is closed: the article, and how that was checked."""
        if not evidence.strip():
            raise GapError("a gap is closed with evidence: name the article that answers it and how you checked")
        with write(self._path) as database:
            _active(database, gap)
            # What an earlier article was tested with is not what closes it now.
            database.execute("delete from standing_searches where gap = ?", [gap])
            self._change(database, gap, "closed", account, evidence.strip(), state="closed", resolution=evidence.strip(), closed_at=stamp(self._now()))

    def dismiss(self, gap: int, reason: str, *, note: str = "", account: str) -> None:
        """Dismiss the gap for one of DISMISSALS."""
        if reason not in DISMISSALS:
            raise GapError(f"no reason {reason!r}; give one of {', '.join(DISMISSALS)}")
        with write(self._path) as database:
            _active(database, gap)
            detail = f"{reason}: {note.strip()}" if note.strip() else reason
            self._change(database, gap, "dismissed", account, detail, audit=reason, state="dismissed", resolution=detail, closed_at=stamp(self._now()))

    def reopen(self, gap: int, *, account: str, why: str = "") -> None:
        """Open a closed or dismissed gap again."""
        with write(self._path) as database:
            row = _row(database, gap)
            if row["state"] in ACTIVE:
                raise GapError(f"gap {gap} is {row['state']} already")
            self._change(database, gap, "reopened", account, why, state="reopened", closed_at=None)

    def note(self, gap: int, text: str, *, account: str) -> None:
        """Add a note to the gap's history."""
        if not text.strip():
            raise GapError("the note is empty")
        with write(self._path) as database:
            _row(database, gap)
            self._change(database, gap, "noted", account, text.strip()[:2000])

    def rename(self, gap: int, title: str, *, account: str) -> None:
        """Give the gap a title of the team's own, in place of a customer's words; an empty one gives it back to the customers."""
        with write(self._path) as database:
            _row(database, gap)
            text = " ".join(title.split())[:200]
            titles = {"title_en": text, "title_zh": text} if text else {}
            self._change(database, gap, "renamed", account, text, titled_by=account if text else "", **titles)

    def classify(self, gap: int, kind: str, *, account: str) -> None:
        """Set the kind by hand; it stays until it is given back with ''."""
        if kind not in (*GAP_KINDS, ""):
            raise GapError(f"no kind {kind!r}; give one of {', '.join(GAP_KINDS)}, or nothing")
        with write(self._path) as database:
            row = _row(database, gap)
            chosen = {"kind": kind} if kind else {"judged_generation": ""}
            self._change(database, gap, "classified", account, kind, audit=f"{row['kind']} -> {kind or '-'}", kind_by=account if kind else "", **chosen)

    def merge(self, gap: int, into: int, *, account: str) -> None:
        """Make `gap` part of `into`: what it held and what comes later belongs there; its number leads there from now on."""
        if gap == into:
            raise GapError("a gap cannot be merged into itself")
        with write(self._path) as database:
            _row(database, gap), _row(database, into)
            database.execute("update groups set gap = ?, fixed = 1 where gap in (?, ?)", [into, gap, into])
            self._change(database, gap, "merged", account, f"-> {into}", audit=f"-> {into}", merged_into=into)
            self._change(database, into, "merged", account, f"<- {gap}", audit=None, judged_generation="")

    def split(self, gap: int, items: Sequence[tuple[str, int]], *, account: str) -> int:
        """Move these (source, id) of the gap into a gap of their own, and return its number. They stay apart for good."""
        with write(self._path) as database:
            _row(database, gap)
            held = _held(database, gap)
            chosen = [item for item in dict.fromkeys(items) if item in held]
            if not chosen or len(chosen) == len(held):
                raise GapError("choose some of the gap's searches to split off, and leave some")
            at = stamp(self._now())
            new = insert_gap(database, at=at)
            width = read_centroids(database)[1].shape[1]
            group = insert_group(database, np.zeros(width, np.float32), 0, gap=new, fixed=True)
            database.conn.executemany(
                "update group_members set grouped = ?, placed_by = ? where source = ? and source_id = ?",
                [(group, account, source, id) for source, id in chosen],
            )
            database.execute("update groups set fixed = 1 where gap = ?", [gap])
            recount_groups(database, [group, *{held[item] for item in chosen}], represent=self._represent)
            retitle(database, [gap, new], represent=self._represent)
            self._change(database, gap, "split", account, f"-> {new}", audit=f"-> {new}", judged_generation="")
            add_step(database, "gap", new, "split", detail=f"<- {gap}", account=account, at=at, audit=None)
            return new

    def _change(self, database: Database, gap: int, action: str, account: str, detail: str = "", *, audit: str | None = "", **columns: object) -> None:
        at = stamp(self._now())
        database["gaps"].update(gap, {**columns, "updated_at": at})
        add_step(database, "gap", gap, action, detail=detail, account=account, at=at, audit=audit)


def insert_gap(database: Database, *, at: str) -> int:
    """A new open gap; returns its number."""
    return database["gaps"].insert({"created_at": at, "updated_at": at}).last_pk


def follow_merges(database: Database, gap: int) -> int:
    """The number under which the gap lives on: its own, or that of the gap it was merged into."""
    seen = {gap}
    while True:
        row = database.execute("select merged_into from gaps where id = ?", [gap]).fetchone()
        if row is None or row[0] is None or row[0] in seen:
            return gap
        gap = row[0]
        seen.add(gap)


def _row(database: Database, gap: int) -> dict:
    row = next(iter(database.query("select * from gaps where id = ?", [gap])), None)
    if row is None:
        raise GapError(f"no gap {gap}; `kb gaps` lists them")
    if row["merged_into"] is not None:
        raise GapError(f"gap {gap} was merged into gap {row['merged_into']}")
    return row


def _active(database: Database, gap: int) -> dict:
    row = _row(database, gap)
    if row["state"] not in ACTIVE:
        raise GapError(f"gap {gap} is {row['state']}; reopen it first")
    return row


def _held(database: Database, gap: int) -> dict[tuple[str, int], int]:
    rows = database.execute(
        "select m.source, m.source_id, m.grouped from group_members m join groups g on g.id = m.grouped where g.gap = ?", [gap]
    )
    return {(source, id): group for source, id, group in rows.fetchall()}


def gap_of_draft(draft: Article) -> int | None:
    """The gap that a draft says it is written for, in the field `gap` of its front matter; None when it names none."""
    named = str(draft.extra.get("gap", "")).strip().removeprefix("#")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else None
