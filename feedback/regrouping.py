"""Now and then, group anew what nobody has decided about: texts that came one by one are told apart better when they are seen together.

Groups and gaps keep their numbers where most of what they held stays together; a gap that loses everything leads to the one that took most of it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from feedback.grouping import group_texts
from feedback.groups import follow_needs, insert_group, recount_groups
from feedback.history import add_step
from feedback.query_vectors import read_vectors
from kb.database import read, write

GROWTH = 1.25
"""Grouped anew when there are so many times as many texts as the last time."""
MOST = 6_000
"""Of more texts it would take minutes; then they only join."""

_FREE = (
    "select g.id from groups g left join gaps p on p.id = g.gap where g.fixed = 0 and g.size > 0 and (g.gap is null or (p.state = 'open'"
    " and p.owner || p.titled_by || p.kind_by = '' and not exists (select 1 from history h where h.subject = 'gap'"
    " and h.subject_id = cast(p.id as text) and h.account != '')))"
)
"""Groups that no person has said anything about, as SQL."""
_MEMBERS = (
    "select m.grouped, e.vector_key, e.lang, m.source, m.source_id from group_members m join (select 'search' as source, id, vector_key, lang"
    " from searches union all select 'question', id, vector_key, lang from questions) e on e.source = m.source and e.id = m.source_id"
    f" where m.placed_by = '' and m.grouped in ({_FREE})"
)


@dataclass(frozen=True)
class _Texts:
    """The texts of free groups: their keys, languages and vectors, aligned."""

    keys: tuple[str, ...]
    langs: tuple[str, ...]
    vectors: np.ndarray


def is_due(database: Database) -> bool:
    """Whether enough has come since the last time."""
    (texts,) = database.execute(f"select ifnull(sum(size), 0) from groups where id in ({_FREE})").fetchone()
    last = database.execute("select value from feedback_state where name = 'regrouped'").fetchone()
    return 1 < texts <= MOST and texts >= GROWTH * int(last[0] if last else 1)


def regroup(database_path: Path, *, represent, at: str) -> set[int]:
    """Group the texts of free groups anew; returns the groups that changed. The lock is not held while it computes."""
    with read(database_path) as database:
        texts = _read_texts(database)
    labels = group_texts(represent(texts.vectors, texts.langs)) if texts.keys else np.zeros(0, np.int64)
    with write(database_path) as database:
        # The number that the due date counts: a text without a vector waits for the next update.
        (size,) = database.execute(f"select ifnull(sum(size), 0) from groups where id in ({_FREE})").fetchone()
        database.execute("insert or replace into feedback_state values ('regrouped', ?)", [str(max(int(size), 1))])
        return _apply(database, dict(zip(texts.keys, labels.tolist(), strict=True)), represent=represent, at=at)


def _read_texts(database: Database) -> _Texts:
    langs = {key: lang for _, key, lang, _, _ in database.execute(f"{_MEMBERS} order by m.source, m.source_id").fetchall()}
    vectors = read_vectors(database, langs)
    keys = tuple(key for key in langs if key in vectors)
    return _Texts(keys, tuple(langs[key] for key in keys), np.stack([vectors[key] for key in keys]) if keys else np.empty((0, 0), np.float32))


def _apply(database: Database, labels: dict[str, int], *, represent, at: str) -> set[int]:
    """Move every text to the group that its label stands for: the one that holds most of the label's evidence, or a new one."""
    rows = [row for row in database.execute(_MEMBERS).fetchall() if row[1] in labels]
    shared = Counter((labels[key], group) for group, key, _, _, _ in rows)
    group_of: dict[int, int] = {}
    for (label, group), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0][1], each[0][0])):
        if label not in group_of and group not in group_of.values():
            group_of[label] = group
    for label in {label for label, _ in shared} - group_of.keys():
        group_of[label] = insert_group(database, np.zeros(0, np.float32), 0)
    moves = [(group_of[labels[key]], source, id) for group, key, _, source, id in rows if group_of[labels[key]] != group]
    left = {group for group, key, _, _, _ in rows if group_of[labels[key]] != group}
    database.conn.executemany("update group_members set grouped = ? where source = ? and source_id = ?", moves)
    changed = left | {group for group, _, _ in moves}
    recount_groups(database, sorted(changed), represent=represent)
    _lead_on(database, _went(rows, labels, group_of), at=at)
    return changed | follow_needs(database, changed, represent=represent)


def _went(rows: list, labels: dict[str, int], group_of: dict[int, int]) -> dict[int, int]:
    """Old group -> the group that took most of what it held."""
    taken: dict[int, Counter] = defaultdict(Counter)
    for group, key, _, _, _ in rows:
        taken[group][group_of[labels[key]]] += 1
    return {group: counts.most_common(1)[0][0] for group, counts in taken.items()}


def _lead_on(database: Database, went: dict[int, int], *, at: str) -> None:
    """Gaps whose groups are empty now give their number to the gap that took what they held, or their group to it if that was no gap yet."""
    empty = database.execute(
        "select id, gap from groups where size = 0 and gap is not null and id in (select value from json_each(?))", [json.dumps(sorted(went))]
    ).fetchall()
    for group, gap in empty:
        if went[group] == group:
            continue
        (heir,) = database.execute("select gap from groups where id = ?", [went[group]]).fetchone()
        database.execute("update groups set gap = null where id = ?", [group])
        if heir is None:
            database.execute("update groups set gap = ? where id = ?", [gap, went[group]])
        elif heir != gap:
            database.execute("update gaps set merged_into = ?, updated_at = ?, judged_generation = '' where id = ?", [heir, at, gap])
            add_step(database, "gap", heir, "merged", detail=f"<- {gap}", at=at)
            add_step(database, "gap", gap, "merged", detail=f"-> {heir}", at=at)
