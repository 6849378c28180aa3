"""Whatever a source holds, an import ends in a report or in one of kb's own errors, and writes nothing outside the articles folder."""

import json
import tempfile
from contextlib import suppress
from html import escape
from pathlib import Path

import lxml.html
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.articles import Article, load_articles
from kb.errors import KnowledgeBaseError
from kb.importing import import_articles
from kb.importing.blocks import BlockReader
from kb.importing.cleaning import clean_tree
from kb.importing.markup import body_of, parse_html
from kb.importing.report import Changes
from kb.importing.writing import write_markdown
from kb.page import render_article
from tests.kb.import_samples import archive, docx, paragraph, png

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
MARKS = st.text(st.sampled_from(list("ab1 2.)(-+*_`~#>|<&;:!?\\[]{}=^\"'@$%/x中：  ")), max_size=20)
NAMES = st.sampled_from(
    "p div span b em a img table tr td th thead ul ol li dl dt dd h1 h3 h6 pre code blockquote details summary script style iframe svg input"
    " br hr sub kbd font section ac:macro o:p body html main nav template".split()
)
ATTRIBUTES = st.sampled_from(
    [
        "", ' class="note"', ' class="callout callout--warning"', ' id="x"', ' href="#x"', ' href="javascript:alert(1)"', ' href="../../x.md"',
        ' src="../../../etc/passwd"', ' src="data:image/png;base64,xx"', ' src="https://[bad"', ' rowspan="9999" colspan="9999"', ' start="-1"',
        ' href="//evil"', ' data-kb-box="warning" data-kb-title="&quot;&quot;"', ' style="color:red"', ' type="checkbox" checked', " 'broken",
    ]
)  # fmt: skip
TAGS = st.one_of(
    st.builds("<{}{}>".format, NAMES, ATTRIBUTES), st.builds("</{}>".format, NAMES), MARKS, st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "\0", "&#0;", "\ud800"])
)  # fmt: skip
HTML = st.lists(TAGS, max_size=25).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | HTML,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "title", "body", "value", "locale", "x"]), inner, max_size=4),
    max_leaves=6,
)
RECORDS = st.fixed_dictionaries(
    {"id": st.sampled_from([1, "2", "../3", None, True]), "title": VALUES, "body": st.one_of(HTML, st.fixed_dictionaries({"storage": st.fixed_dictionaries({"value": HTML})}), VALUES)},
    optional={name: VALUES for name in ("locale", "label_names", "section_id", "draft", "html_url", "updated_at", "metadata", "version", "translations", "restrictions", "_links", "status")},
)  # fmt: skip
EXPORTS = st.one_of(
    VALUES, RECORDS, st.lists(RECORDS, max_size=3), *(st.fixed_dictionaries({name: st.lists(RECORDS, max_size=3) | RECORDS}) for name in ("articles", "article", "results", "translations", "sections"))
)  # fmt: skip


def bring_in(name: str, content: bytes) -> None:
    """Import one such file, and see that the world around the articles folder stays as it was."""
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        (base / "articles").mkdir()
        (base / "source").mkdir()
        (base / "source" / name).write_bytes(content)
        with suppress(KnowledgeBaseError):
            report = import_articles(base / "source" / name, base / "articles", publish=True)
            loaded = load_articles(base / "articles")
            assert {article.id for article in loaded.articles} == {converted.id for converted in report.converted}
            for article in loaded.articles:
                render_article(article)
        assert sorted(path.name for path in base.iterdir()) == ["articles", "source"]
        assert [path.name for path in (base / "source").iterdir()] == [name]


@QUICK
@given(HTML)
def test_any_html_comes_in_or_is_refused(html):
    bring_in("page.html", f"<p>start</p>{html}".encode("utf-8", "surrogatepass"))


@QUICK
@given(EXPORTS)
def test_any_json_comes_in_or_is_refused(value):
    bring_in("export.json", json.dumps(value).encode())


@QUICK
@given(st.binary(max_size=60), st.sampled_from(["page.html", "export.json", "guide.docx", "space.zip", "notes.md", "old.doc", "unknown"]))
def test_any_bytes_under_any_name_come_in_or_are_refused(content, name):
    bring_in(name, content)


@QUICK
@given(st.data())
def test_a_damaged_word_document_or_archive_comes_in_or_is_refused(data):
    whole = docx(paragraph("Restart the router."), image=png()) if data.draw(st.booleans()) else archive({"a.html": b"<p>Restart</p>", "b.md": b"# Router"})
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = data.draw(st.sampled_from([whole[:at], whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]]))
    bring_in(data.draw(st.sampled_from(["guide.docx", "space.zip"])), broken)


@QUICK
@given(MARKS, MARKS, MARKS)
def test_no_words_are_lost_and_none_are_taken_for_markup(one, two, three):
    a, b, c = map(escape, (one, two, three))
    html = (
        f"<p>start</p><p>{a}<br>{b}<em>{c}</em>{a}<b><i>{b}</i>{c}</b></p><ul><li>{a}</li><li><p>{b}</p><ol><li>{c}</li></ol></li></ul>"
        f"<table><tr><th>h</th><th>{a}</th></tr><tr><td>{b}</td><td>{c}</td></tr></table><h2>{b}</h2><blockquote>{c}<p>{a}</p></blockquote>"
        f"<p>{a}<a href='https://x.example'>{b}</a>{c}</p><div class='note'><p class='title'>t{a}</p><p>{b}</p></div><pre>{c}</pre>"
    )  # fmt: skip
    tree, changes = parse_html(html, "page.html"), Changes("page.html")
    clean_tree(tree, changes)
    blocks = BlockReader(changes).read(body_of(tree))
    body = write_markdown("".join(lxml.html.tostring(block, encoding="unicode", with_tail=False) for block in blocks))
    shown = render_article(Article(id="en/x", title="x", lang="en", body=body)).html
    assert squeeze(shown) == squeeze(html)


def squeeze(html: str) -> str:
    """The words of a page without white space."""
    return "".join("".join(lxml.html.fragment_fromstring(html, create_parent="div").itertext()).split())
