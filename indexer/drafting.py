"""An article as the index would hold it, kept in memory: its vectors, words and token vectors, and its evidence for a question."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from indexer.background import Background, embed_background
from indexer.embedder import Embedder
from indexer.embeddings import Text, TokenCodec, token_codec
from indexer.evidence import Evidence, view_article, weigh_article
from indexer.indexing import prepare_article
from indexer.late import match_tokens
from indexer.question import Question
from indexer.snapshot import KINDS, Snapshot
from indexer.store import PreparedArticle
from indexer.terms import read_average_length, score_beside, score_terms
from kb.articles import Article, resolve_reference
from kb.database import read
from kb.language import language_of_folder
from kb.readers import Scope
from kb.rendering import RenderWorker
from kb.settings import Settings


@dataclass(frozen=True)
class LaidArticle:
    """Rows are aligned: `vectors` float32 (rows, dimension), `kinds` as in `snapshot.KINDS`, `positions` of the passage that a row is of, or -1.
    Passages are known by their position. It is weighed as if it were published, with its own visibility."""

    article: Article
    number: int
    """Its number in the snapshot when it is there already, else the first that is free."""
    is_new: bool
    translations: tuple[int, ...]
    vectors: np.ndarray
    kinds: np.ndarray
    positions: np.ndarray
    terms: tuple[tuple[str, str, str, str], ...]
    """Per position the segmented title, headings, body and aliases."""
    tokens: Mapping[int, list[bytes]]
    late: Mapping[int, Mapping[str, float]]
    """Per position the late score that questions at large have with it, by their language."""
    lengths: tuple[int, ...]
    """Per position its length in the model's tokens."""
    codec: TokenCodec
    passages_of_base: int
    average_length: float
    generation: int
    """Of the index that it was laid over."""

    def is_in(self, scope: Scope) -> bool:
        """Whether a search in this scope would find it, once published."""
        article = self.article
        return (
            scope.reader.may_see(article.visibility, "published", product=article.product, groups=article.groups)
            and scope.lang in (None, article.lang)
            and scope.product in (None, article.product)
            and (scope.tag is None or scope.tag in article.tags)
        )

    def weigh(self, question: Question) -> Evidence:
        """Its evidence, as `gather_evidence` would find it."""
        cosines, usual = self.vectors @ question.direction, self.vectors @ (question.vector - question.direction)
        view = view_article(cosines, usual, self.kinds, self.positions)
        score = score_terms if self.article.visibility == "public" else score_beside
        scores = score(
            self.terms, question.idf, passages=self.passages_of_base, average_length=self.average_length, alike=question.alike
        )
        best = int(np.argmax(scores)) if scores and max(scores) > 0 else None
        passages = dict.fromkeys([*view.passages, *([best] if best is not None else [])])
        tokens = match_tokens(question.tokens, {position: self.tokens[position] for position in passages}, self.codec)
        background = {position: self.late[position][question.lang] for position in passages}
        bm25 = scores[best] if best is not None else 0.0
        return weigh_article(question, self.number, view, list(passages), bm25=bm25, tokens=tokens, background=background, fields=self._fields)

    @property
    def all_fields(self) -> tuple[str, str]:
        """Everything it says, segmented and padded as `terms.read_fields` does: titles and aliases, headings and bodies."""
        titles, bodies = zip(*self._fields.values(), strict=True) if self._fields else ((), ())
        return " ".join(titles), " ".join(bodies)

    @cached_property
    def _fields(self) -> dict[int, tuple[str, str]]:
        return {position: (f" {title} {aliases} ", f" {headings} {body} ") for position, (title, headings, body, aliases) in enumerate(self.terms)}


EmbeddedText = tuple[np.ndarray, bytes, dict[str, float]]
"""A text's unit vector, its packed tokens, and the late score that questions at large have with it, by their language."""


def lay_article(
    article: Article, settings: Settings, embedder: Embedder, *, snapshot: Snapshot, codec: TokenCodec, remembered: MutableMapping[str, EmbeddedText]
) -> LaidArticle:
    """Render, split and embed the article; what the index has embedded already, or is `remembered` from an earlier draft, is taken from there.
    Raises ArticleError."""
    with RenderWorker() as worker:
        prepared, texts = prepare_article(article, worker, passage_tokens=settings.passage_tokens, embedder=embedder)
    with read(settings.database) as database:
        stored = _read_embedded(database, [text.key(embedder.name) for text in texts])
        average = read_average_length(database)
    stored |= {key: remembered[key] for text in texts if (key := text.key(embedder.name)) in remembered}
    fresh = _embed(texts, stored, embedder, codec)
    remembered.update(fresh)
    embedded = stored | fresh
    number = snapshot.numbers.get(article.id, len(snapshot.ids))
    rows = [embedded[text.key(embedder.name)] for text in texts]
    tokens: dict[int, list[bytes]] = {}
    late: dict[int, dict[str, float]] = {}
    for text, (_, packed, usual) in zip(texts, rows, strict=True):
        if text.kind == "passage":
            tokens.setdefault(text.position, []).append(packed)
            late[text.position] = {lang: max(value, late.get(text.position, {}).get(lang, 0.0)) for lang, value in usual.items()}
    return LaidArticle(
        article, number, article.id not in snapshot.numbers, tuple(_translations(article, number, snapshot)),
        np.stack([vector for vector, _, _ in rows]), np.array([KINDS.index(text.kind) for text in texts], np.int8),
        np.array([text.position for text in texts], np.int64), tuple(each.terms for each in prepared.passages), tokens, late,
        _lengths(prepared, embedder), codec, snapshot.public_passages, average, snapshot.generation,
    )  # fmt: skip


def _read_embedded(database, keys: list[str]) -> dict[str, EmbeddedText]:
    rows = database.execute(
        "select key, vector, tokens, late_zh, late_en from embeddings where key in (select value from json_each(?))", [json.dumps(keys)]
    )
    return {key: (_as_stored(vector), tokens, {"zh": zh, "en": en}) for key, vector, tokens, zh, en in rows.fetchall()}


def _embed(texts: list[Text], stored: Mapping[str, object], embedder: Embedder, codec: TokenCodec) -> dict[str, EmbeddedText]:
    missing = {text.key(embedder.name): text.text for text in texts if text.key(embedder.name) not in stored}
    if not missing:
        return {}
    background = _background(embedder)
    return {
        key: (_as_stored(each.vector.astype("<f2").tobytes()), codec.pack(each.tokens), background.late(codec.project(each.tokens)))
        for key, each in zip(missing, embedder.embed_passages(list(missing.values())), strict=True)
    }


@cache
def _background(embedder: Embedder) -> Background:
    return embed_background(embedder, token_codec(embedder.name, embedder.dimension))


def _as_stored(vector: bytes) -> np.ndarray:
    return np.frombuffer(vector, "<f2").astype(np.float32)


def _lengths(prepared: PreparedArticle, embedder: Embedder) -> tuple[int, ...]:
    texts = ["\n".join(unit.text for unit in each.passage.units) for each in prepared.passages]
    return tuple(embedder.count_tokens(texts)) if texts else ()


def _translations(article: Article, number: int, snapshot: Snapshot) -> list[int]:
    """Numbers of its versions in other languages: those of the published version, the one it names, those with the same path."""
    found = dict.fromkeys(snapshot.translations_of(number) if number < len(snapshot.ids) else [])
    named = resolve_reference(article.translation_of, article.id, snapshot.numbers)
    if named:
        found[snapshot.numbers[named]] = None
    path = _bare(article.id)
    if path != article.id:
        found |= {other: None for other, id in enumerate(snapshot.ids) if _bare(id) == path}
    return [other for other in found if other != number and snapshot.facts[other]["lang"] != article.lang]


def _bare(id: str) -> str:
    return "/".join(name for name in id.split("/") if not language_of_folder(name))
