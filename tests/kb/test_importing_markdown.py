"""A folder of Markdown comes in as its authors wrote it; only where links and images lead, and the front matter, are new."""

from datetime import date

import pytest

from kb.articles import load_articles
from kb.importing import SourceError, import_articles
from tests.kb.import_samples import png, write


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


def test_text_and_front_matter_stay_and_links_and_images_follow(articles, tmp_path):
    source = write(tmp_path / "docs", {
        "guide/start.md": "---\n# who owns this\nowner: docs-team\ntitle: 'Start: here'\n---\n\nClick ![Menu](../img/menu.png) and type `[x](more.md)`, *then* go.\n\n"
        "[more](more.md#set-up \"M\"), [folder](../ref/), [site](https://x.example/a.md), [gone](nope.md)\n\n```md\n[x](more.md)\n```\n\n[r]: ../ref/index.md\n",
        "guide/more.md": '# More\n\n<img src="../img/menu.png"> and ![Far](https://cdn.example/x.png) [back](start)\n',
        "ref/index.md": "Reference\n=========\n\ntext",
        "img/menu.png": png(),
    })  # fmt: skip
    report = import_articles(source, articles, into="manual", lang="en")
    start = (articles / "en/manual/guide/start.md").read_text(encoding="utf-8")
    assert start == (
        "---\n# who owns this\nowner: docs-team\ntitle: 'Start: here'\nlang: en\nsummary: Click and type x, then go.\nstatus: draft\n"
        "source: file docs/guide/start.md\n---\n\nClick ![Menu](images/menu.png) and type `[x](more.md)`, *then* go.\n\n"
        "[more](more.md#set-up \"M\"), [folder](../ref/index.md), [site](https://x.example/a.md), [gone](nope.md)\n\n```md\n[x](more.md)\n```\n\n[r]: ../ref/index.md\n"
    )  # fmt: skip
    assert '<img src="images/menu.png">' in (articles / "en/manual/guide/more.md").read_text(encoding="utf-8")
    assert [(one.id, one.title, one.images, [str(change) for change in one.changes]) for one in report.converted] == [
        ("en/manual/guide/more", "More", 1, ["guide/more.md:3: image of another server left as a link: https://cdn.example/x.png"]),
        ("en/manual/guide/start", "Start: here", 1, ["guide/start.md:9: link leads to nothing that is imported: nope.md"]),
        ("en/manual/ref/index", "Reference", 0, []),
    ]


def test_what_front_matter_says_counts_but_publishing_needs_a_word(articles, tmp_path):
    source = write(tmp_path / "docs", {
        "a.md": "---\nlang: zh\ntags: [x, y]\nupdated: 2026-01-02\nsummary: Own words\nstatus: published\nvisibility: customers\n---\ntext only",
        "b.md": "---\ndraft: true\n---\ntext", "c.md": "---\nstatus: archived\n---\ntext",
    })  # fmt: skip
    told = {one.file: one.status for one in import_articles(source, articles, publish=True, dry=True).converted}
    assert told == {"a.md": "published", "b.md": "draft", "c.md": "archived"}
    import_articles(source, articles)
    a = next(article for article in load_articles(articles).articles if article.id == "zh/a")
    assert (a.status, a.visibility, a.summary, a.tags, a.updated) == ("draft", "customers", "Own words", ("x", "y"), date(2026, 1, 2))


def test_a_source_field_of_the_author_gives_way_and_that_is_told(articles, tmp_path):
    report = import_articles(write(tmp_path / "docs", {"a.md": "---\nsource: wiki\n---\ntext"}), articles)
    assert [str(change) for change in report.converted[0].changes] == [
        "a.md:1: front matter field source was 'wiki'; it says now where the article came from"
    ]
    assert "source: file docs/a.md\n" in (articles / "en/a.md").read_text(encoding="utf-8")


def test_language_folders_of_the_source_become_those_of_the_articles(articles, tmp_path):
    source = write(tmp_path / "docs", {"en/faq/a.md": "# A\n\n[b](../../zh-CN/faq/b.md)", "zh-CN/faq/a.md": "# 甲\n\n正文", "zh-CN/faq/b.md": "# 乙\n\n正文"})
    report = import_articles(source, articles)
    assert [one.id for one in report.converted] == ["en/faq/a", "zh/faq/a", "zh/faq/b"]
    assert "[b](../../zh/faq/b.md)" in (articles / "en/faq/a.md").read_text(encoding="utf-8")


def test_a_taken_name_gets_a_number_and_nothing_is_overwritten(articles, tmp_path):
    write(articles, {"en/guide.md": "mine", "en/other.md": "---\nredirect_from: [en/moved]\n---\nx", "zh/pair.md": "x", "en/images/p.png": png(9, 9)})
    source = write(tmp_path / "docs", {
        "Guide.md": "# G\n\n[m](moved.md) ![p](p.png)", "moved.md": "# M\n\nwords", "en/pair.md": "# P\n\nx", "zh/pair.md": "# 对\n\n字", "p.png": png(),
    })  # fmt: skip
    report = import_articles(source, articles)
    assert [one.id for one in report.converted] == ["en/Guide-2", "en/moved-2", "en/pair-2", "zh/pair-2"]
    assert (articles / "en/guide.md").read_text(encoding="utf-8") == "mine"
    assert "[m](moved-2.md) ![p](images/p-2.png)" in (articles / "en/Guide-2.md").read_text(encoding="utf-8")
    assert ((articles / "en/images/p.png").read_bytes(), (articles / "en/images/p-2.png").read_bytes()) == (png(9, 9), png())


def test_the_same_source_comes_in_once(articles, tmp_path):
    source = write(tmp_path / "docs", {"a.md": "# A\n\nwords", "b.md": "# B\n\n[a](a.md)"})
    import_articles(source, articles)
    before = {path: path.read_bytes() for path in articles.rglob("*") if path.is_file()}
    write(source, {"c.md": "# C\n\nnew"})
    report = import_articles(source, articles)
    assert [one.id for one in report.converted] == ["en/c"]
    assert [(skipped.source, skipped.article, skipped.fact.split(";")[0]) for skipped in report.skipped] == [
        ("file docs/a.md", "en/a", "already imported as en/a"),
        ("file docs/b.md", "en/b", "already imported as en/b"),
    ]
    assert {path: path.read_bytes() for path in before} == before


def test_links_to_what_came_in_before_lead_there(articles, tmp_path):
    source = write(tmp_path / "docs", {"a.md": "# A\n\nwords"})
    import_articles(source, articles, into="old")
    write(source, {"b.md": "# B\n\nSee [a](a.md)."})
    import_articles(source, articles)
    assert "See [a](old/a.md)." in (articles / "en/b.md").read_text(encoding="utf-8")


def test_what_is_no_article_is_refused_by_file_and_line_and_stops_nothing(articles, tmp_path):
    source = write(tmp_path / "docs", {
        "broken.md": "---\ntitle: a\nstatus: nearly\n---\nx", "open.md": "---\ntitle: a\n", "empty.md": " \n", "latin.md": "ok\ncaf\xe9".encode("latin-1"),
        "ok.md": "# Fine\n\nSee [broken](broken.md).",
    })  # fmt: skip
    (source / "link.md").symlink_to("/etc/hostname")
    report = import_articles(source, articles)
    assert [one.id for one in report.converted] == ["en/ok"]
    assert sorted(str(refused) for refused in report.refused) == [
        "broken.md:3: status is unknown: 'nearly' (want one of draft, review, published, archived)",
        "empty.md: is empty; write the article or remove the file",
        "latin.md:2: is not UTF-8: byte 0xE9; save the file as UTF-8",
        "link.md: is a symbolic link, which is not followed; copy the file in instead",
        "open.md:1: front matter is not closed; add a line --- after its last field",
    ]


@pytest.mark.parametrize("name", ["guide.md", "Guide.markdown"])
def test_one_file_comes_in_with_the_images_beside_it(articles, tmp_path, name):
    write(tmp_path, {f"docs/{name}": "# Guide\n\n![a](img/a.png) ![b](../b.png)", "docs/img/a.png": png(), "b.png": png()})
    report = import_articles(tmp_path / "docs" / name, articles)
    assert (report.converted[0].source, report.converted[0].images) == (f"file {name}", 1)
    assert [change.fact for change in report.converted[0].changes] == ["image left out, it is not part of the source: ../b.png"]


def test_a_source_that_overlaps_the_articles_is_refused(articles, tmp_path):
    write(articles, {"en/a.md": "x"})
    with pytest.raises(SourceError, match="lies in the articles folder already; `kb index` reads it"):
        import_articles(articles / "en", articles)
    with pytest.raises(SourceError, match="holds the articles folder itself"):
        import_articles(tmp_path, articles)
