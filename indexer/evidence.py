"""What the arms know about each candidate article for one query, gathered from one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlite_utils import Database

from indexer.embeddings import TokenCodec
from indexer.late import late_score, match_tokens, read_tokens
from indexer.question import Question, coverage
from indexer.snapshot import KINDS, Snapshot
from indexer.terms import match_terms, read_fields
from kb.readers import Scope

# How deep each arm is read, and how many articles of each are compared token by token.
_NEAREST_ROWS, _BEST_PASSAGES = 300, 150
_FROM_VECTORS, _FROM_TERMS, _TERMS_ALONE = 24, 14, 24
_PASSAGES_COMPARED = 4
_PASSAGE, _TITLE, _HEAD, _ALIAS = range(len(KINDS))


@dataclass(frozen=True)
class Evidence:
    """One candidate article. Cosines are less those that questions at large have with the same text; `coverage` is the share of the query's idf that the best passage with the title holds."""

    article: int
    passage: int
    late: float
    head: float
    title: float
    best_passage: float
    bm25: float
    coverage: float
    background: tuple[float, float, float]
    """What was taken off late, head and title: the same for questions at large."""
    fields: tuple[str, str]
    """The shown passage's segmented title and text, as `read_fields` gives them."""
    cosines: np.ndarray
    """float32 (query tokens, passage tokens) of the shown passage."""


def gather_evidence(
    question: Question, snapshot: Snapshot, database: Database, *, scope: Scope, codec: TokenCodec, also: Sequence[int] = ()
) -> list[Evidence]:
    """Evidence for the articles that either arm puts forward, for their translations in scope, and for those in `also`; in no order."""
    allowed = snapshot.in_scope(scope)
    matched = match_terms(
        database, question.idf, scope, passages=snapshot.public_passages, limit=_BEST_PASSAGES, alike=question.alike
    )
    bm25: dict[int, tuple[float, int]] = {}
    for passage, score in matched:
        number = snapshot.passage_article.get(passage)  # None: a passage of a generation newer than this snapshot
        if number is not None and allowed[number]:
            bm25.setdefault(number, (score, passage))
    chosen = dict.fromkeys([*also, *_nearest_articles(question, snapshot, allowed), *list(bm25)[:_FROM_TERMS]])
    for number in list(chosen):
        chosen |= {other: None for other in snapshot.translations_of(number) if allowed[other]}
    return _compare(question, snapshot, database, list(chosen), bm25, codec)


def gather_terms(question: Question, snapshot: Snapshot, database: Database, *, scope: Scope) -> list[Evidence]:
    """Evidence for the articles that the terms arm puts forward, best BM25 first, for a question that has no vectors: all cosines are 0."""
    allowed = snapshot.in_scope(scope)
    matched = match_terms(database, question.idf, scope, passages=snapshot.public_passages, limit=_BEST_PASSAGES, alike=question.alike)
    passages: dict[int, list[int]] = {}
    bm25: dict[int, float] = {}
    for passage, score in matched:
        number = snapshot.passage_article.get(passage)
        if number is not None and allowed[number] and (number in passages or len(passages) < _TERMS_ALONE):
            passages.setdefault(number, []).append(passage)
            bm25.setdefault(number, score)
    fields = read_fields(database, [passage for own in passages.values() for passage in own[:_PASSAGES_COMPARED]])
    found = []
    for number, own in passages.items():
        covered = {passage: coverage(question, *fields[passage]) for passage in own[:_PASSAGES_COMPARED] if passage in fields}
        shown = max(covered, key=covered.get, default=0)
        nothing = np.zeros((0, 0), np.float32)
        found.append(
            Evidence(number, shown, 0.0, 0.0, 0.0, 0.0, bm25[number], covered.get(shown, 0.0), (0.0, 0.0, 0.0), fields.get(shown, ("", "")), nothing)
        )
    return found


def _nearest_articles(question: Question, snapshot: Snapshot, allowed: np.ndarray) -> list[int]:
    """Articles by their nearest passage and, equally, by their nearest head: each view alone misses some."""
    rows, scores = snapshot.vectors.nearest(question.direction, limit=_NEAREST_ROWS, allowed=allowed[snapshot.row_article])
    articles, kinds = snapshot.row_article[rows], snapshot.row_kind[rows]
    ranked: dict[int, float] = {}
    for view in ((_PASSAGE,), (_HEAD, _TITLE, _ALIAS)):
        for place, number in enumerate(dict.fromkeys(articles[np.isin(kinds, view)].tolist())):
            ranked[number] = ranked.get(number, 0) + 1 / (10 + place)
    return sorted(ranked, key=ranked.get, reverse=True)[:_FROM_VECTORS]


def _compare(
    question: Question, snapshot: Snapshot, database: Database, articles: list[int], bm25: dict[int, tuple[float, int]], codec: TokenCodec
) -> list[Evidence]:
    """Exact cosines of every vector of these articles, then token by token the few best passages of each."""
    if not articles:
        return []
    rows = [snapshot.rows_of(number) for number in articles]
    vectors = snapshot.vectors.vectors(np.concatenate(rows))
    cosines, usual = vectors @ question.direction, vectors @ (question.vector - question.direction)
    views, compared, at = [], {}, 0
    for number, own in zip(articles, rows, strict=True):
        kinds = snapshot.row_kind[own]
        view = view_article(cosines[at : at + len(own)], usual[at : at + len(own)], kinds, snapshot.row_passage[own])
        at += len(own)
        passages = dict.fromkeys([*view.passages, *([bm25[number][1]] if number in bm25 else [])])
        compared |= dict.fromkeys(passages, number)
        views.append((number, view, list(passages)))
    packed, background = read_tokens(database, list(compared), question.lang)
    tokens = match_tokens(question.tokens, packed, codec)
    fields = read_fields(database, list(compared))
    return [
        weigh_article(question, number, view, passages, bm25=bm25.get(number, (0.0, 0))[0], tokens=tokens, background=background, fields=fields)
        for number, view, passages in views
    ]


@dataclass(frozen=True)
class View:
    """How near an article's vectors are to a question: `best` cosine of each kind, what questions at large `usually` have with its head and
    title, and its few nearest `passages`, nearest first."""

    best: Mapping[int, float]
    usually: Mapping[int, float]
    passages: tuple[int, ...]


def view_article(cosines: np.ndarray, usual: np.ndarray, kinds: np.ndarray, passages: np.ndarray) -> View:
    """From one article's rows: cosines with the question and with questions at large, kinds, and the passage that each row is of."""
    best = {kind: float(cosines[kinds == kind].max(initial=-1.0)) for kind in range(len(KINDS))}
    usually = {kind: float(usual[kinds == kind].max(initial=-1.0)) for kind in (_HEAD, _TITLE)}
    of_passages = np.flatnonzero(kinds == _PASSAGE)
    nearest = of_passages[np.argsort(-cosines[of_passages], kind="stable")][:_PASSAGES_COMPARED]
    return View(best, usually, tuple(dict.fromkeys(passages[nearest].tolist())))


def weigh_article(
    question: Question, number: int, view: View, passages: Sequence[int], *, bm25: float, tokens: Mapping, background: Mapping[int, float],
    fields: Mapping,
) -> Evidence:  # fmt: skip
    """The evidence for an article of which these passages are compared token by token; `tokens`, `background` and `fields` are by passage."""
    best, usually = view.best, view.usually
    late = {passage: late_score(tokens[passage]) - background[passage] for passage in passages if passage in tokens}
    covered = {passage: coverage(question, *fields[passage]) for passage in passages if passage in fields}
    # What is shown: the passage that matches best in meaning and words together.
    shown = max(late, key=lambda passage: late[passage] + 0.1 * covered.get(passage, 0.0), default=0)
    nearest = max(late, key=late.get, default=0)
    title = max(best[_TITLE], best[_ALIAS])
    return Evidence(
        number, shown, max(late.values(), default=-1.0), best[_HEAD], title, best[_PASSAGE], bm25, max(covered.values(), default=0.0),
        (background[nearest] if late else 0.0, usually[_HEAD], usually[_TITLE]), fields.get(shown, ("", "")),
        tokens.get(shown, np.zeros((len(question.tokens), 0), np.float32)),
    )  # fmt: skip
