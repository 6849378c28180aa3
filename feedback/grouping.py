"""Grouping short texts by meaning, across Chinese and English, without being told how many groups there are.

Rows are means of token vectors less what every question of their language has in common. Groups grow from the most alike pair upwards (average
link, slightly dearer for large groups); of all the stages of that growth the one is kept at which rows are nearest to their own
group compared with the next one. Everything is measured from the centre of the texts at hand, because what all customers of one product
have in common says nothing about any one problem. The constants were chosen by the mean adjusted Rand index over six families of sets
(intents, an FAQ, Chinese encyclopaedia questions, bilingual support, hand-written pairs of languages, mixtures), 2 to 4,600 texts each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from feedback.grouping_tree import grow_tree, labels_at
from feedback.joining import FEW, join_groups, measure_spread, unit_rows
from indexer.embedder import Embedder

STRANGER = 0.15
"""Similarity of a row to the nearest group that has not been seen yet, when nothing at all has been seen; fades with rows / FEW."""
ALONE = 0.09
"""Margin credited to a row that stands alone: a group must tell its rows from the next group by more than this to be worth having."""
LARGEST_BATCH = 12_000
"""Rows grouped at once; more are joined to the groups of an even sample (the similarities of this many rows take 0.6 GB)."""
JUDGES = 3_000
"""Rows that judge the stages of growth; of more, an even sample."""
STAGES = 60
"""Stages of growth that are judged, in geometric steps of the number of groups, and once more as many around the best."""
ENOUGH = 2
"""Rows per dimension from which the directions in which texts differ most can be told."""
SIGNAL = 0.8
"""Share of the variance that those directions keep; the rest is how people happen to put things."""


def represent(vectors: np.ndarray, langs: Sequence[str], *, background: Mapping[str, np.ndarray]) -> np.ndarray:
    """float32 (n, d) unit token means to float32 (n, d) unit rows that can be compared across languages; each row by itself.

    The mean question of the language, `background`, is subtracted, and so is what is left in the direction from one language's mean to the other's.
    """
    vectors = np.asarray(vectors, np.float32)
    if not len(vectors):
        return vectors.reshape(0, vectors.shape[1] if vectors.ndim == 2 else 0)
    rest = vectors - np.stack([background[lang] for lang in langs]).astype(np.float32)
    if "zh" in background and "en" in background:
        apart = unit_rows(np.asarray(background["zh"] - background["en"], np.float32)[None])[0]
        rest = rest - np.outer(rest @ apart, apart)
    return unit_rows(rest).astype(np.float32)


def group_texts(rows: np.ndarray, *, weights: np.ndarray | None = None, known: tuple[np.ndarray, np.ndarray] | None = None) -> np.ndarray:
    """int64 (n,): the group of each row of `represent`, 0..k-1 in order of first appearance; a row like no other has a group of its own.

    `weights` float (n,) is how much each row counts when stages of growth are judged. `known`, centroids and sizes of groups
    that exist and that none of the rows joined, gives few rows the centre and the nearness of all.
    """
    rows = np.asarray(rows, np.float32)
    if len(rows) < 2:
        return np.zeros(len(rows), np.int64)
    if len(rows) > LARGEST_BATCH:
        return _in_order(_group_sample(rows, weights))
    if known is not None and len(known[1]):
        spread = measure_spread(*known)
        merges, costs = grow_tree(unit_rows(rows - spread.centre))
        left = len(rows) - int(np.searchsorted(np.maximum.accumulate(costs), spread.reach, side="right"))
        return _in_order(labels_at(merges, [left])[left])
    centred = unit_rows(rows - rows.sum(axis=0) / (len(rows) + FEW))
    return _in_order(_clearest(centred, np.ones(len(rows)) if weights is None else np.asarray(weights, float)))


def group_queries(texts: Sequence[str], langs: Sequence[str], embedder: Embedder, background: Mapping[str, np.ndarray]) -> np.ndarray:
    """int64 (n,): the group of each text as `group_texts` says; texts that differ only in case, width or spaces are one, empty ones too."""
    folded = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts]
    first: dict[str, int] = {}
    for place, text in enumerate(folded):
        first.setdefault(text, place)
    if not first:
        return np.zeros(0, np.int64)
    embedded = embedder.embed_queries([texts[place].strip() for place in first.values()])
    rows = represent(np.stack([each.token_mean for each in embedded]), [langs[place] for place in first.values()], background=background)
    labels = dict(zip(first, group_texts(rows).tolist(), strict=True))
    return np.array([labels[text] for text in folded], np.int64)


def _clearest(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The stage of growth at which rows are nearest to their own group compared with the next one."""
    n = len(rows)
    merges, _ = grow_tree(_without_noise(rows))
    judges = np.unique(np.linspace(0, n - 1, min(n, JUDGES)).astype(int))

    def clearness(labels: np.ndarray) -> float:
        return float(np.average(_margins(rows, labels, judges), weights=weights[judges]))

    low, high = 1, n
    while True:
        counts = np.unique(np.round(np.geomspace(low, high, STAGES)).astype(int))
        stages = labels_at(merges, counts.tolist())
        best = int(np.argmax([clearness(stages[count]) for count in counts.tolist()]))
        if high - low < STAGES // 2 or len(counts) == high - low + 1:
            return stages[int(counts[best])]
        low, high = int(counts[max(best - 1, 0)]), int(counts[min(best + 1, len(counts) - 1)])


def _without_noise(rows: np.ndarray) -> np.ndarray:
    """Unit rows in the directions in which these texts differ most; the same rows where they are too few to tell those directions."""
    if len(rows) < ENOUGH * rows.shape[1]:
        return rows
    variances, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    kept = np.cumsum(variances[::-1]) <= SIGNAL * variances.sum()
    return unit_rows(rows @ directions[:, ::-1][:, kept])


def _margins(rows: np.ndarray, labels: np.ndarray, judges: np.ndarray) -> np.ndarray:
    """By how much each judge's mean similarity to its own group exceeds that to the next; `ALONE` for a row without company."""
    sizes, centroids = _means(rows, labels)
    similar = rows[judges] @ centroids.T
    here, own = np.arange(len(judges)), labels[judges]
    company = sizes[own] - 1
    inside = (similar[here, own] * sizes[own] - 1) / np.maximum(company, 1)
    similar[here, own] = STRANGER * FEW / (len(rows) + FEW)
    return np.where(company > 0, inside - np.maximum(similar.max(axis=1), STRANGER * FEW / (len(rows) + FEW)), ALONE)


def _group_sample(rows: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Labels of very many rows: an even sample is grouped, the others join, and those that cannot are grouped among themselves."""
    sample = np.unique(np.linspace(0, len(rows) - 1, LARGEST_BATCH).astype(int))
    labels = np.full(len(rows), -1, np.int64)
    labels[sample] = group_texts(rows[sample], weights=None if weights is None else np.asarray(weights)[sample])
    while (rest := np.flatnonzero(labels < 0)).size:
        sizes, centroids = _means(rows[labels >= 0], labels[labels >= 0])
        joined = np.concatenate([join_groups(rows[part], centroids, sizes) for part in np.array_split(rest, len(rest) // 1000 + 1)])
        labels[rest] = joined
        alone = rest[joined < 0][:LARGEST_BATCH]
        labels[alone] = len(sizes) + group_texts(rows[alone], known=(centroids, sizes))
    return labels


def _means(rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sizes int64 (k,) and centroids float32 (k, d) of groups 0..k-1."""
    sizes = np.bincount(labels)
    sums = np.zeros((len(sizes), rows.shape[1]), np.float32)
    np.add.at(sums, labels, rows)
    return sizes, sums / sizes[:, None]


def _in_order(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0..k-1 in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)
