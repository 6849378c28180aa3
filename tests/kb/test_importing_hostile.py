"""Sources made to harm: names that climb, archives and images that unfold, entities, endless nesting. Each is refused or comes in harmless."""

import io
import struct
import tempfile
import time
import warnings
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.articles import load_articles
from kb.errors import KnowledgeBaseError
from kb.importing import SourceError, import_articles
from tests.kb.import_samples import archive, confluence_content, docx, paragraph, picture, write

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PAGE = b"<h1>Router</h1><p>Restart the router.</p>"
PARTS = st.sampled_from(
    ["..", ".", "", "a", "en", "zh", "b.html", "c.md", "...", "~", "C:", "con", "\\", "..\\..", "\\\\host\\share", ".git", "hooks", "..%2f", "\u2025", "\uff0e\uff0e", "e\u0301",
     "\u202egpj.html", "\n", "\x7f", " ", "a" * 250, "退款.html", "__MACOSX", "$(id)", "-rf", "|id"]
)  # fmt: skip
ENTRY_NAMES = st.builds("{}{}".format, st.sampled_from(["", "/", "//", "./", "\\"]), st.lists(PARTS, min_size=1, max_size=6).map("/".join))


def giant(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is so large, and packs that much black."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + part(b"IDAT", rows) + part(b"IEND", b"")


def zipped(names: list[str], content: bytes = PAGE) -> bytes:
    """An archive whose files have these names as they stand here, whatever zipfile thinks of them."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made, warnings.catch_warnings(action="ignore"):
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name
            made.writestr(info, content)
    return held.getvalue()


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


@QUICK
@given(st.lists(ENTRY_NAMES, min_size=1, max_size=4))
def test_no_name_in_an_archive_leads_out_of_the_articles_folder(names):
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        (base / "articles").mkdir()
        (base / "site.zip").write_bytes(zipped(names))
        with suppress(KnowledgeBaseError):
            report = import_articles(base / "site.zip", base / "articles")
            assert {article.id for article in load_articles(base / "articles").articles} == {converted.id for converted in report.converted}
        assert sorted(path.name for path in base.iterdir()) == ["articles", "site.zip"]
        for path in base.rglob("*"):
            below = path.relative_to(base).parts[1:]
            assert not path.is_symlink() and not any(part.startswith(".") for part in below)
            assert path.is_dir() or path.name == "site.zip" or (path.suffix == ".md" and below[0] in ("en", "zh"))


def test_an_archive_within_an_archive_is_not_opened(articles, tmp_path):
    write(tmp_path, {"outer.zip": archive({"a.html": PAGE, "inner.zip": archive({"b.html": PAGE * 1000})})})
    report = import_articles(tmp_path / "outer.zip", articles)
    assert ([one.id for one in report.converted], report.left_out) == (["en/a"], ("inner.zip",))


def test_many_small_files_that_are_giants_together_are_refused_before_one_is_read(articles, tmp_path, monkeypatch):
    monkeypatch.setattr("kb.importing.archive.MAX_ARCHIVE_BYTES", 2_000_000)
    write(tmp_path, {"many.zip": archive({f"{number}.html": b"a" * 900_000 for number in range(3)})})
    with pytest.raises(SourceError, match="would be too large unpacked"):
        import_articles(tmp_path / "many.zip", articles)


def test_an_archive_of_endless_files_is_refused(articles, tmp_path, monkeypatch):
    monkeypatch.setattr("kb.importing.archive.MAX_FILES", 100)
    write(tmp_path, {"endless.zip": zipped([f"{number}.html" for number in range(101)])})
    with pytest.raises(SourceError, match="holds more than 100 files; split it"):
        import_articles(tmp_path / "endless.zip", articles)


def test_files_of_an_archive_that_lie_in_each_other_are_refused(articles, tmp_path):
    # A bomb without a large ratio: many entries of the list lead to one packed file.
    packed = bytearray(zipped(["a.html", "b.html"], PAGE))
    at = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4)
    packed[at + 42 : at + 46] = (0).to_bytes(4, "little")
    write(tmp_path, {"quilt.zip": bytes(packed)})
    report = import_articles(tmp_path / "quilt.zip", articles)
    assert [refused.file for refused in report.refused] == ["b.html"]
    assert "is damaged inside the archive" in str(report.refused[0])


@pytest.mark.parametrize("size", [(60_000, 60_000), (7_000, 7_000)])
def test_an_image_that_unfolds_to_a_giant_stays_out_and_its_article_comes_in(articles, tmp_path, size):
    write(tmp_path / "site", {"guide.html": b'<h1>Guide</h1><p>See:</p><p><img src="bomb.png" alt="x"></p>', "bomb.png": giant(*size)})
    (tmp_path / "guide.docx").write_bytes(docx(paragraph("Guide", "Title"), paragraph("See:"), picture(), image=giant(*size)))
    for source in ("site", "guide.docx"):
        report = import_articles(tmp_path / source, articles)
        assert len(report.converted) == 1
        assert any("more than 40 million pixels" in str(change) for change in report.converted[0].changes)
    assert list(articles.rglob("*.png")) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.json", b"[" * 200_000),
        ("deep.json", b'{"body":' * 100_000 + b"1" + b"}" * 100_000),
        ("deep.html", b"<div>" * 100_000 + b"x"),
        ("deep.html", b"<ul><li>" * 5_000 + b"x"),
        ("deep.html", b"<table><tr><td>" * 2_000 + b"x"),
        ("deep.md", b"> " * 20_000 + b"x"),
        ("deep.docx", docx("<w:tbl><w:tr><w:tc>" * 3_000 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 3_000)),
        ("wide.html", b"<p " + b" ".join(b"a%d=1" % number for number in range(50_000)) + b">x</p>"),
        ("number.json", b'{"articles": [{"id": ' + b"9" * 100_000 + b', "title": "x", "body": "<p>x</p>"}]}'),
    ],
)
def test_endless_nesting_is_refused_and_never_ends_the_import(articles, tmp_path, name, content):
    write(tmp_path, {f"site/{name}": content, "site/ok.md": "# Fine\n\nWords."})
    started = time.process_time()
    report = import_articles(tmp_path / "site", articles)
    assert time.process_time() - started < 8
    assert "en/ok" in [one.id for one in report.converted]
    assert [refused.file for refused in report.refused] == [f"{name}"] or len(report.converted) == 2


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><p>&c;&c;&c;</p>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><p>&a;</p>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><p>&a;</p>',
        '<p xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/hostname" parse="text"/></p>',
    ],
)
def test_no_entity_is_expanded_and_no_file_is_included(articles, tmp_path, bomb):
    hostname = Path("/etc/hostname").read_text(encoding="utf-8").strip()
    write(tmp_path / "in", {"a.html": f"<h1>Words</h1><p>Here they are.</p>{bomb}", "b.json": {"results": [confluence_content("1", "Storage", f"<p>Words.</p>{bomb}")]}})
    import_articles(tmp_path / "in", articles)
    texts = [path.read_text(encoding="utf-8") for path in articles.rglob("*.md")]
    assert len(texts) == 2
    assert all("aaaaaaaaaa" * 10 not in text and f"\n{hostname}\n" not in text for text in texts)
