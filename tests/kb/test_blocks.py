"""A page is cut into blocks that hold its words, all of them, in order, and can each stand alone."""

import re

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.articles import Article
from kb.blocks import split_blocks
from kb.rendering import render_article
from kb.sanitising import sanitise


def blocks_of(body, title="T"):
    return split_blocks(render_article(Article(id="zh/a", title=title, lang="en", body=body)).html)


def summary(blocks):
    return [(block.kind, block.text) for block in blocks]


def test_steps_are_items_with_their_numbers_and_code_stays_whole_in_their_group():
    blocks = blocks_of("Do:\n\n1. Run **this**:\n   ```sh\n   cd /x\n     ls\n   ```\n2. Then\n   - one\n\n   More.\n\nEnd")
    assert summary(blocks) == [
        ("text", "Do:"),
        ("item", "1. Run this:"),
        ("code", "cd /x\n  ls"),
        ("item", "2. Then"),
        ("item", "  - one"),
        ("text", "More."),
        ("text", "End"),
    ]
    assert [block.level for block in blocks] == [0, 1, 0, 1, 2, 0, 0]
    assert len({block.group for block in blocks[1:6]}) == 1
    assert len({block.group for block in blocks}) == 3


def test_an_item_alone_keeps_its_number():
    assert blocks_of("3. **c**")[0].html == '<ol start="3"><li><strong>c</strong></li></ol>'
    assert blocks_of("- c")[0].html == "<ul><li>c</li></ul>"


def test_table_rows_share_a_group_and_stand_alone_with_the_header_first():
    blocks = blocks_of("| Code | Meaning |\n|---|---|\n| `E1` | disk <full> |\n| E2 | |")
    assert summary(blocks) == [("row", "Code | Meaning"), ("row", "E1 | disk <full>"), ("row", "E2 | ")]
    assert {block.group for block in blocks} == {blocks[0].group}
    assert blocks[1].html == "<table><tbody><tr><td><code>E1</code></td><td>disk &lt;full&gt;</td></tr></tbody></table>"


def test_every_block_carries_the_anchor_of_the_heading_above_it():
    blocks = blocks_of("Intro\n\n## 安装\n\nText\n\n### Next {#n}\n\n> Quote")
    assert [(block.kind, block.anchor, block.level) for block in blocks] == [
        ("text", "", 0), ("heading", "安装", 2), ("text", "安装", 0), ("heading", "n", 3), ("quote", "n", 0),
    ]  # fmt: skip
    assert blocks[-1].html == "<blockquote><p>Quote</p></blockquote>"


def test_admonitions_folds_definitions_and_footnotes_are_read_and_back_arrows_are_not():
    body = ">[!NOTE]\n>Careful.\n\n+++More\nHidden\n+++\n\nTerm\n:   Meaning\n\nFact[^1].\n\n[^1]: Source."
    assert [block.text for block in blocks_of(body)] == [
        "Note", "Careful.", "More", "Hidden", "Term", "Meaning", "Fact1.", "1. Source.",
    ]  # fmt: skip


def test_line_breaks_a_reader_sees_are_kept_and_those_of_the_source_are_not():
    assert blocks_of("one\ntwo<br>three")[0].text == "one two\nthree"


def test_an_image_alone_is_a_block_without_words():
    (block,) = blocks_of("![图](a.png)")
    assert (block.kind, block.text) == ("text", "")
    assert block.html == '<p><img alt="图" src="/media/zh/a.png" loading="lazy"></p>'


def test_no_id_is_repeated_by_a_block_shown_beside_its_page():
    assert not any(" id=" in block.html for block in blocks_of("## A\n\n<p id=x>b</p>\n\nc[^1]\n\n[^1]: d"))


def test_an_empty_page_has_no_blocks():
    assert split_blocks("") == () == split_blocks("<hr>\n")


_WORDS = st.text(alphabet="ab 退款1_*`<>[]()!#|\\&{}:\n-+~.\"'", min_size=1, max_size=40)
_SAMPLES = [
    "text **bold** `code`",
    "```sh\nls | a\n  b\n```",
    "| a | b |\n|---|---|\n| 1 | <br>2 |",
    "## Heading",
    "---",
    "a[^1]\n\n[^1]: note",
    "<table><tr><td>x<ul><li>y</li></ul></td><td>z</td></tr></table>",
    "<div>raw <b>x</b></div>",
    "<ul>stray<li>a<p>b</p>c</li></ul>",
    "<table>loose<caption>cap</caption><tr><td><pre>p\n q</pre></td></tr></table>",
    "![alt](x.png)",
    "T\n: D",
]
_LEAF = st.one_of(_WORDS, st.sampled_from(_SAMPLES))


def _indent(text, first, rest):
    return first + text.replace("\n", f"\n{rest}")


_NESTED = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join),
        inner.map(lambda text: _indent(text, "- ", "  ")),
        inner.map(lambda text: _indent(text, "1. ", "   ")),
        inner.map(lambda text: _indent(text, "> ", "> ")),
        inner.map(lambda text: f"::: tip Title\n{text}\n:::"),
        inner.map(lambda text: f"<details><summary>S</summary>\n\n{text}\n\n</details>"),
    ),
    max_leaves=6,
)


def _visible(html):
    tree = lxml.html.fragment_fromstring(html, create_parent="div")
    for arrow in tree.xpath("//a[@class='footnote-backref']"):
        arrow.drop_tree()
    return "".join("".join(tree.itertext()).split())


@settings(max_examples=300, deadline=None)
@given(_NESTED)
def test_the_blocks_together_are_the_visible_words_in_order(body):
    html = render_article(Article(id="a", title="T", lang="en", body=body)).html
    blocks = split_blocks(html)
    assert "".join(_visible(block.html) for block in blocks) == _visible(html)
    texts = "".join(re.sub(r"^ *(?:- |-?\d+\. )", "", block.text, count=1) if block.kind == "item" else block.text for block in blocks)
    assert re.sub(r"[\s|]", "", texts) == re.sub(r"[\s|]", "", _visible(html))


@settings(max_examples=100, deadline=None)
@given(_NESTED)
def test_every_block_alone_is_already_clean_html(body):
    for block in split_blocks(render_article(Article(id="a", title="T", lang="en", body=body)).html):
        assert _visible(sanitise(block.html)) == _visible(block.html)
        assert not re.search(r"<(?:script|style)|\son\w+=", block.html.split(">")[0])
