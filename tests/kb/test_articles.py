"""What becomes an article, and what becomes a problem that names file, line and remedy."""

import os
from datetime import date

import pytest

from kb.articles import Article, Problem, load_article, load_articles, parse_article, translations
from kb.errors import ArticleError, SettingsError


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")
    return path


def problems_of(folder):
    return [str(problem) for problem in load_articles(folder).problems]


def ids_of(folder):
    return [article.id for article in load_articles(folder).articles]


def test_every_known_field_is_typed_and_the_unknown_ones_are_kept(tmp_path):
    path = write(
        tmp_path,
        "zh/customers/search-well.md",
        "---\ntitle: 如何搜索\nlang: zh-Hant\nsummary: 用自己的话\ntags: [搜索, 1.10, no]\nproduct: kb\nvisibility: Customers\n"
        "status: draft\nowner: Li\nreview_by: 2027-01-31\naliases:\n  - 找不到文章\ntranslation_of: en/customers/search-well\n"
        "redirect_from: /old/search.md\nupdated: 2026-03-04T10:00:00Z\nfeature: Search\nexl-id: 42\n---\n\n正文\n",
    )
    article = load_article(path, tmp_path)
    assert article == Article(
        id="zh/customers/search-well", title="如何搜索", lang="zh", summary="用自己的话", tags=("搜索", "1.10", "no"), product="kb",
        visibility="customers", status="draft", owner="Li", review_by=date(2027, 1, 31), aliases=("找不到文章",),
        translation_of="en/customers/search-well", redirect_from=("/old/search.md",), updated=date(2026, 3, 4), body="\n正文\n",
        body_line=19, content_hash=article.content_hash, extra={"feature": "Search", "exl-id": 42},
    )  # fmt: skip
    assert article.category == "customers"


def test_an_article_without_front_matter_takes_its_title_from_the_first_heading_outside_code(tmp_path):
    path = write(tmp_path, "notes.md", "```\n# not this\n```\n\n## **Reset** the `cache` {#reset}\n\ntext\n")
    article = load_article(path, tmp_path)
    assert (article.title, article.body_line, article.category) == ("Reset the cache", 1, "")


def test_an_article_without_any_heading_is_titled_by_its_file_name(tmp_path):
    assert load_article(write(tmp_path, "a/reset-the_cache.md", "text"), tmp_path).title == "reset the cache"


def test_a_description_is_the_summary_when_there_is_no_summary(tmp_path):
    assert load_article(write(tmp_path, "a.md", "---\ndescription: Short.\n---\nx"), tmp_path).summary == "Short."
    assert load_article(write(tmp_path, "b.md", "---\nsummary: Own.\ndescription: Short.\n---\nx"), tmp_path).summary == "Own."


@pytest.mark.parametrize(
    ("name", "text", "lang"),
    [
        ("zh-CN/a.md", "only English words here", "zh"),
        ("guide/en_US/a.md", "这里只有中文", "en"),
        ("guide/a.md", "退款需要三个工作日", "zh"),
        ("guide/b.md", "A refund takes three days", "en"),
        ("guide/c.md", "重启服务\n```\nsystemctl restart the service and wait for it to come back online again\n```\n", "zh"),
        ("zh/d.md", "---\nlang: ja\n---\nx", "ja"),
    ],
)
def test_the_language_is_the_field_then_the_folder_then_what_the_text_is_written_in(tmp_path, name, text, lang):
    assert load_article(write(tmp_path, name, text), tmp_path).lang == lang


@pytest.mark.parametrize(
    ("name", "category"),
    [("zh/customers/x.md", "customers"), ("faq/general/x.md", "faq"), ("x.md", ""), ("zh/x.md", ""), ("docs/en/x.md", "docs")],
)
def test_the_category_is_the_first_folder_that_is_not_a_language(tmp_path, name, category):
    assert load_article(write(tmp_path, name, "text"), tmp_path).category == category


def test_byte_order_mark_and_windows_line_ends_change_nothing_but_the_hash(tmp_path):
    plain = load_article(write(tmp_path, "a.md", "---\ntitle: T\n---\nbody\n"), tmp_path)
    windows = load_article(write(tmp_path, "b.md", b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nbody\r\n"), tmp_path)
    assert (windows.title, windows.body, windows.body_line) == (plain.title, plain.body, plain.body_line) == ("T", "body\n", 4)
    assert windows.content_hash != plain.content_hash


def test_comma_separated_tags_are_several_and_null_is_none(tmp_path):
    article = load_article(write(tmp_path, "a.md", "---\ntags: billing, 退款，invoice\naliases:\nsummary: ~\n---\nx"), tmp_path)
    assert (article.tags, article.aliases, article.summary) == (("billing", "退款", "invoice"), (), "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("---\ntitle: a: b\n---\nx", "bad.md:2: front matter is not valid YAML: mapping values are not allowed here "
         "(quote values that contain a colon, and indent with spaces)"),
        ("---\n- a\n- b\n---\nx", "bad.md:2: front matter is not a list of fields; write one `name: value` per line"),
        ("---\ntitle: a\n\nx", "bad.md:1: front matter is not closed; add a line --- after its last field"),
        ("---\ntitle: a\nreview_by: next week\n---\nx", "bad.md:3: review_by is not a date: 'next week' (want YYYY-MM-DD)"),
        ("---\nupdated: 2026-02-30\n---\nx", "bad.md:2: updated is not a date: '2026-02-30' (want YYYY-MM-DD)"),
        ("---\nvisibility: secret\n---\nx", "bad.md:2: visibility is unknown: 'secret' (want one of public, customers, internal)"),
        ("---\nstatus: done\n---\nx", "bad.md:2: status is unknown: 'done' (want one of draft, review, published, archived)"),
        ("---\nlang: 中文\n---\nx", "bad.md:2: lang is not a language: '中文' (want zh, en or a tag such as zh-CN)"),
        ("---\ntitle: [a]\n---\nx", "bad.md:2: title is not text; write `title: some text`"),
        ("---\na: &x [1]\nb: [*x, *x]\n---\nx", "bad.md:3: front matter is not valid YAML: the alias *x is not supported "
         "(quote values that contain a colon, and indent with spaces)"),
        ("---\na: " + "[" * 20000 + "\n---\nx", "bad.md:1: front matter is nested too deeply; keep its fields flat"),
        ("---\ntitle: a\nsummary: b\x07c\n---\nx", "bad.md:3: front matter has a character YAML forbids (U+0007); remove it"),
        ("---\na: !!int x\n---\nx", "bad.md:1: front matter has a value YAML cannot read: invalid literal for int() with base 10: 'x'; "
         "write it as quoted text"),
        (b"ok\n\xff\xfe", "bad.md:2: is not UTF-8: byte 0xFF at offset 3; save the file as UTF-8"),
        (b"ok\n\nx\x00y", "bad.md:3: contains a NUL byte; save the file as UTF-8 text"),
        (" \n\n", "bad.md: is empty; write the article or remove the file"),
        ("x" * 1_000_001, "bad.md: is larger than 1 MB; split it into several articles"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_problem_with_its_line_and_remedy_and_stops_no_other(tmp_path, content, problem):
    write(tmp_path, "bad.md", content)
    write(tmp_path, "good.md", "# Good\n\ntext")
    assert problems_of(tmp_path) == [problem]
    assert ids_of(tmp_path) == ["good"]


def test_python_objects_in_yaml_are_refused(tmp_path):
    write(tmp_path, "bad.md", "---\na: !!python/object/apply:os.system ['touch owned']\n---\nx")
    assert "could not determine a constructor" in problems_of(tmp_path)[0]
    assert not os.path.exists("owned")


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_an_article(tmp_path):
    outside = write(tmp_path, "outside/secret.md", "# Secret")
    folder = tmp_path / "articles"
    write(folder, "a.md", "# A")
    (folder / "leak.md").symlink_to(outside)
    (folder / "all").symlink_to(tmp_path / "outside")
    (folder / "b.md").symlink_to(folder / "a.md")
    (folder / "none.md").symlink_to(folder / "gone.md")
    assert ids_of(folder) == ["a", "b"]
    assert problems_of(folder) == [
        "all: is a symlink that leads out of the articles folder; copy the file in instead",
        "leak.md: is a symlink that leads out of the articles folder; copy the file in instead",
        "none.md: is a symlink to nothing; remove it or mend its target",
    ]


def test_folders_that_link_in_a_circle_and_pipes_do_not_hang_the_loader(tmp_path):
    write(tmp_path, "a/one.md", "# One")
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a")
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert ids_of(tmp_path) == ["a/one"]
    assert problems_of(tmp_path) == [
        "a/again: is a symlink loop; remove it",
        "pipe.md: is not a regular file; remove it",
        "self.md: is a symlink loop; remove it",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_a_problem(tmp_path):
    write(tmp_path, "locked.md", "# x").chmod(0)
    assert problems_of(tmp_path) == ["locked.md: cannot be read: Permission denied; check its permissions"]


def test_ids_that_differ_only_in_case_or_suffix_are_duplicates_and_the_first_stays(tmp_path):
    for name in ("A.md", "a.md", "x.md", "x.markdown"):
        write(tmp_path, name, f"# {name}")
    assert [article.title for article in load_articles(tmp_path).articles] == ["A.md", "x.md"]
    assert problems_of(tmp_path) == [
        "a.md: has the same id as A.md (A); rename one of them",
        "x.markdown: has the same id as x.md (x); rename one of them",
    ]


def test_hidden_folders_and_other_suffixes_are_not_articles(tmp_path):
    for name in (".git/a.md", "a/.draft.md", "a/b.txt", "a/c.MD"):
        write(tmp_path, name, "# x")
    assert ids_of(tmp_path) == ["a/c"]


def test_a_redirect_from_a_live_or_taken_address_is_a_problem_but_the_article_stays(tmp_path):
    write(tmp_path, "a.md", "---\nredirect_from: [b.md, old]\n---\nx")
    write(tmp_path, "b.md", "---\nredirect_from: /old\ntranslation_of: gone\n---\nx")
    loaded = load_articles(tmp_path)
    assert [article.id for article in loaded.articles] == ["a", "b"]
    assert loaded.problems == (
        Problem("a.md", None, "redirect_from names a live article: 'b.md'; remove it from redirect_from"),
        Problem("b.md", None, "translation_of names no article: 'gone'; write the other article's path without .md"),
        Problem("b.md", None, "redirect_from '/old' is taken by a.md; keep it in one of the two"),
    )


def test_a_missing_folder_names_the_setting(tmp_path):
    with pytest.raises(SettingsError, match="--articles or KB_ARTICLES"):
        load_articles(tmp_path / "none")


def test_translations_are_the_named_ones_first_then_those_at_the_same_path_and_go_both_ways():
    articles = [
        Article(id="en/billing/refund", title="", lang="en"),
        Article(id="zh/billing/refund", title="", lang="zh"),
        Article(id="zh/old/tuikuan", title="", lang="zh", translation_of="../../en/billing/refund.md"),
        Article(id="zh/billing/alone", title="", lang="zh"),
    ]
    assert translations(articles) == {
        "en/billing/refund": ("zh/old/tuikuan", "zh/billing/refund"),
        "zh/billing/refund": ("en/billing/refund",),
        "zh/old/tuikuan": ("en/billing/refund",),
    }


def test_a_draft_is_parsed_like_a_file_and_its_faults_name_the_line():
    assert parse_article("# Hello\n\ntext", id="en/hello").title == "Hello"
    with pytest.raises(ArticleError, match=r"en/hello.md:2: updated is not a date"):
        parse_article("---\nupdated: soon\n---\n", id="en/hello")
