"""A draft is a new file with a safe name, inside the articles folder, and never takes another's place."""

import pytest

from kb.articles import load_articles
from kb.drafts import make_slug, write_draft
from kb.errors import ArticleError

DRAFT = "---\ntitle: Export fails\nstatus: draft\n---\n\nTry again.\n"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("How do I export to CSV?", "how-do-i-export-to-csv"),
        ("导出 CSV 失败怎么办？", "导出-csv-失败怎么办"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "full-width"),
        ("Café: crème brûlée", "cafe-creme-brulee"),
        ("../../etc/passwd", "etc-passwd"),
        ("???", ""),
        ("x" * 300, "x" * 30),
    ],
)
def test_a_title_becomes_a_name_that_addresses_and_file_systems_carry(title, slug):
    assert make_slug(title) == slug


def test_a_long_title_is_cut_between_words():
    slug = make_slug("why does the export of large tables to a spreadsheet stop after exactly one hour")
    assert slug == "why-does-the-export-of-large-tables-to-a-spreadsheet-stop"
    assert len(make_slug("为什么 " * 100).encode()) <= 180


def test_a_draft_is_an_article_of_that_folder(tmp_path):
    assert write_draft(tmp_path, "en/billing/导出.md", DRAFT) == "en/billing/导出"
    loaded = load_articles(tmp_path)
    assert loaded.problems == ()
    assert [(article.id, article.title, article.status) for article in loaded.articles] == [("en/billing/导出", "Export fails", "draft")]


@pytest.mark.parametrize("there", ["export.md", "Export.MD", "export.markdown"])
def test_a_name_that_is_taken_in_any_spelling_gets_a_number_and_what_is_there_stays(tmp_path, there):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / there).write_text("mine", encoding="utf-8")
    assert write_draft(tmp_path, "en/export.md", DRAFT) == "en/export-2"
    assert write_draft(tmp_path, "en/export.md", DRAFT) == "en/export-3"
    assert (tmp_path / "en" / there).read_text(encoding="utf-8") == "mine"


def test_a_dangling_link_is_a_name_that_is_taken(tmp_path):
    outside = tmp_path / "outside.md"
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "export.md").symlink_to(outside)
    assert write_draft(folder, "export.md", DRAFT) == "export-2"
    assert not outside.exists()


@pytest.mark.parametrize("path", ["../x.md", "en/../../x.md", "/etc/x.md", "en//x.md", ".hidden.md", "en/.git/x.md", "en/a\\b.md", "en/a\nb.md"])
def test_no_path_leads_out_of_the_folder_or_into_hiding(tmp_path, path):
    folder = tmp_path / "articles"
    folder.mkdir()
    with pytest.raises(ArticleError, match="no path of an article"):
        write_draft(folder, path, DRAFT)
    assert list(tmp_path.rglob("*.md")) == []


def test_no_linked_folder_leads_out_either(tmp_path):
    folder, outside = tmp_path / "articles", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "en").symlink_to(outside)
    with pytest.raises(ArticleError, match="leads out of the articles folder"):
        write_draft(folder, "en/x.md", DRAFT)
    assert list(outside.iterdir()) == []


def test_what_is_no_article_is_not_written(tmp_path):
    with pytest.raises(ArticleError, match="status is unknown"):
        write_draft(tmp_path, "en/x.md", "---\nstatus: nearly\n---\n\ntext\n")
    assert list(tmp_path.rglob("*.md")) == []


def test_a_folder_that_cannot_be_had_is_named_with_the_remedy(tmp_path):
    (tmp_path / "en").write_text("a file", encoding="utf-8")
    with pytest.raises(ArticleError, match="cannot be written: .*; check the articles folder"):
        write_draft(tmp_path, "en/x.md", DRAFT)
    with pytest.raises(ArticleError, match="cannot be written: No such file"):
        write_draft(tmp_path / "nowhere", "en/x.md", DRAFT)
