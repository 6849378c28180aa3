"""What the arms know about each candidate article for one query, gathered from one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlite_utils import Database

from indexer.embedder import Embedded
from indexer.embeddings import TokenCodec
from indexer.late import late_score, match_tokens, read_tokens
from indexer.snapshot import KINDS, Snapshot
from indexer.terms import match_terms, read_fields, read_idf
from indexer.weights import read_weights
from kb.language import detect_language
from kb.readers import Scope
from kb.text import Word, escape_term, word_terms

# How deep each arm is read, and how many articles of each are compared token by token.
_NEAREST_ROWS, _BEST_PASSAGES = 300, 150
_FROM_VECTORS, _FROM_TERMS = 18, 14
_PASSAGES_COMPARED = 4
_PASSAGE, _TITLE, _HEAD, _ALIAS = range(len(KINDS))


@dataclass(frozen=True)
class Question:
    """A query as the arms see it: the text, its words with their idf, its vector and projected token vectors."""

    text: str
    lang: str
    words: tuple[Word, ...]
    idf: dict[str, float]
    weighted: tuple[tuple[float, str, tuple[str, ...]], ...]
    """Per word: its share of the query's idf, its whole term and its parts, padded as `read_fields` pads."""
    embedded: Embedded
    tokens: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """One candidate article. Cosines of an article in the other language have the language gap added; `coverage` is the share of the query's idf that the best passage with the title holds."""

    article: int
    passage: int
    late: float
    head: float
    title: float
    best_passage: float
    bm25: float
    coverage: float
    held: tuple[bool, ...]
    """Per word of the query: whether the shown passage or the title has it, whole or in part."""
    cosines: np.ndarray
    """float32 (query tokens, passage tokens) of the shown passage."""


def read_question(text: str, words: Sequence[Word], embedded: Embedded, *, database: Database, codec: TokenCodec, passages: int) -> Question:
    terms = word_terms(words)
    idf = read_idf(database, terms, passages) if terms else {}
    weights = [max(idf[term] for term in word.terms) for word in words]
    total = sum(weights) or 1.0
    padded = [[f" {escape_term(term)} " for term in word.terms] for word in words]
    weighted = tuple((weight / total, terms[0], tuple(terms[1:])) for weight, terms in zip(weights, padded, strict=True))
    return Question(text, detect_language(text), tuple(words), idf, weighted, embedded, codec.project(embedded.tokens))


def gather_evidence(
    question: Question, snapshot: Snapshot, database: Database, *, scope: Scope, codec: TokenCodec, also: Sequence[int] = ()
) -> list[Evidence]:
    """Evidence for the articles that either arm puts forward, for their translations in scope, and for those in `also`; in no order."""
    allowed = snapshot.in_scope(scope)
    matched = match_terms(database, question.idf, scope, limit=_BEST_PASSAGES)
    bm25: dict[int, tuple[float, int]] = {}
    for passage, score in matched:
        number = snapshot.passage_article.get(passage)  # None: a passage of a generation newer than this snapshot
        if number is not None and allowed[number]:
            bm25.setdefault(number, (score, passage))
    chosen = dict.fromkeys([*also, *_nearest_articles(question, snapshot, allowed), *list(bm25)[:_FROM_TERMS]])
    for number in list(chosen):
        chosen |= {other: None for other in snapshot.translations_of(number) if allowed[other]}
    return _compare(question, snapshot, database, list(chosen), bm25, codec)


def _nearest_articles(question: Question, snapshot: Snapshot, allowed: np.ndarray) -> list[int]:
    """Articles by their nearest passage and, equally, by their nearest head: each view alone misses some.

    The query's own language and the others are searched apart, and the gap between them is made up: a multilingual model puts any two
    texts of one language nearer together than their translations.
    """
    own = snapshot.written_in(question.lang)
    views: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for group, gap in ((own, {}), (~own, _language_gap(question.lang))):
        rows, scores = snapshot.vectors.nearest(question.embedded.vector, limit=_NEAREST_ROWS, allowed=(allowed & group)[snapshot.row_article])
        for number, kind, score in zip(snapshot.row_article[rows].tolist(), snapshot.row_kind[rows].tolist(), scores.tolist(), strict=True):
            view = views[kind != _PASSAGE]
            view[number] = max(view.get(number, -1.0), score + gap.get("head", 0.0))
    ranked: dict[int, float] = {}
    for view in views:
        for place, number in enumerate(sorted(view, key=view.get, reverse=True)):
            ranked[number] = ranked.get(number, 0) + 1 / (10 + place)
    return sorted(ranked, key=ranked.get, reverse=True)[:_FROM_VECTORS]


def _language_gap(lang: str) -> dict[str, float]:
    """How much nearer texts in this query language are than equally fitting texts in the other, by feature."""
    return read_weights()["language_gap"].get(lang, {})


def _compare(
    question: Question, snapshot: Snapshot, database: Database, articles: list[int], bm25: dict[int, tuple[float, int]], codec: TokenCodec
) -> list[Evidence]:
    """Exact cosines of every vector of these articles, then token by token the few best passages of each."""
    if not articles:
        return []
    rows = [snapshot.rows_of(number) for number in articles]
    cosines = snapshot.vectors.vectors(np.concatenate(rows)) @ question.embedded.vector
    views, compared, at = [], {}, 0
    for number, own in zip(articles, rows, strict=True):
        scores, kinds = cosines[at : at + len(own)], snapshot.row_kind[own]
        at += len(own)
        best = {kind: float(scores[kinds == kind].max(initial=-1.0)) for kind in range(len(KINDS))}
        of_passages = np.flatnonzero(kinds == _PASSAGE)
        nearest = of_passages[np.argsort(-scores[of_passages], kind="stable")][:_PASSAGES_COMPARED]
        passages = dict.fromkeys(snapshot.row_passage[own[nearest]].tolist())
        if number in bm25:
            passages[bm25[number][1]] = None
        compared |= dict.fromkeys(passages, number)
        gap = {} if snapshot.facts[number]["lang"] == question.lang else _language_gap(question.lang)
        views.append((number, best, list(passages), gap))
    tokens = match_tokens(question.tokens, read_tokens(database, list(compared)), codec)
    fields = read_fields(database, list(compared))
    return [
        _weigh(question, number, best, passages, gap, bm25.get(number, (0.0, 0))[0], tokens, fields)
        for number, best, passages, gap in views
    ]


def _weigh(
    question: Question, number: int, best: dict[int, float], passages: list[int], gap: dict[str, float], score: float, tokens: dict, fields: dict
) -> Evidence:
    late = {passage: late_score(tokens[passage]) for passage in passages if passage in tokens}
    covered = {passage: coverage(question, *fields[passage]) for passage in passages if passage in fields}
    # What is shown: the passage that matches best in meaning and words together.
    shown = max(late, key=lambda passage: late[passage] + 0.1 * covered.get(passage, 0.0), default=0)
    title = max(best[_TITLE], best[_ALIAS])
    return Evidence(
        number, shown, max(late.values(), default=0.0) + gap.get("late", 0.0), best[_HEAD] + gap.get("head", 0.0), title + gap.get("title", 0.0),
        best[_PASSAGE], score, max(covered.values(), default=0.0), held_words(question, *fields.get(shown, ("", ""))),
        tokens.get(shown, np.zeros((len(question.tokens), 0), np.float32)),
    )  # fmt: skip


def held_words(question: Question, title: str, body: str) -> tuple[bool, ...]:
    return tuple(any(term in body or term in title for term in (whole, *parts)) for _, whole, parts in question.weighted)


def coverage(question: Question, title: str, body: str) -> float:
    """Share, 0..1, of the query's idf whose words these padded fields hold; a part of an identifier counts half."""
    held = 0.0
    for share, whole, parts in question.weighted:
        if whole in body or whole in title:
            held += share
        elif parts and any(part in body or part in title for part in parts):
            held += share / 2
    return held
