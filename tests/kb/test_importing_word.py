"""A Word document comes in with its structure, its images and its properties, and what Word alone can do is told."""

from datetime import date

import pytest

from kb.articles import load_article
from kb.importing import import_articles
from tests.kb.import_samples import archive, cell, docx, listed, paragraph, picture, png, table, write

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture
def bring_in(tmp_path):
    """Import one file of this name and content; the report."""

    def run(content: bytes, name: str = "Refund Guide.docx", **options):
        write(tmp_path, {name: content})
        (tmp_path / "articles").mkdir(exist_ok=True)
        return import_articles(tmp_path / name, tmp_path / "articles", **options)

    return run


def test_a_document_keeps_its_structure(bring_in, tmp_path):
    report = bring_in(docx(
        paragraph("Refund an order", "Title"), paragraph("Before you start", "Heading1"), paragraph("Open the order list."),
        listed("First", numbered=True), listed("Second", numbered=True), listed("detail", level=1), paragraph("Details", "Heading2"),
        table(cell("plan") + cell("days"), cell("Team") + cell("30")), picture(words="Order list"),
        paragraph("kb index", "Code"), paragraph("  --full", "Code"), paragraph("Money moves.", "Warning"),
    ))  # fmt: skip
    assert [str(refused) for refused in report.refused] == []
    article = load_article(tmp_path / "articles/en/refund-guide.md", tmp_path / "articles")
    assert (article.title, article.summary, article.status, article.tags) == ("Refund an order", "Open the order list.", "draft", ("billing", "refunds"))
    assert (article.updated, article.extra["source"]) == (date(2026, 3, 4), "file Refund Guide.docx")
    assert article.body.strip() == (
        "## Before you start\n\nOpen the order list.\n\n1. First\n2. Second\n   - detail\n\n### Details\n\n| plan | days |\n|---|---|\n| Team | 30 |\n\n"
        "![Order list](images/refund-guide.png)\n\n```\nkb index\n  --full\n```\n\n!!! warning\n    Money moves."
    )  # fmt: skip
    assert (tmp_path / "articles/en/images/refund-guide.png").read_bytes() == png()


def test_what_an_article_cannot_carry_is_told(bring_in):
    report = bring_in(docx(
        paragraph("Red", run='<w:color w:val="FF0000"/>'), paragraph("Plain", run='<w:color w:val="auto"/>'),
        '<w:p><w:ins w:id="1"><w:r><w:t>new</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>',
        table(cell("A", across=2) + cell("B"), cell("x", down="restart") + cell("y") + cell("z"), cell("", down="continue") + cell("q") + cell("r")),
        picture("rId8", "Pixel"), '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"/></w:p>',
    ))  # fmt: skip
    assert [str(change) for change in report.converted[0].changes] == [
        "Refund Guide.docx: colour dropped",
        "Refund Guide.docx: tracked insertion taken as accepted",
        "Refund Guide.docx: tracked deletion taken as accepted",
        "Refund Guide.docx: formula left out",
        "Refund Guide.docx: image of another server left as a link: https://tracker.example/pixel.png",
        "Refund Guide.docx: table with merged cells flattened",
        "Refund Guide.docx: table without a head: its first row became the head",
    ]


def test_a_chinese_document_goes_to_the_chinese_articles(bring_in, tmp_path):
    report = bring_in(docx(paragraph("如何申请退款", "Title"), paragraph("打开订单列表，点击退款。")), name="退款 指南.docx", into="billing")
    assert [(one.id, one.title, one.lang) for one in report.converted] == [("zh/billing/退款-指南", "如何申请退款", "zh")]


@pytest.mark.parametrize(
    ("name", "content", "fact"),
    [
        ("old.doc", OLE, "is a Word document of before 2007; open it in Word and save it as .docx"),
        ("old.docx", OLE, "is a Word document of before 2007; open it in Word and save it as .docx"),
        ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password; open it in Word, remove the password and save it again"),
        ("cut.docx", docx(paragraph("text"))[:700], "is no complete Word document; it may be cut short, so copy it again"),
        ("none.docx", b"not a zip", "is no complete Word document; it may be cut short, so copy it again"),
        ("empty.docx", docx(), "has no text; write its content or leave it out of the export"),
        ("sheet.docx", archive({"xl/workbook.xml": b"<x/>"}), "holds no Word text; save it as a Word document (.docx)"),
        ("notes.rtf", b"{\\rtf1 text}", "is Rich Text; open it in Word and save it as .docx"),
        ("scan.pdf", b"%PDF-1.7", "is a PDF, which holds pages and no text structure; import the document it was made from"),
        ("bad.docx", docx("<w:p><w:unclosed></w:p>"), "has damaged text inside"),
        ("bomb.docx", docx(extra={"word/settings.xml": b" " * 3_000_000}), "would be too large unpacked (word/settings.xml); such an archive is not opened"),
        ("entity.docx", docx(paragraph("x"), extra={"word/styles.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}),
         "declares XML entities, which Word never does; it is not opened"),
        ("wide.docx", docx(paragraph("x"), extra={"word/styles.xml": "<!DOCTYPE x><x/>".encode("utf-16")}),
         "declares XML entities, which Word never does; it is not opened"),
        ("climb.docx", docx(paragraph("x"), extra={"../../evil.xml": b"x"}), "names a file outside of itself (../../evil.xml); such an archive is not opened"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_remedy(bring_in, tmp_path, name, content, fact):
    report = bring_in(content, name=name)
    assert report.converted == ()
    assert len(report.refused) == 1
    assert report.refused[0].file == name and report.refused[0].fact.startswith(fact)
    assert list((tmp_path / "articles").iterdir()) == []


def test_no_file_outside_of_the_document_is_opened(bring_in, tmp_path):
    write(tmp_path, {"secret.png": png(5, 5)})
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId8" Type="'
        f'http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="file://{tmp_path}/secret.png" TargetMode="External"/></Relationships>'
    )
    report = bring_in(docx(paragraph("text"), picture("rId8"), extra={"word/_rels/document.xml.rels": relations.encode()}))
    assert report.converted[0].images == 0
    assert "image left out, it is not part of the source: file://" in str(report.converted[0].changes[0])
    assert list((tmp_path / "articles").rglob("*.png")) == []
