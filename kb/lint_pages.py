"""Rendered pages, made only when a rule needs one: what a reader sees decides what is a finding."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from urllib.parse import unquote

import lxml.html

from kb.articles import Article
from kb.errors import ArticleError
from kb.rendering import RenderWorker, TocEntry


@dataclass(frozen=True)
class PageFacts:
    """What a page offers and where it leads: section addresses and other places, its sections in order, and its addresses, decoded."""

    anchors: frozenset[str]
    sections: tuple[TocEntry, ...]
    addresses: frozenset[str]


class Pages:
    """The pages of articles, each rendered at most once, in a bounded child process. Use as a context manager."""

    def __init__(self) -> None:
        self._worker = RenderWorker()
        self._found: dict[str, PageFacts | ArticleError] = {}

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._worker.close()

    def facts(self, article: Article) -> PageFacts:
        """What the article's page holds. Raises ArticleError when it cannot be rendered."""
        if article.id not in self._found:
            try:
                self._found[article.id] = self._read(article)
            except ArticleError as fault:
                self._found[article.id] = fault
        found = self._found[article.id]
        if isinstance(found, ArticleError):
            raise found
        return found

    def _read(self, article: Article) -> PageFacts:
        rendered = self._worker.render(article)
        if not rendered.html.strip():
            return PageFacts(frozenset(), rendered.toc, frozenset())
        tree = lxml.html.fragment_fromstring(rendered.html, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=True))
        anchors = {element.get("id") for element in tree.iter() if element.get("id")}
        addresses = {unquote(element.get(name)) for element in tree.iter("a", "img") for name in ("href", "src") if element.get(name)}
        return PageFacts(frozenset(anchors), rendered.toc, frozenset(addresses))
