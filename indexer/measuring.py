"""Run a labelled set through the whole search and through simpler methods, and collect the figures."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.embedder import Embedder
from indexer.evaluation import LabelledQuery, area_under_roc, brier_score, read_queries, reciprocal_rank, reliability
from indexer.indexing import Progress, index_articles
from indexer.retriever import Examined, Retriever
from indexer.snapshot import KINDS
from indexer.terms import match_terms
from kb.database import read
from kb.readers import STAFF, Scope
from kb.settings import Settings

_SCOPE = Scope(STAFF)
_RRF = 60
"""Constant of reciprocal rank fusion (Cormack, Clarke & Buettcher 2009)."""


@dataclass(frozen=True)
class Measured:
    """Figures of one query language of one set. Refusal figures are NaN where every query has an answer."""

    name: str
    lang: str
    queries: int
    mrr: float
    first: float
    in_three: float
    area: float
    brier: float
    reliability: list[tuple[float, float, int]]
    terms: float
    vectors: float
    hybrid: float


@dataclass(frozen=True)
class Latency:
    """Medians in milliseconds of one run: embedding a query, and the whole search of another query, interleaved."""

    embedding: float
    search: float

    @property
    def ratio(self) -> float:
        return self.search / self.embedding


def open_set(folder: Path, settings: Settings, embedder: Embedder, *, progress: Progress | None = None) -> tuple[Retriever, Settings]:
    """The set's articles indexed below the data folder (again only what changed), and a retriever over them."""
    own = Settings(articles=folder / "articles", data=settings.data / "sets" / folder.name, passage_tokens=settings.passage_tokens)
    index_articles(own, embedder, progress=progress)
    return Retriever(own, embedder), own


def measure_set(folder: Path, settings: Settings, embedder: Embedder, *, most: int | None = None, progress: Progress | None = None) -> list[Measured]:
    """The figures of each query language of a set; `most` takes an even part of a large one."""
    queries = read_queries(folder / "queries.jsonl")
    retriever, own = open_set(folder, settings, embedder, progress=progress)
    chosen = queries[:: max(1, len(queries) // most)] if most else queries
    return measure_queries(folder.name, chosen, retriever, own)


def measure_queries(name: str, queries: Sequence[LabelledQuery], retriever: Retriever, settings: Settings) -> list[Measured]:
    """The figures of each language of these queries, asked of the index in `settings`."""
    languages = sorted({query.lang for query in queries})
    return [_measure(name, lang, [query for query in queries if query.lang == lang], retriever, settings) for lang in languages]


def _measure(name: str, lang: str, queries: Sequence[LabelledQuery], retriever: Retriever, settings: Settings) -> Measured:
    answers = [retriever.retrieve(query.text, scope=_SCOPE, prefer=query.lang) for query in queries]
    ranks = [reciprocal_rank([hit.article for hit in a.hits], q.gold) for a, q in zip(answers, queries, strict=True)]
    asked = [bool(query.gold) for query in queries]
    answered = [rank == 1.0 for rank in ranks]
    known = [rank for rank, gold in zip(ranks, asked, strict=True) if gold]
    confidences = [answer.confidence for answer in answers]
    simple = [_simple_ranks(query, retriever, settings) for query in queries if query.gold] or [(math.nan,) * 3]
    refused = [c for c, gold in zip(confidences, asked, strict=True) if not gold]
    return Measured(
        name, lang, len(queries), _mean(known), _mean(rank == 1 for rank in known), _mean(rank >= 1 / 3 for rank in known),
        area_under_roc([c for c, gold in zip(confidences, asked, strict=True) if gold], refused),
        brier_score(confidences, answered), reliability(confidences, answered), *(_mean(column) for column in zip(*simple, strict=True)),
    )  # fmt: skip


def _simple_ranks(query: LabelledQuery, retriever: Retriever, settings: Settings) -> tuple[float, float, float]:
    """Reciprocal rank of BM25 alone, of the nearest passage alone, and of both by reciprocal rank fusion."""
    found = retriever.examine(query.text, scope=_SCOPE)
    with read(settings.database) as database:
        question, passages = found.question, found.snapshot.public_passages
        matched = match_terms(database, question.idf, _SCOPE, passages=passages, limit=300, alike=question.alike) if question else []
    by_terms = list(dict.fromkeys(found.snapshot.passage_article[passage] for passage, _ in matched))
    by_vectors = _nearest(found)
    fused: dict[int, float] = {}
    for ranked in (by_terms, by_vectors):
        for place, article in enumerate(ranked, 1):
            fused[article] = fused.get(article, 0) + 1 / (_RRF + place)
    ids = found.snapshot.ids
    orders = (by_terms, by_vectors, sorted(fused, key=fused.get, reverse=True))
    return tuple(reciprocal_rank([ids[article] for article in order], query.gold) for order in orders)


def _nearest(found: Examined) -> list[int]:
    snapshot = found.snapshot
    if found.question is None:
        return []
    rows, _ = snapshot.vectors.nearest(found.question.vector, limit=300, allowed=snapshot.row_kind == KINDS.index("passage"))
    return list(dict.fromkeys(snapshot.row_article[rows].tolist()))


def measure_latency(texts: Sequence[str], open_retriever: Callable[[], Retriever], embedder: Embedder) -> Latency:
    """Embedding and whole search timed turn by turn on different queries, so that neither finds the other's work done; NaN with a single query."""
    retriever = open_retriever()
    warming = min(5, len(texts) // 3)
    for text in texts[:warming]:
        retriever.retrieve(text, scope=_SCOPE)
    embedding, search = [], []
    for one, other in zip(texts[warming::2], texts[warming + 1 :: 2], strict=False):
        embedding.append(_milliseconds(lambda text=one: embedder.embed_query(text)))
        search.append(_milliseconds(lambda text=other: retriever.retrieve(text, scope=_SCOPE)))
    if not embedding:
        return Latency(math.nan, math.nan)
    return Latency(statistics.median(embedding), statistics.median(search))


def _milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def _mean(values: Iterable[float]) -> float:
    found = np.fromiter(values, float)
    return float(found.mean()) if len(found) else float("nan")
