"""Topics for a simulation, read from labelled sets: what is asked, which articles answer it, and what is done to them."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feedback.query_vectors import fold_text
from indexer.evaluation import LabelledQuery, read_queries
from kb.language import detect_language

TRUTHS = ("kept", "removed", "hidden", "wrong_language", "unhelpful")
"""What is done to a topic's articles: nothing; they are left out; only staff may see them; the version in the language in which it is
asked is left out; nothing, but their content is wrong and those who read them find out."""
SHARES = {"removed": 1 / 3, "hidden": 0.08, "unhelpful": 0.08}
TRANSLATED_SHARE = 0.2
"""Of the topics that exist in two languages, so many lose the version in the language in which they are asked."""
SPLITS = ("a", "b")


@dataclass(frozen=True)
class Source:
    """An article of a set: its id in the simulated base, its file, and the language version it is ('' where the set has only one)."""

    id: str
    file: Path
    version: str = ""


@dataclass(frozen=True)
class Question:
    """One labelled way to ask for a topic, in the language of the person who asks."""

    text: str
    lang: str
    answers: frozenset[str] = frozenset()
    """Names of the articles that answer it, without collection and language version."""


@dataclass(frozen=True)
class Topic:
    """What belongs together: articles that answer the same questions, and those questions. `truth` is one of TRUTHS."""

    name: str
    collection: str
    sources: tuple[Source, ...]
    questions: tuple[Question, ...]
    truth: str = "kept"

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that customers ask: of a removed topic with three or more, the last is held back."""
        return self.questions[:-1] if self.truth == "removed" and len(self.questions) >= 3 else self.questions

    @property
    def kept_sources(self) -> tuple[Source, ...]:
        """The articles that are written into the base."""
        if self.truth == "removed":
            return ()
        if self.truth == "wrong_language":
            return tuple(source for source in self.sources if source.version != self.questions[0].lang)
        return self.sources

    @property
    def answers(self) -> frozenset[str]:
        """Ids of the articles that a customer could be shown and would recognise as the answer."""
        return frozenset() if self.truth in ("removed", "hidden") else frozenset(source.id for source in self.kept_sources)


@dataclass(frozen=True)
class Cast:
    """The topics of a simulation, and questions that nothing in its base is about."""

    topics: tuple[Topic, ...]
    strays: tuple[Question, ...]


def read_cast(folders: Sequence[Path], *, split: str, seed: int, most: int) -> Cast:
    """Half of each set's topics, at most `most` of them, evenly taken and each with its truth. Two folders NAME_en and NAME_zh hold
    the same articles in two languages. The half's other topics, and what the sets themselves call unanswerable, are the strays."""
    generator = random.Random(seed)
    chosen: list[Topic] = []
    strays: list[Question] = []
    for name, versions in _collections(folders).items():
        topics, unanswerable = _read_topics(name, versions)
        half = topics[SPLITS.index(split) :: len(SPLITS)]
        places = {len(half) * n // most for n in range(most)} if len(half) > most else set(range(len(half)))
        chosen += _give_truths([topic for place, topic in enumerate(half) if place in places], generator)
        strays += [topic.questions[0] for place, topic in enumerate(half) if place not in places]
        strays += unanswerable[SPLITS.index(split) :: len(SPLITS)]
    generator.shuffle(chosen)
    generator.shuffle(strays)
    return Cast(tuple(chosen), tuple(strays))


def _collections(folders: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Collection -> language version ('' for a set without one) -> folder."""
    found: dict[str, dict[str, Path]] = defaultdict(dict)
    for folder in folders:
        match = re.fullmatch(r"(.+)_(en|zh)", folder.name)
        name, version = match.groups() if match else (folder.name, "")
        found[name][version] = folder
    return found


def _read_topics(name: str, versions: dict[str, Path]) -> tuple[list[Topic], list[Question]]:
    """Topics in the order of their first article's id, those that nobody asks for left out; and the questions without an answer."""
    queries: dict[str, LabelledQuery] = {}
    for folder in versions.values():
        queries |= {query.id: query for query in read_queries(folder / "queries.jsonl")}
    united = _unite(queries.values())
    by_words: dict[str, set[str]] = defaultdict(set)
    for query in queries.values():
        by_words[fold_text(query.text)].update(united[article] for article in query.gold)
    questions: dict[str, list[Question]] = defaultdict(list)
    for query in queries.values():
        # Words that two topics share ("How can I fix this error?") ask for neither.
        if query.gold and len(by_words[fold_text(query.text)]) == 1:
            questions[united[min(query.gold)]].append(Question(query.text, query.lang or detect_language(query.text), frozenset(query.gold)))
    members: dict[str, list[str]] = defaultdict(list)
    for article, first in united.items():
        members[first].append(article)
    topics = [
        Topic(f"{name}/{first}", name, _sources(name, versions, sorted(members[first])), tuple(asked)) for first, asked in sorted(questions.items())
    ]
    unanswerable = [Question(query.text, query.lang) for query in queries.values() if not query.gold]
    return [topic for topic in topics if topic.sources], unanswerable


def _unite(queries: Iterable[LabelledQuery]) -> dict[str, str]:
    """Article -> first article of its topic: articles that answer one question are one topic."""
    first: dict[str, str] = {}

    def find(article: str) -> str:
        while first.setdefault(article, article) != article:
            article = first[article]
        return article

    for query in queries:
        for article in query.gold:
            one, two = sorted((find(article), find(min(query.gold))))
            first[two] = one
    return {article: find(article) for article in first}


def _sources(name: str, versions: dict[str, Path], articles: Sequence[str]) -> tuple[Source, ...]:
    found = []
    for version, folder in sorted(versions.items()):
        for article in articles:
            file = folder / "articles" / f"{article}.md"
            if file.is_file():
                found.append(Source("/".join(part for part in (version, name, article) if part), file, version))
    return tuple(found)


def _give_truths(topics: list[Topic], generator: random.Random) -> list[Topic]:
    order = generator.sample(topics, len(topics))
    given: list[Topic] = []
    for truth, share in SHARES.items():
        count = round(share * len(topics))
        given += [replace(topic, truth=truth) for topic in order[:count]]
        order = order[count:]
    wanted = round(TRANSLATED_SHARE * sum(len(_versions(topic)) > 1 for topic in topics))
    for topic in order:
        foreign = _asked_in_one_language(topic) if wanted else None
        wanted -= foreign is not None
        given.append(foreign or topic)
    return given


def _asked_in_one_language(topic: Topic) -> Topic | None:
    """The topic asked in one of its languages only, and answered only in the other; None when that cannot be."""
    for lang in sorted(_versions(topic)) if len(_versions(topic)) > 1 else ():
        asked = tuple(question for question in topic.questions if question.lang == lang == detect_language(question.text))
        if asked:
            return replace(topic, truth="wrong_language", questions=asked)
    return None


def _versions(topic: Topic) -> set[str]:
    return {source.version for source in topic.sources}
