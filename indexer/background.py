"""What every question has in common, taken out of every comparison.

Some passages are near to any question: in a multilingual model above all those in the question's own language, or of a general kind. Their
nearness to `background.txt`, questions about no product in particular, is measured per question language and subtracted, so that what
counts is how much nearer a passage is to this question than to questions at large. (The hub correction of cross-modal retrieval, for
example Bogolin et al. 2022, "Cross Modal Retrieval with Querybank Normalisation", with the mean in place of the softmax.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.embedder import Embedder
from indexer.embeddings import TokenCodec
from kb.language import detect_language
from kb.settings import LANGUAGES

_FILE = Path(__file__).with_name("background.txt")


@dataclass(frozen=True)
class Background:
    """By question language: `means`, the mean question vector float32 (dimension,), `token_means`, the mean of the questions' token means, and the
    questions' projected token vectors."""

    means: Mapping[str, np.ndarray]
    token_means: Mapping[str, np.ndarray]
    tokens: Mapping[str, tuple[np.ndarray, ...]]

    def late(self, passage: np.ndarray) -> dict[str, float]:
        """Mean over the questions of each language of their late score with float32 (tokens, width); 0 without tokens."""
        if not len(passage):
            return dict.fromkeys(self.tokens, 0.0)
        return {lang: self._late(questions, passage) for lang, questions in self.tokens.items()}

    @staticmethod
    def _late(questions: tuple[np.ndarray, ...], passage: np.ndarray) -> float:
        best = (np.concatenate(questions) @ passage.T).max(axis=1)
        starts = np.cumsum([0, *(len(question) for question in questions[:-1])])
        return float((np.add.reduceat(best, starts) / [len(question) for question in questions]).mean())


def embed_background(embedder: Embedder, codec: TokenCodec) -> Background:
    """The background of a model."""
    questions = [line for line in _FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    by_language = {lang: [embedder.embed_query(text) for text in questions if detect_language(text) == lang] for lang in LANGUAGES}
    return Background(
        {lang: np.mean([each.vector for each in found], axis=0) for lang, found in by_language.items()},
        {lang: np.mean([each.token_mean for each in found], axis=0) for lang, found in by_language.items()},
        {lang: tuple(codec.project(each.tokens) for each in found if len(each.tokens)) for lang, found in by_language.items()},
    )
