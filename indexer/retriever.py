"""A query to ranked hits with a judgement: what the portal, the command line and the evaluation all call."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlite_utils import Database

from indexer.answers import answer_html, choose_units
from indexer.embedder import Embedded, Embedder
from indexer.embeddings import passage_lead, token_codec
from indexer.evidence import Evidence, Question, gather_evidence, read_question
from indexer.hits import Answer, Hit
from indexer.judging import confidence_features, judge, outcome
from indexer.passages import Passage, Unit
from indexer.ranking import FEATURES, rank_scores, ranking_features
from indexer.snapshot import KINDS, Snapshot, load_snapshot
from indexer.vector_file import manifest_path
from kb.database import read
from kb.language import detect_language
from kb.marking import mark_text, matched_words
from kb.readers import Scope
from kb.settings import Settings
from kb.text import find_words

_MAX_CHARACTERS = 1000
_KEPT_QUERIES = 512


class Retriever:
    """Answers queries from the newest index; notices a new generation by itself. Safe to call from several threads."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self._settings, self._embedder = settings, embedder
        self._snapshot: Snapshot | None = None
        self._signature: tuple[int, int] | None = None
        self._refreshing = threading.Lock()
        self._queries: OrderedDict[str, Embedded] = OrderedDict()

    def retrieve(self, text: str, *, scope: Scope, prefer: str | None = None, limit: int = 10) -> Answer:
        """The best passage of each article in scope, most relevant first, one language version of each.

        `prefer` is the reader's language: of two versions of an article that one is shown. Only the first 1,000 characters are read.
        """
        started = time.perf_counter()
        text = text[:_MAX_CHARACTERS].strip()
        lang = detect_language(text)
        words = find_words(text)
        snapshot = self.refresh()
        if not text or not snapshot.ids:
            return Answer(text, lang, (), 0.0, "failed", (time.perf_counter() - started) * 1000)
        with read(self._settings.database) as database:
            question = read_question(
                text, words, self._embed(text), database=database, codec=self._codec, passages=len(snapshot.passage_article)
            )
            found = gather_evidence(question, snapshot, database, scope=scope, codec=self._codec)
            ranked, scores = _in_order(found, rank_scores(found))
            confidence = judge(confidence_features(ranked, scores)) if ranked else 0.0
            places = _one_per_translation(ranked, snapshot, prefer or lang)[:limit]
            hits = self._read_hits(database, snapshot, question, [ranked[i] for i in places], scores[places], scope)
        return Answer(text, lang, hits, confidence, outcome(confidence), (time.perf_counter() - started) * 1000)

    def related(self, article: str, *, scope: Scope, limit: int) -> list[str]:
        """Ids of the articles in scope whose heads are nearest to this one's, nearest first."""
        snapshot = self.refresh()
        number = snapshot.numbers.get(article)
        if number is None:
            return []
        own = snapshot.rows_of(number)
        head = snapshot.vectors.vectors(own[snapshot.row_kind[own] == KINDS.index("head")])
        allowed = snapshot.in_scope(scope)[snapshot.row_article] & (snapshot.row_kind == KINDS.index("head"))
        allowed[own] = False
        rows, _ = snapshot.vectors.nearest(head[0], limit=limit, allowed=allowed)
        return [snapshot.ids[n] for n in snapshot.row_article[rows]]

    def refresh(self) -> Snapshot:
        """The newest generation, loaded when the manifest has changed. Raises IndexMissing or IndexStale."""
        signature = self._read_signature()
        if self._snapshot is not None and signature == self._signature:
            return self._snapshot
        # A search that meets a reload in progress is served from the index before it.
        if not self._refreshing.acquire(blocking=self._snapshot is None):
            return self._snapshot
        try:
            if self._snapshot is None or signature != self._signature:
                with read(self._settings.database) as database:
                    loaded = load_snapshot(self._settings, database, model=self._embedder.name, dimension=self._embedder.dimension)
                self._codec = token_codec(self._embedder.name, self._embedder.dimension)
                self._snapshot, self._signature = loaded, signature
            return self._snapshot
        finally:
            self._refreshing.release()

    def _read_signature(self) -> tuple[int, int] | None:
        try:
            status = manifest_path(self._settings).stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino

    def _embed(self, text: str) -> Embedded:
        """The query's vectors, remembered: a page runs again at every click."""
        if text not in self._queries:
            self._queries[text] = self._embedder.embed_query(text)
            while len(self._queries) > _KEPT_QUERIES:
                self._queries.popitem(last=False)
        return self._queries[text]

    def _read_hits(
        self, database: Database, snapshot: Snapshot, question: Question, chosen: Sequence[Evidence], scores: np.ndarray, scope: Scope
    ) -> tuple[Hit, ...]:
        rows = _read_rows(database, [each.passage for each in chosen], scope)
        # 0..1 for people: the share of the best possible value of each feature is meaningless, the order is not.
        shown = 1 / (1 + np.exp(-(scores - scores.max(initial=0.0)) / 4 )) * 2 if len(scores) else scores
        return tuple(
            self._hit(rows[each.passage], each, question, min(float(score), 1.0))
            for each, score in zip(chosen, shown, strict=True)
            if each.passage in rows
        )

    def _hit(self, row: dict, evidence: Evidence, question: Question, score: float) -> Hit:
        units = tuple(Unit(*unit) for unit in json.loads(row["units"]))
        passage = Passage(row["article"], row["position"], tuple(json.loads(row["headings"])), row["anchor"], units)
        lead = self._embedder.count_tokens([passage_lead(row["title"], passage)])[0]
        answer = choose_units(units, evidence.cosines, question.words, lead_tokens=lead)
        features = dict(zip(FEATURES, ranking_features([evidence])[0].tolist(), strict=True))
        return Hit(
            article=row["article"], title=row["title"], lang=row["lang"], score=round(score, 4), passage=passage.text,
            headings=passage.headings, anchor=passage.anchor, answer_html=answer_html(answer, question.words),
            title_html=mark_text(row["title"], question.words),
            words=matched_words(question.text, question.words, f"{row['title']}\n{passage.text}"), summary=row["summary"],
            category=row["category"], updated=date.fromisoformat(row["updated"]) if row["updated"] else None,
            parts=features | {"bm25": evidence.bm25, "best_passage": evidence.best_passage},
        )  # fmt: skip


def _in_order(found: Sequence[Evidence], scores: np.ndarray) -> tuple[list[Evidence], np.ndarray]:
    order = np.argsort(-scores, kind="stable")
    return [found[i] for i in order], scores[order]


def _one_per_translation(ranked: Sequence[Evidence], snapshot: Snapshot, prefer: str) -> list[int]:
    """Places of the hits to show: each group of translations once, at its best place, in the preferred language if it has it."""
    place_of = {each.article: place for place, each in enumerate(ranked)}
    shown: list[int] = []
    taken: set[int] = set()
    for place, each in enumerate(ranked):
        if each.article in taken:
            continue
        group = [each.article, *(other for other in snapshot.translations_of(each.article) if other in place_of)]
        wanted = next((article for article in group if snapshot.facts[article]["lang"] == prefer), each.article)
        taken.update(group)
        shown.append(place_of[wanted])
    return shown


def _read_rows(database: Database, passages: Sequence[int], scope: Scope) -> dict[int, dict]:
    """Passage id -> columns, for passages the reader may see in SQLite now: the snapshot may be a moment older."""
    columns = ("id", "article", "position", "headings", "anchor", "units", "title", "lang", "summary", "category", "updated", "visibility", "status")
    rows = database.execute(
        "select p.id, p.article, p.position, p.headings, p.anchor, p.units, a.title, a.lang, a.summary, a.category, a.updated, a.visibility, a.status"
        f" from passages p join articles a on a.id = p.article where p.id in ({', '.join('?' * len(passages))})",
        list(passages),
    ).fetchall()
    found = (dict(zip(columns, row, strict=True)) for row in rows)
    return {row["id"]: row for row in found if scope.reader.may_see(row["visibility"], row["status"])}
