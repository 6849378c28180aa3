"""Groups of evidence that mean the same: searches and questions join them one by one, and stay where people have put them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlite_utils import Database

from feedback.grouping import group_texts
from feedback.joining import join_groups
from feedback.query_vectors import read_vectors


@dataclass(frozen=True)
class Item:
    """One piece of evidence: a search or a question, its language, and the key of its text's vector."""

    source: str
    id: int
    lang: str
    vector_key: str


EVIDENCE_ITEMS = (
    "select 'search' as source, id, lang, vector_key, text, session, address, created_at, need, evidence from searches"
    " where evidence != '' and audience = 'customer'"
    " union all select 'question', id, lang, vector_key, text, session, address, created_at, null, 'question' from questions"
    " where audience = 'customer'"
)
"""All evidence, as SQL: searches that count towards a gap, and questions to the team."""


def withdraw_items(database: Database) -> set[int]:
    """Take out of the groups what is no evidence any more, unless a person placed it; returns the groups that changed."""
    gone = database.execute(
        "select m.source, m.source_id, m.grouped from group_members m left join searches s on m.source = 'search' and s.id = m.source_id"
        " left join questions q on m.source = 'question' and q.id = m.source_id"
        " where (m.source = 'search' and (s.id is null or s.audience != 'customer' or (s.evidence = '' and m.placed_by = '')))"
        " or (m.source = 'question' and (q.id is null or q.audience != 'customer'))"
    ).fetchall()
    database.conn.executemany("delete from group_members where source = ? and source_id = ?", [(source, id) for source, id, _ in gone])
    return {grouped for _, _, grouped in gone}


def new_items(database: Database) -> list[Item]:
    """Evidence that is in no group yet, in the order in which it arose."""
    rows = database.execute(
        f"select e.source, e.id, e.lang, e.vector_key from ({EVIDENCE_ITEMS}) e where not exists"
        " (select 1 from group_members m where m.source = e.source and m.source_id = e.id) order by e.created_at, e.source, e.id"
    )
    return [Item(*row) for row in rows.fetchall()]


def place_items(database: Database, items: Sequence[Item], *, represent, at: str) -> set[int]:
    """Put each item into the group of its text, else into the nearest group, else into one of its own; returns the groups that changed.

    `represent` is what `evidence.Represent` says. Items whose text has no vector yet are left for the next time.
    """
    langs = {item.vector_key: item.lang for item in items}
    vectors = read_vectors(database, langs)
    known = _groups_of_texts(database, vectors)
    fresh = [key for key in vectors if key not in known]
    placed = known | _place_texts(database, fresh, vectors, langs, represent)
    database.conn.executemany(
        "insert or ignore into group_members (source, source_id, grouped, joined_at) values (?, ?, ?, ?)",
        [(item.source, item.id, placed[item.vector_key], at) for item in items if item.vector_key in placed],
    )
    return set(placed.values()) | follow_needs(database, set(placed.values()), represent=represent)


def follow_needs(database: Database, groups: set[int], *, represent) -> set[int]:
    """Move a text that is alone in its group to the group of its need, and return the groups that took one in.

    What one customer searched in other words, and asked the team from there, is one problem, whatever the words look like. A person's
    own placing stays.
    """
    rows = database.execute(
        "with placed as (select m.grouped, m.placed_by, s.need from group_members m join searches s on m.source = 'search' and s.id = m.source_id"
        " union all select m.grouped, m.placed_by, s.need from group_members m join questions q on m.source = 'question' and q.id = m.source_id"
        " join searches s on s.id = q.search_id) select one.grouped, other.grouped from placed one join placed other on other.need = one.need"
        " and other.grouped != one.grouped join groups a on a.id = one.grouped join groups b on b.id = other.grouped"
        " where one.grouped in (select value from json_each(?)) and a.size = 1 and a.gap is null and a.fixed = 0 and one.placed_by = ''"
        " group by one.grouped, other.grouped order by one.grouped, b.size desc, count(*) desc, other.grouped",
        [json.dumps(sorted(groups))],
    ).fetchall()
    moved: dict[int, int] = {}
    for alone, mates in rows:
        if alone not in moved and mates not in moved and alone not in moved.values():
            moved[alone] = mates
    for alone, mates in moved.items():
        database.execute("update group_members set grouped = ? where grouped = ?", [mates, alone])
    recount_groups(database, sorted({*moved, *moved.values()}), represent=represent)
    return set(moved.values())


def _groups_of_texts(database: Database, keys: Sequence[str]) -> dict[str, int]:
    """Vector key -> the group that holds the same text already; the one a person placed it in before any other."""
    rows = database.execute(
        "select e.vector_key, m.grouped from group_members m join (select 'search' as source, id, vector_key from searches"
        " union all select 'question', id, vector_key from questions) e on e.source = m.source and e.id = m.source_id"
        " where e.vector_key in (select value from json_each(?)) order by m.placed_by != '', m.joined_at",
        [json.dumps(list(keys))],
    )
    return dict(rows.fetchall())


def _place_texts(database: Database, keys: list[str], vectors: dict, langs: dict, represent) -> dict[str, int]:
    if not keys:
        return {}
    rows = represent(np.stack([vectors[key] for key in keys]), [langs[key] for key in keys])
    ids, centroids, sizes = read_centroids(database)
    nearest = join_groups(rows, centroids, sizes) if len(ids) else np.full(len(rows), -1)
    placed: dict[str, int] = {}
    joining: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(nearest.tolist()):
        if group >= 0:
            joining[group].append(place)
    for group, places in joining.items():
        size = int(sizes[group])
        centroid = (centroids[group] * size + rows[places].sum(axis=0)) / (size + len(places))
        write_centroid(database, ids[group], centroid, size + len(places))
        placed |= {keys[place]: ids[group] for place in places}
    alone = np.flatnonzero(nearest < 0)
    labels = group_texts(rows[alone], known=(centroids, sizes))
    for label in range(labels.max(initial=-1) + 1):
        places = alone[labels == label]
        group = insert_group(database, rows[places].mean(axis=0), len(places))
        placed |= {keys[place]: group for place in places}
    return placed


def read_centroids(database: Database) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Ids, mean rows float32 (groups, d), and sizes in distinct texts int64 (groups,), of all groups that hold something."""
    found = database.execute("select id, centroid, size from groups where size > 0 order by id").fetchall()
    centroids = [np.frombuffer(centroid, "<f4") for _, centroid, _ in found]
    return [id for id, _, _ in found], np.stack(centroids) if found else np.empty((0, 0), np.float32), np.array([size for _, _, size in found], np.int64)


def insert_group(database: Database, centroid: np.ndarray, size: int, *, gap: int | None = None, fixed: bool = False) -> int:
    """A new group; returns its id."""
    row = {"gap": gap, "fixed": int(fixed), "centroid": centroid.astype("<f4").tobytes(), "size": size}
    return database["groups"].insert(row).last_pk


def write_centroid(database: Database, group: int, centroid: np.ndarray, size: int) -> None:
    database.execute("update groups set centroid = ?, size = ? where id = ?", [centroid.astype("<f4").tobytes(), size, group])


def recount_groups(database: Database, groups: Sequence[int], *, represent) -> None:
    """Compute the centroid and size of these groups anew from the distinct texts they hold."""
    for group in groups:
        langs = dict(database.execute(
            "select e.vector_key, e.lang from group_members m join (select 'search' as source, id, vector_key, lang from searches"
            " union all select 'question', id, vector_key, lang from questions) e on e.source = m.source and e.id = m.source_id"
            " where m.grouped = ?", [group],
        ).fetchall())  # fmt: skip
        vectors = read_vectors(database, langs)
        if vectors:
            rows = represent(np.stack(list(vectors.values())), [langs[key] for key in vectors])
            write_centroid(database, group, rows.mean(axis=0), len(rows))
        else:
            database.execute("update groups set size = 0 where id = ?", [group])
