"""Passages follow headings, hold every word, and never cut what must stay whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.passages import split_article, windows
from kb.blocks import Block


def count_words(texts):
    return [len(text.split()) for text in texts]


def split(*blocks, max_tokens=20):
    return split_article("a", blocks, max_tokens=max_tokens, count_tokens=count_words)


def text(words, kind="text", group=0, **more):
    return Block(kind, words, f"<p>{words}</p>", group=group, **more)


def heading(words, level=2, anchor="here"):
    return Block("heading", words, f"<h{level}>{words}</h{level}>", level, anchor)


def words(number, name="w"):
    return " ".join(f"{name}{i}" for i in range(number))


BLOCKS = st.lists(
    st.builds(
        lambda kind, n, level: heading(words(max(n % 6, 1), "h"), level) if kind == "heading" else text(words(max(n, 1)), kind, group=n % 3),
        st.sampled_from(["heading", "text", "item", "code", "row", "quote"]), st.integers(1, 40), st.integers(2, 4),
    ),
    max_size=12,
)  # fmt: skip


@given(BLOCKS)
@settings(max_examples=200, deadline=None)
def test_every_word_of_every_block_is_in_a_passage_in_order(blocks):
    found = [word for passage in split(*blocks) for unit in passage.units for word in unit.text.split()]
    wanted = iter(found)
    assert all(word in wanted for block in blocks for word in block.text.split())


@given(BLOCKS)
@settings(max_examples=200, deadline=None)
def test_a_passage_is_longer_than_the_limit_only_by_what_must_not_be_cut(blocks):
    for passage in split(*blocks):
        body = [unit for unit in passage.units if unit.kind != "heading"]
        repeated = 1 if body and body[0].kind == "row" else 0
        assert sum(unit.tokens for unit in passage.units) <= 20 or len(body) <= 1 + repeated or passage.units[0].kind == "heading"


def test_code_longer_than_a_passage_stays_whole():
    code = text(words(50), "code")
    assert [unit.text for passage in split(text(words(15)), code) for unit in passage.units if unit.kind == "code"] == [code.text]


def test_a_long_paragraph_is_cut_between_sentences_in_both_languages():
    paragraph = text("one two three four. five six seven eight. 第一句 很 长 啊。第二句 也 很 长。")
    units = [unit.text for passage in split(paragraph, max_tokens=5) for unit in passage.units]
    assert units == ["one two three four.", "five six seven eight.", "第一句 很 长 啊。", "第二句 也 很 长。"]


def test_a_heading_goes_with_the_text_below_it_and_gives_its_anchor():
    passages = split(text(words(18)), heading("Next step", anchor="next"), text(words(18), anchor="next"))
    assert [(passage.headings, passage.anchor) for passage in passages] == [((), ""), (("Next step",), "next")]
    assert passages[1].units[0].kind == "heading"


def test_a_passage_knows_the_headings_that_lead_to_it():
    passages = split(heading("A", 2), text(words(18)), heading("B", 3, "b"), text(words(18), anchor="b"))
    assert passages[1].headings == ("A", "B")


def test_short_sections_share_a_passage():
    assert len(split(heading("A"), text("a few words"), heading("B"), text("a few more"))) == 1


def test_a_table_cut_in_two_repeats_its_header():
    rows = [text("name value", "row", group=7), *(text(words(9, f"r{i}"), "row", group=7) for i in range(4))]
    assert [passage.units[0].text for passage in split(*rows)] == ["name value"] * 2


@pytest.mark.parametrize("content", [words(50), "\n".join([words(7)] * 9), "x" * 10])
def test_windows_of_a_text_fit_and_hold_all_of_it(content):
    pieces = windows(content, max_tokens=8, count_tokens=count_words)
    assert all(count <= 8 for count in count_words(pieces))
    assert "".join("".join(pieces).split()) == "".join(content.split())
