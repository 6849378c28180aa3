"""How sure kb is that the first hit answers: a logistic model over what the arms know, fitted by `python -m indexer.fitting`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from indexer.evidence import Evidence
from indexer.weights import read_weights

# More likely than not; and worth a look.
ANSWERED, WEAK = 0.5, 0.3
_COVERED = 0.5


def confidence_features(evidence: Sequence[Evidence], scores: np.ndarray) -> dict[str, float]:
    """What is known about the first of these articles, which are ordered best first with their rank scores.

    late: its late score; late_lead: that above the mean of the five after it; head_lead: its head cosine above the median of all candidates;
    margin: its rank score above the second's; terms_agree, head_agrees: 1 when the terms arm alone, or the head alone, puts it first;
    covers_most: 1 when no other candidate covers more of the query; length: ln(1 + tokens of the query). Levels tell a question from
    another subject, differences tell a question that several articles nearly answer; neither grows with the number of articles.
    """
    first, others = evidence[0], evidence[1:]
    late = sorted((each.late for each in others), reverse=True)[:5]
    return {
        "late": first.late,
        "late_lead": first.late - float(np.mean(late)) if others else 0.0,
        "head_lead": first.head - float(np.median([each.head for each in evidence])),
        "margin": min(float(scores[0] - scores[1]), 8.0) if others else 0.0,
        "terms_agree": float(first.bm25 > 0 and all(first.bm25 >= each.bm25 for each in others)),
        "head_agrees": float(all(first.head >= each.head for each in others)),
        "covers_most": float(first.coverage > 0 and all(first.coverage >= each.coverage for each in others)),
        "length": math.log1p(len(first.cosines)),
    }


def judge(features: Mapping[str, float], *, fitted: str = "confidence") -> float:
    """Calibrated probability, 0..1, that the first hit answers the query. `fitted` names the weights."""
    weights = read_weights()[fitted]
    return 1 / (1 + math.exp(-sum(weight * features.get(name, 1.0) for name, weight in weights.items())))


def terms_features(evidence: Sequence[Evidence]) -> dict[str, float]:
    """What the terms arm alone knows about the first of these articles, which are ordered best first by it, one language version of each.

    coverage: the share of the query that it holds; lead: by how much of its BM25 it is ahead of the second, times that share: being the only
    article that holds one word of many decides nothing.
    """
    first, second = evidence[0], evidence[1].bm25 if len(evidence) > 1 else 0.0
    ahead = (first.bm25 - second) / first.bm25 if first.bm25 > 0 else 0.0
    return {"coverage": first.coverage, "lead": ahead * first.coverage}


def judge_terms(features: Mapping[str, float]) -> float:
    """The same probability from `terms_features`. Where less than half of the query is covered it is below ANSWERED: what the other words ask
    for, only the vectors could tell."""
    confidence = judge(features, fitted="terms_confidence")
    return confidence if features["coverage"] >= _COVERED else min(confidence, ANSWERED - 0.01)


def outcome(confidence: float) -> str:
    """'answered', 'weak' or 'failed'."""
    return "answered" if confidence >= ANSWERED else "weak" if confidence >= WEAK else "failed"


def terms_outcome(confidence: float, *, found: bool) -> str:
    """The same where the terms arm alone answered. Articles that it found are never said to have failed: half of the time when it is that
    unsure they answer all the same, in other words or in the other language."""
    return "answered" if confidence >= ANSWERED else "weak" if found else "failed"
