"""Synonyms are suggested from what customers failed to find: their word and the article's, only when it helps them and takes nothing from others."""

import shutil

import pytest

from feedback.audience import Visit
from feedback.gap_list import read_gap
from feedback.keeper import GapKeeper
from feedback.searches import SearchLog
from feedback.synonym_suggestions import SynonymFinder
from feedback.votes import Votes
from indexer.embedder import Embedder
from indexer.indexing import index_articles
from indexer.overlay import Overlay
from indexer.retriever import Retriever
from kb.articles import parse_article
from kb.database import read
from kb.settings import Settings
from kb.synonyms_file import add_group
from tests.feedback.conftest import Clock

VOUCHERS, COUPONS = "en/vouchers", "en/coupons"
ARTICLES = {
    VOUCHERS: "# Redeem a voucher at checkout\n\nType the voucher number into the field below your basket and press *Apply*. The total changes at once.\n",
    COUPONS: "# Coupon campaigns for shop owners\n\nCreate a coupon under marketing. A coupon needs a period and a budget.\n",
    "en/password": "# Reset your password\n\nOpen the sign-in page and press *Forgot password*. A link is sent by e-mail.\n",
    "en/export": "# Export your data as CSV\n\nOpen settings and press *Export*.\n",
}
ASKED = ("where do I type my coupon", "coupon at checkout", "type a coupon at checkout", "优惠券在哪里输入")
CAMPAIGNS = ("create a coupon campaign", "coupon budget")


@pytest.fixture(scope="module")
def embedder(prepared_model):
    return Embedder(str(prepared_model))


@pytest.fixture(scope="module")
def indexed(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("vouchers")
    settings = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
    for id, text in ARTICLES.items():
        path = settings.articles / f"{id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    index_articles(settings, embedder)
    return settings


class NoKinds:
    def classify_changed(self, *, at):
        return 0


class Base:
    """An index with what customers searched in it."""

    def __init__(self, settings, embedder, answer):
        self.settings, self.embedder, self.answer, self.clock = settings, embedder, answer, Clock()
        self.keeper = GapKeeper(settings.database, embedder, NoKinds(), now=self.clock)
        self.log, self.votes = SearchLog(settings.database, now=self.clock), Votes(settings.database, now=self.clock)
        self.visits = 0

    def search(self, text, *articles, helped=""):
        self.visits += 1
        visit = Visit(f"visit {self.visits}", f"10.0.0.{self.visits}")
        answer = self.answer(text, *articles) if articles else self.answer(text, outcome="failed", confidence=0.1)
        number = self.log.record(
            text=text, lang="en" if text.isascii() else "zh", visit=visit, source="portal", answer=answer, model=self.embedder.name,
            vector=self.embedder.embed_query(text).token_mean,
        )  # fmt: skip
        if helped:
            self.log.record_open(helped, session=visit.session, search_id=number)
            self.votes.cast(helped, True, session=visit.session, search_id=number)
        self.clock.go_on(minutes=2)

    def suggest(self, article=VOUCHERS):
        """What is suggested for the gap of the searches that failed."""
        self.clock.go_on(hours=2)
        self.keeper.update(classify=False)
        with read(self.settings.database) as database:
            (gap,) = database.execute("select g.gap from groups g join group_members m on m.grouped = g.id group by g.gap order by count(*) desc").fetchone()
            detail = read_gap(database, gap, now=self.clock())
        overlay = Overlay(self.settings, Retriever(self.settings, self.embedder), self.embedder)
        finder = SynonymFinder(self.settings.database, overlay, self.embedder, represent=self.keeper.represent)
        return finder.suggest(detail, parse_article(ARTICLES[article], id=article))


@pytest.fixture
def base(indexed, embedder, answer, tmp_path):
    shutil.copytree(indexed.articles, tmp_path / "articles")
    shutil.copytree(indexed.data, tmp_path / "index")
    return Base(Settings(articles=tmp_path / "articles", data=tmp_path / "index", model=embedder.model), embedder, answer)


def fail(base, texts=ASKED, *, times=2):
    for text in texts * times:
        base.search(text)


def test_the_customers_word_is_paired_with_the_articles_and_wins_their_searches(base):
    fail(base)
    first = base.suggest()[0]
    assert set(map(str.lower, first.phrases)) == {"coupon", "voucher"}
    assert first.before + 0.25 <= first.after <= 1


def test_a_word_of_the_other_language_is_paired_as_well(base):
    fail(base, ("优惠券在哪里输入", "优惠券 输入", "结账时的优惠券"))
    assert base.suggest()[0].phrases == ("优惠券", "voucher")


def test_searches_that_go_on_to_find_their_article_are_counted(base):
    fail(base)
    for text in CAMPAIGNS:
        base.search(text, COUPONS, helped=COUPONS)
    assert {each.working for each in base.suggest() if "coupon" in each.phrases} == {2}


def test_a_pair_that_takes_an_article_from_those_whom_it_helped_is_not_suggested(base):
    fail(base)
    base.search("my coupon at the checkout", COUPONS, helped=COUPONS)
    assert not [each for each in base.suggest() if {"coupon", "voucher"} <= set(map(str.lower, each.phrases))]


def test_what_is_in_the_synonyms_is_not_suggested_again(base):
    fail(base)
    (pair, *_) = [each.phrases for each in base.suggest()]
    add_group(base.settings.articles, pair)
    index_articles(base.settings, base.embedder)
    assert pair not in [each.phrases for each in base.suggest()]


def test_nothing_is_suggested_for_an_article_that_says_nothing_of_the_kind(base):
    fail(base)
    assert base.suggest(article="en/export") == ()


def test_what_was_redacted_and_what_has_no_letter_is_nobodys_word(base):
    fail(base, ("coupon for [email] 4711 at checkout", "type coupon [email] 4711", "coupon 4711 for [email]"))
    said = {word for each in base.suggest() for word in each.phrases[0].split()}
    assert not said & {"email", "[email]", "4711"}


def test_nothing_is_written(base):
    fail(base)
    base.suggest()
    assert not (base.settings.articles / "synonyms.yaml").exists()
