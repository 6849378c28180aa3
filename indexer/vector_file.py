"""The derived FAISS file and its manifest: written beside, fsynced, swapped; verified when read; made anew from SQLite at need."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from indexer.checksums import VECTORS, verify_vectors
from indexer.store import read_state
from indexer.vectors import VectorIndex
from kb.database import read
from kb.errors import DatabaseError
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
    crc32: str = ""
    """Of the vectors, as the database notes it: a generation number alone could be that of other vectors after a database was damaged."""


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
    """Make the file for the generation in SQLite, unless it is there and sound. Raises DatabaseError when it cannot be written; searches do without it."""
    with read(settings.database) as database:
        state = read_state(database)
        if "generation" not in state or is_sound(settings, read_manifest(settings), state):
            return
        vectors = read_vectors(database)
    folder = index_folder(settings)
    path = folder / f"vectors-{state['generation']}-{os.getpid()}.faiss"
    beside = manifest_path(settings).with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        VectorIndex.build(vectors).save(path)
        _sync(path)
        manifest = Manifest(
            path.name, state["identity"], int(state["generation"]), state["model"], vectors.shape[1], len(vectors), _checksum(path), state.get(VECTORS, "")
        )  # fmt: skip
        beside.write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
        _sync(beside)
        os.replace(beside, manifest_path(settings))
        _sync(folder)
    except (OSError, RuntimeError) as fault:
        # FAISS says RuntimeError. What was begun would only take room on a disk that has none.
        for begun in (path, beside):
            with suppress(OSError):
                begun.unlink()
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault).strip().splitlines()[-1]
        raise DatabaseError(f"the vector file cannot be written to {folder}: {reason}; free space or check the permissions, then run `kb index`") from fault
    for old in sorted(folder.glob("vectors-*.faiss"), key=lambda file: file.stat().st_mtime)[:-_KEEP]:
        old.unlink()


def find_fault(settings: Settings, manifest: Manifest | None, state: Mapping[str, str]) -> str:
    """What is wrong with the file for this index state, in words; '' when nothing is. FAISS itself reads a flipped bit without complaint."""
    if manifest is None:
        return "its manifest is damaged" if manifest_path(settings).is_file() else "its manifest is missing"
    if manifest.identity != state.get("identity"):
        return "it belongs to another database"
    if (manifest.generation, manifest.crc32) != (int(state["generation"]), state.get(VECTORS, "")):
        return f"it holds the vectors of generation {manifest.generation} and the database those of {state['generation']}"
    path = index_folder(settings) / manifest.file
    try:
        sound = path.is_file() and _checksum(path) == manifest.sha256
    except OSError as fault:
        return f"{manifest.file} cannot be read: {fault.strerror}"
    return "" if sound else f"{manifest.file} is missing" if not path.is_file() else f"{manifest.file} or its manifest is not as it was written"


def is_sound(settings: Settings, manifest: Manifest | None, state: Mapping[str, str]) -> bool:
    """Whether the manifest names the generation of this index state and its file has the promised bytes."""
    return not find_fault(settings, manifest, state)


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
