"""Whatever is kept from a reader changes nothing that this reader can see: the base answers as if it were not there."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.catalogue import list_cards, list_categories, list_tags, read_page
from indexer.indexing import index_articles
from indexer.retriever import Retriever
from indexer.visibility import reader_condition
from kb.articles import load_articles, parse_article
from kb.database import read
from kb.errors import ArticleError, ArticleNotFound
from kb.readers import CUSTOMER, PUBLIC, STAFF, Reader, Scope, customer
from kb.settings import Settings
from tests.indexer.conftest import SMALL_BASE, write_articles

RESTRICTED = {
    "en/plans/gold.md": "---\nvisibility: customers\ngroups: [gold, platinum]\ntags: [plans]\n---\n# Discounts of the gold plan\n\nGold customers get MELON42 refunds within one day.\n",
    "zh/plans/gold.md": "---\nvisibility: customers\ngroups: gold\n---\n# 黄金计划的退款\n\n黄金客户当天退款，用 MELON42。\n",
    "en/plans/shop.md": "---\nvisibility: customers\nproduct: shop\n---\n# Shop customers export their orders\n\nPress Export in the shop. The passwords of orders are never exported.\n",
    "en/staff/refunds.md": "---\nvisibility: internal\nproduct: shop\ntags: [money, secret]\n---\n# Refunds that we refuse\n\nRefuse refunds of password zebras. Zebras never get their money back.\n",
    "en/staff/platinum.md": "---\nvisibility: internal\ngroups: [platinum]\n---\n# Platinum escalation\n\nCall the platinum zebra line.\n",
    "en/old/refunds.md": "---\nstatus: archived\n---\n# Refunds until 2019\n\nMoney came back by cheque and zebra.\n",
}
ALL = SMALL_BASE | RESTRICTED
READERS = {
    "public": PUBLIC, "customer": CUSTOMER, "gold": customer(groups=["gold"]), "shop": customer(products=["shop"]),
    "gold of another product": customer(groups=["gold"], products=["desk"]), "staff": STAFF,
}  # fmt: skip
QUERIES = (
    "how do I get my money back", "zebra", "MELON42", "退款", "黄金客户", "reset password", "export orders", "platinum", "discount codes", "refunds zebras",
    "teleportation of invoices", "900 seats", "0x80070005", "cheque",
)  # fmt: skip


@pytest.fixture(scope="module")
def build(tmp_path_factory, embedder):
    """Indexes these files and returns (settings, retriever)."""

    def index(files):
        folder = tmp_path_factory.mktemp("rights")
        settings = Settings(articles=folder / "articles", data=folder / "data", model=embedder.model)
        write_articles(settings.articles, files)
        index_articles(settings, embedder)
        return settings, Retriever(settings, embedder)

    return index


@pytest.fixture(scope="module")
def whole(build):
    return build(ALL)


def without(settings: Settings, files, folder: Path, embedder) -> tuple[Settings, Retriever]:
    """The same base with these files only. Vectors are taken over: embedded in other batches they would differ in their last digits."""
    own = Settings(articles=folder / "articles", data=folder / "data", model=settings.model)
    shutil.copytree(settings.data, own.data)
    write_articles(own.articles, files)
    index_articles(own, embedder)
    return own, Retriever(own, embedder)


def seen_by(reader: Reader) -> dict[str, str]:
    """The files of the articles that the reader may see."""
    parsed = {name: parse_article(text, id=name.removesuffix(".md")) for name, text in ALL.items()}
    return {
        name: ALL[name] for name, article in parsed.items() if reader.may_see(article.visibility, article.status, product=article.product, groups=article.groups)
    }


def everything_shown(settings, retriever, reader: Reader, articles) -> tuple[dict, dict]:
    """All that a reader gets to see of the base, and every number behind it."""
    shown, numbers = {}, {}
    for query in QUERIES:
        for lang in (None, "en"):
            answer = retriever.retrieve(query, scope=Scope(reader, lang), prefer="en")
            shown[query, lang] = ([replace(hit, parts={}, score=0) for hit in answer.hits], answer.outcome)
            numbers[query, lang] = [answer.confidence, *(value for hit in answer.hits for value in (hit.score, *hit.parts.values()))]
    for article in articles:
        shown["related", article] = retriever.related(article, scope=Scope(reader, "en"), limit=5)
    with read(settings.database) as database:
        for article in articles:
            shown["page", article] = [card.id for card in read_page(database, article, reader).translations]
        shown["cards"] = list_cards(database, Scope(reader))
        shown["categories"] = list_categories(database, Scope(reader))
        shown["tags"] = list_tags(database, Scope(reader))
    return shown, numbers


@pytest.mark.parametrize("name", READERS)
def test_a_reader_sees_the_base_as_if_what_is_kept_from_them_were_not_there(whole, name, tmp_path, embedder):
    reader = READERS[name]
    files = seen_by(reader)
    assert len(files) < len(ALL)
    articles = [file.removesuffix(".md") for file in files]
    # Words are weighed by what is public, in both bases the same.
    shown, numbers = everything_shown(*whole, reader, articles)
    shown_without, numbers_without = everything_shown(*without(whole[0], files, tmp_path, embedder), reader, articles)
    assert shown == shown_without
    for asked, values in numbers.items():
        assert values == pytest.approx(numbers_without[asked], abs=1e-9), asked


@pytest.mark.parametrize("name", READERS)
def test_no_restricted_article_opens_at_its_address(whole, name):
    settings, _ = whole
    hidden = [file.removesuffix(".md") for file in ALL if file not in seen_by(READERS[name])]
    with read(settings.database) as database:
        for article in hidden:
            with pytest.raises(ArticleNotFound):
                read_page(database, article, READERS[name])


@pytest.mark.parametrize("name", READERS)
def test_sql_and_python_agree_on_who_may_see_what(whole, name):
    settings, _ = whole
    condition, values = reader_condition(READERS[name])
    with read(settings.database) as database:
        found = {id for (id,) in database.execute(f"select id from articles where {condition}", values)}
        passages = {id for (id,) in database.execute(f"select distinct article from passages p where {reader_condition(READERS[name], 'p')[0]}", values)}
    assert found == passages == {file.removesuffix(".md") for file in seen_by(READERS[name])}


def test_groups_of_an_article_that_everybody_may_read_are_a_fault_with_a_remedy():
    with pytest.raises(ArticleError, match=r"x\.md:2: groups are named and everybody may read it; add visibility: customers"):
        parse_article("---\ngroups: gold\n---\n# X\n", id="x")


def test_a_broken_file_that_names_other_groups_is_withdrawn(build, embedder):
    settings, _ = build({"en/a.md": "---\nvisibility: customers\ngroups: [gold]\n---\n# A\n\nText.\n", "en/b.md": "# B\n\nText.\n"})

    def shown(front):
        (settings.articles / "en/a.md").write_text(f"---\n{front}\nreview_by: soon\n---\n# A\n\nText.\n", "utf-8")
        index_articles(settings, embedder)
        with read(settings.database) as database:
            return "en/a" in {id for (id,) in database.execute("select id from articles")}

    assert load_articles(settings.articles).problems == ()
    assert shown("visibility: customers\ngroups: gold")
    assert not shown("visibility: customers\ngroups: [platinum]")
