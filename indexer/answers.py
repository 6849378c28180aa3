"""From the best passage to an answer: the run of units that matches the query best, steps, code and tables whole."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from indexer.passages import Unit
from kb.marking import mark_html
from kb.text import Word, fold, word_terms

_CHARACTERS = 420


def choose_units(units: Sequence[Unit], cosines: np.ndarray, words: Sequence[Word], *, lead_tokens: int) -> list[Unit]:
    """The units to show, in order: the one that matches best, the rest of its list or table, and what follows while there is room.

    `cosines` is float32 (query tokens, passage tokens); the passage's tokens are its lead's, then each unit's in order.
    """
    if not units:
        return []
    terms = frozenset(word_terms(words))
    late = _late_scores(units, cosines, lead_tokens)
    scores = [score + 0.1 * _lexical(unit, terms) for score, unit in zip(late, units, strict=True)]
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


def _late_scores(units: Sequence[Unit], cosines: np.ndarray, lead_tokens: int) -> list[float]:
    """For each unit the mean over query tokens of the best cosine to one of its tokens; 0 where it has none."""
    starts = lead_tokens + np.cumsum([0, *(unit.tokens for unit in units[:-1])])
    inside = [i for i, unit in enumerate(units) if unit.tokens and starts[i] < cosines.shape[1]]
    scores = [0.0] * len(units)
    if inside and len(cosines):
        best = np.maximum.reduceat(cosines, starts[inside], axis=1).mean(axis=0)
        for i, score in zip(inside, best.tolist(), strict=True):
            scores[i] = score
    return scores


def _lexical(unit: Unit, terms: frozenset[str]) -> float:
    """Share of the query's terms that stand somewhere in the unit: a stem is nearly always the beginning of its word."""
    text = fold(unit.text)[0].lower()
    return sum(term in text for term in terms) / len(terms) if terms else 0.0


def _is_whole(unit: Unit) -> bool:
    """Whether the unit is shown with all of its group: a step without its list, a row without its table says little."""
    return unit.kind in {"item", "row"}
