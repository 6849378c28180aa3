"""Amounts that an article and its translation disagree about: 30 minutes in English, 十五分钟 in Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from kb.articles import Article
from kb.lint_findings import Base, Finding, make_finding
from kb.lint_source import blank_code
from kb.quantities import find_quantities

TWIN_RULES = ("contradicting-numbers",)
_UNITS = frozenset(("time", "month", "working day", "percent", "byte", "CNY", "USD", "EUR"))
"""Kinds of amounts that stay the same in another language; lengths in characters do not."""


def check_twins(article: Article, base: Base, chosen: frozenset[str]) -> Iterator[Finding]:
    """A finding where each of the two names an amount that the other lacks, of one kind: then one of them is out of date.

    Amounts that only one side names may just be left unsaid on the other, and "an hour" is said in many ways. A pair is told once, of the article
    that was updated earlier, if both are among the chosen.
    """
    for id in base.translations.get(article.id, ()):
        twin = base.articles[id]
        if article.status != "published" or twin.status != "published" or (id in chosen and not _is_older(article, twin)):
            continue
        own, other = _read_amounts(article), _read_amounts(twin)
        for unit in sorted(own.keys() & other.keys()):
            mine = {value: said for value, said in own[unit].items() if value not in other[unit]}
            theirs = {value: said for value, said in other[unit].items() if value not in own[unit]}
            if mine and theirs:
                line, shown = next(iter(mine.values()))
                value, (_, said) = next(iter(theirs.items()))
                there = _read_amounts(base.as_filed(id)).get(unit, {}).get(value)
                place = f"{base.path(id)}:{there[0]}" if there else base.path(id)
                yield make_finding(
                    base.path(article.id), line, "contradicting-numbers.twin", "warning", mine=shown, theirs=said, place=place
                )


def _is_older(article: Article, twin: Article) -> bool:
    if article.updated and twin.updated and article.updated != twin.updated:
        return article.updated < twin.updated
    return article.id > twin.id


def _read_amounts(article: Article) -> dict[str, dict[float, tuple[int, str]]]:
    """By kind: amount -> (line, as written) where it stands first, code left out."""
    found: dict[str, dict[float, tuple[int, str]]] = {}
    for number, line in enumerate(blank_code(article.body).split("\n"), article.body_line):
        for quantity in find_quantities(line):
            if quantity.unit in _UNITS:
                for value in quantity.values:
                    found.setdefault(quantity.unit, {}).setdefault(value, (number, line[quantity.start : quantity.end].strip()))
    return found
