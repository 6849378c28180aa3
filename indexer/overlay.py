"""An article laid over the live index without being published: what a query finds today, and what it would find then.

What the live index knows about a query is gathered once; the draft's own evidence joins it in place of the published version's, and all of it
is ranked and judged again. The statistics of words stay those of the live index, which one article hardly moves.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from indexer.drafting import EmbeddedText, LaidArticle, lay_article
from indexer.embedder import Embedded, Embedder
from indexer.embeddings import token_codec
from indexer.evidence import Evidence, gather_evidence
from indexer.judging import confidence_features, judge, outcome
from indexer.question import Question, held_words, with_synonyms
from indexer.ranking import rank_scores
from indexer.retriever import Examined, Retriever, group_translations
from indexer.snapshot import Snapshot
from kb.articles import Article
from kb.database import read
from kb.readers import Scope
from kb.settings import Settings
from kb.synonyms import Synonyms

_KEPT, _KEPT_TEXTS = 3_000, 1_000


@dataclass(frozen=True)
class Asked:
    """A query as it was asked: its text, the filters and rights it was asked with, and the language its reader prefers."""

    text: str
    scope: Scope
    prefer: str


@dataclass(frozen=True)
class Found:
    """What a query finds: ids of the articles as a reader is shown them, best first, each with its other language versions behind it."""

    shown: tuple[tuple[str, ...], ...]
    confidence: float

    @property
    def outcome(self) -> str:
        return outcome(self.confidence)

    @property
    def first(self) -> str:
        """Id of the article shown first; '' when nothing is."""
        return self.shown[0][0] if self.shown else ""

    def place(self, article: str) -> int:
        """The place, from 1, at which the article or another language version of it is shown; 0 when it is not."""
        return next((place for place, group in enumerate(self.shown, 1) if article in group), 0)


@dataclass(frozen=True)
class Compared:
    """One query today and with the draft published, or with more synonyms. `lacking` are its words, as typed, that the draft nowhere has."""

    asked: Asked
    before: Found
    after: Found
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class _Live:
    """What the live index knows about one query: without the token matrices, which only showing a hit needs."""

    generation: int
    question: Question | None
    evidence: tuple[Evidence, ...]


class Overlay:
    """Compares queries with and without a draft. Remembers what the live index knows about each, so that a second draft costs little. Safe to share
    between threads."""

    def __init__(self, settings: Settings, retriever: Retriever, embedder: Embedder) -> None:
        self._settings, self._retriever, self._embedder = settings, retriever, embedder
        self._live: OrderedDict[tuple[str, Scope], _Live] = OrderedDict()
        self._texts: OrderedDict[str, EmbeddedText] = OrderedDict()

    def lay(self, article: Article) -> LaidArticle:
        """The article as the index would hold it. Raises ArticleError when it cannot be rendered."""
        snapshot = self._retriever.refresh()
        laid = lay_article(article, self._settings, self._embedder, snapshot=snapshot, codec=self._codec, remembered=self._texts)
        while len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)
        return laid

    def compare(self, laid: LaidArticle, queries: Sequence[Asked]) -> list[Compared]:
        """Each query today and with the article published, in the order given."""
        snapshot = self._gather(queries)
        if laid.generation != snapshot.generation:
            # The index has changed since: article numbers are those of the newest.
            laid = self.lay(laid.article)
        return [self._compare(laid, asked, self._live[asked.text, asked.scope], snapshot) for asked in queries]

    def compare_synonyms(self, group: Sequence[str], queries: Sequence[Asked]) -> list[Compared]:
        """Each query today and with the group among the synonyms of the base, in the order given. Only queries that have one of its phrases are searched
        again."""
        snapshot, alone = self._gather(queries), Synonyms().plus(group)
        synonyms = snapshot.synonyms.plus(group)
        before = [_show(self._live[asked.text, asked.scope].evidence, snapshot, asked, {}) for asked in queries]
        questions = [self._live[asked.text, asked.scope].question for asked in queries]
        places = [place for place, question in enumerate(questions) if question is not None and any(alone.alike(question.words))]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            searched = pool.map(lambda place: self._search_again(questions[place], queries[place], synonyms, snapshot), places)
            after = dict(zip(places, searched, strict=True))
        return [Compared(asked, found, after.get(place, found), ()) for place, (asked, found) in enumerate(zip(queries, before, strict=True))]

    def find(self, queries: Sequence[Asked]) -> list[Found]:
        """What each query finds today."""
        if not queries:
            return []
        snapshot = self._gather(queries)
        found = []
        for asked in queries:
            live = self._live[asked.text, asked.scope]
            found.append(_show(live.evidence, snapshot, asked, {}))
        return found

    @cached_property
    def _codec(self):
        return token_codec(self._embedder.name, self._embedder.dimension)

    def _gather(self, queries: Sequence[Asked]) -> Snapshot:
        """Make sure that everything about these queries is known for the newest generation: texts are embedded in bulk, then searched on all cores."""
        wanted = dict.fromkeys((asked.text, asked.scope) for asked in queries)
        snapshot = self._search(wanted)
        while any(self._live[key].generation != snapshot.generation for key in wanted):
            # Another generation came while it was at it.
            snapshot = self._search(wanted)
        while len(self._live) > max(_KEPT, len(wanted)):
            self._live.popitem(last=False)
        return snapshot

    def _search(self, wanted: Iterable[tuple[str, Scope]]) -> Snapshot:
        snapshot = self._retriever.refresh()
        missing = [key for key in wanted if key not in self._live or self._live[key].generation != snapshot.generation]
        if missing:
            texts = list(dict.fromkeys(text for text, _ in missing))
            embedded = dict(zip(texts, self._embedder.embed_queries(texts), strict=True))
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                for key, live in zip(missing, pool.map(lambda key: self._examine(*key, embedded[key[0]]), missing), strict=True):
                    self._live[key] = live
        for key in wanted:
            self._live.move_to_end(key)
        return snapshot

    def _examine(self, text: str, scope: Scope, embedded: Embedded) -> _Live:
        found: Examined = self._retriever.examine(text, scope=scope, embedded=embedded)
        light = tuple(replace(each, cosines=np.zeros((len(each.cosines), 0), np.float32), fields=("", "")) for each in found.evidence)
        return _Live(found.snapshot.generation, found.question, light)

    def _search_again(self, question: Question, asked: Asked, synonyms: Synonyms, snapshot: Snapshot) -> Found:
        with read(self._settings.database) as database:
            reworded = with_synonyms(question, synonyms, database=database, snapshot=snapshot)
            return _show(gather_evidence(reworded, snapshot, database, scope=asked.scope, codec=self._codec), snapshot, asked, {})

    def _compare(self, laid: LaidArticle, asked: Asked, live: _Live, snapshot: Snapshot) -> Compared:
        before = _show(live.evidence, snapshot, asked, {})
        if live.question is None or not laid.is_in(asked.scope):
            return Compared(asked, before, before if laid.is_new else _show(_without(live, laid), snapshot, asked, {}), ())
        own = laid.weigh(live.question)
        after = _show((*_without(live, laid), own), snapshot, asked, {laid.number: laid})
        fields = laid.all_fields
        held = held_words(live.question, *fields)
        text, words = live.question.text, live.question.words
        lacking = tuple(dict.fromkeys(text[word.start : word.end] for word, has in zip(words, held, strict=True) if not has))
        return Compared(asked, before, after, lacking)


def _without(live: _Live, laid: LaidArticle) -> tuple[Evidence, ...]:
    return tuple(each for each in live.evidence if each.article != laid.number)


def _show(evidence: Sequence[Evidence], snapshot: Snapshot, asked: Asked, laid: dict[int, LaidArticle]) -> Found:
    """Rank, judge and group as a search does; `laid` are articles that the snapshot does not hold, or holds in another version."""
    if not evidence:
        return Found((), 0.0)
    scores = rank_scores(evidence)
    order = np.argsort(-scores, kind="stable")
    ranked = [evidence[i] for i in order]

    def id_of(number: int) -> str:
        return laid[number].article.id if number in laid else snapshot.ids[number]

    def lang_of(number: int) -> str:
        return laid[number].article.lang if number in laid else snapshot.facts[number]["lang"]

    def translations_of(number: int) -> list[int]:
        if number in laid:
            return list(laid[number].translations)
        extra = [each.number for each in laid.values() if number in each.translations]
        return [*snapshot.translations_of(number), *extra]

    groups = group_translations([each.article for each in ranked], translations_of=translations_of, lang_of=lang_of, prefer=asked.prefer)
    return Found(tuple(tuple(map(id_of, group)) for group in groups), judge(confidence_features(ranked, scores[order])))
