"""Judge the searches of visits that are still open: chain them into needs, decide what they came to, write it down."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlite_utils import Database

from feedback.moments import read_stamp, stamp
from feedback.needs import LATER, Asked, chain_needs
from feedback.outcomes import Facts, Opened, judge_need
from feedback.query_vectors import read_vectors

Represent = Callable[[np.ndarray, Sequence[str]], np.ndarray]
"""(vectors float32 (n, dimension), languages) -> rows float32 (n, d) whose products are likenesses."""

_SESSIONS_AT_ONCE = 500


def judge_open_searches(database: Database, *, represent: Represent, now: datetime) -> int:
    """Judge every search that is not settled, with its whole need; returns how many rows changed.

    Only customers' searches: those of staff, programs and floods are settled at once and are never evidence.
    """
    database.execute("update searches set settled_at = ? where settled_at is null and audience != 'customer'", [stamp(now)])
    open_sessions = [session for (session,) in database.execute("select distinct session from searches where settled_at is null").fetchall()]
    changed = 0
    for start in range(0, len(open_sessions), _SESSIONS_AT_ONCE):
        changed += _judge(database, open_sessions[start : start + _SESSIONS_AT_ONCE], represent=represent, now=now)
    return changed


def _judge(database: Database, sessions: list[str], *, represent: Represent, now: datetime) -> int:
    rows = _read_searches(database, sessions)
    vectors = _represented(database, rows, represent)
    opens, votes, asked, signs = _read_actions(database, sessions)
    by_session: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        by_session[row["session"]].append(row)
    changes = []
    for session, own in by_session.items():
        needs = chain_needs([_asked(row, vectors) for row in own])
        last_sign = max([*signs[session], *(row["updated_at"] for row in own)])
        for need, members in _grouped(needs, own):
            facts = [_facts(row, opens, votes, asked) for row in members]
            judged = judge_need(facts, last_sign=read_stamp(last_sign), now=now)
            changes += [
                (need, each.result, each.evidence, stamp(now) if each.settled else None, row["id"])
                for row, each in zip(members, judged, strict=True)
                if (row["need"], row["result"], row["evidence"], row["settled_at"] is not None) != (need, each.result, each.evidence, each.settled)
            ]
    database.conn.executemany("update searches set need = ?, result = ?, evidence = ?, settled_at = ? where id = ?", changes)
    return len(changes)


def _read_searches(database: Database, sessions: list[str]) -> list[dict]:
    """Each session's customer searches from a day before its first open one, in the order of time."""
    day = f"-{int(LATER / timedelta(hours=1))} hours"
    return list(
        database.query(
            "select s.id, s.session, s.text, s.lang, s.outcome, s.created_at, s.updated_at, s.vector_key, s.need, s.result, s.evidence,"
            " s.settled_at, s.degraded, json_extract(s.hits, '$[0].article') as first_hit from searches s join (select session,"
            " strftime('%Y-%m-%dT%H:%M:%S', min(created_at), :day) as since from searches where settled_at is null and audience = 'customer'"
            " group by session) o on o.session = s.session and s.created_at >= o.since where s.audience = 'customer'"
            " and s.session in (select value from json_each(:sessions)) order by s.session, s.created_at, s.id",
            {"day": day, "sessions": json.dumps(sessions)},
        )
    )


def _represented(database: Database, rows: list[dict], represent: Represent) -> dict[str, np.ndarray]:
    """Vector key -> represented row. Visits of one search need none: nothing is compared."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row["session"]] += 1
    langs = {row["vector_key"]: row["lang"] for row in rows if counts[row["session"]] > 1}
    vectors = read_vectors(database, langs)
    if not vectors:
        return {}
    keys = list(vectors)
    return dict(zip(keys, represent(np.stack([vectors[key] for key in keys]), [langs[key] for key in keys]), strict=True))


def _read_actions(database: Database, sessions: list[str]) -> tuple[dict, dict, dict, dict]:
    """Opens, votes and the question by search id, and the times of every action by session."""
    opens, votes, asked, signs = defaultdict(list), defaultdict(list), {}, defaultdict(list)
    wanted = "session in (select value from json_each(?))"
    names = [json.dumps(sessions)]
    for session, search, article, at, seconds in database.execute(
        f"select session, search_id, article, opened_at, read_seconds from opens where {wanted}", names
    ).fetchall():
        signs[session].append(at)
        opens[search].append(Opened(article, read_stamp(at), seconds))
    for session, search, article, helpful, at in database.execute(
        f"select session, search_id, article, helpful, cast_at from votes where {wanted}", names
    ).fetchall():
        signs[session].append(at)
        votes[search].append((article, bool(helpful), read_stamp(at)))
    for session, search, at in database.execute(f"select session, search_id, created_at from questions where {wanted}", names).fetchall():
        signs[session].append(at)
        if search is not None:
            asked[search] = read_stamp(at)
    return opens, votes, asked, signs


def _asked(row: dict, vectors: dict[str, np.ndarray]) -> Asked:
    began, ended = read_stamp(row["created_at"]), read_stamp(row["updated_at"])
    return Asked(row["id"], began, ended, row["text"], vectors.get(row["vector_key"]), row["first_hit"] or "")


def _facts(row: dict, opens: dict, votes: dict, asked: dict) -> Facts:
    return Facts(
        row["id"], row["text"], row["outcome"], read_stamp(row["updated_at"]), tuple(opens.get(row["id"], ())),
        tuple(votes.get(row["id"], ())), asked.get(row["id"]), bool(row["degraded"]),
    )  # fmt: skip


def _grouped(needs: list[int], rows: list[dict]) -> Iterator[tuple[int, list[dict]]]:
    found: dict[int, list[dict]] = defaultdict(list)
    for need, row in zip(needs, rows, strict=True):
        found[need].append(row)
    yield from found.items()
