"""Marks stand around matching words and never make HTML of what somebody typed."""

from kb.marking import mark_html, mark_text, matched_words
from kb.text import find_words


def test_stems_and_traditional_characters_are_marked_as_written():
    assert mark_text("Refunds 錯誤", find_words("refund 错误")) == "<mark>Refunds</mark> <mark>錯誤</mark>"


def test_markup_in_a_text_is_escaped():
    assert mark_text("<b>refund</b>", find_words("refund")) == "&lt;b&gt;<mark>refund</mark>&lt;/b&gt;"


def test_tags_and_attributes_of_html_are_never_marked():
    html = '<p><a href="/refund" title="refund">refund &amp; more</a></p>'
    assert mark_html(html, find_words("refund")) == '<p><a href="/refund" title="refund"><mark>refund</mark> &amp; more</a></p>'


def test_the_words_that_matched_are_given_as_typed():
    query = "Passwords 重設"
    assert matched_words(query, find_words(query), "重设您的 password") == ("Passwords", "重設")
