"""Which stored searches a replay runs: those of a gap, and those that work today and stand nearest to the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlite_utils import Database

from feedback.groups import EVIDENCE_ITEMS
from feedback.query_vectors import fold_text, read_vectors
from feedback.scopes import read_pairs

GLANCE = 5.0
"""Seconds: an article left sooner was no answer."""
POOL = 5_000
"""Of the searches that were helped, those of most people and then the latest are looked at."""
AT_RISK = 0.8
"""Share of the replayed working searches that stand nearest to the draft; the others are those of most people."""


@dataclass(frozen=True)
class StoredSearch:
    """A text that customers searched, with the filters they used; `people` counts visits, `article` is what helped them ('' for evidence of a gap)."""

    text: str
    lang: str
    scope: tuple[tuple[str, str], ...]
    people: int
    article: str = ""
    confirmed: bool = False
    vector_key: str = ""


def read_gap_searches(database: Database, gap: int, *, limit: int) -> list[StoredSearch]:
    """The gap's searches and questions, one for each text and filter, those of most people first."""
    rows = database.execute(
        f"select e.text, e.lang, ifnull(s.scope, '{{}}'), e.session, e.vector_key from group_members m join groups g on g.id = m.grouped"
        f" join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id left join searches s on m.source = 'search' and s.id = m.source_id"
        " where g.gap = ? order by e.created_at, e.id",
        [gap],
    ).fetchall()
    return _merge([(text, lang, scope, session, "", False, key) for text, lang, scope, session, key in rows])[:limit]


def read_helped_searches(database: Database, *, limit: int = POOL) -> list[StoredSearch]:
    """Searches that led to an article which helped: called helpful by the customer, or read last by one who did not come back. Those of most
    people first, then the latest. A visit that later said no to the article does not count."""
    rows = database.execute(
        "select s.text, s.lang, s.scope, s.session, o.article, o.confirmed, s.vector_key from searches s join ("
        " select search_id, article, 1 as confirmed from votes where helpful = 1"
        " union select o.search_id, o.article, 0 from opens o where (o.read_seconds = 0 or o.read_seconds >= ?)"
        " and not exists (select 1 from votes v where v.search_id = o.search_id and v.article = o.article)) o on o.search_id = s.id"
        " where s.audience = 'customer' and s.evidence = '' and s.result in ('confirmed', 'implicit') order by s.updated_at desc, s.id desc",
        [GLANCE],
    ).fetchall()
    return _merge(rows)[:limit]


def choose_at_risk(database: Database, searches: Sequence[StoredSearch], vectors: np.ndarray, background: dict[str, np.ndarray], *, limit: int) -> list[StoredSearch]:
    """At most `limit` of the searches: most of them the nearest to one of the draft's `vectors`, float32 (rows, dimension), which it could displace,
    the rest those of most people."""
    if len(searches) <= limit:
        return list(searches)
    stored = read_vectors(database, {each.vector_key for each in searches})
    nearness = [
        float((vectors @ (stored[each.vector_key] - background.get(each.lang, 0.0))).max()) if each.vector_key in stored else 0.0 for each in searches
    ]
    nearest = sorted(range(len(searches)), key=lambda i: -nearness[i])[: round(limit * AT_RISK)]
    chosen = dict.fromkeys(nearest)
    for place in range(len(searches)):
        if len(chosen) >= limit:
            break
        chosen[place] = None
    return [searches[place] for place in chosen]


def _merge(rows: Sequence[tuple]) -> list[StoredSearch]:
    """(text, lang, scope, session, article, confirmed, vector key) rows as one search for each text, filter and article; most people first."""
    people: dict[tuple, set[str]] = {}
    first: dict[tuple, tuple] = {}
    confirmed: set[tuple] = set()
    for row in rows:
        key = (fold_text(row[0]), row[2], row[4])
        first.setdefault(key, row)
        people.setdefault(key, set()).add(row[3])
        if row[5]:
            confirmed.add(key)
    found = [
        StoredSearch(text, lang, read_pairs(scope), len(people[key]), article, key in confirmed, vector)
        for key, (text, lang, scope, _, article, _, vector) in first.items()
    ]
    return sorted(found, key=lambda each: -each.people)

