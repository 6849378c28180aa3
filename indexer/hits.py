"""What a search returns: hits, best first, and how sure kb is that the first one answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

OUTCOMES = ("answered", "weak", "failed")


@dataclass(frozen=True)
class Hit:
    """An article found, with its best passage. `score` is in 0..1, higher is better, comparable within one search."""

    article: str
    title: str
    lang: str
    score: float
    passage: str
    """Plain text of the best passage, without its heading path."""
    headings: tuple[str, ...] = ()
    """Heading path of the passage below the title, outermost first."""
    anchor: str = ""
    """Fragment of the passage's section in the rendered page; empty for the top."""
    answer_html: str = ""
    """The sanitised HTML of the sentence, steps, code or table rows that answer best, matched words in <mark>."""
    title_html: str = ""
    """The title, escaped, matched words in <mark>."""
    words: tuple[str, ...] = ()
    """Words of the query, as typed, that the passage or title contains."""
    summary: str = ""
    category: str = ""
    updated: date | None = None
    parts: dict[str, float] = field(default_factory=dict, compare=False)
    """Each feature's value, for `kb explain`."""


@dataclass(frozen=True)
class Answer:
    """One run of a query. `confidence` is the calibrated probability that the first hit answers it."""

    query: str
    lang: str
    hits: tuple[Hit, ...]
    confidence: float
    outcome: str
    took_ms: float
    degraded: bool = False
    """Whether the terms arm alone answered, because too many searched at once: a moment later there may be a better answer."""
    search_id: int | None = None
    """Under which the search was recorded, if it was."""
