"""From the best passage to an answer: the run of units that matches the query best, steps, code and tables whole."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from indexer.passages import Unit
from kb.marking import mark_html
from kb.text import Word, find_matches, word_terms

_CHARACTERS = 420


def choose_units(units: Sequence[Unit], cosines: np.ndarray, words: Sequence[Word], *, lead_tokens: int) -> list[Unit]:
    """The units to show, in order: the one that matches best, the rest of its list or table, and what follows while there is room.

    `cosines` is float32 (query tokens, passage tokens); the passage's tokens are its lead's, then each unit's in order.
    """
    if not units:
        return []
    terms = frozenset(word_terms(words))
    scores = [_late(cosines, start, unit) + 0.1 * _lexical(unit, terms) for start, unit in _places(units, lead_tokens)]
    body = [i for i, unit in enumerate(units) if unit.kind != "heading"] or list(range(len(units)))
    best = max(body, key=lambda i: scores[i])
    first = last = best
    if _is_whole(units[best]):
        while first > 0 and units[first - 1].group == units[best].group:
            first -= 1
        while last + 1 < len(units) and units[last + 1].group == units[best].group:
            last += 1
    elif best + 1 < len(units) and _is_whole(units[best + 1]) and units[best].text.rstrip().endswith((":", "：")):
        while last + 1 < len(units) and units[last + 1].group == units[best + 1].group:
            last += 1
    used = sum(len(unit.text) for unit in units[first : last + 1])
    while last + 1 < len(units) and units[last + 1].kind == "text" and used + len(units[last + 1].text) <= _CHARACTERS:
        last += 1
        used += len(units[last].text)
    return list(units[first : last + 1])


def answer_html(units: Sequence[Unit], words: Sequence[Word]) -> str:
    """The units as one piece of sanitised HTML, matching words marked. Sentences of a cut paragraph become paragraphs."""
    joined = "".join(unit.html or f"<p>{escape(unit.text)}</p>" for unit in units)
    for seam in ("</ul><ul>", "</tbody></table><table><tbody>", "</p><p></p><p>"):
        joined = joined.replace(seam, "")
    return mark_html(joined, words)


def _places(units: Sequence[Unit], lead_tokens: int) -> list[tuple[int, Unit]]:
    start, places = lead_tokens, []
    for unit in units:
        places.append((start, unit))
        start += unit.tokens
    return places


def _late(cosines: np.ndarray, start: int, unit: Unit) -> float:
    part = cosines[:, start : start + unit.tokens]
    return float(part.max(axis=1).mean()) if part.size else 0.0


def _lexical(unit: Unit, terms: frozenset[str]) -> float:
    """Share of the query's terms that the unit's text names, roughly: places found, at most all."""
    return min(len(find_matches(unit.text, terms)) / len(terms), 1.0) if terms else 0.0


def _is_whole(unit: Unit) -> bool:
    """Whether the unit is shown with all of its group: a step without its list, a row without its table says little."""
    return unit.kind in {"item", "row"}
