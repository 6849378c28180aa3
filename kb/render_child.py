"""The child's side of `RenderWorker`: reads articles from standard input, answers pages on standard output."""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from dataclasses import asdict
from typing import BinaryIO

from kb.articles import Article
from kb.errors import ArticleError
from kb.page import render_article

MAX_MEMORY_BYTES = 700_000_000
_LENGTH = struct.Struct(">I")


def serve() -> None:
    """Answers requests until the parent closes the pipe."""
    requests = sys.stdin.buffer
    # Nothing that a library prints may mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    _send(answers, {"ready": True})
    while header := requests.read(_LENGTH.size):
        request = json.loads(requests.read(_LENGTH.unpack(header)[0]))
        # Should the parent be gone, nobody else would end a page that takes for ever.
        signal.setitimer(signal.ITIMER_REAL, 2 * float(request["seconds"]) + 1)
        _send(answers, _answer(request))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(request: dict[str, object]) -> dict[str, object]:
    """The page, or the fault that refuses it."""
    article = Article(id=request["id"], title=request["title"], lang=request["lang"], body=request["body"])
    try:
        rendered = render_article(article)
    except ArticleError as error:
        return {"fault": error.fact}
    except MemoryError:
        return {"fault": "needs more memory to render than it may have; simplify or split it"}
    except Exception as error:  # noqa: BLE001  told, word for word, with the article that it befell
        # A fault of ours: said as one, where a dead child would be taken for an article that is too large.
        return {"fault": f"cannot be rendered ({type(error).__name__}: {error}); this is a fault of kb itself, simplify or split it until it is mended"}
    size = len(rendered.html.encode())
    if size > request["bytes"]:
        return {"fault": f"renders to {size:,} bytes (at most {request['bytes']:,}); split it into several articles"}
    return {"html": rendered.html, "toc": [asdict(entry) for entry in rendered.toc]}


def _send(answers: BinaryIO, answer: dict[str, object]) -> None:
    message = json.dumps(answer).encode()
    answers.write(_LENGTH.pack(len(message)) + message)
    answers.flush()
