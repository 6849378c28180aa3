"""A query to ranked hits with a judgement: what the portal, the command line and the evaluation all call."""

from __future__ import annotations

import json
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlite_utils import Database
from threadpoolctl import threadpool_limits

from indexer.admission import Admission
from indexer.answers import answer_html, choose_units
from indexer.checksums import named_damage, verify_passages
from indexer.embedder import Embedded, Embedder, Reranker
from indexer.embeddings import token_codec
from indexer.evidence import Evidence, gather_evidence, gather_terms
from indexer.hits import Answer, Hit
from indexer.judging import confidence_features, judge, judge_terms, outcome, terms_features, terms_outcome
from indexer.passages import Unit
from indexer.query_memory import QueryMemory
from indexer.question import Question, held_words, read_question
from indexer.ranking import FEATURES, display_score, rank_scores, ranking_features, terms_scores
from indexer.snapshot import KINDS, Snapshot, load_snapshot
from indexer.vector_file import manifest_path
from kb.database import read
from kb.errors import IndexStale
from kb.language import detect_language
from kb.marking import mark_text
from kb.readers import Reader, Scope
from kb.settings import Settings
from kb.text import find_words

_MAX_CHARACTERS = 1000
_RERANKED = 10


@dataclass(frozen=True)
class Examined:
    """One query against one snapshot: evidence ordered by `scores`, float64, best first. `question` is None for an empty query."""

    snapshot: Snapshot
    question: Question | None
    evidence: tuple[Evidence, ...]
    scores: np.ndarray


class Retriever:
    """Answers queries from the newest index; notices a new generation by itself. Safe to call from several threads."""

    def __init__(
        self, settings: Settings, embedder: Embedder, *, reranker: Reranker | None = None, admission: Admission | None = None
    ) -> None:
        self._settings, self._embedder, self._reranker = settings, embedder, reranker
        self._admission = admission or Admission()
        # The matrices of one search are small: more threads wait for each other longer than they compute.
        self._one_thread = threadpool_limits(limits=1, user_api="blas")
        self._snapshot: Snapshot | None = None
        self._signature: tuple[int, int] | None = None
        self._refreshing = threading.Lock()
        self._queries = QueryMemory(embedder)

    def retrieve(self, text: str, *, scope: Scope, prefer: str | None = None, limit: int = 10) -> Answer:
        """The best passage of each article in scope, most relevant first, one language version of each.

        `prefer` is the reader's language: of two versions of an article that one is shown. Only the first 1,000 characters are read. When more
        search at once than the machine can do, the answer comes from the terms arm alone, and says so; past that, raises Busy.
        """
        started = time.perf_counter()
        text = _read_text(text)
        lang = detect_language(text)
        wanted = {"scope": scope, "prefer": prefer or lang, "limit": limit}
        with self._admission.full.admitted() as admitted:
            if admitted:
                # Without an index there is nothing to embed for.
                self.refresh()
                hits, confidence = self._search(text, self._queries.embed(text) if text else None, **wanted)
                return Answer(text, lang, hits, confidence, outcome(confidence), (time.perf_counter() - started) * 1000)
        with self._admission.terms.required():
            hits, confidence = self._search(text, None, **wanted)
        judged = terms_outcome(confidence, found=bool(hits))
        return Answer(text, lang, hits, confidence, judged, (time.perf_counter() - started) * 1000, degraded=bool(text))

    def _search(self, text: str, embedded: Embedded | None, *, scope: Scope, prefer: str, limit: int) -> tuple[tuple[Hit, ...], float]:
        """The hits and the confidence that the first one answers; without `embedded` from the terms arm alone."""
        reranker = self._reranker if embedded else None
        with read(self._settings.database) as database, named_damage(database):
            found = self._examine(text, scope, database, embedded=embedded)
            snapshot = found.snapshot
            ranked = [each.article for each in found.evidence]
            groups = group_translations(ranked, translations_of=snapshot.translations_of, lang_of=lambda n: snapshot.facts[n]["lang"], prefer=prefer)
            place_of = {number: place for place, number in enumerate(ranked)}
            places = [place_of[group[0]] for group in groups]
            hits = self._read_hits(database, found, places[: max(limit, _RERANKED) if reranker else limit], scope)
        if not hits:
            return (), 0.0
        if reranker:
            hits = _reorder(hits, reranker.scores(text, [f"{hit.title}\n{hit.passage}" for hit in hits[:_RERANKED]]))[:limit]
        if embedded:
            return hits, judge(confidence_features(found.evidence, found.scores))
        # Two versions of one article do not compete: words that both have would seem to decide nothing.
        best = [found.evidence[min(place_of[number] for number in group)] for group in groups]
        return hits, judge_terms(terms_features(best))

    def examine(self, text: str, *, scope: Scope, also: Sequence[str] = (), embedded: Embedded | None = None) -> Examined:
        """Everything the arms know about a query, best article first; `also` names articles to weigh even if no arm finds them. `embedded` is
        the query's, when the caller has it already."""
        text = _read_text(text)
        # Without an index there is nothing to embed for.
        self.refresh()
        embedded = embedded or (self._queries.embed(text) if text else None)
        with read(self._settings.database) as database:
            return self._examine(text, scope, database, also=also, embedded=embedded)

    def _examine(self, text: str, scope: Scope, database: Database, *, embedded: Embedded | None, also: Sequence[str] = ()) -> Examined:
        snapshot = self.refresh()
        if not text or not snapshot.ids:
            return Examined(snapshot, None, (), np.empty(0))
        dimension = snapshot.vectors.dimension
        if embedded and len(embedded.vector) != dimension:
            # Two models of one name: the files behind it were changed.
            raise IndexStale(f"index was built with dimension {dimension}, the model has {len(embedded.vector)}; run `kb index --full`")
        question = read_question(text, find_words(text), embedded, database=database, snapshot=snapshot, codec=self._codec)
        if embedded is None:
            found = gather_terms(question, snapshot, database, scope=scope)
            return Examined(snapshot, question, tuple(found), terms_scores(found))
        numbers = [snapshot.numbers[article] for article in also if article in snapshot.numbers]
        found = gather_evidence(question, snapshot, database, scope=scope, codec=self._codec, also=numbers)
        scores = rank_scores(found)
        order = np.argsort(-scores, kind="stable")
        return Examined(snapshot, question, tuple(found[i] for i in order), scores[order])

    def token_mean(self, text: str) -> np.ndarray | None:
        """The mean of a query's token vectors, float32 (dimension,), unit length; None when it was not embedded lately: nothing is for this."""
        embedded = self._queries.recall(_read_text(text))
        return embedded.token_mean if embedded else None

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
                with read(self._settings.database) as database, named_damage(database):
                    loaded = load_snapshot(self._settings, database, model=self._embedder.name)
                # In this order: other threads take the snapshot as the sign that everything is there.
                self._codec = token_codec(self._embedder.name, loaded.vectors.dimension)
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

    def _read_hits(self, database: Database, found: Examined, places: Sequence[int], scope: Scope) -> tuple[Hit, ...]:
        chosen = [found.evidence[place] for place in places]
        rows = _read_rows(database, [each.passage for each in chosen], scope)
        return tuple(
            self._hit(rows[each.passage], each, found.question, display_score(found.scores, place))
            for each, place in zip(chosen, places, strict=True)
            if each.passage in rows
        )

    @staticmethod
    def _hit(row: dict, evidence: Evidence, question: Question, score: float) -> Hit:
        units = tuple(Unit(*unit) for unit in json.loads(row["units"]))
        text = "\n".join(unit.text for unit in units)
        held = held_words(question, *evidence.fields)
        answer = choose_units(units, evidence.cosines, question.words, lead_tokens=row["lead_tokens"])
        features = dict(zip(FEATURES, ranking_features([evidence])[0].tolist(), strict=True))
        return Hit(
            article=row["article"], title=row["title"], lang=row["lang"], score=round(score, 4), passage=text,
            headings=tuple(json.loads(row["headings"])), anchor=row["anchor"], answer_html=answer_html(answer, question.words),
            title_html=mark_text(row["title"], question.words),
            words=tuple(dict.fromkeys(question.text[word.start : word.end] for word, has in zip(question.words, held, strict=True) if has)),
            summary=row["summary"],
            category=row["category"], updated=date.fromisoformat(row["updated"]) if row["updated"] else None,
            parts=features | {"bm25": evidence.bm25, "best_passage": evidence.best_passage},
        )  # fmt: skip


def _read_text(text: str) -> str:
    """What is read of a query: accents composed, and halves of characters, which neither the model nor SQLite takes, as question marks."""
    # Cut first, because composing takes time that grows with the square of the accents on one letter.
    known = text.strip()[: 4 * _MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", known)[:_MAX_CHARACTERS].strip()


def _reorder(hits: Sequence[Hit], scores: np.ndarray) -> tuple[Hit, ...]:
    """The first `len(scores)` hits by these scores, the rest after them; the displayed scores stay with the places."""
    order = [*np.argsort(-scores, kind="stable").tolist(), *range(len(scores), len(hits))]
    return tuple(replace(hits[i], score=hits[place].score) for place, i in enumerate(order))


def group_translations(
    ranked: Sequence[int], *, translations_of: Callable[[int], Sequence[int]], lang_of: Callable[[int], str], prefer: str
) -> list[list[int]]:
    """The articles ranked, as they are shown: language versions of one article are one hit at their best place. The first of each group is shown, in
    the preferred language if it has it."""
    found, taken = set(ranked), set()
    groups: list[list[int]] = []
    for number in ranked:
        if number in taken:
            continue
        group = [number, *(other for other in translations_of(number) if other in found)]
        taken.update(group)
        groups.append(sorted(group, key=lambda each: lang_of(each) != prefer))
    return groups


def may_see(reader: Reader, row: Mapping[str, str]) -> bool:
    """Whether the reader may see what a row of articles says."""
    return reader.may_see(row["visibility"], row["status"], product=row["product"], groups=json.loads(row["groups"]))


def _read_rows(database: Database, passages: Sequence[int], scope: Scope) -> dict[int, dict]:
    """Passage id -> columns, for passages the reader may see in SQLite now: the snapshot may be a moment older. Raises IndexDamaged."""
    verify_passages(database, passages)
    columns = ("id", "article", "headings", "anchor", "lead_tokens", "units", "title", "lang", "summary", "category", "updated", "visibility", "status", "product", "groups")
    rows = database.execute(
        "select p.id, p.article, p.headings, p.anchor, p.lead_tokens, p.units, a.title, a.lang, a.summary, a.category, a.updated, a.visibility, a.status, a.product, a.groups"
        f" from passages p join articles a on a.id = p.article where p.id in ({', '.join('?' * len(passages))})",
        list(passages),
    ).fetchall()
    found = (dict(zip(columns, row, strict=True)) for row in rows)
    return {row["id"]: row for row in found if may_see(scope.reader, row)}
