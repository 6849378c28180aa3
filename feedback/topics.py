"""What customers ask about: a topic is an article with its translations, together with the gaps that are about it, or a gap that no article answers.

Days are counted under what a request led to then, an article or a gap. What belongs together is decided when it is read, because gaps merge,
articles move, and what was missing gets its article.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from sqlite_utils import Database

from feedback.gaps import ACTIVE

_ABOUT_AN_ARTICLE = ("unfindable", "unhelpful", "wrong_language", "hidden")


@dataclass(frozen=True)
class Topic:
    """`key` is 'a:<article>' or 'g:<gap>'; `raw` are the keys under which its days are counted; `waiting` its gaps that wait for somebody."""

    key: str
    raw: tuple[str, ...]
    articles: tuple[str, ...]
    gaps: tuple[int, ...]
    waiting: tuple[int, ...]


class Topics:
    """How topics hang together now."""

    def __init__(self, database: Database) -> None:
        self._moved = dict(database.execute("select old, article from redirects").fetchall())
        self._pairs = _read_pairs(database)
        self._merged = dict(database.execute("select id, merged_into from gaps where merged_into is not null").fetchall())
        self._answers = _read_answers(database)
        self._waiting = {gap for (gap,) in database.execute(f"select id from gaps where merged_into is null and state in {ACTIVE}").fetchall()}

    def key_of(self, raw: str) -> str:
        """The key of the topic that a counted key belongs to; '' for none."""
        kind, _, name = raw.partition(":")
        if kind == "a":
            return self._article_key(name)
        if kind != "g":
            return ""
        gap = self._gap(int(name))
        article = self._answers.get(gap)
        return self._article_key(article) if article else f"g:{gap}"

    def gather(self, raws: list[str]) -> dict[str, Topic]:
        """Key -> topic, of these counted keys."""
        found: dict[str, list[str]] = defaultdict(list)
        for raw in raws:
            if key := self.key_of(raw):
                found[key].append(raw)
        return {key: self._topic(key, own) for key, own in found.items()}

    def find(self, key: str, raws: list[str]) -> Topic:
        """The topic with that key, or that the key by now belongs to; `raws` are all counted keys."""
        here = self.key_of(key)
        return self._topic(here, [raw for raw in raws if self.key_of(raw) == here])

    def _topic(self, key: str, raws: list[str]) -> Topic:
        gaps = sorted({self._gap(int(raw[2:])) for raw in raws if raw.startswith("g:")})
        articles = self._pairs.get(key[2:], (key[2:],)) if key.startswith("a:") else ()
        return Topic(key, tuple(raws), articles, tuple(gaps), tuple(gap for gap in gaps if gap in self._waiting))

    def _article_key(self, article: str) -> str:
        here = article if article in self._pairs else self._moved.get(article, article)
        return f"a:{min(self._pairs.get(here, (here,)))}"

    def _gap(self, gap: int) -> int:
        while gap in self._merged:
            gap = self._merged[gap]
        return gap


def _read_pairs(database: Database) -> dict[str, tuple[str, ...]]:
    """Article -> itself and its translations, in order."""
    return {id: tuple(sorted({id, *json.loads(others)})) for id, others in database.execute("select id, translations from articles").fetchall()}


def _read_answers(database: Database) -> dict[int, str]:
    """Gap -> the article that it is about: the one that was published for it and found, else the one whose fault it is."""
    found = {
        gap: article
        for gap, kind, article in database.execute("select id, kind, json_extract(reason, '$.article') from gaps where merged_into is null").fetchall()
        if kind in _ABOUT_AN_ARTICLE and article
    }
    published = database.execute(
        "select p.gap, p.article from proofs p join gaps g on g.id = p.gap where p.state = 'held' and g.state = 'closed' order by p.id"
    ).fetchall()
    return found | dict(published)
