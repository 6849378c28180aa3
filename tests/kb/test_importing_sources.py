"""What a source is, is seen from its content; one that is broken, locked or malicious is named with the remedy, and nothing of it is opened."""

import io
import stat
import zipfile

import pytest

from kb.errors import SettingsError
from kb.importing import SourceError, import_articles
from tests.kb.import_samples import archive, confluence_content, docx, paragraph, write, zendesk_article

PAGE = b"<p>Restart the router.</p>"


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


def test_one_folder_may_hold_every_kind_of_source(articles, tmp_path):
    source = write(tmp_path / "mixed", {
        "a.md": "# A\n\nSee [word](b.docx) and [page](c.html).", "b.docx": docx(paragraph("Words")), "c.html": PAGE, "d.json": {"articles": [zendesk_article(1, "D", "<p>d</p>")]},
        "e.json": {"results": [confluence_content("2", "E", "<p>e</p>")]}, "f.pdf": b"%PDF-1.7", "g.doc": b"old", ".hidden/h.md": "# H", "styles.css": "p {}",
    })  # fmt: skip
    report = import_articles(source, articles)
    assert [one.source for one in report.converted] == ["file mixed/a.md", "file mixed/b.docx", "file mixed/c.html", "zendesk 1", "confluence 2"]
    assert "See [word](b.md) and [page](c.md)." in (articles / "en/a.md").read_text(encoding="utf-8")
    assert [str(refused) for refused in report.refused] == ["g.doc: is a Word document of before 2007; open it in Word and save it as .docx"]
    assert report.left_out == ("f.pdf",)


@pytest.mark.parametrize("name", ["guide", "guide.txt", "guide.htm"])
def test_content_counts_more_than_the_name(articles, tmp_path, name):
    write(tmp_path, {name: "<!DOCTYPE html><h1>Guide</h1><p>text</p>"})
    assert import_articles(tmp_path / name, articles).converted[0].title == "Guide"


def test_an_archive_packed_on_chinese_windows_keeps_its_names(articles, tmp_path):
    # Windows writes names in GBK and sets no mark for UTF-8; the placeholder is as long as that name.
    name = "指南/开始.html".encode("gbk")
    packed = archive({"x" * len(name): "<h1>开始</h1><p>正文在这里</p>".encode()})
    (tmp_path / "site.zip").write_bytes(packed.replace(b"x" * len(name), name))
    report = import_articles(tmp_path / "site.zip", articles)
    assert [one.id for one in report.converted] == ["zh/指南/开始"]


def lying(parts: dict[str, bytes], name: str, size: int) -> bytes:
    """An archive that says a file were only so large."""
    raw = bytearray(archive(parts))
    at = raw.index(b"PK\x01\x02")
    while raw[at + 46 : at + 46 + len(name)] != name.encode():
        at = raw.index(b"PK\x01\x02", at + 1)
    raw[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(raw)


def linked() -> bytes:
    """An archive with a symbolic link in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        info = zipfile.ZipInfo("page.html")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(info, "/etc/passwd")
    return held.getvalue()


def locked() -> bytes:
    """An archive whose file is marked as encrypted."""
    raw = bytearray(archive({"page.html": PAGE}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("name", "content", "fact"),
    [
        ("climb.zip", archive({"../../evil.html": PAGE}), "names a file outside of itself"),
        ("root.zip", archive({"/etc/evil.html": PAGE}), "names a file outside of itself"),
        ("drive.zip", archive({"C:\\evil.html": PAGE}), "names a file outside of itself"),
        ("link.zip", linked(), "holds a symbolic link"),
        ("locked.zip", locked(), "is protected by a password; unpack it and import the folder"),
        ("bomb.zip", archive({"a.html": b"a" * 30_000_000}), "would be too large unpacked"),
        ("cut.zip", archive({"page.html": PAGE})[:60], "is no complete zip archive; it may be cut short"),
        ("none.zip", b"hello", "is no zip archive; it may be cut short"),
        ("sheet.xlsx", archive({"xl/workbook.xml": b"<x/>"}), "is an Excel workbook; save its text as .docx"),
        ("text.odt", archive({"content.xml": b"<x/>"}), "is an OpenDocument file; save its text as .docx"),
        ("bare.zip", archive({"a.bin": b"x"}), "bare holds no article; want Markdown"),
        ("notes.txt", b"plain words", "notes.txt holds no article; want Markdown"),
        ("empty", {}, "empty holds no article; want Markdown"),
    ],
)
def test_a_source_that_cannot_be_imported_says_why(articles, tmp_path, name, content, fact):
    if isinstance(content, bytes):
        write(tmp_path, {name: content})
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(SourceError, match=fact):
        import_articles(tmp_path / name, articles)
    assert list(articles.iterdir()) == []


def test_a_file_that_is_damaged_or_larger_than_it_says_is_refused_alone(articles, tmp_path):
    (tmp_path / "lie.zip").write_bytes(lying({"big.html": PAGE * 50, "ok.html": PAGE}, "big.html", 10))
    report = import_articles(tmp_path / "lie.zip", articles)
    assert [one.id for one in report.converted] == ["en/ok"]
    assert [refused.file for refused in report.refused] == ["big.html"]


def test_a_missing_source_or_articles_folder_and_a_wrong_place_are_named(articles, tmp_path):
    write(tmp_path, {"a.md": "# A\n\nx"})
    with pytest.raises(SourceError, match="there is no file or folder"):
        import_articles(tmp_path / "nowhere", articles)
    with pytest.raises(SettingsError, match="no articles folder"):
        import_articles(tmp_path / "a.md", tmp_path / "nowhere")
    for into, fact in (("../up", "is no folder below a language"), ("/abs", "is no folder"), (".git", "is no folder"), ("en/manual", "names a language; leave en out")):
        with pytest.raises(SettingsError, match=fact):
            import_articles(tmp_path / "a.md", articles, into=into)
    assert list(articles.iterdir()) == []
