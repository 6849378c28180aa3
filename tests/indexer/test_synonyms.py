"""Synonyms of the base: what one customer calls it finds what the article calls it, through the words, without a vector changing."""

import math
import shutil
from dataclasses import replace
from datetime import date

import pytest

from indexer.doctor import examine
from indexer.indexing import index_articles, synonyms_are_indexed
from indexer.overlay import Asked, Overlay
from indexer.retriever import Retriever
from indexer.terms import match_terms, read_average_length, read_idf, read_phrase_idf, score_terms
from kb.articles import parse_article
from kb.database import read
from kb.readers import PUBLIC, Scope
from kb.settings import Settings
from kb.synonyms_file import SYNONYMS_FILE
from tests.indexer.conftest import write_articles

VOUCHERS, COUPONS = "en/vouchers", "en/coupons"
ARTICLES = {
    f"{VOUCHERS}.md": "# Redeem a gift voucher at checkout\n\nType the number of the gift voucher into the field below your basket and press *Apply*.\n",
    f"{COUPONS}.md": "# Coupon campaigns for shop owners\n\nCreate a coupon under marketing. A coupon needs a period and a budget.\n",
    "en/password.md": "# Reset your password\n\nOpen the sign-in page and press *Forgot password*. A link is sent by e-mail.\n",
    "zh/logistics.md": "# 查看物流进度\n\n打开订单，点击物流信息，就能看到包裹到了哪里。\n",
}
GROUPS = "- [coupon, gift voucher]\n- [zorkpass, gift voucher]\n- [parcel tracking, 物流]\n"
QUERIES = ("where do I type my coupon", "zorkpass", "zorkpass number", "parcel tracking", "coupon budget", "reset my password", "物流", "gift voucher")


def use(settings, groups):
    if groups is None:
        (settings.articles / SYNONYMS_FILE).unlink()
    else:
        (settings.articles / SYNONYMS_FILE).write_text(groups, "utf-8")


def examined(retriever, text):
    """Article -> its evidence, and the rank scores in order, exactly."""
    found = retriever.examine(text, scope=Scope(PUBLIC))
    ids = [found.snapshot.ids[each.article] for each in found.evidence]
    return dict(zip(ids, found.evidence, strict=True)), [score.hex() for score in found.scores.tolist()]


@pytest.fixture(scope="module")
def bases(tmp_path_factory, embedder):
    """(settings, retriever) of the same articles and vectors, without synonyms and with them; for reading only."""
    folder = tmp_path_factory.mktemp("without")
    without = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
    write_articles(without.articles, ARTICLES)
    index_articles(without, embedder)
    with_them = copy(without, tmp_path_factory.mktemp("with"))
    use(with_them, GROUPS)
    index_articles(with_them, embedder)
    return [(settings, Retriever(settings, embedder)) for settings in (without, with_them)]


@pytest.fixture
def base(bases, tmp_path):
    """Settings of a copy without synonyms that a test may change; indexed."""
    return copy(bases[0][0], tmp_path)


def copy(settings, folder):
    shutil.copytree(settings.articles, folder / "articles")
    shutil.copytree(settings.data, folder / "data")
    return replace(settings, articles=folder / "articles", data=folder / "data")


# What a search finds


def test_a_word_that_nobody_wrote_finds_the_article_by_its_synonym(bases):
    (_, without), (_, with_them) = bases
    before, after = examined(without, "zorkpass")[0], examined(with_them, "zorkpass")[0]
    assert {evidence.bm25 for evidence in before.values()} == {0.0} == {evidence.coverage for evidence in before.values()}
    assert after[VOUCHERS].bm25 > 0 and after[VOUCHERS].coverage == pytest.approx(1.0)
    assert next(iter(after)) == VOUCHERS


def test_what_customers_call_it_leads_past_the_article_that_only_has_their_word(bases):
    (_, without), (_, with_them) = bases
    query = "where do I type my coupon"
    assert without.retrieve(query, scope=Scope(PUBLIC)).hits[0].article == COUPONS
    assert with_them.retrieve(query, scope=Scope(PUBLIC)).hits[0].article == VOUCHERS


def test_a_phrase_leads_to_the_other_language(bases):
    _, (_, with_them) = bases
    found = examined(with_them, "parcel tracking")[0]
    assert next(iter(found)) == "zh/logistics"
    assert found["zh/logistics"].coverage == pytest.approx(1.0)


def test_the_words_that_a_hit_holds_include_those_it_says_in_another_way(bases):
    _, (_, with_them) = bases
    hit = with_them.retrieve("zorkpass number", scope=Scope(PUBLIC)).hits[0]
    assert (hit.article, hit.words) == (VOUCHERS, ("zorkpass", "number"))


def test_vectors_are_compared_as_before(bases):
    (_, without), (_, with_them) = bases
    for text in QUERIES:
        before, after = examined(without, text)[0], examined(with_them, text)[0]
        for article in before.keys() & after.keys():
            same = ("late", "head", "title", "best_passage")
            assert [getattr(before[article], name) for name in same] == [getattr(after[article], name) for name in same]


def test_a_query_without_such_a_word_is_scored_the_same_to_the_last_bit(bases):
    (_, without), (_, with_them) = bases
    for text in ("reset my password", "forgot password e-mail", "marketing period", "订单"):
        assert examined(without, text)[1] == examined(with_them, text)[1]


def test_a_word_is_as_common_as_the_most_common_way_to_say_it(bases):
    _, (_, retriever) = bases
    shares = {}
    for text in ("zorkpass basket", "basket zorkpax"):
        question = retriever.examine(text, scope=Scope(PUBLIC)).question
        shares[text] = {text[word.start : word.end]: share for word, (share, *_) in zip(question.words, question.weighted, strict=True)}
    assert shares["zorkpass basket"]["zorkpass"] == pytest.approx(shares["zorkpass basket"]["basket"])
    assert shares["basket zorkpax"]["zorkpax"] > shares["basket zorkpax"]["basket"]


def test_a_phrase_of_the_terms_arm_is_met_only_in_one_piece(bases):
    _, (settings, _) = bases
    with read(settings.database) as database:
        assert read_phrase_idf(database, ["gift voucher", "voucher gift"], 4)["gift voucher"] == read_idf(database, ["gift"], 4)["gift"]
        assert match_terms(database, {}, Scope(PUBLIC), passages=4, limit=9, alike={"voucher gift": 1.0}) == []
        ((_, score),) = match_terms(database, {}, Scope(PUBLIC), passages=4, limit=9, alike={"gift voucher": 1.0})
    assert score > 0


def test_a_phrase_scores_in_memory_as_it_does_in_the_index(bases):
    _, (settings, _) = bases
    with read(settings.database) as database:
        rows = database.execute("select rowid, title, headings, body, aliases from terms").fetchall()
        ((passage, stored),) = match_terms(database, {}, Scope(PUBLIC), passages=len(rows), limit=9, alike={"gift voucher": 1.0})
        length = read_average_length(database)
    (fields,) = [fields for rowid, *fields in rows if rowid == passage]
    # Beside the other passages, none of which has the phrase.
    others = len(rows) - 1
    idf = math.log(1 + (others + 0.5) / 0.5)
    assert score_terms([fields], {}, passages=others, average_length=length, alike={"gift voucher": idf}) == pytest.approx([stored])


# The file and the index


def test_a_changed_file_raises_the_generation_and_embeds_nothing(base, embedder):
    before = index_articles(base, embedder)
    use(base, GROUPS)
    assert not synonyms_are_indexed(base)
    report = index_articles(base, embedder)
    assert (report.generation, report.embedded, report.changed) == (before.generation + 1, 0, 0)
    assert index_articles(base, embedder).generation == report.generation
    assert synonyms_are_indexed(base)


def test_a_searcher_sees_new_synonyms_without_being_told_and_loses_them_with_the_file(base, embedder):
    retriever = Retriever(base, embedder)
    before = [examined(retriever, text)[1] for text in QUERIES]
    use(base, GROUPS)
    index_articles(base, embedder)
    assert examined(retriever, "zorkpass")[0][VOUCHERS].bm25 > 0
    use(base, None)
    assert index_articles(base, embedder).embedded == 0
    assert [examined(retriever, text)[1] for text in QUERIES] == before


def test_a_broken_group_is_reported_by_line_and_the_others_work(base, embedder):
    use(base, "- [coupon\n" + GROUPS)
    report = index_articles(base, embedder)
    assert [(problem.path, problem.line) for problem in report.problems] == [(SYNONYMS_FILE, 1)]
    assert examined(Retriever(base, embedder), "zorkpass")[0][VOUCHERS].bm25 > 0
    findings = examine(base, embedder, today=date(2026, 11, 25))
    assert [finding.level for finding in findings if f"{SYNONYMS_FILE}:1:" in finding.message] == ["fault"]


def test_a_file_that_breaks_keeps_what_it_said_last(base, embedder):
    use(base, GROUPS)
    index_articles(base, embedder)
    (base.articles / SYNONYMS_FILE).write_bytes(b"- [SMS, \xff]\n")
    report = index_articles(base, embedder)
    assert [problem.path for problem in report.problems] == [SYNONYMS_FILE]
    assert examined(Retriever(base, embedder), "zorkpass")[0][VOUCHERS].bm25 > 0


# Laid over the index


def asked(*texts):
    return [Asked(text, Scope(PUBLIC), "en") for text in texts]


def test_a_draft_is_found_by_a_synonym_of_its_words(bases, embedder):
    _, (settings, retriever) = bases
    overlay = Overlay(settings, retriever, embedder)
    laid = overlay.lay(parse_article("# Lost your gift voucher?\n\nWe send the gift voucher again.\n", id="en/lost"))
    (compared,) = overlay.compare(laid, asked("zorkpass lost"))
    assert compared.after.first == "en/lost"
    assert compared.lacking == ()


def test_a_group_laid_over_the_index_shows_what_a_search_finds_once_it_is_in_the_file(bases, base, embedder):
    settings, retriever = bases[0]
    group = ["coupon", "gift voucher"]
    promised = Overlay(settings, retriever, embedder).compare_synonyms(group, asked(*QUERIES))
    use(base, "- [coupon, gift voucher]\n")
    index_articles(base, embedder)
    real = Overlay(base, Retriever(base, embedder), embedder).find(asked(*QUERIES))
    assert [compared.after for compared in promised] == real
    changed = [compared.asked.text for compared in promised if compared.before != compared.after]
    assert set(changed) <= {"where do I type my coupon", "coupon budget", "gift voucher"} and changed
