"""Exact inner-product search over unit vectors: the one file that knows FAISS."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

# One search is a few milliseconds of one core; threads would only get in the way of the embedding model's.
faiss.omp_set_num_threads(1)


class VectorIndex:
    """Rows of unit vectors, numbered from 0 in the order given."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: np.ndarray) -> VectorIndex:
        """From float32 (rows, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """From a file written by `save`. Raises RuntimeError when FAISS cannot read it; a checksum is the caller's business."""
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @property
    def rows(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def nearest(self, query: np.ndarray, *, limit: int, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(row numbers int64, cosines float32) of the nearest rows, best first. `allowed` is a bool per row: others do not take part."""
        parameters = None
        if allowed is not None:
            if not allowed.any():
                return np.empty(0, np.int64), np.empty(0, np.float32)
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, rows = self._index.search(np.ascontiguousarray(query[None], np.float32), min(limit, max(self.rows, 1)), params=parameters)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """The vectors of these rows, float32 (rows, dimension)."""
        return self._index.reconstruct_batch(np.asarray(rows, np.int64)) if len(rows) else np.empty((0, self.dimension), np.float32)
