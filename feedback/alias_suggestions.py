"""Words that customers use for an article that answers them but ranks low: offered as its aliases only when a replay shows that they help and harm nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from feedback.redaction import redact
from feedback.replay import Replay, count_people
from feedback.replaying import Replayer
from kb.articles import Article

MOST = 3
TRIED = 8
"""Of a gap's wordings, so many are tried, those of most people first."""
LONGEST = 80
"""Characters: an alias is a phrase, not a letter."""
GAIN = 0.05
"""Least share of the gap's people that an alias must win."""


@dataclass(frozen=True)
class Suggestion:
    """Aliases to add to the article: one after the other each won people; `before` and `after` are the replays without and with all of them."""

    article: str
    aliases: tuple[str, ...]
    before: Replay
    after: Replay
    known: tuple[str, ...] = ()
    """The aliases that it has."""

    @property
    def after_aliases(self) -> tuple[str, ...]:
        return (*self.known, *self.aliases)


def suggest_aliases(article: Article, *, gap: int, wordings: Sequence[str], replayer: Replayer) -> Suggestion:
    """The wordings that help most as aliases, at most three, chosen one by one. `aliases` is empty when none helps, or when all that help do harm."""
    before = best = replayer.replay(article, gap=gap)
    chosen: list[str] = []
    candidates = [text for text in dict.fromkeys(" ".join(wording.split()) for wording in wordings) if _is_phrase(text, article)][:TRIED]
    while candidates and len(chosen) < MOST and best.closes < 1:
        tried = [(text, replayer.replay(with_aliases(article, [*chosen, text]), gap=gap)) for text in candidates]
        harmless = [(text, replay) for text, replay in tried if count_people(replay.harmed) <= count_people(before.harmed)]
        if not harmless:
            break
        text, replay = max(harmless, key=lambda each: (each[1].closes, each[1].confidence))
        if replay.closes < best.closes + GAIN:
            break
        chosen.append(text)
        candidates.remove(text)
        best = replay
    return Suggestion(article.id, tuple(chosen), before, best, article.aliases)


def with_aliases(article: Article, aliases: Sequence[str]) -> Article:
    return replace(article, aliases=tuple(dict.fromkeys((*article.aliases, *aliases))))


def _is_phrase(text: str, article: Article) -> bool:
    known = {alias.casefold() for alias in article.aliases} | {article.title.casefold()}
    return 2 <= len(text) <= LONGEST and text.casefold() not in known and redact(text) == text and "[" not in text
