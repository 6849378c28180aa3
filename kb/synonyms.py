"""Words and phrases that mean the same throughout the base, and which of them stand for the words of a query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.text import Word, find_terms

Terms = tuple[str, ...]
"""A word or phrase as the terms arm has it: its terms in order."""


@dataclass(frozen=True)
class Synonyms:
    """Groups of at least two phrases each, as people write them. A phrase may stand in several groups: it means the same as all of theirs, but they do
    not mean the same as each other."""

    groups: tuple[tuple[str, ...], ...] = ()

    def plus(self, group: Sequence[str]) -> Synonyms:
        """These and one more group."""
        return Synonyms((*self.groups, tuple(group)))

    def alike(self, words: Sequence[Word]) -> list[tuple[Terms, ...]]:
        """For each word of a text, the phrases that mean the same as it, or as the phrase that it is part of; most words have none.

        The longest phrase that begins at a word wins, and its words are read no second time: `text message` is not `text` as well.
        """
        found: list[tuple[Terms, ...]] = [()] * len(words)
        terms = [term for word in words for term in word.terms]
        # Where each word's terms begin, and the word that begins there.
        starts = [0]
        for word in words:
            starts.append(starts[-1] + len(word.terms))
        word_at = {start: place for place, start in enumerate(starts)}
        place = 0
        while place < len(words):
            start = starts[place]
            end, others = next(
                (
                    (word_at[start + len(phrase)], others)
                    for phrase, others in self._by_first_term.get(terms[start], ())
                    if start + len(phrase) in word_at and tuple(terms[start : start + len(phrase)]) == phrase
                ),
                (place + 1, ()),
            )
            found[place:end] = [others] * (end - place)
            place = end
        return found

    @cached_property
    def _by_first_term(self) -> dict[str, list[tuple[Terms, tuple[Terms, ...]]]]:
        """First term -> (phrase, the phrases that mean the same), longest phrase first."""
        alike: dict[Terms, dict[Terms, None]] = defaultdict(dict)
        for group in self.groups:
            phrases = [tuple(find_terms(phrase)) for phrase in group]
            for phrase in phrases:
                alike[phrase] |= {other: None for other in phrases if other and other != phrase}
        found: dict[str, list[tuple[Terms, tuple[Terms, ...]]]] = defaultdict(list)
        for phrase, others in alike.items():
            if phrase and others:
                found[phrase[0]].append((phrase, tuple(others)))
        return {first: sorted(phrases, key=lambda each: -len(each[0])) for first, phrases in found.items()}
