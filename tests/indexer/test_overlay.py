"""What replay rests on: an article laid over the index is found as if it had been published."""

import pytest

from indexer.indexing import index_articles
from indexer.overlay import Asked, Overlay
from indexer.retriever import Retriever
from kb.articles import parse_article
from kb.readers import PUBLIC, STAFF, Scope
from kb.settings import Settings
from tests.indexer.conftest import SMALL_BASE, write_articles

DRAFT = "---\nstatus: draft\naliases: [my printer does nothing]\n---\n# The printer stays silent\n\nSwitch the printer off.\n\n## Reset the queue\n\n1. Open the print queue.\n2. Remove every order.\n"
QUERIES = ["my printer does nothing", "how do I empty the print queue", "打印机没有反应", "how do I get a refund for my order", "0x80070005", "怎么退款"]


def asked(text, *, reader=PUBLIC, prefer="en"):
    return Asked(text, Scope(reader), prefer)


@pytest.fixture(scope="module")
def overlay(small_base, embedder):
    return Overlay(*small_base, embedder)


@pytest.fixture(scope="module")
def laid(overlay):
    return overlay.lay(parse_article(DRAFT, id="en/printing/silent"))


def test_what_is_found_after_is_what_is_found_once_the_draft_is_published(small_base, embedder, overlay, laid, tmp_path):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=embedder.model)
    write_articles(settings.articles, SMALL_BASE | {"en/printing/silent.md": DRAFT.replace("draft", "published")})
    index_articles(settings, embedder)
    published = Overlay(settings, Retriever(settings, embedder), embedder)
    queries = [asked(text) for text in QUERIES]
    for promised, real in zip(overlay.compare(laid, queries), published.find(queries), strict=True):
        assert promised.after.first == real.first
        assert promised.after.confidence == pytest.approx(real.confidence, abs=0.1)


def test_today_is_what_a_search_finds(small_base, overlay):
    settings, retriever = small_base
    for text, found in zip(QUERIES, overlay.find([asked(text) for text in QUERIES]), strict=True):
        answer = retriever.retrieve(text, scope=Scope(PUBLIC), prefer="en")
        assert [group[0] for group in found.shown][: len(answer.hits)] == [hit.article for hit in answer.hits]
        assert found.confidence == pytest.approx(answer.confidence, abs=0.02)


def test_a_new_article_takes_the_place_that_nothing_answered(overlay, laid):
    (compared,) = overlay.compare(laid, [asked("my printer does nothing")])
    assert (compared.before.place("en/printing/silent"), compared.after.place("en/printing/silent")) == (0, 1)
    assert compared.after.confidence > compared.before.confidence


def test_a_changed_article_stands_in_for_its_published_version(overlay):
    changed = SMALL_BASE["en/account/password.md"].replace("Reset your password", "Opening hours").replace("Forgot password", "Hours")
    laid = overlay.lay(parse_article(changed, id="en/account/password"))
    (compared,) = overlay.compare(laid, [asked("I forgot my password")])
    assert compared.before.first == "en/account/password"
    assert compared.after.confidence < compared.before.confidence


def test_a_translation_shares_the_place_of_its_other_version(overlay):
    laid = overlay.lay(parse_article("# Turn on two-step verification\n\nScan the code in the security settings.\n", id="en/account/two-step"))
    before, after = (getattr(overlay.compare(laid, [asked("turn on two-step verification")])[0], when) for when in ("before", "after"))
    assert before.shown[0] == ("zh/account/two-step",)
    assert after.shown[0] == ("en/account/two-step", "zh/account/two-step")
    assert after.place("zh/account/two-step") == 1


def test_an_article_that_the_reader_may_not_see_changes_nothing(overlay):
    laid = overlay.lay(parse_article("---\nvisibility: internal\n---\n# My printer does nothing\n\nKick it.\n", id="en/staff/printer"))
    public, staff = overlay.compare(laid, [asked("my printer does nothing"), asked("my printer does nothing", reader=STAFF)])
    assert public.after == public.before
    assert staff.after.first == "en/staff/printer"


def test_words_that_the_draft_lacks_are_named_as_typed(overlay, laid):
    (compared,) = overlay.compare(laid, [asked("Printer prints Gibberish")])
    assert compared.lacking == ("Gibberish",)


def test_nothing_is_written(small_base, overlay, laid):
    settings, _ = small_base
    before = settings.database.stat().st_mtime_ns
    overlay.compare(laid, [asked(text) for text in QUERIES])
    overlay.lay(parse_article("# Something new\n\nNever seen.\n", id="en/new"))
    assert settings.database.stat().st_mtime_ns == before
