"""Evidence to one score per article: a linear model of five features, fitted across sets by `python -m indexer.fitting`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.evidence import Evidence
from indexer.weights import read_weights

FEATURES = ("late", "head", "title", "terms", "coverage")


def ranking_features(evidence: Sequence[Evidence]) -> np.ndarray:
    """float64 (articles, 5) in the order of FEATURES.

    `terms` is BM25 relative to the best of this query, times how much of the query any passage covers: an arm that has no evidence
    (a question in the other language, words nobody wrote) falls silent instead of dragging a good vector ranking down.
    """
    top = max((each.bm25 for each in evidence), default=0.0) or 1.0
    covered = max((each.coverage for each in evidence), default=0.0)
    rows = [[each.late, each.head, each.title, each.bm25 / top * covered, each.coverage] for each in evidence]
    return np.array(rows, float).reshape(len(evidence), len(FEATURES))


def rank_scores(evidence: Sequence[Evidence]) -> np.ndarray:
    """float64 (articles,): higher is better, comparable within one query."""
    weights = read_weights()["ranking"]
    return ranking_features(evidence) @ np.array([weights[name] for name in FEATURES])


def terms_scores(evidence: Sequence[Evidence]) -> np.ndarray:
    """The same where the terms arm is all there is: its BM25, which no other number makes better."""
    return np.array([each.bm25 for each in evidence], float)


def display_score(scores: np.ndarray, place: int) -> float:
    """0..1, higher is better, 1 for the best of one query: its odds against the best, softened so that a list of ten can be told apart."""
    return float(np.exp((scores[place] - scores[0]) / len(FEATURES)))
