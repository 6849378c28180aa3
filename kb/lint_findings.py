"""One thing about an article that an author should change, and everything that the rules of `kb lint` look at while they search for it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kb.articles import Article, load_article, translations
from kb.errors import ArticleError
from kb.files import SUFFIXES, Found, read_text
from kb.frontmatter import FrontMatterFault, read_front_matter
from kb.lint_words import WORDS
from kb.settings import LANGUAGES

LEVELS = ("error", "warning", "note")
"""A reader meets an error; a warning will mislead somebody or go unfound; a note is worth knowing."""

_BOTH_KEPT = 0.1
"""A base is kept in two languages when so large a share of what is published is in the rarer one: below, a few articles happen to be."""


@dataclass(frozen=True)
class Finding:
    """What one rule says of one article. `path` is the file's, posix, below the articles folder; `line` is 1-based."""

    path: str
    line: int | None
    rule: str
    level: str
    fact: str
    remedy: str
    code: str = ""
    """Key of the same words in other languages."""
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    """What `fact` and `remedy` were filled with."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.rule}: {self.fact}; {self.remedy}"


def make_finding(path: str, line: int | None, code: str, level: str, /, **values: object) -> Finding:
    """The finding with this code, in the words of WORDS filled with these values."""
    fact, remedy = (words.format(**values) for words in WORDS[code])
    return Finding(path, line, code.partition(".")[0], level, fact, remedy, code, values)


@dataclass(frozen=True)
class Base:
    """The articles that are linted together, by id. `texts` are whole texts that are not saved yet, by article id."""

    folder: Path
    articles: Mapping[str, Article]
    texts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def translations(self) -> dict[str, tuple[str, ...]]:
        return translations(self.articles.values())

    @cached_property
    def keeps_both(self) -> bool:
        """Whether the base means to answer in Chinese and in English."""
        counts = Counter(article.lang for article in self.articles.values() if article.status == "published")
        rarer = min(counts[lang] for lang in LANGUAGES)
        return rarer > 0 and rarer >= _BOTH_KEPT * sum(counts[lang] for lang in LANGUAGES)

    @cached_property
    def redirects(self) -> dict[str, str]:
        """Former id -> the article that took it over."""
        return {old.strip("/").removesuffix(".md"): article.id for article in self.articles.values() for old in article.redirect_from}

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Last part of an id in lower case -> the ids that end so."""
        found: dict[str, list[str]] = {}
        for id in self.articles:
            found.setdefault(id.rsplit("/", 1)[-1].lower(), []).append(id)
        return found

    def path(self, id: str) -> str:
        """The article's file below the folder."""
        return next((f"{id}{suffix}" for suffix in SUFFIXES if os.path.lexists(self.folder / f"{id}{suffix}")), f"{id}.md")

    def is_read(self, path: str) -> bool:
        """Whether the file at this path is one of the articles."""
        id = os.path.splitext(path)[0]
        return id in self.articles and self.path(id) == path

    def has_file(self, id: str) -> bool:
        """Whether a file of that id lies in the folder, readable or not."""
        return any(os.path.isfile(self.folder / f"{id}{suffix}") for suffix in SUFFIXES)

    def as_filed(self, id: str) -> Article:
        """The article as its file holds it now, so that its lines are the file's; as it is here when it is not saved, or cannot be read."""
        if id in self.texts:
            return self.articles[id]
        try:
            return load_article(self.folder / self.path(id), self.folder)
        except ArticleError:
            return self.articles[id]

    def field_line(self, id: str, *names: str) -> int | None:
        """The line of the first of these front matter fields that the article has, else its first line."""
        try:
            text = self.texts[id] if id in self.texts else read_text(Found(self.path(id), self.folder / self.path(id)))[0]
            lines = read_front_matter(text).lines
        except (ArticleError, FrontMatterFault):
            # The file has changed since it was read: the finding stands, its line is not known any more.
            return None
        return next((lines[name] for name in names if name in lines), 1)


def pick_articles(base: Base, ids: Iterable[str] | None) -> list[Article]:
    """The articles to report on, by id: those named, or all; archived ones never, because nobody reads them."""
    chosen = base.articles if ids is None else set(ids) & base.articles.keys()
    return [base.articles[id] for id in sorted(chosen) if base.articles[id].status != "archived"]
