"""Sentences that say the same with other numbers: "within 30 days" in one article, "within 14 days" in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.lint_duplicates import Rarity
from indexer.lint_profiles import Profile
from kb.quantities import Quantity, find_quantities
from kb.text import escape_term, find_words

_SENTENCE = re.compile(r"[^。！？；\n!?]+?(?:[。！？；!?\n]|(?<=[a-z)\]*\"'”])\.(?=\s|$)|;\s|$)")
_MARKER = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_DIGIT = re.compile(
    r"[\d零〇一二两兩三四五六七八九十百千万半%]|\b(?:half|t?wo|three|four|five|six|seven|eight|nine|ten|[a-z]+teen|[a-z]+ty)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Statement:
    """A sentence with amounts: its words without the amounts."""

    text: str
    words: frozenset[str]
    codes: frozenset[str]
    """Those of its words that have a digit: names such as P1, which tell two sentences apart."""
    quantities: tuple[Quantity, ...]

    def values(self, unit: str) -> frozenset[float]:
        return frozenset(value for quantity in self.quantities if quantity.unit == unit for value in quantity.values)

    def shown(self, unit: str) -> str:
        return ", ".join(dict.fromkeys(self.text[q.start : q.end].strip() for q in self.quantities if q.unit == unit))

    @property
    def units(self) -> frozenset[str]:
        return frozenset(quantity.unit for quantity in self.quantities)


@dataclass(frozen=True)
class Contradiction:
    """Two statements of two articles that differ in the amounts of `unit`."""

    one: Statement
    other: Statement
    unit: str


def read_statements(profile: Profile) -> tuple[Statement, ...]:
    """The sentences, items and rows of the article that name amounts, once each, code left out."""
    found: dict[str, Statement] = {}
    for unit in profile.units:
        if unit.kind in {"code", "heading"} or not _DIGIT.search(unit.text):
            continue
        text = _MARKER.sub("", unit.text)
        for sentence in [text] if unit.kind == "row" else [match.group().strip() for match in _SENTENCE.finditer(text)]:
            quantities = tuple(find_quantities(sentence))
            if quantities and sentence not in found:
                found[sentence] = _read_statement(sentence, quantities)
    return tuple(found.values())


def find_contradictions(one: Sequence[Statement], other: Sequence[Statement], rarity: Rarity, *, alike: float) -> Iterator[Contradiction]:
    """Pairs of statements, each the other's nearest, that share at least the part `alike` of their words and differ in an amount."""
    nearest = [_nearest(statement, other, rarity) for statement in one]
    for statement, (place, share) in zip(one, nearest, strict=True):
        if share < alike:
            continue
        twin = other[place]
        if _nearest(twin, one, rarity)[0] != next(i for i, each in enumerate(one) if each is statement):
            continue
        for unit in sorted(statement.units & twin.units):
            mine, theirs = statement.values(unit), twin.values(unit)
            # As many amounts on both sides, none of them the same: otherwise one sentence may just say more.
            if len(mine) == len(theirs) and not mine & theirs:
                yield Contradiction(statement, twin, unit)


def _nearest(statement: Statement, others: Sequence[Statement], rarity: Rarity) -> tuple[int, float]:
    """(place, share of words) of the statement that says most nearly the same; (-1, 0) when there is none."""
    best, share = -1, 0.0
    for place, other in enumerate(others):
        if not statement.units & other.units or statement.codes != other.codes:
            continue
        common = statement.words & other.words
        if len(common) < _LEAST_WORDS:
            continue
        held = sum(rarity.weight(word) for word in common)
        larger = max(sum(rarity.weight(word) for word in each.words) for each in (statement, other))
        if held / larger > share:
            best, share = place, held / larger
    return best, share


def _read_statement(text: str, quantities: tuple[Quantity, ...]) -> Statement:
    words = {
        escape_term(term)
        for word in find_words(text)
        if not any(word.start < quantity.end and word.end > quantity.start for quantity in quantities)
        for term in word.terms[:1]
    }
    codes = frozenset(word for word in words if re.search(r"\d", word))
    return Statement(text, frozenset(words - codes), codes, quantities)
