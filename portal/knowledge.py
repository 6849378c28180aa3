"""The one place that builds collaborators: `open_knowledge_base(settings)` is what pages and commands call."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path

import numpy as np

import kb.schema  # noqa: F401  so that whatever opens the database knows every table of the ground floor
from feedback.audience import Visit, is_bot
from feedback.days import count_stale_days
from feedback.demonstration import is_demonstration
from feedback.gap_kinds import KindFinder
from feedback.grouping import group_queries
from feedback.health import HealthRecord
from feedback.keeper import GapKeeper, Update
from feedback.labelled import read_labelled_searches
from feedback.moments import utc_now
from feedback.personal_data import PersonalData
from feedback.questions import Question, QuestionError, Questions
from feedback.reading import ReadingLog
from feedback.replay import Replay
from feedback.replaying import Replayer
from feedback.retention import Expired, expire
from feedback.searches import SearchLog
from feedback.standing import StandingReport, StandingTest
from feedback.synonym_suggestions import SynonymFinder
from feedback.trails import TrailStep
from feedback.votes import Vote, Votes
from indexer.background import embed_background
from indexer.catalogue import ArticleCard, ArticlePage, Category, list_cards, list_categories, list_tags, read_cards, read_page, read_source
from indexer.doctor import Finding
from indexer.embedder import Embedder, Reranker
from indexer.embeddings import token_codec
from indexer.evaluation import read_queries
from indexer.explaining import Explanation, explain
from indexer.hits import Answer
from indexer.indexing import IndexReport, Progress, index_articles, synonyms_are_indexed
from indexer.measuring import Latency, Measured, measure_latency, measure_queries, measure_set, open_set
from indexer.model import model_folder
from indexer.overlay import Asked, Compared, Overlay
from indexer.retriever import Retriever
from indexer.store import content_hashes
from indexer.visibility import may_see_image
from kb.accounts import Account
from kb.article_history import ArticleHistory
from kb.articles import parse_article
from kb.audited import Audited
from kb.database import hold_open, migrate, read
from kb.errors import ArticleNotFound, DatabaseError, IndexDamaged, KnowledgeBaseError
from kb.language import detect_language
from kb.lint_findings import Finding as LintFinding
from kb.readers import PUBLIC, STAFF, Reader, Scope
from kb.rendering import RenderWorker
from kb.settings import Settings
from kb.text import keep_dictionary_in, warm_up_words
from portal.article_list import ArticleShelf, hash_files
from portal.auditing import AuditDesk
from portal.desk import Desk
from portal.doctoring import examine_base
from portal.lead import LeadDesk
from portal.linting import lint, lint_text
from portal.lookups import WrongReferences
from portal.own_data import named_articles, unname_articles
from portal.publishing import publish_changes
from portal.saving import Saver
from portal.writing import WritingDesk

__all__ = ["ArticleCard", "ArticlePage", "Category", "Finding", "IndexReport", "KnowledgeBase", "Readiness", "open_knowledge_base"]

LOG = logging.getLogger("kb")

UPDATED_LATELY = 60.0
PAGE_SECONDS = 0.3
"""A page counts what is new for so long before it is drawn; the upkeep of a serving portal counts the rest."""

DAMAGED = "it is damaged; `kb doctor` says where, `kb doctor --repair` mends it"
"""What everybody is told of damage: where it lies can be the name of an article that is not for everybody."""


@dataclass(frozen=True)
class Readiness:
    """Whether searches can be answered; `parts` says of index, model and database "ok" or what is wrong."""

    ready: bool
    parts: dict[str, str]


def open_knowledge_base(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> KnowledgeBase:
    """Build everything that works on these settings. Loads nothing heavy: the model and the index come with their first use.

    Raises ModelError when the bundled model has to be prepared and cannot be.
    """
    keep_dictionary_in(settings.data / "cache")
    embedder = _open_embedder(str(model_folder(settings)))
    if settings.database.is_file():
        migrate(settings.database)
    retriever = Retriever(settings, embedder, reranker=Reranker(settings.reranker) if settings.reranker else None)
    return KnowledgeBase(settings, embedder, retriever, now=now)


@cache
def _open_embedder(model: str) -> Embedder:
    """One for each model: it takes a second to load and hundreds of megabytes, whoever opens a base with it."""
    return Embedder(model)


class KnowledgeBase:
    """What a page or a command can ask for."""

    def __init__(self, settings: Settings, embedder: Embedder, retriever: Retriever, *, now: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self._embedder, self._retriever, self._now = embedder, retriever, now
        self._searches, self._votes = SearchLog(settings.database, now=now), Votes(settings.database, now=now)
        self._questions = Questions(settings.database, now=now)
        self._health = HealthRecord(settings.database, now=now)
        self._reading, self._wrong_references = ReadingLog(settings.database, now=now), WrongReferences(now=now)
        self._keeper = GapKeeper(settings.database, embedder, KindFinder(settings.database, retriever), now=now)
        self._overlay = Overlay(settings, retriever, embedder)
        self._replayer, self._standing = Replayer(settings.database, self._overlay), StandingTest(settings.database, self._overlay, now=now)
        self._synonyms = SynonymFinder(settings.database, self._overlay, embedder, represent=self._keeper.represent)
        self._testing = threading.Lock()
        self._updated_at, self._update_took = 0.0, 0.0
        self._personal = PersonalData(settings.database, represent=self._keeper.represent, now=now)
        self._shelf, self._history = ArticleShelf(settings.articles), ArticleHistory(settings.articles)
        self._renderer = RenderWorker(max_seconds=5.0, processes=2)

    @cached_property
    def is_demonstration(self) -> bool:
        """Whether customers and figures are simulated: `kb demo` made this database. Raises DatabaseError."""
        return is_demonstration(self.settings.database)

    def search(
        self, text: str, *, scope: Scope = Scope(), prefer: str | None = None, limit: int = 10, visit: Visit | None = None, source: str = "portal"
    ) -> Answer:
        """The articles in scope that answer best. With a visit the search is recorded, and the answer carries its `search_id`. Raises Busy."""
        answer = self._retriever.retrieve(text, scope=scope, prefer=prefer, limit=limit)
        if visit is None or not answer.query:
            return answer
        try:
            search_id = self._searches.record(
                text=answer.query, lang=answer.lang, visit=visit, source=source, answer=answer, scope=scope,
                model=self._embedder.name, vector=self._retriever.token_mean(answer.query),
            )  # fmt: skip
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

    def source(self, article: str, *, reader: Reader) -> str:
        """The article's Markdown as indexed. Raises ArticleNotFound."""
        with read(self.settings.database) as database:
            return read_source(database, article, reader)

    def may_see_image(self, path: str, *, reader: Reader) -> bool:
        """Whether an article that the reader may see shows the image at this path below the articles folder."""
        with read(self.settings.database) as database:
            return may_see_image(database, path, reader)

    def popular(self, lang: str, *, reader: Reader, limit: int = 6) -> tuple[ArticleCard, ...]:
        """Articles in this language that most people opened in the last 30 days, most first; empty while nobody has."""
        opened = [article for article, _ in self._searches.popular(limit=limit, among=Scope(reader, lang))]
        with read(self.settings.database) as database:
            return read_cards(database, opened, reader, lang=lang)

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

    def record_open(self, article: str, *, session: str, search_id: int | None = None, reader: Reader = PUBLIC) -> None:
        """Store that somebody who may read the article opened it. Raises ArticleNotFound."""
        self._check_readable(article, reader)
        self._searches.record_open(article, session=session, search_id=search_id)

    def vote(self, article: str, helpful: bool | None, *, session: str, search_id: int | None = None, reader: Reader = PUBLIC) -> None:
        """Cast a vote, or take it back with None. Raises ArticleNotFound."""
        self._check_readable(article, reader)
        self._votes.cast(article, helpful, session=session, search_id=search_id)

    def explain_vote(
        self, article: str, *, session: str, search_id: int | None = None, reason: str | None = None, comment: str | None = None,
        reader: Reader = PUBLIC,
    ) -> bool:  # fmt: skip
        """Add a reason or a comment to a standing unhelpful vote; whether there is one. None leaves, '' takes back. Raises ArticleNotFound."""
        self._check_readable(article, reader)
        return self._votes.explain(article, session=session, search_id=search_id, reason=reason, comment=comment)

    def vote_on(self, article: str, *, session: str, search_id: int | None = None) -> Vote | None:
        """The vote that this session has standing for the article and search."""
        return self._votes.current(article, session=session, search_id=search_id)

    def record_read(self, article: str, *, session: str, seconds: float) -> None:
        """Add to how long this session has read the article that it opened."""
        self._reading.record_read(article, session=session, seconds=seconds)

    def search_behind(self, article: str, *, session: str) -> int | None:
        """The search that led this session to the article lately."""
        return self._reading.search_behind(article, session=session)

    def titles(self, articles: Iterable[str], *, reader: Reader) -> dict[str, str]:
        """Article id -> title, of those that are there for the reader."""
        with read(self.settings.database) as database:
            return {card.id: card.title for card in read_cards(database, list(articles), reader)}

    def ask_team(
        self, text: str, *, visit: Visit, contact: str = "", consent: bool = False, article: str = "", search_id: int | None = None,
        with_trail: bool = True, reader: Reader = PUBLIC,
    ) -> Question:  # fmt: skip
        """Hand a question to the team; the `article` that it is about goes with it if the reader may read it. Raises QuestionError when it cannot be
        taken as it is."""
        if article and article not in self.titles([article], reader=reader):
            article = ""
        audience = "staff" if visit.staff else "bot" if is_bot(visit.user_agent) else "customer"
        return self._questions.ask(
            text=text, lang=detect_language(text), session=visit.session, contact=contact, consent=consent, article=article,
            search_id=search_id, audience=audience, address=visit.address, with_trail=with_trail,
        )  # fmt: skip

    def trail(self, session: str) -> tuple[TrailStep, ...]:
        """What a question would carry if this session asked it now."""
        return self._questions.own_trail(session)

    def question(self, reference: str, *, visit: Visit) -> Question | None:
        """The question with that reference, or None. Raises QuestionError after too many wrong ones."""
        self._wrong_references.refuse_guessing(visit.session, visit.address)
        found = self._questions.find(reference)
        if found is None:
            self._wrong_references.count(visit.session, visit.address)
        return found

    def settle_question(self, reference: str, *, solved: bool, visit: Visit) -> None:
        """Whoever knows the reference says whether the reply solved it: then it is closed, else it is open again."""
        if self.question(reference, visit=visit) is None:
            raise QuestionError("unknown", "no question has this reference")
        self._questions.settle(reference, solved=solved)

    def rate_question(self, reference: str, stars: int, *, visit: Visit) -> None:
        """Whoever knows the reference says how content they are with how it was handled, 1 to 5. Raises QuestionError."""
        if self.question(reference, visit=visit) is None:
            raise QuestionError("unknown", "no question has this reference")
        self._questions.rate(reference, stars)

    def own_data(self, session: str, *, reader: Reader) -> dict[str, list]:
        """What is stored about a session, for whoever is at it: articles that this reader may not read, or that are not there, go unnamed."""
        stored = self._personal.export(session=session)
        return unname_articles(stored, readable=self.titles(named_articles(stored), reader=reader))

    def export_person(self, **who: str) -> dict[str, list]:
        """Everything stored about a session, pseudonym, contact or reference, for JSON."""
        return self._personal.export(**who)

    def erase_person(self, **who: str) -> dict[str, int]:
        """Delete it because whoever it is of wants it so; how many rows of what. The team has `Desk.erase_person`."""
        return self._personal.erase(**who)

    def group(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[int]:
        """A group number for each text, by meaning; a language that is None is detected. Needs no index."""
        background = embed_background(self._embedder, token_codec(self._embedder.name, self._embedder.dimension)).token_means
        spoken = [lang or detect_language(text) for text, lang in zip(texts, langs, strict=True)]
        return group_queries(texts, spoken, self._embedder, background).tolist()

    def update_gaps(self, *, classify: bool = True) -> Update:
        """Judge what customers did, bring the gaps up to now, and count the days in which anything has changed."""
        began = time.monotonic()
        update = self._keeper.update(classify=classify)
        if not update.busy:
            self.count_days()
        self._updated_at, self._update_took = time.monotonic(), time.monotonic() - began
        return update

    def refresh_gaps(self) -> Update:
        """The same for a page that is about to be drawn: where an update takes long, what the upkeep did half a minute ago will do."""
        if self._update_took > PAGE_SECONDS and time.monotonic() - self._updated_at < UPDATED_LATELY:
            return Update()
        return self.update_gaps()

    def count_days(self, *, seconds: float | None = None) -> int:
        """Count anew the days in which anything has changed, the latest first; returns how many. After `seconds` no further day is begun."""
        return count_stale_days(self.settings.database, zone=self.settings.zone, now=self._now(), seconds=seconds)

    def expire(self) -> Expired:
        """Forget the texts whose time is over."""
        return expire(self.settings.database, days=self.settings.retention_days, represent=self._keeper.represent, zone=self.settings.zone, now=self._now)

    def audited(self, account: Account) -> Audited:
        """Writes lines of the audit log in the name of this account, for what is done without a desk."""
        return Audited(self.settings.database, account.name, now=self._now)

    def audit_desk(self, account: Account) -> AuditDesk:
        """The audit log, for this account. Raises StaffOnly when it is no administrator's."""
        return AuditDesk(account, self.settings, now=self._now)

    def lead_desk(self, account: Account) -> LeadDesk:
        """What leads can ask for, in the name of this account. Raises StaffOnly when it is no lead's."""
        return LeadDesk(account, self.settings, count_days=lambda: self.count_days(seconds=PAGE_SECONDS), now=self._now)

    def desk(self, account: Account) -> Desk:
        """What staff can do, in the name of this account. Raises StaffOnly when it is no member of staff."""
        return Desk(
            account, self.settings, self.refresh_gaps, self._keeper, self._questions, replayer=self._replayer, synonyms=self._synonyms,
            saver=Saver(self._history, lambda: publish_changes(self)), now=self._now,
        )  # fmt: skip

    def writing_desk(self, account: Account) -> WritingDesk:
        """What staff can write, in the name of this account. Raises StaffOnly when it is no member of staff."""
        return WritingDesk(
            account, self.settings, shelf=self._shelf, renderer=self._renderer, history=self._history, publish=lambda: publish_changes(self), replay=self.replay, now=self._now
        )

    def is_indexed(self) -> bool:
        """Whether the index holds exactly what the files of articles and synonyms hold now. Raises SettingsError without folder."""
        with read(self.settings.database) as database:
            indexed = content_hashes(database)
        return indexed == hash_files(self.settings.articles) and synonyms_are_indexed(self.settings)

    def replay(self, text: str, article: str, *, gap: int | None = None) -> Replay:
        """What customers' past searches say about a draft with this Markdown, laid over the live index; nothing is published. `gap` is the one
        that it is to close: without it only harm is looked for. Raises ArticleError, IndexMissing, IndexStale."""
        return self._replayer.replay(parse_article(text, id=article), gap=gap)

    def compare(self, text: str, article: str, queries: Sequence[Asked]) -> list[Compared]:
        """What each query finds today and would find with this Markdown published. Raises as `replay` does."""
        return self._overlay.compare(self._overlay.lay(parse_article(text, id=article)), queries) if queries else []

    def lint(self, paths: Sequence[str | Path] | None = None, *, only: Iterable[str] | None = None) -> list[LintFinding]:
        """What to change in the articles at these paths, or in all; of the rules in `only`. In the order of paths and lines."""
        return lint(self.settings, self._embedder, today=date.today(), paths=paths, only=only)

    def lint_text(self, text: str, article: str) -> list[LintFinding]:
        """The same for a text that is not saved."""
        return lint_text(text, article, self.settings, self._embedder, today=date.today())

    def token_means(self, texts: Sequence[str]) -> list[np.ndarray]:
        """What each text says as one unit vector, float32 (dimension,)."""
        return [each.token_mean for each in self._embedder.embed_queries(texts)]

    def index(self, *, progress: Progress | None = None, full: bool = False, test: bool = True) -> IndexReport:
        """Bring the index up to date with the articles folder, then run the standing test if anything has changed; not without `test`: that is
        for whoever tells first that customers find the new texts, and calls `test_standing` then."""
        report = index_articles(self.settings, self._embedder, progress=progress, full=full)
        if test:
            self.test_standing()
        return report

    def test_standing(self, *, again: bool = False) -> StandingReport | None:
        """Whether what worked still works: runs when the index has changed since the last time, or `again` anyway; None when it did not run."""
        with self._testing:
            return self._standing.run() if again or self._standing.is_due() else None

    def doctor(self) -> tuple[Finding, ...]:
        return examine_base(self.settings, now=self._now())

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
        self._held = hold_open(self.settings.database)
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

    def beat(self) -> None:
        """Write into the health record whether searches can be answered now, or what is wrong. Raises DatabaseError."""
        readiness = self.readiness()
        wrong = "; ".join(f"{part}: {state}" for part, state in readiness.parts.items() if state != "ok")
        self._health.beat(ok=readiness.ready, fault=wrong)

    def _check_readable(self, article: str, reader: Reader) -> None:
        if article not in self.titles([article], reader=reader):
            raise ArticleNotFound(article)

    def _index_state(self) -> str:
        try:
            return "ok" if self._retriever.refresh().ids else "the index is empty; run `kb index`"
        except IndexDamaged:
            return DAMAGED
        except KnowledgeBaseError as fault:
            return str(fault)
