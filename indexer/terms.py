"""The terms arm: BM25 over segmented fields in SQLite FTS5, restricted to a scope inside the query.

How rare a word is and how long passages are is counted over what everybody may read, for every reader: whatever is kept from a reader moves
no score that they see. `passages` is that count, everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from sqlite_utils import Database

from indexer.visibility import IS_PUBLIC, scope_condition
from kb.readers import Scope
from kb.text import escape_term

# title, headings, body, aliases: a word in a title says more about an article than one in its text.
_FIELD_WEIGHTS = (2.0, 1.5, 1.0, 2.0)
_WEIGHTS = ", ".join(map(str, _FIELD_WEIGHTS))
# A search may visit this many rows for each passage of the base, and in a small base any number; its three rarest terms always count.
_ROWS_PER_PASSAGE, _FREE_ROWS, _ALWAYS = 0.15, 5_000, 3
_NONE: Mapping[str, float] = {}


def read_idf(database: Database, terms: Sequence[str], passages: int) -> dict[str, float]:
    """Inverse document frequency of each term over passages, never negative: ln(1 + (N - n + 0.5) / (n + 0.5)), Robertson & Zaragoza 2009, 3.3."""
    escaped = {escape_term(term): term for term in terms}
    marks = ", ".join("?" * len(escaped))
    counts = dict(database.execute(f"select term, doc from terms_vocabulary where term in ({marks})", list(escaped)).fetchall())
    return {term: math.log(1 + (passages - (n := counts.get(key, 0)) + 0.5) / (n + 0.5)) for key, term in escaped.items()}


def read_phrase_idf(database: Database, phrases: Collection[str], passages: int) -> dict[str, float]:
    """The same for phrases, each its terms joined by spaces: as rare as the passages in which its terms follow each other."""
    idf = read_idf(database, [phrase for phrase in phrases if " " not in phrase], passages)
    for phrase in phrases:
        if " " in phrase:
            (n,) = database.execute("select count(*) from terms where terms match ?", [f'"{escape_term(phrase)}"']).fetchone()
            # Passages that came since this count of all of them may hold it, too.
            idf[phrase] = math.log(1 + (max(passages - n, 0) + 0.5) / (n + 0.5))
    return idf


def match_terms(
    database: Database, idf: Mapping[str, float], scope: Scope, *, passages: int, limit: int, alike: Mapping[str, float] = _NONE
) -> list[tuple[int, float]]:
    """(passage id, BM25 score above 0) of the best passages in scope, best first. `passages` is how many the base holds, `alike` the phrases that mean
    the same as words of the query, with their idf: each counts as one more term."""
    chosen = [*_affordable(idf, passages), *_affordable(alike, passages)]
    if not chosen:
        return []
    query = " OR ".join(f'"{escape_term(term)}"' for term in chosen)
    condition, values = _scope_condition(scope)

    def match(table: str) -> list[tuple[int, float]]:
        return database.execute(
            f"select {table}.rowid, -bm25({table}, {_WEIGHTS}) as score from {table} join passages p on p.id = {table}.rowid"
            f" where {table} match ? and {condition} order by score desc limit ?",
            [query, *values, limit],
        ).fetchall()

    found = match("terms")
    if scope.reader.visibilities == {"public"}:
        return found
    inner = [passage for passage, _ in match("inner_terms")]
    if not inner:
        return found
    scores = score_beside(
        list(_read_segmented(database, inner).values()), idf, passages=passages, average_length=read_average_length(database), alike=alike
    )
    return sorted([*found, *zip(sorted(inner), scores, strict=True)], key=lambda one: -one[1])[:limit]


def read_average_length(database: Database) -> float:
    """Mean number of terms of a passage, over all its fields."""
    terms, passages = database.execute(
        f"select ifnull(sum(cnt), 0), (select count(*) from passages where {IS_PUBLIC}) from terms_vocabulary"
    ).fetchone()
    return terms / max(passages, 1)


def score_terms(
    fields: Sequence[Sequence[str]], idf: Mapping[str, float], *, passages: int, average_length: float, alike: Mapping[str, float] = _NONE
) -> list[float]:
    """BM25 of each passage, given as segmented (title, headings, body, aliases), as `match_terms` would score it if they were all stored
    beside the base's own `passages`: Robertson & Zaragoza 2009 with the constants of FTS5 (k1 = 1.2, b = 0.75)."""
    return _score(fields, idf, passages=passages, average_length=average_length, alike=alike, counted=True)


def score_beside(
    fields: Sequence[Sequence[str]], idf: Mapping[str, float], *, passages: int, average_length: float, alike: Mapping[str, float] = _NONE
) -> list[float]:
    """The same for passages that are not for everybody: they are scored by the words of the base, and change none of its counts."""
    return _score(fields, idf, passages=passages, average_length=average_length, alike=alike, counted=False)


def _score(fields, idf, *, passages: int, average_length: float, alike, counted: bool) -> list[float]:
    words = [[field.split() for field in each] for each in fields]
    chosen, rarities = [*_affordable(idf, passages), *_affordable(alike, passages)], {**alike, **idf}
    counts = [{term: _count(each, escape_term(term)) for term in chosen} for each in words]
    found = {term: sum(each[term] > 0 for each in counts) * counted for term in chosen}
    held_in_all = passages + len(fields) * counted
    scores = []
    for each, held in zip(words, counts, strict=True):
        length = sum(map(len, each)) / max(average_length, 1.0)
        score = 0.0
        for term in chosen:
            # The number of the base's passages with the term, by the definition of idf, and of these.
            stored = (passages + 1) / math.exp(rarities[term]) - 0.5 + found[term]
            rarity = max(math.log(max(held_in_all - stored + 0.5, 0.5) / (stored + 0.5)), 1e-6)
            score += rarity * held[term] * 2.2 / (held[term] + 1.2 * (0.25 + 0.75 * length))
        scores.append(score)
    return scores


def _count(fields: Sequence[list[str]], key: str) -> float:
    """How often these fields have the term, or the terms of the phrase behind each other, each time as much as its field weighs."""
    if " " not in key:
        return sum(weight * field.count(key) for weight, field in zip(_FIELD_WEIGHTS, fields, strict=True))
    terms = key.split()
    places = (sum(field[at : at + len(terms)] == terms for at in range(len(field) - len(terms) + 1)) for field in fields)
    return sum(weight * count for weight, count in zip(_FIELD_WEIGHTS, places, strict=True))


def _affordable(idf: Mapping[str, float], passages: int) -> list[str]:
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
    rows = database.execute(f"select passage, title, aliases, headings, body from passage_terms where passage in ({marks})", list(passages))
    return {passage: (f" {title} {aliases} ", f" {headings} {body} ") for passage, title, aliases, headings, body in rows.fetchall()}


def _read_segmented(database: Database, passages: Sequence[int]) -> dict[int, tuple[str, str, str, str]]:
    """Of passages that are not for everybody, by id: the segmented title, headings, body and aliases."""
    marks = ", ".join("?" * len(passages))
    rows = database.execute(f"select rowid, title, headings, body, aliases from inner_terms where rowid in ({marks}) order by rowid", list(passages))
    return {rowid: tuple(fields) for rowid, *fields in rows.fetchall()}


def _scope_condition(scope: Scope) -> tuple[str, list[str]]:
    condition, values = scope_condition(scope, "p")
    if scope.tag is not None:
        condition += " and exists (select 1 from articles a, json_each(a.tags) t where a.id = p.article and t.value = ?)"
        values.append(scope.tag)
    return condition, values
