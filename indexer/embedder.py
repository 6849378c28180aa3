"""Texts to vectors: the one place that knows sentence-transformers."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from kb.errors import ModelError


@dataclass(frozen=True)
class Embedded:
    """One text: `vector` float32 (dimension,), unit length; `tokens` float32 (tokens, dimension), unit length each, no specials."""

    vector: np.ndarray
    tokens: np.ndarray

    @property
    def token_mean(self) -> np.ndarray:
        """The mean of its token vectors, float32 (dimension,), unit length: what the text says, without the prompt and the marks that every
        text has. Where a model gives no tokens, `vector`."""
        if not len(self.tokens):
            return self.vector
        mean = self.tokens.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-12)


def _stay_offline() -> None:
    """No model is ever fetched, and nothing is counted elsewhere: a model's name means one that is in this machine's cache already."""
    os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    # A library that was imported before has read the variables already.
    from huggingface_hub import constants

    constants.HF_HUB_OFFLINE = constants.HF_HUB_DISABLE_TELEMETRY = True


class Reranker:
    """A cross-encoder that reads query and passage together, loaded at first use. Far slower than everything before it."""

    def __init__(self, model: str) -> None:
        self.model = model

    @cached_property
    def _encoder(self):
        _stay_offline()
        with contextlib.redirect_stderr(io.StringIO()):
            from sentence_transformers import CrossEncoder

            try:
                return CrossEncoder(self.model, device="cpu")
            except (OSError, ValueError, KeyError, RuntimeError) as fault:
                reason = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
                raise ModelError(f"the reranker {self.model!r} cannot be loaded ({reason}); check KB_RERANKER, or unset it") from fault

    def scores(self, query: str, texts: Sequence[str]) -> np.ndarray:
        """How well each text answers the query, float32 (texts,), higher is better. Raises ModelError."""
        return np.asarray(self._encoder.predict([(query, text) for text in texts], show_progress_bar=False), np.float32).reshape(len(texts))


class Embedder:
    """A sentence-transformers model on the CPU, loaded at first use, safe to call from several threads.

    In bfloat16 where the processor multiplies it natively: about twice as fast, the same ranking.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._loading = threading.Lock()
        # A fast tokenizer keeps its padding inside and refuses a second user meanwhile.
        self._tokenizing = threading.Lock()
        self.fault: str | None = None
        """Why the model could not be loaded the last time it was tried."""

    @cached_property
    def name(self) -> str:
        """What the vectors depend on: the folder's name and its weights' size and date, or the hub name. Needs no loading."""
        folder = Path(self.model)
        if not folder.is_dir():
            return self.model
        weights = sorted((file.name, file.stat().st_size) for file in folder.rglob("*") if file.suffix in {".safetensors", ".bin", ".json"})
        return f"{folder.name}@{hashlib.sha256(repr(weights).encode()).hexdigest()[:12]}"

    @cached_property
    def _transformer(self):
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        _stay_offline()
        with contextlib.redirect_stderr(io.StringIO()):  # loading bars are not messages to the user
            import torch
            from sentence_transformers import SentenceTransformer

            logging.getLogger("transformers").setLevel(logging.ERROR)
            dtype = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
            try:
                model = SentenceTransformer(self.model, device="cpu", model_kwargs={"dtype": dtype})
            except Exception as fault:
                # Damaged files make the libraries below raise anything, also plain Exception.
                reason = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
                raise ModelError(
                    f"the model {self.model!r} cannot be loaded ({reason}); check KB_MODEL, or unset it for the bundled model; `kb doctor` says more"
                ) from fault
        # A query is too short to share out: threads would spin against those of other searches. Bulk work takes all cores.
        torch.set_num_threads(1)
        # What a model library leaves behind is half a million objects that live as long as the process: no collection need walk them.
        gc.freeze()
        return model.eval()

    def load(self) -> None:
        """Load now rather than at the first text. Raises ModelError."""
        if self.loaded:
            return
        with self._loading:
            try:
                _refuse_missing_folder(self.model)
                _ = self._transformer
            except ModelError as fault:
                self.fault = str(fault)
                raise

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return "_transformer" in self.__dict__

    @property
    def dimension(self) -> int:
        self.load()
        return int(self._transformer.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """The longest text in tokens that the model reads to its end."""
        self.load()
        return int(self._transformer.max_seq_length or 512)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Length of each text in the model's own tokens, specials excluded."""
        self.load()
        with self._tokenizing:
            found = self._transformer.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return [len(ids) for ids in found]

    def embed_query(self, text: str) -> Embedded:
        """One query, with the model's query prompt."""
        return self._embed([text], prompt="query", batch_size=1, progress=None)[0]

    def embed_queries(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> list[Embedded]:
        """Queries in the given order, with the model's query prompt. `progress` is told how many more are done."""
        return self._embed_all(texts, prompt="query", progress=progress)

    def embed_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> list[Embedded]:
        """Passages in the given order, with the model's passage prompt. `progress` is told how many more are done."""
        return self._embed_all(texts, prompt="document", progress=progress)

    def _embed_all(self, texts: Sequence[str], *, prompt: str, progress: Callable[[int], None] | None) -> list[Embedded]:
        import torch

        self.load()
        torch.set_num_threads(os.cpu_count() or 1)
        try:
            return self._embed(texts, prompt=prompt, batch_size=16, progress=progress)
        finally:
            torch.set_num_threads(1)

    def _embed(self, texts: Sequence[str], *, prompt: str, batch_size: int, progress: Callable[[int], None] | None) -> list[Embedded]:
        import torch

        self.load()
        prompts = self._transformer.prompts or {}
        # Models name the prompt of what is searched in one of two ways.
        prefix = prompts.get(prompt) or (prompts.get("passage") if prompt == "document" else "") or ""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: list[Embedded | None] = [None] * len(texts)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            with torch.inference_mode():
                with self._tokenizing:
                    features = self._transformer.preprocess([prefix + texts[i] for i in batch])
                out = self._transformer(features)
            self._take(out, batch, found, skip=self._prefix_length(prefix))
            if progress:
                progress(len(batch))
        return found

    def _take(self, out: dict, batch: list[int], found: list, *, skip: int) -> None:
        vectors = out["sentence_embedding"].float().numpy()
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        tokens = out["token_embeddings"].float().numpy() if "token_embeddings" in out else None
        for row, i in enumerate(batch):
            own = np.zeros((0, vectors.shape[1]), np.float32)
            if tokens is not None and tokens.shape[2] == vectors.shape[1]:
                length = int(out["attention_mask"][row].sum())
                own = tokens[row, skip : max(skip, length - 1)]
                own = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12)
            found[i] = Embedded(vectors[row], own)

    def _prefix_length(self, prefix: str) -> int:
        """Tokens to leave out at the front: the start mark and the prompt."""
        if prefix not in self._prefixes:
            self._prefixes[prefix] = 1 + (self.count_tokens([prefix.rstrip()])[0] if prefix else 0)
        return self._prefixes[prefix]

    @cached_property
    def _prefixes(self) -> dict[str, int]:
        return {}


def _refuse_missing_folder(model: str) -> None:
    """A folder that is not there would be asked for at a hub, and the answer speaks of other things."""
    named = Path(model).is_absolute() or model.startswith((".", "~")) or model.count("/") > 1
    if named and not Path(model).is_dir():
        raise ModelError(f"there is no model folder at {model}; correct KB_MODEL, or unset it for the bundled model")
