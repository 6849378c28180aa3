"""What the index knows of an article that two articles can be compared by: its vectors, its telling words, its units and where it leads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

import numpy as np
from sqlite_utils import Database

from indexer.embedder import Embedder
from indexer.embeddings import article_texts
from indexer.passages import Unit, split_article
from kb.articles import Article
from kb.blocks import split_blocks
from kb.rendering import RenderWorker
from kb.text import escape_term, find_terms

_LINK = re.compile(r'href="/article\?id=([^"#&]+)')


@dataclass(frozen=True)
class Profile:
    """One article. Vectors are unit length, less what questions at large have in common with texts of its language; words are segmented terms."""

    id: str
    lang: str
    title: str
    product: str
    visibility: str
    head: np.ndarray
    """float32 (dimension,)"""
    named: np.ndarray
    """The title's vector, float32 (dimension,)."""
    passages: np.ndarray
    """float32 (texts of passages, dimension)"""
    sizes: np.ndarray
    """Telling words in the passage of each row of `passages`."""
    words: tuple[frozenset[str], ...]
    """Of each passage, without its headings' path and without bare numbers."""
    units: tuple[Unit, ...]
    """In reading order."""
    leads_to: frozenset[str]

    @cached_property
    def all_words(self) -> frozenset[str]:
        return frozenset().union(*self.words)

    @cached_property
    def title_codes(self) -> frozenset[str]:
        """The words of the title that have a digit: numbers, versions, error codes."""
        return frozenset(term for term in find_terms(self.title) if re.search(r"\d", term))


def lean(vectors: np.ndarray, background: Mapping[str, np.ndarray], lang: str) -> np.ndarray:
    """float32 (n, dimension) unit vectors less the mean question of the language, or of all where the language has none, unit length again."""
    mean = background[lang] if lang in background else np.mean(list(background.values()), axis=0)
    less = np.asarray(vectors, np.float32) - mean
    return less / np.maximum(np.linalg.norm(less, axis=1, keepdims=True), 1e-9)


def read_heads(database: Database, ids: Sequence[str], background: Mapping[str, np.ndarray]) -> dict[str, list[tuple[str, np.ndarray]]]:
    """By language: (id, head as a profile has it) of those articles that are indexed, in order of their ids."""
    rows = database.execute(
        "select a.lang, v.article, e.vector from vectors v join embeddings e on e.id = v.embedding join articles a on a.id = v.article"
        " where v.kind = 'head' and v.article in (select value from json_each(?)) order by v.article",
        [json.dumps(list(ids))],
    ).fetchall()
    found: dict[str, list[tuple[str, bytes]]] = {}
    for lang, id, vector in rows:
        found.setdefault(lang, []).append((id, vector))
    return {
        lang: list(zip((id for id, _ in named), lean(_stack([vector for _, vector in named]), background, lang), strict=True))
        for lang, named in found.items()
    }


def read_profiles(database: Database, ids: Iterable[str], background: Mapping[str, np.ndarray]) -> dict[str, Profile]:
    """The profiles of those of these articles that are indexed with at least one passage."""
    wanted = json.dumps(sorted(ids))
    chosen = "(select value from json_each(?))"
    vectors: dict[str, list[tuple[str, int, bytes]]] = {}
    for id, kind, passage, vector in database.execute(
        "select v.article, v.kind, ifnull(v.passage, 0), e.vector from vectors v join embeddings e on e.id = v.embedding"
        f" where v.article in {chosen} and v.kind != 'alias' order by v.id",
        [wanted],
    ).fetchall():
        vectors.setdefault(id, []).append((kind, passage, vector))
    pieces: dict[str, list[tuple[int, str, str]]] = {}
    for id, passage, units, body in database.execute(
        "select p.article, p.id, p.units, t.body from passages p join passage_terms t on t.passage = p.id"
        f" where p.article in {chosen} order by p.article, p.position",
        [wanted],
    ).fetchall():
        pieces.setdefault(id, []).append((passage, units, body))
    rows = database.execute(f"select id, lang, title, product, visibility, html from articles where id in {chosen}", [wanted]).fetchall()
    return {
        id: _build((id, lang, title, product, visibility), html, vectors[id], pieces[id], background)
        for id, lang, title, product, visibility, html in rows
        if id in pieces and id in vectors
    }


def profile_draft(article: Article, embedder: Embedder, background: Mapping[str, np.ndarray], *, passage_tokens: int) -> Profile | None:
    """The profile that the article will have once it is indexed; None when its page has no text. Raises ArticleError when it cannot be rendered."""
    with RenderWorker() as worker:
        rendered = worker.render(article)
    passages = split_article(article.id, split_blocks(rendered.html), max_tokens=passage_tokens, count_tokens=embedder.count_tokens)
    if not passages:
        return None
    texts = [
        text
        for text in article_texts(article, passages, max_tokens=embedder.max_tokens - 16, count_tokens=embedder.count_tokens)
        if text.kind != "alias"
    ]
    embedded = embedder.embed_passages([text.text for text in texts])
    vectors = [(text.kind, text.position + 1, each.vector.astype("<f2").tobytes()) for text, each in zip(texts, embedded, strict=True)]
    pieces = [
        (
            passage.position + 1,
            json.dumps([[unit.kind, unit.text, "", unit.group, unit.tokens] for unit in passage.units]),
            " ".join(escape_term(term) for term in find_terms(passage.text)),
        )
        for passage in passages
    ]
    return _build(
        (article.id, article.lang, article.title, article.product, article.visibility), rendered.html, vectors, pieces, background
    )


def _build(
    named: tuple[str, str, str, str, str], html: str, vectors: Sequence[tuple[str, int, bytes]], pieces: Sequence[tuple[int, str, str]],
    background: Mapping[str, np.ndarray],
) -> Profile:  # fmt: skip
    lang = named[1]
    words = {passage: frozenset(word for word in body.split() if not word.isdigit()) for passage, _, body in pieces}
    leaned = lean(_stack([vector for _, _, vector in vectors]), background, lang)
    kinds = np.array([kind for kind, _, _ in vectors])
    of_passages = [passage for kind, passage, _ in vectors if kind == "passage"]
    units = tuple(Unit(*unit) for _, stored, _ in pieces for unit in json.loads(stored))
    return Profile(
        *named, leaned[kinds == "head"][0], leaned[kinds == "title"][0], leaned[kinds == "passage"],
        np.array([len(words[passage]) for passage in of_passages], np.float32), tuple(words.values()), units,
        frozenset(unquote(id) for id in _LINK.findall(html)),
    )  # fmt: skip


def _stack(vectors: Sequence[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(vectors), "<f2").reshape(len(vectors), -1).astype(np.float32)
