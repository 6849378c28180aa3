"""HTML becomes the Markdown that kb reads: every structure that has a counterpart, and a word about each that has none."""

import base64

import pytest

from kb.articles import load_articles, parse_article
from kb.importing import import_articles
from kb.page import render_article
from tests.kb.import_samples import png, write


@pytest.fixture
def convert(tmp_path):
    """The body of an article that was one HTML file, and what was told about it."""

    def run(html: str, **files: bytes | str):
        source = write(tmp_path / "source", {"page.html": html, **files})
        (tmp_path / "articles").mkdir(exist_ok=True)
        report = import_articles(source, tmp_path / "articles", lang="en")
        assert report.refused == ()
        text = (tmp_path / "articles" / "en" / "page.md").read_text(encoding="utf-8")
        return parse_article(text, id="en/page").body.strip("\n"), [str(change) for change in report.converted[0].changes]

    return run


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>Page</h1><h2>Steps</h2><p>Go</p>", "# Page\n\n## Steps\n\nGo"),
        ("<p>one<br>two</p>", "one  \ntwo"),
        ("bare<div>in a <span>div</span></div>bare", "bare\n\nin a div\n\nbare"),
        ("<p>a<br><br>b</p>", "a\n\nb"),
        ("<p><b>Bold</b><b>er</b>, <i>it</i>, <s>gone</s>, <code>a`b</code>, <kbd>Ctrl</kbd>, H<sub>2</sub>O</p>",
         "**Bolder**, _it_, ~~gone~~, ``a`b``, <kbd>Ctrl</kbd>, H<sub>2</sub>O"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"),
        ('<ol start="3"><li><p>a</p><pre><code class="language-bash">ls\n\n  -l</code></pre></li><li>b</li></ol>',
         "3. a\n\n   ```bash\n   ls\n\n     -l\n   ```\n4. b"),
        ("<ul><li><input type=checkbox checked> done</li><li><input type=checkbox>open</li></ul>", "- [x] done\n- [ ] open"),
        ("<blockquote><p>said</p></blockquote>", "> said"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x|y<br><code>p|q</code></td></tr></table>",
         "| a | b |\n|---|---|\n| 1 | x\\|y<br>`p|q` |"),
        ("<table><tr><th>plan</th><td>Team</td></tr><tr><th>seats</th><td>20</td></tr></table>",
         "|  |  |\n|---|---|\n| **plan** | Team |\n| **seats** | 20 |"),
        ("<table><tr><td><p>framed</p><ul><li>x</li></ul></td></tr></table>", "framed\n\n- x"),
        ("<dl><dt>term</dt><dd>what it is</dd></dl>", "**term**\n\nwhat it is"),
        ("<details><summary>More</summary><p>inside</p></details>", '??? note "More"\n    inside'),
        ('<div class="callout callout--warning"><p class="callout-title">Stop</p><p>Hot</p></div>', '!!! warning "Stop"\n    Hot'),
        ('<div class="admonition tip"><p class="admonition-title">Tip</p><p>x</p></div>', "!!! tip\n    x"),
        ('<p class="note">Mind the gap</p>', "!!! note\n    Mind the gap"),
        ('<div class="alert alert-danger">x</div>', "!!! danger\n    x"),
        ('<div class="highlight highlight-source-shell"><pre>ls <b>-l</b></pre></div>', "```shell\nls -l\n```"),
        ("<pre>```\ncode\n```</pre>", "````\n```\ncode\n```\n````"),
        ("<p><a href='https://x.example/a(b) c'>li[n]k</a> <a href='https://x.example/'>https://x.example/</a></p>",
         "[li\\[n\\]k](https://x.example/a%28b%29%20c) <https://x.example/>"),
        ("<p>1. no list</p><p># no heading</p><p>&lt;project id&gt; *x* C:\\dir snake_case</p>",
         "1\\. no list\n\n\\# no heading\n\n\\<project id> \\*x\\* C:\\dir snake_case"),
        ("<p>中文\n  中文，<b>注意：</b>请看</p>", "中文中文，**注意：**请看"),
        ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
        ("<a href='https://x.example'><h2>Head</h2><div>text</div></a>", "## [Head](https://x.example)\n\n[text](https://x.example)"),
        ("<h2><strong>Loud</strong></h2><p>x</p>", "## Loud\n\nx"),
        ("<table class='highlighttable'><tr><td class='linenos'><pre>1\n2</pre></td><td class='code'><pre>a\nb</pre></td></tr></table>",
         "```\na\nb\n```"),
        ("<p>&nbsp;</p><p>text</p><p> <br> </p>", "text"),
    ],
)  # fmt: skip
def test_each_structure_has_its_counterpart(convert, html, markdown):
    # A heading of the title's own level would be moved; the page's title is told by its first heading.
    body, changes = convert(html)
    assert body == markdown.removeprefix("# Page\n\n")
    assert changes == []


def test_what_markdown_lacks_is_told_with_its_line(convert):
    body, changes = convert(
        "<p>x</p>\n<table><tr><th colspan=2>A</th><th>B</th></tr>\n<tr><td rowspan=2>1</td><td>2</td><td><ul><li>l</li><li>m</li></ul></td></tr>"
        "<tr><td>3</td><td><pre>a\nb</pre></td></tr></table>\n\n\n<p style='color: red'>red</p><p><font color=blue>blue</font></p>\n"
        "<h1>Own level</h1><iframe src='https://video.example/1'></iframe><svg><text>no</text></svg><ol type=a><li>q</li></ol>"
    )
    assert "| A |  | B |\n|---|---|---|\n| 1 | 2 | • l<br>• m |\n| 1 | 3 | `a`<br>`b` |" in body
    assert "## Own level\n\n<https://video.example/1>\n\n1. q" in body
    assert changes == [
        "page.html:8: iframe removed; its address stays as a link",
        "page.html:8: svg drawing removed; add it as a PNG image",
        "page.html:7: colour dropped (2 times)",
        "page.html:2: table with merged cells flattened",
        "page.html:3: list in a table cell became lines of the cell",
        "page.html:3: code block in a table cell became lines of the cell",
        "page.html:8: list with letters or Roman numbers is numbered 1, 2, 3",
        "page.html: headings moved one level down, because the first level is the article's title",
    ]


def test_nothing_that_acts_comes_in(convert):
    body, changes = convert(
        "<p onclick='x()'>text <a href='javascript:x()'>run</a><script>steal()</script><style>p{}</style><object data='file:///x'></object>"
        "<img src=x onerror=x()><!-- secret --><form><input name=q><button>Send</button></form></p><template><b>t</b></template>"
    )
    assert body == "text run\n\nSend"
    assert any("link removed, it leads to nothing that is imported: javascript:x()" in change for change in changes)


def test_images_come_along_and_missing_ones_are_told(convert, tmp_path):
    inline = base64.b64encode(png(3, 3)).decode()
    body, changes = convert(
        f"<p><img src='img/a%20b.png' alt='A [b]'>\n<img src='data:image/png;base64,{inline}' alt='Inline one'>\n<img src='no.png' alt='Lost'>\n"
        "<img src='https://cdn.example/x.png' alt='Far'>\n<img src='../../secret.png'>\n<img src='bad.png' alt='Bad'></p>",
        **{"img/a b.png": png(), "bad.png": b"no image", "../secret.png": png(4, 4)},
    )
    assert body == "![A \\[b\\]](images/a-b.png) ![Inline one](images/inline-one.png) Lost ![Far](https://cdn.example/x.png) Bad"
    images = tmp_path / "articles" / "en" / "images"
    assert {path.name: path.read_bytes() for path in images.iterdir()} == {"a-b.png": png(), "inline-one.png": png(3, 3)}
    assert changes == [
        "page.html:3: image left out, it is not part of the source: no.png",
        "page.html:4: image of another server left as a link: https://cdn.example/x.png",
        "page.html:5: image left out, it is not part of the source: ../../secret.png",
        "page.html:6: image left out: bad.png is no image that every browser shows; save it as PNG, JPEG, GIF or WebP",
    ]


def test_links_between_pages_follow_them_to_their_new_places_and_sections(tmp_path):
    write(tmp_path / "site", {
        "guide/start.html": "<h1>Start</h1><p><a href='../ref/all.htm#opts'>options</a> <a href='#b'>below</a> <a href='gone.html'>gone</a></p><h2 id='b'>B</h2>",
        "ref/all.htm": "<title>All | Site</title><p>See <a href='/guide/start.html'>start</a></p><a name='opts'></a><h2>Options</h2><p id='x'>y</p>",
        "zh/kaishi.html": "<h1>开始</h1><p>请看<a href='../guide/start.html'>入门</a>，里面有全部说明。</p>",
        "notes.txt": "x",
    })  # fmt: skip
    (tmp_path / "articles").mkdir()
    report = import_articles(tmp_path / "site", tmp_path / "articles", into="manual")
    texts = {article.id: article for article in load_articles(tmp_path / "articles").articles}
    start = texts["en/manual/guide/start"]
    assert start.body.strip() == "[options](../ref/all.md#opts) [below](#b) gone\n\n## B {#b}"
    assert "## Options {#opts}" in texts["en/manual/ref/all"].body and "[start](../guide/start.md)" in texts["en/manual/ref/all"].body
    assert texts["zh/manual/kaishi"].body.strip() == "请看[入门](../../en/manual/guide/start.md)，里面有全部说明。"
    assert texts["en/manual/ref/all"].title == "All"
    assert 'href="/article?id=en/manual/ref/all#opts"' in render_article(start).html
    assert report.left_out == ("notes.txt",)


def test_the_page_is_its_main_part_not_the_furniture(convert):
    body, _ = convert("<body><nav>Home</nav><header>Logo</header><main><h1>Page</h1><p>text</p></main><footer>(c)</footer></body>")
    assert body == "text"


def test_pages_in_other_encodings_are_read(tmp_path):
    write(tmp_path / "site", {
        "a.html": "<meta charset=gb2312><h1>退款</h1><p>怎么申请退款</p>".encode("gb18030"),
        "b.html": "<h1>Größe</h1><meta charset='iso-8859-1'><p>passt “so”</p>".encode("cp1252"),
        "c.html": "<p>wide text here</p>".encode("utf-16"),
    })  # fmt: skip
    (tmp_path / "articles").mkdir()
    report = import_articles(tmp_path / "site", tmp_path / "articles")
    assert [(article.id, article.title) for article in report.converted] == [("en/b", "Größe"), ("en/c", "c"), ("zh/a", "退款")]


def test_absurd_nesting_is_refused_by_name(tmp_path):
    write(tmp_path / "site", {"deep.html": "<div>" * 5000 + "x", "lists.html": "<ul><li>" * 60 + "x", "wide.html": "<table><tr><td colspan=9 rowspan=9>" + "<td colspan=60>" * 3, "ok.html": "<p>fine"})
    (tmp_path / "articles").mkdir()
    report = import_articles(tmp_path / "site", tmp_path / "articles")
    assert [article.id for article in report.converted] == ["en/ok"]
    assert sorted(refused.file for refused in report.refused) == ["deep.html", "lists.html", "wide.html"]
    assert any("more than 25 deep" in refused.fact for refused in report.refused)


def test_a_page_without_words_is_refused_and_no_link_leads_to_it(tmp_path):
    write(tmp_path / "site", {"a.html": "<p>See <a href='b.html'>b</a> and <a href='c.html'>c</a>.</p>", "b.html": "<script>1</script>", "c.html": "<p>c</p>"})
    (tmp_path / "articles").mkdir()
    report = import_articles(tmp_path / "site", tmp_path / "articles")
    assert [str(refused) for refused in report.refused] == ["b.html: has no text; write its content or leave it out of the export"]
    assert (tmp_path / "articles/en/a.md").read_text(encoding="utf-8").endswith("See b and [c](c.md).\n")
