"""Coverage: what customers ask about, against what the articles answer."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlite_utils import Database

from feedback.costs import Cost, estimate_costs, read_assumptions
from feedback.demand import NOTHING, observed_weeks
from feedback.intervals import Share
from feedback.moments import read_stamp
from feedback.periods import DAY, Selection
from feedback.topics import Topic, Topics

REPEATED = 2
"""So many requests make a problem a repeated one."""
QUERIES_SHOWN = 50


@dataclass(frozen=True)
class TopicFigures:
    """One topic in a period. `names`: language -> customers' words, '' where nobody asked in it; `cost` is that of its unanswered requests a week."""

    topic: Topic
    names: dict[str, str]
    category: str
    """Top folder of its articles; '' when no article answers."""
    requests: int
    answered: int
    confirmed: int
    implicit: int
    unknown: int
    unresolved: int
    asked: int
    """Requests that the team was asked in."""
    helpful: Share
    """Votes on its articles."""
    cost: Cost

    @property
    def key(self) -> str:
        return self.topic.key

    @property
    def answered_share(self) -> Share:
        return Share(self.answered, self.requests)

    def name(self, lang: str) -> str:
        """What customers of this language call it, else what the others do, else its key."""
        return self.names[lang] or next((name for name in self.names.values() if name), self.key[2:])


@dataclass(frozen=True)
class Coverage:
    """Topics, most requests first; and the requests that belong to none: asked once, or nothing was found and nobody did anything."""

    topics: tuple[TopicFigures, ...]
    unplaced: int
    unplaced_answered: int

    @cached_property
    def requests(self) -> int:
        return self.unplaced + sum(topic.requests for topic in self.topics)

    @cached_property
    def answered(self) -> Share:
        return Share(self.unplaced_answered + sum(topic.answered for topic in self.topics), self.requests)


@dataclass(frozen=True)
class TopicQuery:
    """One way in which a topic was asked for: visits, how many of its requests ended helped (confirmed or implicit) and unresolved."""

    text: str
    lang: str
    visits: int
    helped: int
    unresolved: int
    last_at: str


@dataclass(frozen=True)
class TopicDetail:
    """One topic whole. `queries` most asked first; `articles`: (id, title, language, status); `gaps`: (id, titles by language, kind, state)."""

    figures: TopicFigures
    queries: tuple[TopicQuery, ...]
    articles: tuple[tuple[str, str, str, str], ...]
    gaps: tuple[tuple[int, dict[str, str], str, str], ...]


def read_coverage(database: Database, selection: Selection, *, now: datetime) -> Coverage:
    """The coverage map of the selection."""
    counted = _read_counts(database, selection)
    topics = Topics(database).gather([raw for raw in counted if raw])
    placed = {raw for topic in topics.values() for raw in topic.raw}
    unplaced = sum((counts for raw, counts in counted.items() if raw not in placed), Counter())
    figures = _describe(database, list(topics.values()), counted, selection, now)
    return Coverage(tuple(sorted(figures, key=lambda each: (-each.requests, each.key))), unplaced["requests"], unplaced["answered"])


def read_topic(database: Database, key: str, selection: Selection, *, now: datetime) -> TopicDetail:
    """One topic by its key, or by one that it has taken over."""
    counted = _read_counts(database, selection)
    topic = Topics(database).find(key, [raw for raw in counted if raw])
    [figures] = _describe(database, [topic], counted, selection, now)
    marks = ", ".join("?" * len(topic.articles))
    articles = database.execute(f"select id, title, lang, status from articles where id in ({marks}) order by id", topic.articles).fetchall()
    gaps = database.execute(
        f"select id, title_en, title_zh, kind, state from gaps where id in ({', '.join(map(str, topic.gaps)) or 'null'}) order by id"
    ).fetchall()
    return TopicDetail(
        figures, _read_queries(database, topic.raw, selection), tuple(articles),
        tuple((id, {"en": en, "zh": zh}, kind, state) for id, en, zh, kind, state in gaps),
    )  # fmt: skip


def repeated_problems(database: Database, selection: Selection, *, now: datetime) -> Share:
    """Of the topics that were asked for at least twice, those that have their answer: no gap of theirs waits, and half of their requests or more were answered."""
    repeated = [topic for topic in read_coverage(database, selection, now=now).topics if topic.requests >= REPEATED]
    return Share(sum(not topic.topic.waiting and 2 * topic.answered >= topic.requests for topic in repeated), len(repeated))


def list_products(database: Database) -> tuple[str, ...]:
    """Every product that articles or requests name, in order."""
    rows = database.execute("select product from articles where product != '' union select product from day_requests where product != '' order by 1")
    return tuple(product for (product,) in rows.fetchall())


def narrow(selection: Selection) -> tuple[str, list[str]]:
    """SQL condition and values that leave the rows of a day table in the selection."""
    condition, values = "day >= ? and day <= ?", [selection.period.first.isoformat(), selection.period.last.isoformat()]
    for column, wanted in (("product", selection.product), ("lang", selection.lang)):
        if wanted:
            condition, values = f"{condition} and {column} = ?", [*values, wanted]
    return condition, values


def _read_counts(database: Database, selection: Selection) -> dict[str, Counter]:
    """Counted key -> its counts."""
    condition, values = narrow(selection)
    rows = database.execute(
        "select topic, result, sum(requests), sum(requests * answered), sum(requests * asked), sum(requests * asked * (1 - answered)) from day_requests"
        f" where {condition} group by topic, result",
        values,
    ).fetchall()
    counted: dict[str, Counter] = defaultdict(Counter)
    for topic, result, requests, answered, asked, contacts in rows:
        counted[topic].update({"requests": requests, "answered": answered, "asked": asked, "contacts": contacts, result: requests})
    return dict(counted)


def _describe(database: Database, topics: Sequence[Topic], counted: dict[str, Counter], selection: Selection, now: datetime) -> list[TopicFigures]:
    names, votes = _Names(database), _read_votes(database, selection)
    categories = dict(database.execute("select id, category from articles").fetchall())
    totals = [sum((counted.get(raw, Counter()) for raw in topic.raw), Counter()) for topic in topics]
    costs = _estimate(database, totals, selection, now)
    return [
        TopicFigures(
            topic, names.of(topic, counted), next((categories[id] for id in topic.articles if categories.get(id)), ""), total["requests"], total["answered"],
            total["confirmed"], total["implicit"], total["unknown"], total["unresolved"], total["asked"],
            Share(sum(votes[id][0] for id in topic.articles), sum(sum(votes[id]) for id in topic.articles)), cost,
        )
        for topic, total, cost in zip(topics, totals, costs, strict=True)
    ]  # fmt: skip


def _estimate(database: Database, totals: Sequence[Counter], selection: Selection, now: datetime) -> list[Cost]:
    """What the unanswered requests cost, as gaps cost: see feedback/costs.py."""
    (first,) = database.execute("select ifnull(min(created_at), '') from searches").fetchone()
    weeks = observed_weeks(max(first, selection.period.since) if first else "", period=selection.period.days * DAY, now=min(now, read_stamp(selection.period.until)))
    demands = [replace(NOTHING, person_days=total["requests"] - total["answered"], contacts=total["contacts"]) for total in totals]
    return estimate_costs(demands, weeks=weeks, assumptions=read_assumptions(database))


class _Names:
    """What customers call each topic: the words of the part of it that most asked for, in each language."""

    def __init__(self, database: Database) -> None:
        self._names = {key: {"en": en, "zh": zh} for key, en, zh in database.execute("select key, name_en, name_zh from topics").fetchall()}
        self._names |= {f"g:{id}": {"en": en, "zh": zh} for id, en, zh in database.execute("select id, title_en, title_zh from gaps").fetchall()}
        self._titles = dict(database.execute("select id, title from articles").fetchall())

    def of(self, topic: Topic, counted: dict[str, Counter]) -> dict[str, str]:
        ordered = sorted(topic.raw, key=lambda raw: -counted.get(raw, Counter())["requests"])
        names = {lang: next((name for raw in ordered if (name := self._names.get(raw, {}).get(lang))), "") for lang in ("en", "zh")}
        if not any(names.values()) and topic.articles:
            return {lang: next((self._titles[id] for id in topic.articles if id in self._titles and id.startswith(f"{lang}/")), "") for lang in names}
        return names


def _read_votes(database: Database, selection: Selection) -> defaultdict[str, tuple[int, int]]:
    rows = database.execute(
        "select article, sum(helpful), sum(unhelpful) from day_articles where day >= ? and day <= ? and helpful + unhelpful > 0 group by article",
        [selection.period.first.isoformat(), selection.period.last.isoformat()],
    ).fetchall()
    return defaultdict(lambda: (0, 0), {article: (helpful, unhelpful) for article, helpful, unhelpful in rows})


def _read_queries(database: Database, raws: Sequence[str], selection: Selection) -> tuple[TopicQuery, ...]:
    condition, values = "created_at >= ? and created_at < ? and audience = 'customer'", [selection.period.since, selection.period.until]
    if selection.lang:
        condition, values = f"{condition} and lang = ?", [*values, selection.lang]
    rows = database.execute(
        "select text, lang, count(distinct session) as visits, sum(result in ('confirmed', 'implicit')), sum(result = 'unresolved'), max(created_at)"
        f" from searches where topic in (select value from json_each(?)) and {condition} group by vector_key, lang order by visits desc, text limit {QUERIES_SHOWN}",
        [json.dumps(raws), *values],
    ).fetchall()
    return tuple(TopicQuery(*row) for row in rows)
