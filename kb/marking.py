"""Mark in a text the words that a query is about: the same words that the index finds, stems and folded forms included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from kb.text import Word, find_matches, held_terms, word_terms

_WORD = re.compile(r"\w")
_TAG_OR_TEXT = re.compile(r"<[^>]*>|[^<]+")


def mark_text(text: str, words: Iterable[Word]) -> str:
    """The text escaped for HTML, matching words in <mark>."""
    return _mark(text, frozenset(word_terms(words)))


def mark_html(html: str, words: Iterable[Word]) -> str:
    """Sanitised HTML with matching words of its text in <mark>; tags stay as they are. A word that tags cut in two is not marked."""
    terms = frozenset(word_terms(words))
    return "".join(piece if piece.startswith("<") else _mark(unescape(piece), terms) for piece in _TAG_OR_TEXT.findall(html))


def matched_words(query: str, words: Iterable[Word], text: str) -> tuple[str, ...]:
    """Those words of the query, as typed, that the text contains."""
    words = list(words)
    held = held_terms(text, word_terms(words))
    return tuple(dict.fromkeys(query[word.start : word.end] for word in words if not held.isdisjoint(word.terms)))


def _mark(text: str, terms: frozenset[str]) -> str:
    # Highlighted code is mostly pieces of punctuation.
    if not _WORD.search(text):
        return escape(text)
    pieces, at = [], 0
    for start, end in find_matches(text, terms):
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return "".join([*pieces, escape(text[at:])])
