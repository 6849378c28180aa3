"""The child's side of `RenderWorker`: reads articles from standard input, answers pages on standard output."""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys

from kb.worker import MAX_MEMORY_BYTES, answer_request

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
        _send(answers, answer_request(request))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _send(answers: object, answer: dict[str, object]) -> None:
    message = json.dumps(answer).encode()
    answers.write(_LENGTH.pack(len(message)) + message)
    answers.flush()
