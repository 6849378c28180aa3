"""How many searches may be at work at once: past what the machine can do one is turned away in time, not kept waiting without end."""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from kb.errors import Busy

_AT_ONCE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""The processors of this process: more at once would take turns on them, and all would be late."""


class Gate:
    """Lets `at_once` in at a time and keeps `waiting` more in line, in the order in which they came, none longer than `seconds`.

    It remembers nothing else: the first who comes after the rush walks straight in. Safe to use from several threads.
    """

    def __init__(self, *, at_once: int, waiting: int, seconds: float) -> None:
        self.at_once, self.waiting, self.seconds = at_once, waiting, seconds
        self._lock = threading.Lock()
        self._inside = 0
        self._line: deque[threading.Event] = deque()

    @contextmanager
    def admitted(self) -> Iterator[bool]:
        """Whether the block may do its work: False when the line is full, or its turn did not come in time. The place is given back at its end."""
        admitted = self._enter()
        try:
            yield admitted
        finally:
            if admitted:
                self._leave()

    @contextmanager
    def required(self) -> Iterator[None]:
        """The same for a block that must not run without its place. Raises Busy."""
        with self.admitted() as admitted:
            if not admitted:
                raise Busy(math.ceil(self.seconds))
            yield

    def _enter(self) -> bool:
        with self._lock:
            # While anybody is in line all places are taken: whoever leaves hands theirs on.
            if self._inside < self.at_once:
                self._inside += 1
                return True
            if len(self._line) >= self.waiting:
                return False
            turn = threading.Event()
            self._line.append(turn)
        turn.wait(self.seconds)
        with self._lock:
            # Asked under the lock: the place may have been handed on in the very moment in which the time was over.
            if not turn.is_set():
                self._line.remove(turn)
            return turn.is_set()

    def _leave(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._inside -= 1


class Admission:
    """The two gates of searching: `full`, before everything that a search can do, and `terms`, before the terms arm alone, which costs a fraction.

    Who is not let in by the first is answered by the second, and who is not let in by that is told to try again. So nobody waits longer than
    in both lines, and no more search at once, or wait to, than both gates hold.
    """

    def __init__(self, *, full: Gate | None = None, terms: Gate | None = None) -> None:
        self.full = full or Gate(at_once=_AT_ONCE, waiting=16 * _AT_ONCE, seconds=1.0)
        self.terms = terms or Gate(at_once=_AT_ONCE, waiting=64 * _AT_ONCE, seconds=3.0)
