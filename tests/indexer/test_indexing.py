"""The index follows the articles folder, embeds nothing twice, and never leaves a search without an index."""

import json
import shutil

import pytest

from indexer.indexing import index_articles
from indexer.retriever import Retriever
from indexer.vector_file import index_folder, manifest_path, read_manifest
from kb.database import read
from kb.errors import IndexBusy, IndexMissing, IndexStale
from kb.readers import Scope
from kb.settings import Settings

REFUNDS, PASSWORD = "en/billing/refunds", "en/account/password"


def first(retriever, question="how do I get my money back"):
    return retriever.retrieve(question, scope=Scope()).hits[0].article


def test_indexing_twice_embeds_nothing_and_publishes_nothing(own_base, embedder):
    one = index_articles(own_base, embedder)
    two = index_articles(own_base, embedder)
    assert (one.articles, one.embedded > 0) == (2, True)
    assert (two.embedded, two.changed, two.generation) == (0, 0, one.generation)


def test_only_texts_that_changed_are_embedded_again(own_base, embedder):
    index_articles(own_base, embedder)
    path = own_base.articles / f"{REFUNDS}.md"
    path.write_text(path.read_text("utf-8").replace("product: shop", "product: store"), "utf-8")
    report = index_articles(own_base, embedder)
    assert (report.changed, report.embedded) == (1, 0)


def test_a_searcher_sees_the_new_generation_without_being_told(own_base, embedder):
    index_articles(own_base, embedder)
    retriever = Retriever(own_base, embedder)
    assert first(retriever) == REFUNDS
    (own_base.articles / "en/billing/paid-twice.md").write_text("# I was charged twice\n\nWe return the second payment at once.\n", "utf-8")
    index_articles(own_base, embedder)
    assert first(retriever, "charged twice second payment") == "en/billing/paid-twice"


def test_an_article_whose_file_is_gone_is_found_no_more(own_base, embedder):
    index_articles(own_base, embedder)
    retriever = Retriever(own_base, embedder)
    (own_base.articles / f"{REFUNDS}.md").unlink()
    assert index_articles(own_base, embedder).removed == 1
    assert REFUNDS not in [hit.article for hit in retriever.retrieve("money back", scope=Scope()).hits]


def test_an_article_that_breaks_keeps_its_last_good_version_and_stops_nothing_else(own_base, embedder):
    index_articles(own_base, embedder)
    (own_base.articles / f"{REFUNDS}.md").write_text("---\nreview_by: next week\n---\n# Broken\n", "utf-8")
    (own_base.articles / "en/new.md").write_text("# Brand new article\n\nWith words.\n", "utf-8")
    report = index_articles(own_base, embedder)
    assert [(problem.path, problem.line) for problem in report.problems] == [(f"{REFUNDS}.md", 2)]
    assert report.articles == 3
    assert first(Retriever(own_base, embedder)) == REFUNDS


def test_a_broken_article_that_was_meant_to_be_hidden_is_not_kept(own_base, embedder):
    index_articles(own_base, embedder)
    (own_base.articles / f"{REFUNDS}.md").write_text("---\nvisibility: interal\n---\n# Refunds\n", "utf-8")
    report = index_articles(own_base, embedder)
    assert (report.removed, len(report.problems)) == (1, 1)


def test_hiding_an_article_hides_it_from_a_searcher_that_holds_the_older_index(own_base, embedder):
    index_articles(own_base, embedder)
    retriever = Retriever(own_base, embedder)
    retriever.refresh()
    path = own_base.articles / f"{REFUNDS}.md"
    path.write_text(path.read_text("utf-8").replace("product: shop", "visibility: internal"), "utf-8")
    kept = manifest_path(own_base).read_bytes(), manifest_path(own_base).stat()
    index_articles(own_base, embedder)
    # As if the swap had not been noticed yet.
    retriever._signature = retriever._read_signature()
    assert kept and REFUNDS not in [hit.article for hit in retriever.retrieve("money back refund", scope=Scope()).hits]


@pytest.mark.parametrize("damage", ["gone", "cut short", "a flipped bit", "no manifest", "a manifest of nonsense"])
def test_the_vector_file_is_made_anew_from_sqlite_without_embedding(own_base, embedder, damage):
    index_articles(own_base, embedder)
    before = [(hit.article, hit.score) for hit in Retriever(own_base, embedder).retrieve("money", scope=Scope()).hits]
    file = index_folder(own_base) / read_manifest(own_base).file
    if damage == "gone":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[:200])
    elif damage == "a flipped bit":
        content = bytearray(file.read_bytes())
        content[-10] ^= 64
        file.write_bytes(content)
    elif damage == "no manifest":
        manifest_path(own_base).unlink()
    else:
        manifest_path(own_base).write_text("{nonsense", "utf-8")
    assert [(hit.article, hit.score) for hit in Retriever(own_base, embedder).retrieve("money", scope=Scope()).hits] == before
    report = index_articles(own_base, embedder)
    assert report.embedded == 0 and read_manifest(own_base).generation == report.generation


def test_save_then_load_changes_no_ranking(own_base, embedder):
    index_articles(own_base, embedder)
    by_file = Retriever(own_base, embedder).retrieve("sign in link by e-mail", scope=Scope())
    shutil.rmtree(index_folder(own_base))
    by_database = Retriever(own_base, embedder).retrieve("sign in link by e-mail", scope=Scope())
    assert [(hit.article, hit.score) for hit in by_file.hits] == [(hit.article, hit.score) for hit in by_database.hits]


def test_the_vector_file_of_another_database_is_never_served(own_base, embedder):
    index_articles(own_base, embedder)
    for file in own_base.data.glob("kb.sqlite*"):
        file.unlink()
    (own_base.articles / f"{REFUNDS}.md").unlink()
    index_articles(own_base, embedder)
    assert first(Retriever(own_base, embedder)) == PASSWORD


def test_a_second_indexer_is_turned_away(own_base, embedder):
    from indexer.indexing import only_indexer

    with only_indexer(own_base.data), pytest.raises(IndexBusy, match="another `kb index` is running"):
        index_articles(own_base, embedder)


def test_searching_before_indexing_names_the_command(own_base, embedder):
    from kb.database import migrate

    migrate(own_base.database)
    with pytest.raises(IndexMissing, match="run `kb index`"):
        Retriever(own_base, embedder).retrieve("refund", scope=Scope())


def test_an_index_of_another_model_is_refused_by_name(own_base, embedder):
    index_articles(own_base, embedder)

    class Other:
        name = "another-model"

    with pytest.raises(IndexStale, match="built with multilingual.*settings say another-model; run `kb index`"):
        Retriever(own_base, Other()).refresh()


def test_a_full_run_embeds_everything_again_and_changes_no_answer(own_base, embedder):
    once = index_articles(own_base, embedder)
    before = [(hit.article, hit.score) for hit in Retriever(own_base, embedder).retrieve("money", scope=Scope()).hits]
    again = index_articles(own_base, embedder, full=True)
    assert (again.embedded, again.articles) == (once.embedded, once.articles)
    assert [(hit.article, hit.score) for hit in Retriever(own_base, embedder).retrieve("money", scope=Scope()).hits] == before


def test_an_interrupted_run_keeps_what_it_embedded(own_base, embedder, monkeypatch):
    def cut_off(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.store.insert_article", cut_off)
    with pytest.raises(KeyboardInterrupt):
        index_articles(own_base, embedder)
    monkeypatch.undo()
    report = index_articles(own_base, embedder)
    assert (report.articles, report.embedded) == (2, 0)


def test_unused_embeddings_are_dropped(own_base, embedder):
    index_articles(own_base, embedder)
    (own_base.articles / f"{REFUNDS}.md").unlink()
    index_articles(own_base, embedder)
    with read(own_base.database) as database:
        (unused,) = database.execute("select count(*) from embeddings where id not in (select embedding from vectors)").fetchone()
    assert unused == 0


def test_the_manifest_says_what_the_file_holds(own_base, embedder):
    report = index_articles(own_base, embedder)
    manifest = json.loads(manifest_path(own_base).read_text("utf-8"))
    assert (manifest["generation"], manifest["dimension"], manifest["model"]) == (report.generation, 384, embedder.name)


def test_an_empty_folder_is_an_empty_index_not_a_fault(tmp_path, embedder):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=embedder.model)
    settings.articles.mkdir()
    assert index_articles(settings, embedder).articles == 0
    assert Retriever(settings, embedder).retrieve("anything", scope=Scope()).outcome == "failed"
