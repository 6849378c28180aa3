"""What an author should change about articles, as far as the index tells: duplicates, contradictions between them, sections too long to be an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from sqlite_utils import Database

from indexer.embedder import Embedder
from indexer.lint_duplicates import Likeness, Rarity, are_apart, compare, nearest_pairs
from indexer.lint_numbers import Contradiction, Statement, find_contradictions, read_statements
from indexer.lint_profiles import Profile, profile_draft, read_heads, read_profiles
from indexer.lint_sections import find_long_sections
from indexer.store import content_hashes, read_background, read_state
from kb.articles import Article
from kb.database import read
from kb.errors import ArticleError
from kb.lint_findings import Base, Finding, make_finding, pick_articles
from kb.lint_source import find_line, read_source
from kb.settings import Settings

INDEX_RULES = ("near-duplicate", "contradicting-numbers", "long-section", "index-behind")

_CANDIDATE, _RELATED = 0.66, 0.5
"""Cosines of heads from which two articles may be duplicates, and from which their numbers are compared."""
_SAME_SENTENCE, _ALIKE_SENTENCE = 0.6, 0.85
"""Part of their words that two sentences share when they say the same: in duplicates, and in articles that are merely related."""


def lint_index(settings: Settings, base: Base, embedder: Embedder, *, ids: Collection[str] | None = None) -> list[Finding]:
    """Findings in the articles named, or in all, from the index as it is. `base` are the articles as their files hold them now.

    An article that has changed since it was indexed is left out, and one finding says how many were; texts of the base that are not
    saved are embedded instead. A pair is told once, of an article that was named. Raises DatabaseError when the database cannot be read.
    """
    if not settings.database.is_file():
        return [_behind(settings, "missing", place=settings.data)]
    with read(settings.database) as database:
        state = read_state(database)
        if "generation" not in state or not read_background(database):
            return [_behind(settings, "missing", place=settings.data)]
        if state["model"] != embedder.name:
            return [_behind(settings, "model", made=state["model"], named=embedder.name)]
        return list(_lint(settings, database, base, embedder, ids))


@dataclass
class _Compared:
    """What one run has read: profiles and statements by article."""

    database: Database
    background: Mapping[str, np.ndarray]
    rarity: Rarity
    profiles: dict[str, Profile] = field(default_factory=dict)
    statements: dict[str, tuple[Statement, ...]] = field(default_factory=dict)

    def read(self, ids: Iterable[str]) -> None:
        missing = set(ids) - self.profiles.keys()
        self.profiles |= read_profiles(self.database, missing, self.background)

    def statements_of(self, id: str) -> tuple[Statement, ...]:
        if id not in self.statements:
            self.statements[id] = read_statements(self.profiles[id])
        return self.statements[id]


def _lint(settings: Settings, database: Database, base: Base, embedder: Embedder, ids: Collection[str] | None) -> Iterator[Finding]:
    indexed = content_hashes(database)
    chosen = {article.id for article in pick_articles(base, ids)}
    current = {id for id, article in base.articles.items() if indexed.get(id) == article.content_hash and id not in base.texts}
    if behind := len(chosen - current - base.texts.keys()):
        yield _behind(settings, "changed", changed=behind, of=len(chosen))
    compared = _Compared(database, read_background(database), _read_rarity(database))
    _add_drafts(base, compared, embedder, settings.passage_tokens)
    compared.read(chosen & current)
    for id in sorted(chosen & compared.profiles.keys()):
        yield from _long_sections(compared.profiles[id], base, settings.passage_tokens)
    published = [id for id in sorted(current) if base.articles[id].status == "published"]
    for one, other in _pairs(compared, published, chosen, base.texts.keys()):
        yield from _compare(base.articles[one], base.articles[other], compared, base)


def _add_drafts(base: Base, compared: _Compared, embedder: Embedder, passage_tokens: int) -> None:
    """Take in the texts that are not saved. That one cannot be rendered is told by the rules that need only files."""
    for id in base.texts:
        with suppress(ArticleError):
            if profile := profile_draft(base.articles[id], embedder, compared.background, passage_tokens=passage_tokens):
                compared.profiles[id] = profile


def _pairs(compared: _Compared, ids: list[str], chosen: set[str], drafts: Set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of related articles in one language, the first of which is to be reported on."""
    heads = read_heads(compared.database, [id for id in ids if id not in drafts], compared.background)
    for id in drafts & compared.profiles.keys():
        profile = compared.profiles[id]
        heads.setdefault(profile.lang, []).append((id, profile.head))
    for _, named in sorted(heads.items()):
        names = [id for id, _ in named]
        own = np.array([place for place, id in enumerate(names) if id in chosen], np.int64)
        pairs = [
            (names[one], names[other]) for one, other in nearest_pairs(np.stack([head for _, head in named]), of=own, at_least=_RELATED)
        ]
        compared.read(id for pair in pairs for id in pair)
        for one, other in sorted(pairs):
            if one in compared.profiles and other in compared.profiles:
                yield (other, one) if other in chosen else (one, other)


def _compare(one: Article, other: Article, compared: _Compared, base: Base) -> Iterator[Finding]:
    first, second = compared.profiles[one.id], compared.profiles[other.id]
    if first.product and second.product and first.product != second.product:
        return
    likeness = compare(first, second, compared.rarity)
    same = likeness.says_the_same
    if same and likeness.head >= _CANDIDATE and first.visibility == second.visibility and not are_apart(first, second):
        yield _duplicate(one, other, likeness, base)
    if first.title_codes != second.title_codes:
        return
    found = find_contradictions(
        compared.statements_of(one.id), compared.statements_of(other.id), compared.rarity, alike=_SAME_SENTENCE if same else _ALIKE_SENTENCE
    )
    for contradiction in found:
        yield _contradiction(one, other, contradiction, base)


def _duplicate(one: Article, other: Article, likeness: Likeness, base: Base) -> Finding:
    line = base.field_line(one.id, "title")
    return make_finding(base.path(one.id), line, "near-duplicate", "warning", other=other.id, title=other.title, share=likeness.shared)


def _contradiction(one: Article, other: Article, found: Contradiction, base: Base) -> Finding:
    mine, theirs = found.one.shown(found.unit), found.other.shown(found.unit)
    line, there = _line(found.one.text, base.as_filed(one.id), mine), _line(found.other.text, base.as_filed(other.id), theirs)
    place = f"{base.path(other.id)}:{there}" if there else base.path(other.id)
    said = {"mine": mine, "theirs": theirs, "place": place, "sentence": _shorten(found.one.text)}
    return make_finding(base.path(one.id), line, "contradicting-numbers.pair", "warning", **said)


def _long_sections(profile: Profile, base: Base, passage_tokens: int) -> Iterator[Finding]:
    article = base.articles[profile.id]
    for section in find_long_sections(profile, passage_tokens=passage_tokens):
        headings = read_source(article.body, first_line=article.body_line).headings
        line = next((heading.line for heading in headings if heading.text == section.heading), article.body_line)
        length = {"heading": section.heading or article.title, "tokens": section.tokens, "most": passage_tokens}
        if section.steps:
            yield make_finding(base.path(profile.id), line, "long-section.steps", "note", steps=section.steps, **length)
        else:
            yield make_finding(base.path(profile.id), line, "long-section.text", "note", **length)


def _behind(settings: Settings, case: str, **values: object) -> Finding:
    return make_finding(str(settings.database), None, f"index-behind.{case}", "note", **values)


def _read_rarity(database: Database) -> Rarity:
    counts = dict(database.execute("select term, doc from terms_vocabulary").fetchall())
    return Rarity(counts, database["passages"].count)


def _line(text: str, article: Article, amount: str) -> int | None:
    return find_line(text, article.body, first_line=article.body_line, near=amount)


def _shorten(text: str, *, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
