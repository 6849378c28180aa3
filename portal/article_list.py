"""Every article as its file says, drafts and broken files too: read again only where a file has changed, filtered, in order."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kb.articles import Article, Problem, load_article
from kb.errors import ArticleError, SettingsError
from kb.files import Found, find_files, read_text
from kb.readers import STATUSES
from kb.synonyms_file import SYNONYMS_FILE

SOON = timedelta(days=30)
REVIEWS = ("overdue", "soon", "none")
ORDERS = ("review", "changed", "title")

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class ListedArticle:
    """What the workspace shows of an article. `changed_at` is when its file was written, in UTC; `words` is what a filter looks in."""

    id: str
    title: str
    lang: str
    status: str
    visibility: str
    product: str
    owner: str
    review_by: date | None
    changed_at: datetime
    words: str

    def is_overdue(self, today: date) -> bool:
        """Whether its review should have happened. What is archived is not reviewed."""
        return self.review_by is not None and self.review_by < today and self.status != "archived"


@dataclass(frozen=True)
class Shelf:
    """Articles ordered by id, and the files that are none."""

    articles: tuple[ListedArticle, ...]
    broken: tuple[Problem, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders that hold articles, by name."""
        return tuple(sorted({one.id.rpartition("/")[0] for one in self.articles} - {""}))


@dataclass(frozen=True)
class ArticleFilter:
    """What the list is narrowed to; empty means all. `text` is words that all have to occur in id, title, summary, tags or aliases."""

    status: str = ""
    owner: str = ""
    lang: str = ""
    review: str = ""
    text: str = ""
    order: str = "review"


class ArticleShelf:
    """The articles of a folder. Safe to share by threads; the first look reads every file, later ones what has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._known: dict[str, tuple[Stamp, ListedArticle | Problem]] = {}

    def look(self) -> Shelf:
        """What the folder holds now. Raises SettingsError without folder."""
        with self._lock:
            known = {found.name: self._read(found) for found in _files(self._folder)}
            self._known = known
        return _arrange({name: entry for name, (_, entry) in known.items()})

    def _read(self, found: Found) -> tuple[Stamp, ListedArticle | Problem]:
        stamp = _stamp(found.path)
        if found.fault:
            return stamp, Problem(found.name, None, found.fault)
        before = self._known.get(found.name)
        if before and before[0] == stamp:
            return before
        try:
            return stamp, _listed(load_article(found.path, self._folder), stamp)
        except ArticleError as error:
            return stamp, Problem(error.path, error.line, error.fact)


def take_fingerprint(folder: Path) -> frozenset[tuple[str, Stamp]]:
    """Equal as long as neither an article's file nor that of synonyms came, went or was written; empty without articles. Raises SettingsError without
    folder."""
    articles = {(found.name, _stamp(found.path)) for found in _files(folder)}
    return frozenset(articles | {(SYNONYMS_FILE, _stamp(folder / SYNONYMS_FILE))} if articles else articles)


def hash_files(folder: Path) -> dict[str, str]:
    """Article id -> SHA-256 of its file's bytes, of those that can be read. Raises SettingsError without folder."""
    hashes = {}
    for found in _files(folder):
        try:
            hashes[found.name.rpartition(".")[0]] = read_text(found)[1]
        except ArticleError:
            continue  # The index holds no such file, or an older one: the caller sees a difference.
    return hashes


def select(articles: Iterable[ListedArticle], chosen: ArticleFilter, *, today: date) -> tuple[ListedArticle, ...]:
    """The articles that pass the filter. In the order `review` overdue reviews come first, then those due next, then by title."""
    wanted = _fold(chosen.text).split()
    passed = (
        one for one in articles
        if (not chosen.status or one.status == chosen.status)
        and (not chosen.owner or one.owner == chosen.owner)
        and (not chosen.lang or one.lang == chosen.lang)
        and (not chosen.review or _review_is(one, chosen.review, today))
        and all(word in one.words for word in wanted)
    )  # fmt: skip
    if chosen.order == "changed":
        return tuple(sorted(passed, key=lambda one: (-one.changed_at.timestamp(), one.id)))
    if chosen.order == "title":
        return tuple(sorted(passed, key=lambda one: (one.title.casefold(), one.id)))
    return tuple(sorted(passed, key=lambda one: (one.status == "archived", one.review_by or date.max, one.title.casefold(), one.id)))


def count_states(articles: Iterable[ListedArticle]) -> dict[str, int]:
    """How many articles are in each state, states in their order of life."""
    counts = Counter(one.status for one in articles)
    return {status: counts.get(status, 0) for status in STATUSES}


def _files(folder: Path) -> Iterator[Found]:
    if not folder.is_dir():
        raise SettingsError(f"no articles folder at {folder}; name one with --articles or KB_ARTICLES")
    return find_files(folder)


def _review_is(one: ListedArticle, wanted: str, today: date) -> bool:
    if wanted == "none":
        return one.review_by is None
    if wanted == "overdue":
        return one.is_overdue(today)
    return one.review_by is not None and one.status != "archived" and today <= one.review_by <= today + SOON


def _listed(article: Article, stamp: Stamp) -> ListedArticle:
    words = (article.id, article.title, article.summary, article.product, article.owner, *article.tags, *article.aliases)
    return ListedArticle(
        article.id, article.title, article.lang, article.status, article.visibility, article.product, article.owner, article.review_by,
        changed_at=datetime.fromtimestamp(stamp[0] / 1e9, UTC), words=_fold("\n".join(words)),
    )  # fmt: skip


def _arrange(entries: Mapping[str, ListedArticle | Problem]) -> Shelf:
    """The articles by id; of two whose ids differ in case at most, the second is broken, as it is when they are indexed."""
    taken: dict[str, tuple[str, str]] = {}
    articles, broken = [], []
    for name, entry in entries.items():
        if isinstance(entry, Problem):
            broken.append(entry)
            continue
        first = taken.setdefault(entry.id.casefold(), (name, entry.id))
        if first[0] == name:
            articles.append(entry)
        else:
            broken.append(Problem(name, None, f"has the same id as {first[0]} ({first[1]}); rename one of them"))
    return Shelf(tuple(sorted(articles, key=lambda one: one.id)), tuple(sorted(broken, key=lambda problem: problem.path)))


def _stamp(path: Path) -> Stamp:
    """What changes when a file is written, replaced or has its permissions changed; zeros when it cannot be asked."""
    try:
        facts = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
