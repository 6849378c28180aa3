"""Measure ranking and refusal on a folder of articles with labelled queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.errors import KnowledgeBaseError


class QueriesError(KnowledgeBaseError):
    """A file of labelled queries that cannot be used."""


@dataclass(frozen=True)
class LabelledQuery:
    """A query and the ids of the articles that answer it; empty when none in the set does."""

    id: str
    text: str
    lang: str
    gold: frozenset[str]


def read_queries(path: Path) -> list[LabelledQuery]:
    """From JSON lines of `id`, `text`, `lang`, `gold` (ids with or without `.md`). Raises QueriesError naming file and line."""
    if not path.is_file():
        raise QueriesError(f"no labelled queries at {path}; a set is a folder with articles/ and queries.jsonl")
    queries = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            gold = frozenset(id.removesuffix(".md") for id in row["gold"])
            queries.append(LabelledQuery(str(row["id"]), row["text"], row.get("lang", ""), gold))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise QueriesError(f"{path}:{number}: not a labelled query ({fault!r}); want id, text, lang and gold") from None
    return queries


def reciprocal_rank(hits: Sequence[str], gold: frozenset[str], *, depth: int = 10) -> float:
    """1 / place of the first gold article among the first `depth` hits, 0 if there is none."""
    return next((1 / place for place, hit in enumerate(hits[:depth], 1) if hit in gold), 0.0)


def area_under_roc(positive: Iterable[float], negative: Iterable[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half; NaN when either is empty."""
    above, below = np.sort(np.fromiter(positive, float)), np.sort(np.fromiter(negative, float))
    if not len(above) or not len(below):
        return float("nan")
    wins = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float(wins.mean() / 2 / len(below))


def brier_score(confidences: Sequence[float], answered: Sequence[bool]) -> float:
    """Mean squared distance of confidence from the truth, 0 is perfect (Brier 1950)."""
    return float(np.mean((np.asarray(confidences) - np.asarray(answered, float)) ** 2))


def reliability(confidences: Sequence[float], answered: Sequence[bool], *, bins: int = 5) -> list[tuple[float, float, int]]:
    """(mean confidence, share answered, queries) of each non-empty bin of equal width, lowest first."""
    given, truth = np.asarray(confidences), np.asarray(answered, float)
    place = np.minimum((given * bins).astype(int), bins - 1)
    return [(float(given[place == b].mean()), float(truth[place == b].mean()), int((place == b).sum())) for b in range(bins) if (place == b).any()]
