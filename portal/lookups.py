"""How many wrong reference numbers one visit or one network address may try: enough for slips, too few for guessing."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from feedback.moments import SKEW, utc_now
from feedback.question_rows import QuestionError

HOUR = timedelta(hours=1)
PER_SESSION = 10
PER_ADDRESS = 30
_MOST_REMEMBERED = 10_000


class WrongReferences:
    """Counts in memory, for one process: after a restart everybody begins anew, and 40 bits are not found by restarts."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
        self._now, self._lock = now, threading.Lock()
        self._tried: dict[str, deque[datetime]] = {}

    def refuse_guessing(self, session: str, address: str) -> None:
        """Raises QuestionError with the time of the next try when either has been wrong too often within an hour."""
        with self._lock:
            for who, most in _both(session, address):
                tried = self._recent(who)
                if len(tried) >= most:
                    raise QuestionError("too_many", f"{most} wrong references within an hour", retry_at=tried[-most] + HOUR)

    def count(self, session: str, address: str) -> None:
        """One more wrong reference."""
        with self._lock:
            for who, _ in _both(session, address):
                self._tried.setdefault(who, deque(maxlen=PER_ADDRESS)).append(self._now())
            if len(self._tried) > _MOST_REMEMBERED:
                self._tried = {who: tried for who in self._tried if (tried := self._recent(who))}

    def _recent(self, who: str) -> deque[datetime]:
        tried, now = self._tried.get(who, deque()), self._now()
        while tried and not now - HOUR < tried[0] <= now + SKEW:
            tried.popleft()
        return tried


def _both(session: str, address: str) -> list[tuple[str, int]]:
    named = (("session " + session if session else "", PER_SESSION), ("address " + address if address else "", PER_ADDRESS))
    return [(who, most) for who, most in named if who]
