"""A child process that renders articles, bounded in time, memory and size, so that no article can hang the indexer."""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from kb.articles import Article
from kb.errors import ArticleError
from kb.page import Rendered, TocEntry

_LENGTH = struct.Struct(">I")
_START_SECONDS = 30.0


class _Dead(Exception):
    """The child ended by itself: out of memory or a crash in a parser."""


@dataclass
class _Child:
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from kb.render_child import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C goes to the parent, which then ends its children in order.
        )
        try:
            # The child says hello when its imports are done, so that a slow start is not charged to an article.
            self._receive(time.monotonic() + _START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def ask(self, request: dict[str, object], seconds: float) -> dict[str, object]:
        """The child's answer. Raises TimeoutError or _Dead."""
        message = json.dumps(request).encode()
        try:
            self.process.stdin.write(_LENGTH.pack(len(message)) + message)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise _Dead from None
        return json.loads(self._receive(time.monotonic() + seconds))

    def _receive(self, deadline: float) -> bytes:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        return self._read(length, deadline)

    def _read(self, count: int, deadline: float) -> bytes:
        pieces = bytearray()
        source = self.process.stdout.fileno()
        while len(pieces) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(source, min(count - len(pieces), 1 << 20))
            if not piece:
                raise _Dead
            pieces += piece
        return bytes(pieces)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class RenderWorker:
    """Renders in child processes that start at the first article and are replaced when one hangs. Safe to share by threads:
    up to `processes` articles render at once. Use as a context manager."""

    def __init__(self, *, max_seconds: float = 10.0, max_bytes: int = 1_000_000, processes: int = 1) -> None:
        self._max_seconds, self._max_bytes = max_seconds, max_bytes
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._processes = processes

    def __enter__(self) -> RenderWorker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the children. An article rendered afterwards starts a fresh one."""
        children = [self._idle.get() for _ in range(self._processes)]
        for child in children:
            if child:
                child.kill()
            self._idle.put(None)

    def render(self, article: Article) -> Rendered:
        """The page of `article`. Raises ArticleError with the remedy when it is too slow, too deep or too large."""
        child = self._idle.get()
        try:
            child = child or _Child()
            answer = child.ask(_request(article, self._max_bytes, self._max_seconds), self._max_seconds)
        except TimeoutError:
            child = _discard(child)
            raise _refusal(article, f"takes more than {self._max_seconds:g} seconds to render; simplify or split it") from None
        except _Dead:
            child = _discard(child)
            raise _refusal(article, "needs more memory or depth to render than it may have; simplify or split it") from None
        except BaseException:
            child = _discard(child)
            raise
        finally:
            self._idle.put(child)
        if "fault" in answer:
            raise _refusal(article, str(answer["fault"]))
        return Rendered(answer["html"], tuple(TocEntry(**entry) for entry in answer["toc"]))


def _request(article: Article, max_bytes: int, max_seconds: float) -> dict[str, object]:
    parts = {"id": article.id, "title": article.title, "lang": article.lang, "body": article.body}
    return {**parts, "bytes": max_bytes, "seconds": max_seconds}


def _discard(child: _Child | None) -> None:
    if child:
        child.kill()


def _refusal(article: Article, fact: str) -> ArticleError:
    return ArticleError(f"{article.id}.md", None, fact)
