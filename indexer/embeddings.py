"""What is embedded for an article, under which key, and how token vectors are packed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from indexer.passages import CountTokens, Passage, windows
from kb.articles import Article

_BASIS_FILE = Path(__file__).with_name("token_basis.npz")
_HEAD_CHARACTERS = 500


@dataclass(frozen=True)
class Text:
    """A text to embed for an article: `kind` is 'passage', 'title', 'head' or 'alias'; `position` is its passage's, or -1."""

    kind: str
    position: int
    text: str

    def key(self, model: str) -> str:
        return hashlib.sha256(f"{model}\0{self.text}".encode()).hexdigest()[:32]


def article_texts(article: Article, passages: Sequence[Passage], *, max_tokens: int, count_tokens: CountTokens) -> list[Text]:
    """Every text embedded for an article: its title, its aliases, its head, and each passage under its title and headings."""
    summary = f"{article.title}\n{article.summary}\n{' '.join(passage.text for passage in passages[:3])[:_HEAD_CHARACTERS]}"
    texts = [Text("title", -1, article.title), Text("head", -1, summary.strip())]
    texts += [Text("alias", -1, alias) for alias in article.aliases]
    for passage in passages:
        lead = passage_lead(article.title, passage)
        room = max(max_tokens - count_tokens([lead])[0], max_tokens // 2)
        for window in windows(passage.text, max_tokens=room, count_tokens=count_tokens):
            texts.append(Text("passage", passage.position, f"{lead}\n{window}"))
    return texts


def passage_lead(title: str, passage: Passage) -> str:
    """The title and those headings that lead to the passage without being in it."""
    own = {unit.text for unit in passage.units if unit.kind == "heading"}
    return "\n".join([title, *(heading for heading in passage.headings if heading not in own)])


class TokenCodec:
    """Token vectors as int8 with one float16 scale each, in the basis that keeps most of their inner products.

    For the bundled model the basis is the shipped one (`python -m indexer.token_basis` makes it); for any other it is the identity.
    """

    def __init__(self, basis: np.ndarray | None, dimension: int) -> None:
        self.basis = basis
        self.width = basis.shape[1] if basis is not None else dimension
        self._bytes = self.width + 2

    def pack(self, tokens: np.ndarray) -> bytes:
        """float32 (tokens, dimension) to bytes: every row's values, then every row's scale."""
        projected = self.project(tokens)
        scale = (np.abs(projected).max(axis=1, initial=1e-6) / 127).astype("<f2")
        values = np.round(projected / scale.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8)
        return values.tobytes() + scale.tobytes()

    def unpack_all(self, packed: Sequence[bytes]) -> tuple[np.ndarray, list[int]]:
        """(float32 (all tokens, width), tokens in each) of several packed texts."""
        lengths = [len(each) // self._bytes for each in packed]
        values = np.frombuffer(b"".join(each[: n * self.width] for each, n in zip(packed, lengths, strict=True)), np.int8)
        scales = np.frombuffer(b"".join(each[n * self.width :] for each, n in zip(packed, lengths, strict=True)), "<f2")
        rows = values.reshape(-1, self.width).astype(np.float32)
        rows *= scales.astype(np.float32)[:, None]
        return rows, lengths

    def project(self, tokens: np.ndarray) -> np.ndarray:
        """float32 (tokens, dimension) to float32 (tokens, width)."""
        return tokens @ self.basis if self.basis is not None else tokens


@cache
def _shipped() -> tuple[str, np.ndarray]:
    with np.load(_BASIS_FILE) as stored:
        return str(stored["model"]), stored["basis"].astype(np.float32)


def token_codec(model_name: str, dimension: int) -> TokenCodec:
    """The codec for a model."""
    if _BASIS_FILE.is_file():
        model, basis = _shipped()
        if model_name.startswith(model) and basis.shape[0] == dimension:
            return TokenCodec(basis, dimension)
    return TokenCodec(None, dimension)
