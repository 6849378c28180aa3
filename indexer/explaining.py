"""Why an article ranks where it does for a query: every number the ranking used, beside those of the article that came first."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.judging import confidence_features, judge, outcome
from indexer.ranking import FEATURES, ranking_features
from indexer.retriever import Retriever
from indexer.weights import read_weights
from kb.database import read
from kb.errors import ArticleNotFound
from kb.marking import matched_words
from kb.readers import Scope
from kb.settings import Settings


@dataclass(frozen=True)
class Part:
    """One feature of the ranking: its value for this article, for the first one, and what each adds to the score."""

    name: str
    value: float
    first_value: float
    added: float
    first_added: float


@dataclass(frozen=True)
class Explanation:
    """`rank` counts from 1 among all candidates; None when neither arm put the article forward and it was weighed only for this."""

    article: str
    first: str
    rank: int | None
    candidates: int
    parts: tuple[Part, ...]
    bm25: float
    nearest_passage: float
    words: tuple[str, ...]
    missing_words: tuple[str, ...]
    confidence: float
    outcome: str
    confidence_parts: dict[str, tuple[float, float]]
    """Feature -> (value, what it adds to the logit)."""


def explain(text: str, article: str, *, retriever: Retriever, settings: Settings, scope: Scope) -> Explanation:
    """Explain the article's place for the query. Raises ArticleNotFound when this scope does not include it."""
    snapshot = retriever.refresh()
    number = snapshot.numbers.get(article)
    if number is None or not snapshot.in_scope(scope)[number]:
        raise ArticleNotFound(article)
    by_themselves = [each.article for each in retriever.examine(text, scope=scope).evidence]
    found = retriever.examine(text, scope=scope, also=[article])
    place = next((i for i, each in enumerate(found.evidence) if each.article == number), None)
    if place is None or found.question is None:
        raise ArticleNotFound(article)
    with read(settings.database) as database:
        (title, passage) = database.execute("select title, source from articles where id = ?", [article]).fetchone()
    query, words = found.question.text, found.question.words
    held = matched_words(query, words, f"{title}\n{passage}")
    typed = tuple(dict.fromkeys(query[word.start : word.end] for word in words))
    features = confidence_features(found.evidence, found.scores)
    weights = read_weights()
    confidence = judge(features)
    return Explanation(
        article, snapshot.ids[found.evidence[0].article], place + 1 if number in by_themselves else None, len(found.evidence),
        _parts(found.evidence, place), found.evidence[place].bm25, found.evidence[place].best_passage, held,
        tuple(word for word in typed if word not in held), confidence, outcome(confidence),
        {name: (value, value * weights["confidence"].get(name, 0.0)) for name, value in features.items()},
    )  # fmt: skip


def _parts(evidence, place: int) -> tuple[Part, ...]:
    values, weights = ranking_features(evidence), read_weights()["ranking"]
    return tuple(
        Part(name, float(values[place, i]), float(values[0, i]), float(values[place, i] * weights[name]), float(values[0, i] * weights[name]))
        for i, name in enumerate(FEATURES)
    )
