"""Proofs: what a replay showed when an article was published, and whether the live index kept the promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from feedback.gaps import ACTIVE, GapError, follow_merges
from feedback.history import add_step
from feedback.moments import read_stamp, stamp, utc_now
from feedback.replay import Replay, count_people
from feedback.replay_searches import StoredSearch
from kb.database import write
from kb.errors import KnowledgeBaseError

PROOF_STATES = ("pending", "held", "failed", "replaced")
"""pending: the index does not have the article yet; held, failed: what its gap's searches then found; replaced: published again before."""
SHORTEST_REASON = 10
"""Characters: a reason that somebody else can follow."""


class ReplayRefused(KnowledgeBaseError):
    """A draft that its replay advises against, without a written reason. Carries the `replay`."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        super().__init__(f"{replay.article}: the replay says {replay.verdict}; mend the draft, or publish it with a reason of {SHORTEST_REASON} characters or more")


@dataclass(frozen=True)
class Proof:
    """What stands behind a publication. `own`, `working` and `harmed` count people; `state` is 'pending' until the index has the article, then 'held'
    or 'failed'."""

    id: int
    article: str
    gap: int | None
    account: str
    at: datetime
    verdict: str
    closes: float
    confidence: float
    own: int
    working: int
    harmed: int
    reason: str
    state: str


class Proofs:
    """Writes and reads `proofs`."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def keep(self, article: str, replay: Replay, *, content_hash: str, gap: int | None, reason: str = "", account: str) -> int:
        """Store what the replay of a draft showed that was saved as published, with that hash of its file. Raises ReplayRefused when it advises against it and there is no reason,
        GapError when there is no such gap."""
        check_reason(replay, reason)
        at = stamp(self._now())
        with write(self._path) as database:
            if gap is not None:
                gap = _known(database, gap)
                _note_draft(database, gap, article, account=account, at=at)
            row = {
                "article": article, "gap": gap, "account": account, "at": at, "verdict": replay.verdict, "closes": replay.closes,
                "confidence": replay.confidence, "own": count_people(replay.own), "working": count_people(replay.working), "harmed": count_people(replay.harmed),
                "reason": " ".join(reason.split())[:1000], "content_hash": content_hash,
            }  # fmt: skip
            return database["proofs"].insert(row).last_pk


def check_reason(replay: Replay, reason: str) -> None:
    """Raises ReplayRefused when the replay advises against the draft and the reason says nothing."""
    if not replay.may_publish and len(" ".join(reason.split())) < SHORTEST_REASON:
        raise ReplayRefused(replay)


def read_proofs(database: Database, *, gap: int | None = None, article: str = "") -> tuple[Proof, ...]:
    """The proofs of a gap or an article, latest first."""
    rows = database.execute(
        "select id, article, gap, account, at, verdict, closes, confidence, own, working, harmed, reason, state from proofs"
        " where gap = ? or article = ? order by id desc",
        [gap, article or None],
    )
    return tuple(Proof(*row[:4], read_stamp(row[4]), *row[5:]) for row in rows.fetchall())


def note_published_drafts(database: Database, *, at: str) -> None:
    """A proof to settle for each published article that names a gap nobody has closed yet, and came in another way than through the portal: a pull
    request, an editor. Its searches decide, as always."""
    database.execute(
        "insert into proofs (article, gap, account, at, verdict, closes, confidence, own, working, harmed, content_hash)"
        " select a.id, p.id, '', ?, 'closes', 0, 0, 0, 0, 0, a.content_hash from articles a join gaps p"
        " on cast(p.id as text) = trim(json_extract(a.extra, '$.gap'), '# ') where a.status = 'published' and p.merged_into is null"
        " and p.state in ('open', 'assigned', 'drafted') and not exists (select 1 from proofs o where o.gap = p.id and o.article = a.id"
        " and o.content_hash = a.content_hash)",
        [at],
    )


def pending_proofs(database: Database) -> list[tuple[int, int | None, str, str, float]]:
    """(proof, gap, article, account, share) of the latest proof of each article that the index holds, published, as it was saved with the proof."""
    rows = database.execute(
        "select max(p.id), p.gap, p.article, p.account, p.closes from proofs p join articles a on a.id = p.article and a.status = 'published'"
        " where p.state = 'pending' and p.content_hash = a.content_hash group by p.article, p.gap order by 1"
    )
    return rows.fetchall()


def settle_proof(
    database: Database, proof: int, *, searches: Sequence[StoredSearch], found: int, people: int, held: bool, at: str
) -> int | None:
    """Close the proof's gap with what its searches find now, keep them as its standing test, and return it; or say that it did not hold. The history
    names who published; the audit log has the publication, and not what came of it later."""
    gap, article, account, reason = database.execute("select gap, article, account, reason from proofs where id = ?", [proof]).fetchone()
    database.execute("update proofs set state = 'replaced', settled_at = ? where state = 'pending' and article = ? and id != ?", [at, article, proof])
    database.execute("update proofs set state = ?, settled_at = ? where id = ?", ["held" if held else "failed", at, proof])
    # Without an account nobody replayed it before: what was found now is all there is to show.
    database.execute("update proofs set own = ?, closes = ? where id = ? and account = ''", [people, found / max(people, 1), proof])
    if gap is None:
        return None
    gap = follow_merges(database, gap)
    (state,) = database.execute("select state from gaps where id = ?", [gap]).fetchone()
    share = f"{found}/{people}"
    if not held and not reason:
        add_step(database, "gap", gap, "proof_failed", detail=f"{article}, {share}", account=account, at=at, audit=None)
        return None
    resolution = f"{article}, {share}" + (f": {reason}" if reason else "")
    if state in ACTIVE:
        database["gaps"].update(gap, {"state": "closed", "resolution": resolution, "closed_at": at, "updated_at": at})
        add_step(database, "gap", gap, "closed", detail=resolution, account=account, at=at, audit=None)
    database.execute("delete from standing_searches where gap = ?", [gap])
    database["standing_searches"].insert_all(
        {
            "gap": gap, "article": article, "text": each.text, "lang": each.lang, "scope": json.dumps(dict(each.scope), ensure_ascii=False),
            "people": each.people, "vector_key": each.vector_key,
        }
        for each in searches
    )  # fmt: skip
    return gap


def drop_forgotten_searches(database: Database, *, erased: Sequence[str] = ()) -> int:
    """Delete from the standing test what one visit alone had asked and has been forgotten since, and of texts that were `erased`, by their vector
    keys, all that nobody else has asked; returns how many."""
    deleted = database.execute(
        "delete from standing_searches where (people = 1 or vector_key in (select value from json_each(?)))"
        " and vector_key not in (select vector_key from searches union select vector_key from questions)",
        [json.dumps(list(erased))],
    )
    return deleted.rowcount


def _known(database: Database, gap: int) -> int:
    gap = follow_merges(database, gap)
    if database.execute("select 1 from gaps where id = ?", [gap]).fetchone() is None:
        raise GapError(f"no gap {gap}; `kb gaps` lists them")
    return gap


def _note_draft(database: Database, gap: int, article: str, *, account: str, at: str) -> None:
    state, owner = database.execute("select state, owner from gaps where id = ?", [gap]).fetchone()
    if state in ("open", "assigned", "reopened"):
        database["gaps"].update(gap, {"state": "drafted", "owner": owner or account, "updated_at": at})
        add_step(database, "gap", gap, "drafted", detail=article, account=account, at=at, audit=None)

