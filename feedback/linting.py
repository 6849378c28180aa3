"""What an author should change about articles, as far as customers tell: passages that nothing they have searched for leads to."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from feedback import schema as schema
from feedback.query_vectors import fold_text
from indexer.embedder import Embedder
from indexer.lint_profiles import lean
from indexer.store import content_hashes, read_background, read_state
from indexer.terms import read_idf
from indexer.visibility import IS_PUBLIC
from kb.database import read
from kb.language import detect_language
from kb.lint_findings import Base, Finding, make_finding, pick_articles
from kb.lint_source import find_line
from kb.readers import CUSTOMER
from kb.text import escape_term, find_words, word_terms

DEMAND_RULES = ("never-asked",)

LEAST_TEXTS = 200
"""Fewer different searches say nothing about what is never asked."""
_MOST_TEXTS = 2_000
_SHARED = 0.3
"""A passage that holds so much of one search's idf is found by its words."""
_NEAREST = 20
"""So many nearest passages of each search are found by their meaning."""
_LEAST_WORDS = 15
_LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class _Passage:
    article: str
    id: int
    words: frozenset[str]
    first: str
    """Its first unit: a heading, if it begins with one."""
    lists_links: bool


def lint_demand(database_path: Path, base: Base, embedder: Embedder, *, ids: Collection[str] | None = None) -> list[Finding]:
    """A note for each passage, in the articles named or in all, that no customer's search shares words with or comes near in meaning.

    Nothing is said while there are fewer than LEAST_TEXTS different searches, about lists of links and very short passages, or about articles
    that have changed since they were indexed. Searches are embedded only when there are passages that no words lead to.
    Raises DatabaseError when the database cannot be read.
    """
    if not database_path.is_file():
        return []
    with read(database_path) as database:
        state, texts = read_state(database), _read_texts(database)
        if len(texts) < LEAST_TEXTS or state.get("model") != embedder.name:
            return []
        passages = _read_passages(database, base)
        chosen = {article.id for article in pick_articles(base, ids)}
        reached = _reached_by_words(database, passages, texts)
        left = [
            place
            for place, passage in enumerate(passages)
            if passage.article in chosen and not reached[place] and not passage.lists_links and len(passage.words) >= _LEAST_WORDS
        ]
        if not left:
            return []
        near = _reached_by_meaning(database, passages, texts, embedder)
    return [_finding(passages[place], base, len(texts)) for place in left if not near[place]]


def _read_texts(database: Database) -> list[str]:
    """Different texts that customers searched for, latest first, at most _MOST_TEXTS."""
    rows = database.execute("select text from searches where audience = 'customer' and text != '' order by updated_at desc, id desc")
    found: dict[str, None] = {}
    for (text,) in rows:
        found[fold_text(text)] = None
        if len(found) == _MOST_TEXTS:
            break
    return list(found)


def _read_passages(database: Database, base: Base) -> list[_Passage]:
    """The passages that a customer's search can find and whose articles are as they were indexed, in order of their ids."""
    indexed = content_hashes(database)
    current = [
        id
        for id, article in base.articles.items()
        if indexed.get(id) == article.content_hash and id not in base.texts and CUSTOMER.may_see(article.visibility, article.status, product=article.product, groups=article.groups)
    ]
    rows = database.execute(
        "select p.article, p.id, p.units, t.title || ' ' || t.headings || ' ' || t.body || ' ' || t.aliases from passages p join passage_terms t on t.passage = p.id"
        " where p.article in (select value from json_each(?)) order by p.id",
        [json.dumps(current)],
    ).fetchall()
    return [
        _Passage(
            id, passage, frozenset(terms.split()), next((unit[1] for unit in json.loads(units)), ""), _lists_links(id, json.loads(units))
        )
        for id, passage, units, terms in rows
    ]


def _lists_links(id: str, units: Sequence[Sequence]) -> bool:
    """Whether the passage leads on rather than answers: on the page of a category, or with a third of its text in links."""
    shown = sum(len(text) for kind, text, *_ in units if kind != "heading")
    linked = sum(len(_TAG.sub("", words)) for kind, _, html, *_ in units if kind != "heading" for words in _LINK.findall(html))
    return bool(re.fullmatch(r"(?:.*/)?index", id)) or linked > shown / 3


def _reached_by_words(database: Database, passages: Sequence[_Passage], texts: Sequence[str]) -> np.ndarray:
    """bool per passage: whether it holds at least _SHARED of some text's idf."""
    words = [find_words(text) for text in texts]
    terms = sorted({term for each in words for term in word_terms(each)})
    (count,) = database.execute(f"select count(*) from passages where {IS_PUBLIC}").fetchone()
    idf = {
        term: weight
        for start in range(0, len(terms), 5_000)
        for term, weight in read_idf(database, terms[start : start + 5_000], count).items()
    }
    postings: dict[str, list[int]] = {escape_term(term): [] for term in terms}
    for place, passage in enumerate(passages):
        for term in passage.words & postings.keys():
            postings[term].append(place)
    places = {term: np.array(found, np.int64) for term, found in postings.items()}
    reached = np.zeros(len(passages), bool)
    for each in words:
        weights = [max(idf[term] for term in word.terms) for word in each]
        total = sum(weights)
        held = np.zeros(len(passages), np.float32)
        for word, weight in zip(each, weights, strict=True):
            # A word counts once, whichever of its terms the passage has.
            held[np.unique(np.concatenate([places[escape_term(term)] for term in word.terms]))] += weight
        if total:
            reached |= held >= _SHARED * total
    return reached


def _reached_by_meaning(database: Database, passages: Sequence[_Passage], texts: Sequence[str], embedder: Embedder) -> np.ndarray:
    """bool per passage: whether it is among the _NEAREST of some text."""
    rows = database.execute(
        "select v.passage, e.vector from vectors v join embeddings e on e.id = v.embedding where v.kind = 'passage' order by v.passage"
    ).fetchall()
    place = {passage.id: number for number, passage in enumerate(passages)}
    kept = [(place[passage], vector) for passage, vector in rows if passage in place]
    owners = np.array([owner for owner, _ in kept], np.int64)
    vectors = np.frombuffer(b"".join(vector for _, vector in kept), "<f2").reshape(len(kept), -1).astype(np.float32)
    background = read_background(database)
    asked = np.stack([each.vector for each in embedder.embed_queries(texts)])
    langs = np.array([detect_language(text) for text in texts])
    reached = np.zeros(len(passages), bool)
    for lang in np.unique(langs):
        directions = lean(asked[langs == lang], background, str(lang))
        for start in range(0, len(directions), 256):
            cosines = directions[start : start + 256] @ vectors.T
            count = min(_NEAREST, cosines.shape[1])
            reached[owners[np.argpartition(-cosines, count - 1, axis=1)[:, :count]].ravel()] = True
    return reached


def _finding(passage: _Passage, base: Base, texts: int) -> Finding:
    article = base.articles[passage.article]
    line = find_line(passage.first, article.body, first_line=article.body_line)
    shown = passage.first if len(passage.first) <= 60 else f"{passage.first[:59]}…"
    return make_finding(base.path(article.id), line, "never-asked", "note", texts=texts, passage=shown)
