"""Markdown of any flavour becomes one safe page that shows every word its readers would see."""

import re

import lxml.html
import pytest

from kb.articles import Article
from kb.errors import ArticleError
from kb.rendering import TocEntry, render_article


def render(body, *, id="zh/guide/page", title="T", lang="en"):
    return render_article(Article(id=id, title=title, lang=lang, body=body))


def html_of(body, **article):
    return render(body, **article).html


def seen(body, **article):
    """The page's words, one space between them."""
    html = html_of(body, **article)
    return " ".join("".join(lxml.html.fragment_fromstring(html, create_parent="div").itertext()).split())


def shape(html):
    """Tags and words without attributes and white space between tags."""
    return re.sub(r">\s+|\s+<", lambda match: match.group().strip(), re.sub(r"<(\w+)[^>]*>", r"<\1>", html))


def test_steps_keep_their_code_images_and_nested_lists():
    html = shape(html_of("Do this:\n1. Run:\n   ```bash\n   cd /x\n     ls\n   ```\n1. Then\n   - one\n     - two\n1. Last\n"))
    assert html.startswith("<p>Do this:</p><ol><li><p>Run:</p><div><pre><code>")
    assert "<li><p>Then</p><ul><li>one<ul><li>two</li></ul></li></ul></li><li><p>Last</p></li></ol>" in html
    assert seen("1. Run:\n   ```\n   cd /x\n     ls\n   ```\n1. Then") == "Run: cd /x ls Then"


@pytest.mark.parametrize("indent", [2, 3, 4])
def test_a_list_nests_by_two_three_or_four_spaces(indent):
    step = " " * indent
    body = f"1. a\n{' ' * max(indent, 3)}- b\n\n{' ' * max(indent, 3)}{step}text of b\n2. c" if indent < 4 else "1. a\n    - b\n2. c"
    assert shape(html_of(body)).count("<ol>") == 1
    assert shape(html_of(f"- a\n{step}- b\n{step}{step}- c\n- d")) == "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"


def test_steps_written_line_below_line_are_as_many_steps():
    assert shape(html_of("1. a\n2. b\n3. c\n\nend")) == "<ol><li>a</li><li>b</li><li>c</li></ol><p>end</p>"
    assert shape(html_of("- a\n  1. b\n  2. c\n- d")) == "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>"


def test_an_ordered_list_starts_at_its_own_number():
    assert '<ol start="3">' in html_of("3. c\n4. d")


def test_numbered_steps_without_blank_lines_stay_separate_steps():
    assert shape(html_of("1. one\n2. two\n   more\n3. three")) == "<ol><li>one</li><li>two\n    more</li><li>three</li></ol>"


def test_a_number_at_the_start_of_a_line_of_prose_makes_no_list():
    assert shape(html_of("The version was\n14. It changed.")) == "<p>The version was\n14. It changed.</p>"


def test_a_table_needs_no_blank_line_and_keeps_pipes_inside_code():
    html = shape(html_of("Sizes:\n| Name | Use |\n|---|:-:|\n| `a|b` | x <db> |"))
    assert html.startswith("<p>Sizes:</p><table><thead><tr><th>Name</th><th>Use</th></tr></thead>")
    assert "<td><code>a|b</code></td><td>x &lt;db&gt;</td>" in html


def test_task_lists_show_boxes_strikes_are_deleted_and_footnotes_link_back():
    assert seen("- [ ] open\n- [x] done") == "☐ open ☑ done"
    assert "<del>old</del>" in html_of("~~old~~ new")
    html = html_of("Fact[^1].\n\n[^1]: Its source.")
    assert 'href="#fn:1"' in html and 'id="fn:1"' in html and "Its source." in html


def test_code_is_highlighted_with_classes_and_without_inline_styles():
    html = html_of("```python\nprint('a' < 'b')\n```")
    assert '<div class="highlight"><pre><code><span class="nb">print</span>' in html
    assert "style=" not in html


def test_code_is_never_read_as_markdown_or_html():
    code = "# not a heading\n<branch> &amp; **x** {{ y }} [!DNL z] <!-- kept -->\n:::"
    page = lxml.html.fragment_fromstring(html_of(f"```\n{code}\n```"), create_parent="div")
    assert "".join(page.itertext()).strip() == code


def test_tabs_in_code_stay_tabs_and_tabs_before_a_list_nest_it():
    assert "all:\n\tmake" in "".join(lxml.html.fromstring(html_of("```\nall:\n\tmake\n```")).itertext())
    assert shape(html_of("- a\n\t- b")) == "<ul><li>a<ul><li>b</li></ul></li></ul>"


@pytest.mark.parametrize(
    ("source", "words", "kind"),
    [
        (">[!NOTE]\n>\n>Adobe **text**.", "Note Adobe text.", "note"),
        ("> [!WARNING]\n> GitHub text.", "Warning GitHub text.", "warning"),
        ("::: tip 标题\nVuePress text\n:::", "标题 VuePress text", "tip"),
        (":::danger[Be careful]\n\nDocusaurus text\n\n:::", "Be careful Docusaurus text", "danger"),
        ('!!! note "Title with <b>"\n    MkDocs text\n\n    more', "Title with <b> MkDocs text more", "note"),
        ("> [!CUSTOM] Own title\n> text", "Own title text", "note"),
    ],
)
def test_every_flavour_of_callout_is_an_admonition(source, words, kind):
    assert f'<div class="admonition {kind}">' in html_of(source)
    assert seen(f"before\n\n{source}\n\nafter") == f"before {words} after"


def test_callouts_without_a_title_are_named_in_the_language_of_the_article():
    assert seen(">[!IMPORTANT]\n>先备份。", lang="zh") == "重要 先备份。"


@pytest.mark.parametrize("source", ["+++Show more\nHidden **text**\n+++", '??? "Show more"\n    Hidden **text**',
                                    "::: details Show more\nHidden **text**\n:::",
                                    "<details><summary>Show more</summary>\n\nHidden **text**\n\n</details>"])  # fmt: skip
def test_every_flavour_of_fold_is_details_and_keeps_its_text(source):
    assert shape(html_of(source)).replace("<p>Show more</p>", "Show more") == (
        "<details><summary>Show more</summary><p>Hidden<strong>text</strong></p></details>"
    )


def test_a_callout_inside_a_step_stays_in_the_step():
    html = shape(html_of("1. One\n\n   >[!TIP]\n   >Hint\n\n1. Two"))
    assert html == "<ol><li><p>One</p><div><p>Tip</p><p>Hint</p></div></li><li><p>Two</p></li></ol>"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Open [!DNL New Relic] and [!UICONTROL Save > Close].", "Open New Relic and Save > Close."),
        ('[Docs](https://a.example/){target="_blank"} first.', "Docs first."),
        ("{: .note }\nText\n{: .lead}", "Text"),
        ("{% include note.html %} and {{ site.name }}", "{% include note.html %} and {{ site.name }}"),
        ("{% highlight sql %}\nSELECT 1\n{% endhighlight %}", "SELECT 1"),
        ("{% raw %}{{ name }}{% endraw %}", "{{ name }}"),
        ("[[toc]]\n\n[TOC]\n\nText", "Text"),
        ("a <!-- gone --> b\n<!-- gone\n\nalso -->\nc", "a b c"),
        ("**商店**&#x200B;和\u200b更多", "商店和更多"),
        ("Send {\"id\": 5} to {id}", 'Send {"id": 5} to {id}'),
        ("## Use {{ name }}", "Use {{ name }}"),
        ("git push <project id> <branch> <cluster-name>", "git push <project id> <branch> <cluster-name>"),
        ("SELECT * FROM <table> WHERE a < b > c", "SELECT * FROM <table> WHERE a < b > c"),
        ("depends on <class 'int'>, vector<string>", "depends on <class 'int'>, vector<string>"),
        ("H<sub>2</sub>O, <u>under</u>, <kbd>Ctrl</kbd><br>next", "H2O, under, Ctrlnext"),
        ("<table><tr><td>x <id></td>\n\n<td>[!DNL y]</td></tr></table>", "x <id> y"),
        ('import x\n"""\n#comment\n#1 fan\n"""', 'import x """ #comment #1 fan """'),
        ("<https://a.example/x> and <me@a.example>", "https://a.example/x and me@a.example"),
        ("::: code-group\n```sh [npm]\nnpm i\n```\n```sh [pnpm]\npnpm i\n```\n:::", "npm npm i pnpm pnpm i"),
        ('=== "Linux"\n\n    apt\n\n=== "Mac"\n\n    brew', "Linux apt Mac brew"),
        ("Term\n:   Meaning", "Term Meaning"),
        ("第一行\n第二行", "第一行第二行"),
        ("```\nnever closed", "never closed"),
        ("C:\\Users\\me and \\*stars\\*", "C:\\Users\\me and *stars*"),
    ],
)  # fmt: skip
def test_no_flavour_loses_or_invents_words(source, words):
    assert seen(source) == words


def test_headings_have_stable_unique_anchors_in_any_language():
    page = render("## 安装 步骤\n\n## Setup {#own}\n\n## 安装 步骤\n\n### What's new?\n\n## ")
    assert page.toc == (
        TocEntry(2, "安装-步骤", "安装 步骤"),
        TocEntry(2, "own", "Setup"),
        TocEntry(2, "安装-步骤-2", "安装 步骤"),
        TocEntry(3, "whats-new", "What's new?"),
    )
    for entry in page.toc:
        assert f'id="{entry.anchor}"' in page.html


def test_the_title_is_not_repeated_and_no_page_has_a_first_level_heading():
    page = render("# Reset *a* password\n\n## Before\n\n# Another\n\n## Below", title="Reset a password")
    assert [(entry.level, entry.text) for entry in page.toc] == [(3, "Before"), (2, "Another"), (3, "Below")]
    assert "<h1" not in page.html and "Reset" not in page.html
    assert [entry.level for entry in render("# T\n\n## Before\n\n### Below").toc] == [2, 3]


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("other.md", "/article?id=zh/guide/other"),
        ("./other.md#部分", "/article?id=zh/guide/other#%E9%83%A8%E5%88%86"),
        ("../faq/a b.md", "/article?id=zh/faq/a%20b"),
        ("<../faq/a b.md>", "/article?id=zh/faq/a%20b"),
        ("/en/x.md", "/article?id=en/x"),
        ("../faq/refund", "/article?id=zh/faq/refund"),
        ("page.html", "/article?id=zh/guide/page"),
        ("#part", "#part"),
        ("/browse", "/browse"),
        ("https://a.example/x.md", "https://a.example/x.md"),
        ("mailto:help@a.example", "mailto:help@a.example"),
        ("../../../etc/passwd.md", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
    ],
)
def test_links_lead_to_articles_in_the_portal_or_to_safe_addresses(href, address):
    found = re.search(r'href="([^"]*)"', html_of(f"[x]({href})"))
    assert (found and found.group(1)) == address


def test_links_out_open_apart_and_tell_nothing_and_links_inside_stay():
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in html_of("[x](https://a.example)")
    assert html_of("[x](y.md)").strip() == '<p><a href="/article?id=zh/guide/y" target="_self">x</a></p>'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("![图](img/a.png)", '<img alt="图" src="/media/zh/guide/img/a.png" loading="lazy">'),
        ("![x](</shared/b c.webp>)", '<img alt="x" src="/media/shared/b%20c.webp" loading="lazy">'),
        ("![chart](https://a.example/c.png)",
         '<a href="https://a.example/c.png" target="_blank" rel="noopener noreferrer nofollow">chart</a>'),
        ("![chart](//a.example/c.png)", '<a href="//a.example/c.png" target="_blank" rel="noopener noreferrer nofollow">chart</a>'),
        ("![x](../../../secret.png)", "x"),
        ("![x](a.svg)", "x"),
        ("![x](data:image/png;base64,AAAA)", "x"),
    ],
)  # fmt: skip
def test_images_come_from_the_articles_folder_or_become_words(source, html):
    assert html_of(source).strip() in (f"<p>{html}</p>", f"<p><span>{html}</span></p>")


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<iframe src=javascript:alert(1)></iframe>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java&#115;cript:alert(1))", "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))", "[x](\x01javascript:alert(1))", "<a href=\"javascript:alert(1)\">x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "![x](javascript:alert(1))", "![\" onerror=\"alert(1)](a.png)", "[x]: javascript:alert(1)\n\n[x]", "<javascript:alert(1)>",
    "<style>*{background:url(//evil)}</style>", "<p style=\"background:url(//evil)\">x</p>", "<form action=//evil><input name=p></form>",
    "<details open ontoggle=alert(1)>x</details>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<a id=x name=location>x</a>", "## x {#\"onclick=alert(1)}", "## x { onclick=alert(1) }", "*x*{onmouseover=alert(1)}",
    "```\"><script>alert(1)</script>\nx\n```", "!!! note \"<img src=x onerror=alert(1)>\"\n    x", "::: tip <svg/onload=alert(1)>\nx\n:::",
    "<base href=//evil>", "<meta http-equiv=refresh content=0;//evil>", "<link rel=stylesheet href=//evil>",
    "<object data=//evil></object>",
    "<img src=\"https://evil/x.png\">", "<a href=\"/\\evil\">x</a>", "[x](//evil)", "<div class=\"stApp\" id=\"root\">x</div>",
    "<table><td background=//evil>x</td></table>", "\x02wzxhzdk:0\x03<script>alert(1)</script>", "<b><script>alert(1)</script></b>",
]  # fmt: skip
_FORBIDDEN = {"script", "style", "svg", "math", "iframe", "form", "input", "object", "embed", "base", "meta", "link"}
_ALLOWED_ATTRIBUTES = {"id", "class", "href", "target", "rel", "src", "alt", "loading", "title", "open", "start", "colspan", "rowspan"}


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_an_author_types_becomes_live_html(payload):
    for body in (payload, f"- {payload}", f"> {payload}", f"| a |\n|---|\n| {payload} |", f"## {payload}", f"<div>{payload}</div>"):
        page = lxml.html.fragment_fromstring(html_of(body), create_parent="div")
        for element in page.iter():
            assert element.tag not in _FORBIDDEN
            assert set(element.attrib) <= _ALLOWED_ATTRIBUTES
            assert "stApp" not in element.get("class", "")
            if "href" in element.attrib:
                assert re.match(r"(?:https?://|mailto:|tel:|/|#|\?)", element.get("href"))
            if "src" in element.attrib:
                assert element.get("src").startswith("/media/")


def test_nesting_beyond_any_written_article_is_refused_with_a_remedy():
    with pytest.raises(ArticleError, match="more than 30 deep; make its lists and quotes flatter"):
        render("\n".join("  " * depth + "- x" for depth in range(40)))
    with pytest.raises(ArticleError, match="HTML is nested more than 120 deep"):
        render("<div>" * 200 + "x" + "</div>" * 200)


def test_an_empty_body_is_an_empty_page():
    assert render("") == render("\n\n") and render("").html.strip() == ""
