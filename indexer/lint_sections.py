"""Sections that no single answer can show: an answer is cut from one passage, and a passage has a bounded length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.lint_profiles import Profile
from indexer.passages import Unit

SECTION_PASSAGES = 2
"""A section's running text may fill so many passages: the next one is found too. What fills more is cut where no author meant it."""
_NUMBERED = re.compile(r"\s*\d{1,3}\.\s")


@dataclass(frozen=True)
class LongSection:
    """A section by its heading ('' before the first), with so many tokens in running text, or in one list of steps."""

    heading: str
    tokens: int
    steps: int = 0
    """How many steps the list has; 0 for running text."""


def find_long_sections(profile: Profile, *, passage_tokens: int) -> Iterator[LongSection]:
    """Sections whose running text, without code and tables, is longer than two passages, and lists of steps that are longer than one.

    Code is never cut, and of a table the rows answer by themselves; a list of steps that is cut leaves a customer halfway.
    """
    for heading, units in _sections(profile):
        tokens = sum(unit.tokens for unit in units if unit.kind in {"text", "item", "quote"})
        if tokens > SECTION_PASSAGES * passage_tokens:
            yield LongSection(heading, tokens)
            continue
        for group in dict.fromkeys(unit.group for unit in units if unit.kind == "item"):
            own = [unit for unit in units if unit.group == group]
            steps = [unit for unit in own if unit.kind == "item" and _NUMBERED.match(unit.text)]
            total = sum(unit.tokens for unit in own)
            if len(steps) > 1 and total > passage_tokens:
                yield LongSection(heading, total, len(steps))


def _sections(profile: Profile) -> Iterator[tuple[str, list[Unit]]]:
    """(heading, units) of each section in order."""
    heading, units = "", []
    for unit in profile.units:
        if unit.kind == "heading":
            if units:
                yield heading, units
            heading, units = unit.text, []
        else:
            units.append(unit)
    if units:
        yield heading, units
