"""What a search came to, judged from what the customer did afterwards. Silence is never success."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RESULTS = ("confirmed", "implicit", "unknown", "unresolved")
"""Of a need. confirmed: the customer said that an article helped. implicit: an article was opened last, and the customer did not
come back. unresolved: the last word was a No, or the team was asked. unknown: everything else."""
EVIDENCE = ("failed", "abandoned", "reformulated", "voted_down", "asked")
"""Why a search counts towards a gap: nothing answered; weak hits that nobody opened or that were left at once; searched again in
other words; read and voted down; the team was asked."""

TYPED = timedelta(seconds=60)
"""After so long without a key the question is typed to its end, and a failed one is evidence."""
VISIT = timedelta(minutes=30)
"""After so long without any sign the visitor has left."""
GLANCE = 5.0
"""Seconds: an article left sooner was looked at, not read."""


@dataclass(frozen=True)
class Opened:
    """An article opened from a search; `seconds` it was visible so far, 0 while it is not known."""

    article: str
    at: datetime
    seconds: float


@dataclass(frozen=True)
class Facts:
    """One search of a need and what followed it. `votes`: article -> (helpful, when), standing votes only."""

    id: int
    text: str
    outcome: str
    ended_at: datetime
    opened: tuple[Opened, ...] = ()
    votes: tuple[tuple[str, bool, datetime], ...] = ()
    asked_at: datetime | None = None
    degraded: bool = False
    """The machine was too busy to answer it in full."""


@dataclass(frozen=True)
class Judgement:
    """Of one search: the need's `result`, why it is `evidence` ('' for not), whether that is `settled` or may still change."""

    result: str
    evidence: str
    settled: bool


def judge_need(searches: Sequence[Facts], *, last_sign: datetime, now: datetime) -> list[Judgement]:
    """A judgement for each search of one need, given in the order of time; `last_sign` is the visitor's latest action of any kind."""
    left = now - last_sign >= VISIT
    result = _result(searches, left=left)
    solved = result in ("confirmed", "implicit")
    judgements = []
    for place, search in enumerate(searches):
        reworded = any(later.text.casefold() != search.text.casefold() for later in searches[place + 1 :])
        evidence = _evidence(search, reworded=reworded, solved=solved, left=left, now=now, is_last=place == len(searches) - 1)
        judgements.append(Judgement(result, evidence, left))
    return judgements


def _result(searches: Sequence[Facts], *, left: bool) -> str:
    """The last word decides; only without any word does what was opened last."""
    words = [(at, "confirmed" if helpful else "unresolved") for search in searches for _, helpful, at in search.votes]
    words += [(search.asked_at, "unresolved") for search in searches if search.asked_at]
    if words:
        return max(words)[1]
    last = searches[-1]
    opened = max(last.opened, key=lambda one: one.at, default=None)
    read = opened is not None and opened.at >= last.ended_at and not 0 < opened.seconds < GLANCE
    return "implicit" if left and read else "unknown"


def _evidence(search: Facts, *, reworded: bool, solved: bool, left: bool, now: datetime, is_last: bool) -> str:
    if search.degraded:
        # Only the words were looked for: what it did not find may be there. A question that it led to counts by itself.
        return ""
    if search.asked_at:
        return "asked"
    helpful = [is_helpful for _, is_helpful, _ in search.votes]
    if any(helpful):
        return ""
    if helpful:
        return "voted_down"
    unread = all(0 < opened.seconds < GLANCE for opened in search.opened)
    if reworded and unread:
        return "reformulated"
    if solved and is_last:
        return ""
    if search.outcome == "failed" and now - search.ended_at >= TYPED and not (search.opened and not left):
        return "failed"
    if search.outcome == "weak" and left and unread:
        return "abandoned"
    return ""
