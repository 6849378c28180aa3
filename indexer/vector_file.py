"""The derived FAISS file and its manifest: written beside, fsynced, swapped; verified when read; made anew from SQLite at need."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from indexer.checksums import verify_vectors
from indexer.store import read_state
from indexer.vectors import VectorIndex
from kb.database import read
from kb.settings import Settings

_KEEP = 2


@dataclass(frozen=True)
class Manifest:
    """Which file holds which generation of vectors. The swap of this small file is what publishes an index."""

    file: str
    identity: str
    """Of the database it was made from: a new database counts its generations from 1 again."""
    generation: int
    model: str
    dimension: int
    rows: int
    sha256: str


def index_folder(settings: Settings) -> Path:
    return settings.data / "index"


def manifest_path(settings: Settings) -> Path:
    return index_folder(settings) / "manifest.json"


def read_manifest(settings: Settings) -> Manifest | None:
    """The manifest, or None when it is missing or unreadable: the file is then made anew, so neither is a fault to a reader."""
    try:
        return Manifest(**json.loads(manifest_path(settings).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def read_vectors(database: Database) -> np.ndarray:
    """Every vector of the index in row order, float32 (rows, dimension), from SQLite. Raises IndexDamaged when they are not as they were written."""
    blobs = database.execute("select e.vector from vectors v join embeddings e on e.id = v.embedding order by v.id").fetchall()
    if not blobs:
        return np.empty((0, 1), np.float32)
    joined = b"".join(blob for (blob,) in blobs)
    verify_vectors(database, joined)
    return np.frombuffer(joined, "<f2").reshape(len(blobs), -1).astype(np.float32)


def write_vector_file(settings: Settings) -> None:
    """Make the file for the generation in SQLite, unless it is there and sound."""
    with read(settings.database) as database:
        state = read_state(database)
        if "generation" not in state or is_sound(settings, read_manifest(settings), state):
            return
        vectors = read_vectors(database)
    folder = index_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    generation = int(state["generation"])
    path = folder / f"vectors-{generation}-{os.getpid()}.faiss"
    VectorIndex.build(vectors).save(path)
    _sync(path)
    manifest = Manifest(path.name, state["identity"], generation, state["model"], vectors.shape[1], len(vectors), _checksum(path))
    beside = manifest_path(settings).with_suffix(".new")
    beside.write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
    _sync(beside)
    os.replace(beside, manifest_path(settings))
    _sync(folder)
    for old in sorted(folder.glob("vectors-*.faiss"), key=lambda file: file.stat().st_mtime)[:-_KEEP]:
        old.unlink()


def is_sound(settings: Settings, manifest: Manifest | None, state: Mapping[str, str]) -> bool:
    """Whether the manifest names the generation of this index state and its file has the promised bytes. FAISS itself reads a flipped bit without complaint."""
    if manifest is None or (manifest.identity, manifest.generation) != (state["identity"], int(state["generation"])):
        return False
    path = index_folder(settings) / manifest.file
    return path.is_file() and _checksum(path) == manifest.sha256


def load_vector_index(settings: Settings, database: Database, state: Mapping[str, str]) -> VectorIndex:
    """The vectors of the generation in this index state: from the file when it is sound, else from SQLite. Embeds nothing."""
    manifest = read_manifest(settings)
    if is_sound(settings, manifest, state):
        index = VectorIndex.load(index_folder(settings) / manifest.file)
        if (index.rows, index.dimension) == (manifest.rows, manifest.dimension):
            return index
    return VectorIndex.build(read_vectors(database))


def _checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
