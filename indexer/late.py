"""Late interaction: how well each query token is matched by some token of a passage (MaxSim; Khattab & Zaharia 2020, section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlite_utils import Database

from indexer.embeddings import TokenCodec


def read_tokens(database: Database, passages: Sequence[int], lang: str) -> tuple[dict[int, list[bytes]], dict[int, float]]:
    """Packed token vectors of each passage, one entry for each text that was embedded for it, in order; and the late score that questions at
    large in this language have with it."""
    marks = ", ".join("?" * len(passages))
    rows = database.execute(
        f"select v.passage, e.tokens, {'e.late_zh' if lang == 'zh' else 'e.late_en'}"
        f" from vectors v join embeddings e on e.id = v.embedding where v.passage in ({marks}) order by v.id",
        list(passages),
    )
    found: dict[int, list[bytes]] = {}
    background: dict[int, float] = {}
    for passage, tokens, late in rows.fetchall():
        found.setdefault(passage, []).append(tokens)
        background[passage] = max(background.get(passage, 0.0), late)
    return found, background


def match_tokens(query: np.ndarray, packed: Mapping[int, list[bytes]], codec: TokenCodec) -> dict[int, np.ndarray]:
    """For each passage the cosines float32 (query tokens, passage tokens). `query` is float32 (tokens, width), projected by the codec."""
    if not len(query) or not packed:
        return {passage: np.zeros((len(query), 0), np.float32) for passage in packed}
    joined, lengths = codec.unpack_all([text for texts in packed.values() for text in texts])
    cosines = query @ joined.T
    ends = np.cumsum(lengths)
    found, at, start = {}, 0, 0
    for passage, texts in packed.items():
        at += len(texts)
        end = int(ends[at - 1])
        found[passage] = cosines[:, start:end]
        start = end
    return found


def late_score(cosines: np.ndarray) -> float:
    """Mean over query tokens of the best cosine to any passage token; 0 without tokens."""
    return float(cosines.max(axis=1).sum()) / len(cosines) if cosines.size else 0.0
