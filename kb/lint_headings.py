"""Headings that break the outline of a page: a level left out, a second title, no words, nothing below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.articles import Article
from kb.lint_findings import Base, Finding, make_finding
from kb.lint_pages import Pages
from kb.lint_source import Source, SourceHeading

HEADING_RULES = ("heading-level", "empty-heading")
_NOTHING = re.compile(r"\s*(?:=+|-+)?\s*")
"""A line that is blank, or the underline of the heading above it."""


def check_headings(article: Article, source: Source, base: Base, pages: Pages) -> Iterator[Finding]:
    """A finding for each heading that readers of the outline stumble over. Raises ArticleError when the page cannot be rendered."""
    path = base.path(article.id)
    for heading in source.headings:
        if not heading.text:
            yield make_finding(path, heading.line, "empty-heading.words", "warning", level=heading.level)
    for heading in _without_text(article, source.headings):
        if _is_section(heading, article, pages):
            yield make_finding(path, heading.line, "empty-heading.text", "warning", heading=heading.text)
    titles = [heading for heading in source.headings[1:] if heading.level == 1]
    if titles and _is_section(titles[0], article, pages):
        yield make_finding(path, titles[0].line, "heading-level.title", "warning", heading=titles[0].text, count=len(titles))
    if _may_skip(source.headings):
        yield from _check_levels(article, source, path, pages)


def _without_text(article: Article, headings: tuple[SourceHeading, ...]) -> Iterator[SourceHeading]:
    """The headings, the first one aside, that another of their level or a higher one follows, or the end, with no line of text between."""
    lines = article.body.split("\n")
    for place, heading in enumerate(headings[1:], 1):
        following = headings[place + 1] if place + 1 < len(headings) else None
        if not heading.text or (following and following.level > heading.level):
            continue
        between = lines[heading.line - article.body_line + 1 : following.line - article.body_line if following else None]
        if all(_NOTHING.fullmatch(line) for line in between):
            yield heading


def _may_skip(headings: tuple[SourceHeading, ...]) -> bool:
    """Whether some heading is more than one level below the one above it; the title stands above the first."""
    levels = [1, *(heading.level for heading in headings)]
    return any(below - above > 1 for above, below in zip(levels, levels[1:], strict=False))


def _check_levels(article: Article, source: Source, path: str, pages: Pages) -> Iterator[Finding]:
    above = 1
    rest = list(source.headings)
    for section in pages.facts(article).sections:
        # The page's sections are the source's headings in order, less its title and what only looked like a heading.
        at = next((number for number, heading in enumerate(rest) if heading.text == section.text), None)
        line = rest[at].line if at is not None else None
        rest = rest[at + 1 :] if at is not None else rest
        if section.level - above > 1:
            levels = {"level": section.level, "above": above, "wanted": above + 1}
            yield make_finding(path, line, "heading-level.skip", "warning", heading=section.text, **levels)
        above = section.level


def _is_section(heading: SourceHeading, article: Article, pages: Pages) -> bool:
    return any(section.text == heading.text for section in pages.facts(article).sections)
