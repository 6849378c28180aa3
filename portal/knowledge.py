"""The one place that builds collaborators: `open_knowledge_base(settings)` is what pages and commands call."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from feedback.labelled import read_labelled_searches
from feedback.searches import SearchLog
from feedback.votes import Votes
from indexer.catalogue import ArticleCard, ArticlePage, Category, list_cards, list_categories, list_tags, read_cards, read_page, read_source
from indexer.doctor import Finding, examine
from indexer.embedder import Embedder, Reranker
from indexer.evaluation import read_queries
from indexer.explaining import Explanation, explain
from indexer.hits import Answer
from indexer.indexing import IndexReport, Progress, index_articles
from indexer.measuring import Latency, Measured, measure_latency, measure_queries, measure_set, open_set
from indexer.model import model_folder
from indexer.retriever import Retriever
from kb.database import migrate, read
from kb.errors import DatabaseError, KnowledgeBaseError
from kb.readers import STAFF, Reader, Scope
from kb.settings import Settings
from kb.text import keep_dictionary_in, warm_up_words

__all__ = ["ArticleCard", "ArticlePage", "Category", "Finding", "IndexReport", "KnowledgeBase", "Readiness", "open_knowledge_base"]

LOG = logging.getLogger("kb")


@dataclass(frozen=True)
class Readiness:
    """Whether searches can be answered; `parts` says of index, model and database "ok" or what is wrong."""

    ready: bool
    parts: dict[str, str]


def open_knowledge_base(settings: Settings) -> KnowledgeBase:
    """Build everything that works on these settings. Loads nothing heavy: the model and the index come with their first use.

    Raises ModelError when the bundled model has to be prepared and cannot be.
    """
    keep_dictionary_in(settings.data / "cache")
    embedder = Embedder(model_folder(settings))
    if settings.database.is_file():
        migrate(settings.database)
    retriever = Retriever(settings, embedder, reranker=Reranker(settings.reranker) if settings.reranker else None)
    return KnowledgeBase(settings, embedder, retriever, SearchLog(settings.database), Votes(settings.database))


class KnowledgeBase:
    """What a page or a command can ask for."""

    def __init__(self, settings: Settings, embedder: Embedder, retriever: Retriever, searches: SearchLog, votes: Votes) -> None:
        self.settings = settings
        self._embedder, self._retriever, self._searches, self._votes = embedder, retriever, searches, votes

    def search(
        self, text: str, *, scope: Scope = Scope(), prefer: str | None = None, limit: int = 10, session: str | None = None, source: str = "portal"
    ) -> Answer:
        """The articles in scope that answer best. With a session the search is recorded, and the answer carries its `search_id`."""
        answer = self._retriever.retrieve(text, scope=scope, prefer=prefer, limit=limit)
        if session is None or not answer.query:
            return answer
        try:
            search_id = self._searches.record(text=answer.query, lang=answer.lang, session=session, source=source, answer=answer)
        except DatabaseError as fault:
            # A full disk must not take the answer away from the customer.
            LOG.warning("a search was not recorded: %s", fault)
            return answer
        return replace(answer, search_id=search_id)

    def article(self, article: str, *, reader: Reader) -> ArticlePage:
        """The article's page with related articles in its language. Raises ArticleNotFound."""
        with read(self.settings.database) as database:
            page = read_page(database, article, reader)
            near = self._retriever.related(page.card.id, scope=Scope(reader, page.card.lang), limit=5)
            return page.with_related(read_cards(database, near, reader))

    def source(self, article: str) -> str:
        """The article's Markdown as indexed. Raises ArticleNotFound."""
        with read(self.settings.database) as database:
            return read_source(database, article)

    def popular(self, lang: str, *, reader: Reader, limit: int = 6) -> tuple[ArticleCard, ...]:
        """Articles in this language that most people opened in the last 30 days, most first; empty while nobody has."""
        opened = [article for article, _ in self._searches.popular(limit=limit * 5)]
        with read(self.settings.database) as database:
            return read_cards(database, opened, reader, lang=lang)[:limit]

    def recent(self, lang: str, *, reader: Reader, limit: int = 6) -> tuple[ArticleCard, ...]:
        """Articles in this language by date of update, newest first."""
        with read(self.settings.database) as database:
            return list_cards(database, Scope(reader, lang), newest_first=True, limit=limit)

    def categories(self, lang: str, *, reader: Reader) -> tuple[Category, ...]:
        with read(self.settings.database) as database:
            return list_categories(database, Scope(reader, lang))

    def browse(self, scope: Scope, *, category: str | None = None) -> tuple[ArticleCard, ...]:
        """Every article in scope, by title."""
        with read(self.settings.database) as database:
            return list_cards(database, scope, category=category)

    def tags(self, lang: str, *, reader: Reader) -> tuple[tuple[str, int], ...]:
        """(tag, number of articles), most used first."""
        with read(self.settings.database) as database:
            return list_tags(database, Scope(reader, lang))

    def record_open(self, article: str, *, session: str, search_id: int | None = None) -> None:
        self._searches.record_open(article, session=session, search_id=search_id)

    def vote(self, article: str, helpful: bool | None, *, session: str, search_id: int | None = None) -> None:
        """Cast a vote, or take it back with None."""
        self._votes.cast(article, helpful, session=session, search_id=search_id)

    def index(self, *, progress: Progress | None = None, full: bool = False) -> IndexReport:
        return index_articles(self.settings, self._embedder, progress=progress, full=full)

    def doctor(self) -> tuple[Finding, ...]:
        return examine(self.settings, self._embedder, today=date.today())

    def explain(self, text: str, article: str, *, reader: Reader) -> Explanation:
        """Why the article ranks where it does for the query. Raises ArticleNotFound."""
        return explain(text, article, retriever=self._retriever, settings=self.settings, scope=Scope(reader))

    def measure(self, folder: Path, *, most: int | None = None, progress: Progress | None = None) -> list[Measured]:
        """Ranking and refusal figures of a labelled set, one row a query language."""
        return measure_set(folder, self.settings, self._embedder, most=most, progress=progress)

    def measure_own(self) -> list[Measured]:
        """The same figures on this base's own searches that led to a helpful vote; empty while there are none."""
        return measure_queries("own searches", read_labelled_searches(self.settings.database), self._retriever, self.settings)

    def measure_latency(self, folder: Path) -> Latency:
        """Median cost of embedding a query and of a whole search, on up to 150 queries of a labelled set."""
        texts = [query.text for query in read_queries(folder / "queries.jsonl")][:150]
        return measure_latency(texts, lambda: open_set(folder, self.settings, self._embedder)[0], self._embedder)

    def warm_up(self) -> None:
        """Load model, index and dictionary, so that the first customer does not wait. Raises KnowledgeBaseError."""
        migrate(self.settings.database)
        self._embedder.load()
        warm_up_words()
        self._retriever.refresh()
        self._retriever.retrieve("warm up 预热", scope=Scope(STAFF))

    def readiness(self) -> Readiness:
        """Each part tried now; the model is only asked whether it is loaded, so that a probe never waits for it."""
        parts = {"model": "ok" if self._embedder.loaded else self._embedder.fault or "the model is still loading"}
        try:
            with read(self.settings.database) as database:
                database.execute("select count(*) from articles").fetchone()
            parts["database"] = "ok"
        except KnowledgeBaseError as fault:
            parts["database"] = str(fault)
        parts["index"] = self._index_state() if parts["model"] == "ok" else "waits for the model"
        return Readiness(all(state == "ok" for state in parts.values()), parts)

    def _index_state(self) -> str:
        try:
            return "ok" if self._retriever.refresh().ids else "the index is empty; run `kb index`"
        except KnowledgeBaseError as fault:
            return str(fault)
