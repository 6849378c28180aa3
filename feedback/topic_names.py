"""A topic is called what customers call it: in each language, the text that has most in common with all the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from feedback.moments import stamp
from feedback.titles import shorten
from kb.settings import LANGUAGES
from kb.text import find_terms

GROWTH = 1.25
"""A topic is named anew when so much more has been asked about it."""
READ = 1000
"""Latest searches of a topic that are read for it."""


def name_topics(database: Database, topics: Iterable[str], *, now: datetime) -> None:
    """Name those of these topics that are new or have grown."""
    known = dict(database.execute("select key, requests from topics").fetchall())
    for topic in sorted(topics):
        (asked,) = database.execute("select count(*) from searches where topic = ?", [topic]).fetchone()
        if topic in known and asked < GROWTH * known[topic]:
            continue
        rows = database.execute(
            "select text, lang, count(distinct session) from (select text, lang, session, vector_key from searches where topic = ? and audience = 'customer'"
            " order by created_at desc limit ?) group by vector_key, lang",
            [topic, READ],
        ).fetchall()
        names = {lang: choose_name([(text, visits) for text, spoken, visits in rows if spoken == lang]) for lang in LANGUAGES}
        database.execute("insert or replace into topics values (?, ?, ?, ?, ?)", [topic, names["en"], names["zh"], asked, stamp(now)])


def forget_names(database: Database, *, before: str) -> None:
    """Names are customers' words: those chosen before the stamp go with the texts they came from, and are chosen anew."""
    for (topic,) in database.execute("select key from topics where named_at < ?", [before]).fetchall():
        database.execute("delete from topics where key = ?", [topic])


def forget_words(database: Database, texts: Iterable[str]) -> None:
    """Forget the names that are these texts, whose searches are deleted; others' words take their place when the topic is counted next."""
    names = {shorten(text) for text in texts}
    for topic, *named in database.execute("select key, name_en, name_zh from topics").fetchall():
        if not names.isdisjoint(named):
            database.execute("delete from topics where key = ?", [topic])


def choose_name(texts: Sequence[tuple[str, int]]) -> str:
    """Of (text, visits) the most typical: its words are those of most visits, and it has little besides. '' of none."""
    words = {text: set(find_terms(text)) for text, _ in texts}
    common: Counter[str] = Counter()
    for text, visits in texts:
        for word in words[text]:
            common[word] += visits

    def typical(entry: tuple[str, int]) -> tuple[float, int, int, str]:
        text, visits = entry
        # Two words more than it has: one word alone is common, and says little.
        return sum(common[word] for word in words[text]) / (len(words[text]) + 2), visits, -len(text), text

    return shorten(max(texts, key=typical)[0]) if texts else ""
