"""Fit the few numbers of ranking and confidence on labelled sets, and say how they do on sets they were not fitted on.

`python -m indexer.fitting SET... ` where a set is a folder with articles/ and queries.jsonl; writes `weights.json`, unless `--dry` is given.

Ranking: listwise softmax, the log likelihood that a gold article comes first, with an L2 penalty on standardised features.
Confidence: logistic regression on whether the first hit answers; and on whether the first of the terms arm alone does. Each query is asked as it came; with its gold articles taken away, so that
what comes first does not answer; of a small base, most other candidates taken away, with and without gold; and of a foreign base that is about
something else. Every set weighs the same, whatever its size.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from indexer.embedder import Embedder
from indexer.evaluation import LabelledQuery, area_under_roc, read_queries, reciprocal_rank
from indexer.evidence import Evidence
from indexer.judging import confidence_features, terms_features
from indexer.measuring import open_set
from indexer.model import model_folder
from indexer.ranking import FEATURES, ranking_features, terms_scores
from indexer.weights import WEIGHTS_FILE
from kb.readers import STAFF, Scope
from kb.settings import Settings, read_settings

_MOST, _FEW = 400, 40
_RANKING_PENALTY, _CONFIDENCE_PENALTY = 1e-2, 1e-2
# A base is asked mostly what it holds. Against a query as it came: one whose answer was taken away, one to a small base, one to a foreign base.
_TAKEN_AWAY, _SMALL_BASE, _FOREIGN = 0.12, 0.4, 0.3
_SMALL_SHARE = 0.15


@dataclass(frozen=True)
class Sample:
    """One query of one set: its candidates' evidence, their features float64 (candidates, 5), which are gold, whether any article is."""

    group: str
    lang: str
    evidence: tuple[Evidence, ...]
    features: np.ndarray
    gold: np.ndarray
    answerable: bool
    foreign: bool = False

    def without_gold(self) -> Sample:
        return self._keeping(~self.gold)

    def of_small_base(self, draw: np.random.Generator) -> Sample:
        """The same query to a base that holds the gold articles and few others."""
        return self._keeping(self.gold | (draw.random(len(self.gold)) < _SMALL_SHARE))

    def _keeping(self, kept: np.ndarray) -> Sample:
        evidence = tuple(each for each, keep in zip(self.evidence, kept, strict=True) if keep)
        return replace(self, evidence=evidence, features=ranking_features(evidence), gold=self.gold[kept], answerable=bool(self.gold[kept].any()))


def read_samples(folder: Path, foreign: Sequence[Path], settings: Settings, embedder: Embedder) -> list[Sample]:
    """Every query of the set (an even part of a large one) with its candidates, and queries of foreign sets, which it cannot answer."""
    retriever, _ = open_set(folder, settings, embedder)
    queries = [(query, False) for query in _evenly(read_queries(folder / "queries.jsonl"), _MOST)]
    queries += [(replace(query, gold=frozenset()), True) for other in foreign for query in _evenly(read_queries(other / "queries.jsonl"), _FEW)]
    samples = []
    for query, is_foreign in queries:
        found = retriever.examine(query.text, scope=Scope(STAFF))
        gold = np.array([found.snapshot.ids[each.article] in query.gold for each in found.evidence], bool)
        if found.evidence:
            features = ranking_features(found.evidence)
            samples.append(Sample(folder.name, query.lang, found.evidence, features, gold, bool(query.gold), is_foreign))
    return samples


def _evenly(queries: Sequence[LabelledQuery], most: int) -> Sequence[LabelledQuery]:
    return queries[:: max(1, len(queries) // most)]


def fit_ranking(samples: Sequence[Sample]) -> dict[str, float]:
    """Weights by feature name."""
    usable = [sample for sample in samples if sample.gold.any()]
    spread = np.concatenate([sample.features for sample in usable]).std(axis=0) + 1e-9
    share = _even(usable)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, gradient = _RANKING_PENALTY * weights @ weights, 2 * _RANKING_PENALTY * weights
        for sample, weight in zip(usable, share, strict=True):
            scaled = sample.features / spread
            scores = scaled @ weights
            every = np.exp(scores - scores.max())
            of_gold = np.where(sample.gold, every, 0.0)
            total -= weight * np.log(of_gold.sum() / every.sum())
            gradient = gradient - weight * (of_gold / of_gold.sum() - every / every.sum()) @ scaled
        return total, gradient

    fitted = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(FEATURES)).x / spread
    return dict(zip(FEATURES, fitted.tolist(), strict=True))


def fit_confidence(samples: Sequence[Sample], ranking: dict[str, float]) -> dict[str, float]:
    """Weights by feature name, 'bias' among them."""
    return _fit_logistic(samples, lambda sample: judged(sample, ranking))


def fit_terms_confidence(samples: Sequence[Sample]) -> dict[str, float]:
    """The same for what the terms arm alone knows."""
    return _fit_logistic(samples, judged_by_terms)


def _fit_logistic(samples: Sequence[Sample], judged: Callable[[Sample], tuple[dict[str, float], bool]]) -> dict[str, float]:
    """On the features of every sample and of what is made of it, and whether its first article is gold; both as `judged` says."""
    rows, truth, weights = [], [], []
    draw = np.random.default_rng(0)
    for sample, share in zip(samples, _even(samples), strict=True):
        for each, weight in _variants(sample, draw):
            if each.evidence:
                features, first_is_gold = judged(each)
                rows.append(features)
                truth.append(first_is_gold)
                weights.append(share * weight)
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    centre, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled, target, share = (values - centre) / spread, np.array(truth, float), np.array(weights) / sum(weights)

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        logits = scaled @ b[1:] + b[0]
        error = share * (1 / (1 + np.exp(-logits)) - target)
        total = share @ (np.logaddexp(0, logits) - target * logits) + _CONFIDENCE_PENALTY * b[1:] @ b[1:]
        return total, np.concatenate([[error.sum()], error @ scaled + 2 * _CONFIDENCE_PENALTY * b[1:]])

    b = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * len(names)).x
    slopes = b[1:] / spread
    return {"bias": float(b[0] - slopes @ centre)} | dict(zip(names, slopes.tolist(), strict=True))


def _variants(sample: Sample, draw: np.random.Generator) -> Iterator[tuple[Sample, float]]:
    """The sample and what is made of it, each with its weight."""
    whole = _FOREIGN if sample.foreign else 1.0
    yield sample, whole
    yield sample.of_small_base(draw), whole * _SMALL_BASE
    if sample.gold.any():
        yield sample.without_gold(), _TAKEN_AWAY
        yield sample.without_gold().of_small_base(draw), _TAKEN_AWAY * _SMALL_BASE


def judged(sample: Sample, ranking: dict[str, float]) -> tuple[dict[str, float], bool]:
    """Confidence features of a sample ranked with these weights, and whether its first article is gold."""
    scores = sample.features @ np.array([ranking[name] for name in FEATURES])
    order = np.argsort(-scores, kind="stable")
    return confidence_features([sample.evidence[i] for i in order], scores[order]), bool(sample.gold[order[0]])


def judged_by_terms(sample: Sample) -> tuple[dict[str, float], bool]:
    """The same by the terms arm alone. Nothing that it finds counts as an article of which nothing is known."""
    order = np.argsort(-terms_scores(sample.evidence), kind="stable")
    return terms_features([sample.evidence[i] for i in order]), bool(sample.gold[order[0]])


def mean_reciprocal_rank(samples: Sequence[Sample], ranking: dict[str, float]) -> float:
    weights, ranks = np.array([ranking[name] for name in FEATURES]), []
    for sample in samples:
        if sample.answerable:
            order = np.argsort(-(sample.features @ weights), kind="stable")
            ranks.append(reciprocal_rank([str(i) for i in order], frozenset(str(i) for i in np.flatnonzero(sample.gold))))
    return float(np.mean(ranks)) if ranks else float("nan")


def refusal_area(samples: Sequence[Sample], ranking: dict[str, float], confidence: dict[str, float]) -> float:
    """Area under ROC of confidence, answerable against unanswerable; where a set has none of the latter, against gold taken away."""
    own = [sample for sample in samples if not sample.foreign]
    given = [(sample.answerable, _confidence(sample, ranking, confidence)) for sample in own]
    refused = [value for answerable, value in given if not answerable]
    refused = refused or [_confidence(sample.without_gold(), ranking, confidence) for sample in own if sample.gold.any()]
    return area_under_roc([value for answerable, value in given if answerable], refused)


def _confidence(sample: Sample, ranking: dict[str, float], weights: dict[str, float]) -> float:
    features = judged(sample, ranking)[0] | {"bias": 1.0}
    return float(1 / (1 + np.exp(-sum(weight * features[name] for name, weight in weights.items()))))


def _family(group: str) -> str:
    """Two languages of one base are one family: fitting on one and testing on the other would be no test."""
    return group.rsplit("_", 1)[0] if group.endswith(("_en", "_zh")) else group


def _even(samples: Sequence[Sample]) -> np.ndarray:
    """A weight per sample, 1 in all: every set the same."""
    groups = [sample.group for sample in samples]
    sizes = {group: groups.count(group) for group in groups}
    return np.array([1 / (sizes[group] * len(sizes)) for group in groups])


def _round(weights: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in weights.items()}


def report(samples: Sequence[Sample], families: Callable[[str], str], *, out=sys.stdout) -> dict[str, dict[str, float]]:
    """Fit on everything but one family of sets, measure there, for each; then fit on everything and return that."""
    everything = fit_ranking(samples)
    final = {"ranking": everything, "confidence": fit_confidence(samples, everything), "terms_confidence": fit_terms_confidence(samples)}
    print(f"{'set <- query language':28}{'MRR@10':>10}{'held out':>10}{'area':>10}{'held out':>10}", file=out)
    for family in sorted({families(sample.group) for sample in samples}):
        others = [sample for sample in samples if families(sample.group) != family]
        ranking = fit_ranking(others) if others else everything
        confidence = fit_confidence(others, ranking) if others else final["confidence"]
        for group, lang in sorted({(s.group, s.lang) for s in samples if families(s.group) == family and not s.foreign}):
            part = [sample for sample in samples if (sample.group, sample.lang, sample.foreign) == (group, lang, False)]
            figures = (
                mean_reciprocal_rank(part, everything), mean_reciprocal_rank(part, ranking),
                refusal_area(part, everything, final["confidence"]), refusal_area(part, ranking, confidence),
            )  # fmt: skip
            print(f"{group + ' <- ' + lang:28}" + "".join(f"{figure:10.3f}" for figure in figures), file=out)
    return {part: _round(weights) for part, weights in final.items()}


def ablate(samples: Sequence[Sample], *, out=sys.stdout) -> None:
    """Print MRR@10 by set with everything, and refitted without each part in turn: what a part is worth is what its absence costs."""
    own = [sample for sample in samples if not sample.foreign]
    groups = sorted({(sample.group, sample.lang) for sample in own})
    print(f"{'MRR@10 without':20}" + "".join(f"{group + ' <- ' + lang:>20}" for group, lang in groups), file=out)
    variants = [("nothing", own)] + [(name, [_without(sample, name) for sample in own]) for name in (*FEATURES, "background")]
    for name, part in variants:
        ranking = fit_ranking(part)
        ranks = [mean_reciprocal_rank([s for s in part if (s.group, s.lang) == group], ranking) for group in groups]
        print(f"{name:20}" + "".join(f"{rank:20.3f}" for rank in ranks), file=out)


def _without(sample: Sample, part: str) -> Sample:
    features = sample.features.copy()
    if part == "background":
        features[:, : len(sample.evidence[0].background)] += np.array([each.background for each in sample.evidence])
    else:
        features[:, FEATURES.index(part)] = 0.0
    return replace(sample, features=features)


def main(folders: Sequence[str], *, dry: bool = False) -> None:
    settings = read_settings()
    embedder = Embedder(model_folder(settings))
    paths = [Path(folder) for folder in folders]
    samples = [
        sample for path in paths for sample in read_samples(path, [other for other in paths if _family(other.name) != _family(path.name)], settings, embedder)
    ]
    weights = report(samples, _family)
    sys.stdout.write("\n")
    ablate(samples)
    if dry:
        return
    made_by = "python -m indexer.fitting " + " ".join(Path(folder).name for folder in folders)
    WEIGHTS_FILE.write_text(json.dumps({"made_by": made_by, **weights}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main([argument for argument in sys.argv[1:] if argument != "--dry"], dry="--dry" in sys.argv[1:])
