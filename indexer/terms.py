"""The terms arm: BM25 over segmented fields in SQLite FTS5, restricted to a scope inside the query."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlite_utils import Database

from kb.readers import Scope
from kb.text import escape_term

# title, headings, body, aliases: a word in a title says more about an article than one in its text.
_WEIGHTS = "2.0, 1.5, 1.0, 2.0"
# A search may visit this many rows for each passage of the base, and in a small base any number; its three rarest terms always count.
_ROWS_PER_PASSAGE, _FREE_ROWS, _ALWAYS = 0.15, 5_000, 3


def read_idf(database: Database, terms: Sequence[str], passages: int) -> dict[str, float]:
    """Inverse document frequency of each term over passages, never negative: ln(1 + (N - n + 0.5) / (n + 0.5)), Robertson & Zaragoza 2009, 3.3."""
    escaped = {escape_term(term): term for term in terms}
    marks = ", ".join("?" * len(escaped))
    counts = dict(database.execute(f"select term, doc from terms_vocabulary where term in ({marks})", list(escaped)).fetchall())
    return {term: math.log(1 + (passages - (n := counts.get(key, 0)) + 0.5) / (n + 0.5)) for key, term in escaped.items()}


def match_terms(database: Database, idf: dict[str, float], scope: Scope, *, passages: int, limit: int) -> list[tuple[int, float]]:
    """(passage id, BM25 score above 0) of the best passages in scope, best first. `passages` is how many the base holds."""
    chosen = _affordable(idf, passages)
    if not chosen:
        return []
    query = " OR ".join(f'"{escape_term(term)}"' for term in chosen)
    condition, values = _scope_condition(scope)
    return database.execute(
        f"select terms.rowid, -bm25(terms, {_WEIGHTS}) as score from terms join passages p on p.id = terms.rowid"
        f" where terms match ? and {condition} order by score desc limit ?",
        [query, *values, limit],
    ).fetchall()


def _affordable(idf: dict[str, float], passages: int) -> list[str]:
    """The rarest terms, as many as may be visited: a term that most passages hold costs the most and ranks the least."""
    chosen, rows = [], 0.0
    for term in sorted(idf, key=idf.get, reverse=True):
        # The share of passages that hold the term, by the definition of idf.
        rows += passages * math.exp(-idf[term])
        if len(chosen) >= _ALWAYS and rows > max(_FREE_ROWS, _ROWS_PER_PASSAGE * passages):
            break
        chosen.append(term)
    return chosen


def read_fields(database: Database, passages: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For each passage its segmented (title and aliases, headings and body), padded by spaces so that ' term ' finds a whole term."""
    marks = ", ".join("?" * len(passages))
    rows = database.execute(f"select rowid, title, aliases, headings, body from terms where rowid in ({marks})", list(passages))
    return {rowid: (f" {title} {aliases} ", f" {headings} {body} ") for rowid, title, aliases, headings, body in rows.fetchall()}


def _scope_condition(scope: Scope) -> tuple[str, list[str]]:
    conditions, values = [], []
    for column, allowed in (("visibility", scope.reader.visibilities), ("status", scope.reader.statuses)):
        conditions.append(f"p.{column} in ({', '.join('?' * len(allowed))})")
        values += sorted(allowed)
    for column, wanted in (("lang", scope.lang), ("product", scope.product)):
        if wanted is not None:
            conditions.append(f"p.{column} = ?")
            values.append(wanted)
    if scope.tag is not None:
        conditions.append("exists (select 1 from articles a, json_each(a.tags) t where a.id = p.article and t.value = ?)")
        values.append(scope.tag)
    return " and ".join(conditions), values
