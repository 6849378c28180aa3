"""A Confluence space comes in from its HTML export or from the content API, with macros, attachments and links."""

from datetime import date

import pytest

from kb.articles import load_articles
from kb.importing import SourceError, import_articles
from tests.kb.import_samples import archive, confluence_content, confluence_page, png, write

INDEX = '<html><body><div id="main-content"><h2>Space Details</h2><ul><li><a href="Refunds_12345.html">Refunds</a></li></ul></div></body></html>'
REFUNDS = """
<h1 id="Refunds-Steps">Steps</h1>
<p>See <a href="Orders_777.html#Orders-Find">orders</a> and <a href="/pages/viewpage.action?pageId=777">again</a>.
<img class="confluence-embedded-image" src="attachments/12345/9.png?width=20" alt="Order list"></p>
<div class="confluence-information-macro confluence-information-macro-warning"><p class="title">Be careful</p>
<span class="aui-icon aui-icon-small"></span><div class="confluence-information-macro-body"><p>Money moves.</p></div></div>
<div class="code panel pdl"><div class="codeHeader panelHeader pdl"><b>run.sh</b></div><div class="codeContent panelContent pdl">
<pre class="syntaxhighlighter-pre" data-syntaxhighlighter-params="brush: bash; gutter: false">kb index
  --full</pre></div></div>
<div class="expand-container"><div class="expand-control"><span class="expand-control-text">More</span></div><div class="expand-content"><p>Rare.</p></div></div>
<ul class="inline-task-list"><li class="checked"><span>done</span></li><li><span>open</span></li></ul>
<p><a href="attachments/12345/form.pdf">form</a></p>
"""
EXPORT = {
    "SUP/index.html": INDEX,
    "SUP/Refunds_12345.html": confluence_page("Refunds", REFUNDS),
    "SUP/Orders_777.html": confluence_page("Orders", '<h2 id="Orders-Find">Find</h2><p>所有订单都在这里，请看说明。</p>'),
    "SUP/attachments/12345/9.png": png(),
    "SUP/attachments/12345/form.pdf": b"%PDF-1.7",
}
MARKDOWN = """## Steps

See [orders](../zh/orders.md#Orders-Find) and [again](../zh/orders.md). ![Order list](images/9.png)

!!! warning "Be careful"
    Money moves.

**run.sh**

```bash
kb index
  --full
```

??? note "More"
    Rare.

- [x] done
- [ ] open

form"""


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    return folder


def read(articles, id):
    return next(article for article in load_articles(articles).articles if article.id == id)


@pytest.mark.parametrize("packed", [False, True])
def test_an_html_export_comes_in_from_a_folder_or_its_archive(articles, tmp_path, packed):
    source = write(tmp_path / "SUP-export", EXPORT)
    if packed:
        source = tmp_path / "SUP-export.zip"
        source.write_bytes(archive({name: content if isinstance(content, bytes) else content.encode() for name, content in EXPORT.items()}))
    report = import_articles(source, articles)
    assert [str(refused) for refused in report.refused] == []
    refunds = read(articles, "en/refunds")
    assert refunds.body.strip() == MARKDOWN
    assert (refunds.title, refunds.updated, refunds.extra["source"]) == ("Refunds", date(2026, 3, 4), "confluence 12345")
    assert (articles / "en/images/9.png").read_bytes() == png()
    assert read(articles, "zh/orders").body.strip().startswith("## Find {#Orders-Find}")
    line = EXPORT["SUP/Refunds_12345.html"][: EXPORT["SUP/Refunds_12345.html"].index("form.pdf")].count("\n") + 1
    assert [str(change) for change in report.converted[0].changes] == [
        f"SUP/Refunds_12345.html:{line}: link removed, it leads to nothing that is imported: attachments/12345/form.pdf",
        "SUP/Refunds_12345.html: headings moved one level down, because the first level is the article's title",
    ]
    assert report.left_out == ("SUP/attachments/12345/form.pdf", "SUP/index.html")


STORAGE = """<p>Go&nbsp;to <ac:link ac:anchor="Part"><ri:page ri:content-title="Second page" /><ac:plain-text-link-body><![CDATA[<second>]]></ac:plain-text-link-body></ac:link></p>
<ac:structured-macro ac:name="info"><ac:parameter ac:name="title">Mind</ac:parameter><ac:rich-text-body><p>Text</p><ul><li>a</li></ul></ac:rich-text-body></ac:structured-macro>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">python</ac:parameter><ac:plain-text-body><![CDATA[if a < b:
    print("<p>")]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="toc" /><ac:structured-macro ac:name="drawio"><ac:parameter ac:name="x">1</ac:parameter></ac:structured-macro>
<p><ac:image ac:alt="Shot"><ri:attachment ri:filename="my shot.png" /></ac:image> <ac:image><ri:url ri:value="https://cdn.example/a.png" /></ac:image></p>
<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>done</ac:task-body></ac:task></ac:task-list>
<ac:structured-macro ac:name="expand"><ac:rich-text-body><p>Rare</p></ac:rich-text-body></ac:structured-macro>
<ac:structured-macro ac:name="custom-frame"><ac:rich-text-body><p>Kept</p></ac:rich-text-body></ac:structured-macro>"""
FROM_STORAGE = """Go to [\\<second>](second-page.md#Part)

!!! info "Mind"
    Text

    - a

```python
if a < b:
    print("<p>")
```

![Shot](images/my-shot.png) ![](https://cdn.example/a.png)

- [x] done

??? details
    Rare

Kept"""


def test_pages_of_the_content_api_come_in_with_macros_and_attachments(articles, tmp_path):
    pages = [confluence_content("5", "Set up", STORAGE), confluence_content("6", "Second page", "<h2>Part</h2><p>x</p>", status="archived")]
    source = write(tmp_path / "api", {"pages.json": {"results": pages}, "attachments/5/my shot.png": png()})
    report = import_articles(source, articles, publish=True)
    assert [str(refused) for refused in report.refused] == []
    article = read(articles, "en/set-up")
    assert article.body.strip() == FROM_STORAGE
    assert (article.tags, article.updated, article.status, article.extra["source"]) == (("billing",), date(2026, 3, 4), "published", "confluence 5")
    assert read(articles, "en/second-page").status == "archived"
    assert [str(change) for change in report.converted[1].changes] == [
        "pages.json: macro custom-frame removed; the text inside it stays",
        "pages.json: macro drawio removed",
        "pages.json: image of another server left as a link: https://cdn.example/a.png",
    ]


def test_a_page_for_some_people_only_stays_hidden_from_the_others(articles, tmp_path):
    restricted = {"read": {"restrictions": {"user": {"results": [{"username": "mei"}]}, "group": {"results": []}}}}
    source = write(tmp_path / "api", {"page.json": confluence_content("5", "Plan", "<p>x</p>", restrictions=restricted)})
    import_articles(source, articles, publish=True)
    assert read(articles, "en/plan").visibility == "internal"


def test_views_are_read_where_there_is_no_storage_format(articles, tmp_path):
    page = confluence_content("5", "View", "", body={"view": {"value": '<p>x <a href="/wiki/spaces/SUP/pages/6/Other">other</a></p>'}}, _links={"base": "https://acme.atlassian.net/wiki"})
    import_articles(write(tmp_path / "api", {"page.json": [page, confluence_content("6", "Other", "<p>y</p>")]}), articles)
    assert read(articles, "en/view").body.strip() == "x [other](other.md)"


def test_storage_format_that_is_not_well_formed_is_mended_and_entities_are_never_resolved(articles, tmp_path):
    pages = [
        confluence_content("1", "Open", "<p>one<br>two</p><p>three</p>"),
        confluence_content("2", "Entity", '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>start &x; end</p>'),
        confluence_content("3", "Deep", "<p>" * 3000),
        confluence_content("4", "Nothing", " "),
        {**confluence_content("5", "No id", "<p>x</p>"), "id": None},
    ]
    report = import_articles(write(tmp_path / "api", {"pages.json": {"results": pages}}), articles)
    assert [one.id for one in report.converted] == ["en/entity", "en/open"]
    assert read(articles, "en/open").body.strip() == "one  \ntwo\n\nthree"
    hostname = open("/etc/hostname", encoding="utf-8").read().strip()
    assert hostname not in read(articles, "en/entity").body and "end" in read(articles, "en/entity").body
    assert sorted(refused.fact.split(";")[0] for refused in report.refused) == [
        "is nested more than 200 elements deep",
        "page 'No id' has no id",
        "page 4 (Nothing) has no text",
    ]


def test_a_backup_in_xml_is_refused_with_the_way_to_export(articles, tmp_path):
    (tmp_path / "backup.zip").write_bytes(archive({"entities.xml": b"<x/>", "exportDescriptor.properties": b""}))
    with pytest.raises(SourceError, match="is a Confluence backup in XML; export the space as HTML instead"):
        import_articles(tmp_path / "backup.zip", articles)
