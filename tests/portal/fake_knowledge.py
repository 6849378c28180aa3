"""A knowledge base of three articles that remembers what pages asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

from indexer.hits import Answer, Hit
from kb.errors import ArticleNotFound, DatabaseError
from kb.readers import PUBLIC
from kb.settings import Settings

DAY = date(2026, 11, 22)


def card(article_id: str, title: str, *, tags: tuple[str, ...] = ()) -> SimpleNamespace:
    lang, category, _ = article_id.split("/")
    return SimpleNamespace(id=article_id, title=title, lang=lang, summary="", category=category, updated=DAY, tags=tags)


CARDS = (
    card("en/customers/refund", "Get a refund", tags=("money",)),
    card("zh/customers/refund", "如何申请退款", tags=("账单",)),
    card("en/policies/hours", "When we answer"),
)


@dataclass(frozen=True)
class RecordedAnswer(Answer):
    search_id: int | None = None


@dataclass(eq=False)
class FakeKnowledge:
    """Searches find the articles whose title holds the query; "perhaps" is answered weakly."""

    settings: Settings = field(default_factory=lambda: Settings(title="Acme Help", contact="help@acme.example"))
    searches: list[str] = field(default_factory=list)
    opens: list[tuple[str, int | None]] = field(default_factory=list)
    votes: list[tuple[str, bool | None]] = field(default_factory=list)
    explained: list[tuple[str | None, str | None]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    broken: bool = False
    is_demonstration: bool = False
    disk_full: bool = False

    def search(self, text, *, scope, prefer, limit=10, visit=None, source="portal"):
        if self.broken:
            raise DatabaseError("/secret/place/kb.sqlite is damaged")
        self.searches.append(text)
        self.sessions.add(visit.session)
        found = [one for one in CARDS if text.lower() in one.title.lower() and scope.lang in (None, one.lang)]
        outcome = "answered" if found else "failed"
        if text == "perhaps":
            found, outcome = CARDS[:1], "weak"
        hits = [
            Hit(one.id, one.title, one.lang, 0.9, "The money arrives in 3 days.", anchor="when", category=one.category, updated=DAY)
            for one in found or CARDS[2:]
        ]
        return RecordedAnswer(text, prefer, tuple(hits), 0.9, outcome, 1.0, search_id=len(self.searches))

    def article(self, article_id, *, reader):
        for one in CARDS:
            if one.id == article_id:
                others = tuple(other for other in CARDS if other is not one and other.id[2:] == one.id[2:])
                html = '<p>Ask within 14 days.</p><h2 id="when">When it arrives</h2><p>In 3 days.</p>'
                return SimpleNamespace(card=one, html=html, toc=(), translations=others, related=CARDS[2:])
        raise ArticleNotFound(article_id)

    def may_see_image(self, path, *, reader):
        return True

    def popular(self, lang, *, reader, limit=6):
        return tuple(one for one in CARDS if one.lang == lang)

    recent = popular

    def categories(self, lang, *, reader):
        title = {"en": "For customers", "zh": "给客户"}[lang]
        return (SimpleNamespace(name="customers", title=title, summary="", count=1),)

    def browse(self, scope, *, category=None):
        return tuple(
            one
            for one in CARDS
            if scope.lang in (None, one.lang) and category in (None, one.category) and (not scope.tag or scope.tag in one.tags)
        )

    def tags(self, lang, *, reader):
        return (("money", 1),)

    def record_open(self, article_id, *, session, search_id=None, reader=PUBLIC):
        self._write()
        self.opens.append((article_id, search_id))

    def vote(self, article_id, helpful, *, session, search_id=None, reader=PUBLIC):
        self._write()
        self.votes.append((article_id, helpful))

    def vote_on(self, article_id, *, session, search_id=None):
        return None

    def explain_vote(self, article_id, *, session, search_id=None, reason=None, comment=None, reader=PUBLIC):
        self._write()
        self.explained.append((reason, comment))
        return True

    def search_behind(self, article_id, *, session):
        return None

    def _write(self):
        if self.disk_full:
            raise DatabaseError("the disk is full")

    def test_standing(self) -> None:
        """Nothing has changed."""

    def beat(self) -> None:
        """Nobody measures how long a test was up."""
