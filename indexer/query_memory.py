"""The vectors of queries: each is made once and remembered for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict

from indexer.embedder import Embedded, Embedder

_KEPT = 512


class QueryMemory:
    """Embeds queries and remembers the last ones: a page runs again at every click. Safe to use from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._remembering = embedder, threading.Lock()
        self._known: OrderedDict[str, Embedded] = OrderedDict()

    def recall(self, text: str) -> Embedded | None:
        """The query's vectors if they are remembered."""
        return self._known.get(text)

    def embed(self, text: str) -> Embedded:
        """The query's vectors. Raises ModelError."""
        embedded = self._known.get(text)
        if embedded is None:
            embedded = self._embedder.embed_query(text)
            with self._remembering:
                self._known[text] = embedded
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return embedded
