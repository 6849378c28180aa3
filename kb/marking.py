"""Mark in a text the words that a query is about: the same words that the index finds, stems and folded forms included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from kb.text import Word, find_words, word_terms

_TAG_OR_TEXT = re.compile(r"<[^>]*>|[^<]+")


def matching_spans(text: str, words: Iterable[Word]) -> list[tuple[int, int]]:
    """(start, end) of every place of `text` that shares a term with the query's words, in order, never overlapping."""
    wanted = set(word_terms(words))
    spans: list[tuple[int, int]] = []
    for word in find_words(text):
        if wanted.isdisjoint(word.terms):
            continue
        if spans and word.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], word.end))
        else:
            spans.append((word.start, word.end))
    return spans


def mark_text(text: str, words: Iterable[Word]) -> str:
    """The text escaped for HTML, matching words in <mark>."""
    pieces, at = [], 0
    for start, end in matching_spans(text, words):
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return "".join([*pieces, escape(text[at:])])


def mark_html(html: str, words: Iterable[Word]) -> str:
    """Sanitised HTML with matching words of its text in <mark>; tags stay as they are. A word that tags cut in two is not marked."""
    words = list(words)
    return "".join(
        piece if piece.startswith("<") else mark_text(unescape(piece), words) for piece in _TAG_OR_TEXT.findall(html)
    )


def matched_words(query: str, words: Iterable[Word], text: str) -> tuple[str, ...]:
    """Those words of the query, as typed, that the text contains."""
    held = {term for word in find_words(text) for term in word.terms}
    return tuple(dict.fromkeys(query[word.start : word.end] for word in words if not held.isdisjoint(word.terms)))
