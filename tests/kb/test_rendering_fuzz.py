"""Whatever Markdown and HTML an author mixes, the page keeps its promises, and is there in time or refused."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.articles import Article
from kb.errors import ArticleError
from kb.page import render_article
from kb.rendering import RenderWorker
from kb.sanitising import sanitise
from tests.page_promises import misdeeds

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

SECONDS = 1.0
RUN = "alert(1)"
SCHEMES = (
    "javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\x01javascript:", " javascript:", "javascript&colon;", "&#x6A;avascript:", "vbscript:",
    "data:text/html,", "data:image/svg+xml,", "file:///", "//evil/", "/\\evil/", "\\\\evil\\", "https://evil/", "mailto:", "feed:javascript:", "%6Aavascript:",
    "../../../", "/media/../", "[::", "https://[bad", "blob:", "view-source:",
)  # fmt: skip
NAMES = (
    "script style svg math iframe object embed form input button textarea select option base meta link template noscript noembed xmp plaintext title"
    " a img p div span b table tr td th ul ol li details summary h1 h2 h6 pre code blockquote q br hr kbd video audio source picture frameset body html"
    " foreignobject mglyph mtext annotation-xml desc x-y selectedcontent"
).split()
EVENTS = ("onerror", "onload", "ONCLICK", "onfocus", "onmouseover", "ontoggle", "onbeforeinput", "style", "srcset", "formaction", "xlink:href", "srcdoc", "name", "is", "ping")
QUOTES = st.sampled_from(['"', "'", "", "`"])
ADDRESS = st.builds("{}{}".format, st.sampled_from(SCHEMES), st.sampled_from([RUN, "x.md", "x.png", "<script>", "a b", "x#y%zz", "\ud800", "x\0y"]))
ATTRIBUTE = st.one_of(
    st.builds(" {0}={2}{1}{2}".format, st.sampled_from(EVENTS), st.sampled_from([RUN, "position:fixed", "x"]), QUOTES),
    st.builds(" {0}={2}{1}{2}".format, st.sampled_from(["href", "src", "cite", "action", "background", "data"]), ADDRESS, QUOTES),
    st.builds(" {0}={2}{1}{2}".format, st.sampled_from(["id", "class", "title", "alt", "colspan", "target"]), st.sampled_from(
        ["x", "root", "x\"><script>", "stApp", "admonition note", "--><img src=x onerror=alert(1)>", "99999999999", "section", "fn:1", "</noscript><b>"]), QUOTES),
    st.sampled_from([" ", "/", " =", ' "', " '", " open", " autofocus"]),
)  # fmt: skip
MARKUP = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(NAMES), st.lists(ATTRIBUTE, max_size=3).map("".join)),
    st.builds("</{}>".format, st.sampled_from(NAMES)),
    st.builds("[x]({})".format, ADDRESS), st.builds("![x]({})".format, ADDRESS), st.builds("<{}>".format, ADDRESS), st.builds("[r]: {}\n".format, ADDRESS),
    st.builds("{{{}}}".format, st.lists(ATTRIBUTE, max_size=2).map("".join)), st.builds("## x {{: {}}}\n".format, st.lists(ATTRIBUTE, max_size=2).map("".join)),
    st.sampled_from([
        "<!--", "-->", "<![CDATA[", "]]>", "<?php ", "?>", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;", "&lt;script&gt;", "&#0;", "&#x80000000;",
        "```", "~~~html\n", "    code\n", "\n\n", "\n", "- ", "1. ", "> ", "| a | b |\n|---|---|\n| ", " |", "## section\n", "# T\n", "::: tip ", "\n:::\n", "!!! note \"",
        "??? x\n    ", "> [!WARNING]\n> ", "=== \"", "[^1]", "[^1]: x\n", "[r]", "**", "_", "`", "\\", "\\<", "\x02wzxhzdk:0\x03", "\x02", "\x03", "\0", "\ud800",
        "{{< x >}}", "{% raw %}", ":::", "*[x]: y\n", "T\n: D\n", "\u202e", "e\u0301", "👩‍👩‍👧", "退款", "\u2028",
    ]),
    st.text(max_size=5),
)  # fmt: skip
BODY = st.lists(MARKUP, max_size=14).map("".join)
@pytest.fixture(scope="module")
def worker():
    with RenderWorker(max_seconds=SECONDS) as worker:
        yield worker


@QUICK
@given(BODY)
def test_no_mixture_of_markup_makes_a_page_that_acts_or_leaves_something_open(body):
    try:
        page = render_article(Article(id="en/a/b", title="T", lang="en", body=body))
    except ArticleError as refusal:
        assert refusal.path == "en/a/b.md" and ";" in refusal.fact
        return
    assert misdeeds(page.html) == []
    assert len({entry.anchor for entry in page.toc}) == len(page.toc)
    page.html.encode("utf-8")


@QUICK
@given(BODY)
def test_a_page_is_the_same_each_time_and_cleaning_it_again_changes_nothing(body):
    article = Article(id="en/a/b", title="T", lang="en", body=body)
    try:
        page = render_article(article)
    except ArticleError:
        return
    assert render_article(article) == page
    assert sanitise(page.html) == page.html


@settings(QUICK, max_examples=12)
@given(st.lists(MARKUP, min_size=1, max_size=3).map("".join))
def test_whatever_is_repeated_without_end_is_rendered_or_refused_in_time(worker, piece):
    article = Article(id="en/a/b", title="T", lang="en", body=(piece * (15_000 // len(piece) + 1)) if piece else "x")
    started = time.monotonic()
    try:
        assert misdeeds(worker.render(article).html) == []
    except ArticleError as refusal:
        assert "fault of kb" not in refusal.fact
    assert time.monotonic() - started < SECONDS + 3
