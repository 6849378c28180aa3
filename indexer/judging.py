"""How sure kb is that the first hit answers: a logistic model over what the arms know, fitted by `python -m indexer.fitting`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from indexer.evidence import Evidence
from indexer.weights import read_weights

ANSWERED, WEAK = 0.6, 0.3


def confidence_features(evidence: Sequence[Evidence], scores: np.ndarray) -> dict[str, float]:
    """What is known about the first of these articles, which are ordered best first with their rank scores.

    late, coverage: of the first hit. late_lead: its late score above the mean of the five after it; head_lead: its head cosine above the
    median of all candidates; margin: its rank score above the second's; share: its part of the softmax over scores; agreement: 1 when the
    terms arm alone puts it first; covers_most: 1 when no other candidate covers more of the query.
    Differences rather than levels: levels shift with the corpus, its language and its size.
    """
    first, others = evidence[0], evidence[1:]
    late = [each.late for each in others]
    shares = np.exp(scores - scores[0])
    return {
        "late": first.late,
        "late_lead": first.late - (float(np.mean(sorted(late, reverse=True)[:5])) if late else first.late - 0.05),
        "head_lead": first.head - float(np.median([each.head for each in evidence])),
        "coverage": first.coverage,
        "margin": min(float(scores[0] - scores[1]) if others else 5.0, 10.0),
        "share": float(1 / shares.sum()),
        "agreement": float(first.bm25 > 0 and all(first.bm25 >= each.bm25 for each in others)),
        "covers_most": float(all(first.coverage >= each.coverage for each in others)),
    }


def judge(features: Mapping[str, float]) -> float:
    """Calibrated probability, 0..1, that the first hit answers the query."""
    weights = read_weights()["confidence"]
    return 1 / (1 + math.exp(-sum(weight * features.get(name, 1.0) for name, weight in weights.items())))


def outcome(confidence: float) -> str:
    """'answered', 'weak' or 'failed'."""
    return "answered" if confidence >= ANSWERED else "weak" if confidence >= WEAK else "failed"
