"""A query as the arms see it, and how much of its words a text holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlite_utils import Database

from indexer.embedder import Embedded
from indexer.embeddings import TokenCodec
from indexer.snapshot import Snapshot
from indexer.terms import read_idf, read_phrase_idf
from kb.language import detect_language
from kb.synonyms import Synonyms
from kb.text import Word, escape_term, word_terms


@dataclass(frozen=True)
class Question:
    """A query as the arms see it: the text, its words with their idf, its vector and projected token vectors."""

    text: str
    lang: str
    words: tuple[Word, ...]
    idf: dict[str, float]
    alike: dict[str, float]
    """Phrases that mean the same as words of the query and that it does not have itself, with their idf: see `read_phrase_idf`."""
    weighted: tuple[tuple[float, str, tuple[str, ...], tuple[str, ...]], ...]
    """Per word: its share of the query's idf, its whole term, its parts, and the phrases that mean the same, padded as `read_fields` pads."""
    vector: np.ndarray
    direction: np.ndarray
    """Its vector less that of questions at large, float32 (dimension,)."""
    tokens: np.ndarray
    """Its projected token vectors, float32 (tokens, width)."""


def read_question(
    text: str, words: Sequence[Word], embedded: Embedded | None, *, database: Database, snapshot: Snapshot, codec: TokenCodec
) -> Question:
    """The query as the arms of this snapshot see it. One that was not embedded has empty arrays."""
    lang = detect_language(text)
    weighed = _weigh_words(words, database, passages=snapshot.public_passages, synonyms=snapshot.synonyms)
    if embedded is None:
        nothing = np.empty(0, np.float32)
        return Question(text, lang, tuple(words), *weighed, nothing, nothing, np.empty((0, 0), np.float32))
    direction = embedded.vector - snapshot.background.get(lang, 0.0)
    return Question(text, lang, tuple(words), *weighed, embedded.vector, direction, codec.project(embedded.tokens))


def with_synonyms(question: Question, synonyms: Synonyms, *, database: Database, snapshot: Snapshot) -> Question:
    """The question as it would be if these were the synonyms of the base. Nothing is embedded."""
    idf, alike, weighted = _weigh_words(question.words, database, passages=snapshot.public_passages, synonyms=synonyms)
    return replace(question, idf=idf, alike=alike, weighted=weighted)


def held_words(question: Question, title: str, body: str) -> tuple[bool, ...]:
    """Per word of the query: whether these padded fields have it, whole, in part, or by a phrase that means the same."""
    return tuple(any(term in body or term in title for term in (whole, *parts, *others)) for _, whole, parts, others in question.weighted)


def coverage(question: Question, title: str, body: str) -> float:
    """Share, 0..1, of the query's idf whose words these padded fields hold, themselves or by a phrase that means the same; a part of an identifier
    counts half."""
    held = 0.0
    for share, whole, parts, others in question.weighted:
        if whole in body or whole in title or (others and any(phrase in body or phrase in title for phrase in others)):
            held += share
        elif parts and any(part in body or part in title for part in parts):
            held += share / 2
    return held


def _weigh_words(words: Sequence[Word], database: Database, *, passages: int, synonyms: Synonyms) -> tuple[dict[str, float], dict[str, float], tuple]:
    """`idf`, `alike` and `weighted` of a question with these words."""
    terms = word_terms(words)
    idf = read_idf(database, terms, passages) if terms else {}
    weights = [max(idf[term] for term in word.terms) for word in words]
    others, alike = [()] * len(words), {}
    if synonyms.groups:
        others = [tuple(map(" ".join, phrases)) for phrases in synonyms.alike(words)]
        alike = read_phrase_idf(database, dict.fromkeys(phrase for phrases in others for phrase in phrases), passages)
        # Who may say it in another way has said something as common as the most common of these ways.
        weights = [min([weight, *(alike[phrase] for phrase in phrases)]) for weight, phrases in zip(weights, others, strict=True)]
        said = f" {' '.join(term for word in words for term in word.terms)} "
        alike = {phrase: rarity for phrase, rarity in alike.items() if f" {phrase} " not in said}
    total = sum(weights) or 1.0
    padded = [[f" {escape_term(term)} " for term in word.terms] for word in words]
    weighted = tuple(
        (weight / total, terms[0], tuple(terms[1:]), tuple(f" {escape_term(phrase)} " for phrase in phrases))
        for weight, terms, phrases in zip(weights, padded, others, strict=True)
    )
    return idf, alike, weighted
