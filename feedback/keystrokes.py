"""Telling whether a text continues the one before it, so that live search leaves one search behind and not one per key."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

MASKED = re.compile(r"\[(?:email|phone|id|card|secret|host)\]")
DIGITS = re.compile(r"\d+")
ALIKE = 0.85
"""Share of equal signs from which two texts are one question with a slip corrected."""


def continues(later: str, earlier: str) -> bool:
    """Whether the later text is the earlier one typed on, taken back, or with a slip corrected.

    Texts whose numbers differ are two questions however alike they look: error 403 is not error 404. What was half typed
    and is now masked counts as typed on, so that the first digits of a telephone number do not stay behind.
    """
    later, earlier = _fold(later), _fold(earlier)
    if later.startswith(earlier) or earlier.startswith(later):
        return True
    if _completes_masked(later, earlier):
        return True
    if DIGITS.findall(later) != DIGITS.findall(earlier):
        return False
    return SequenceMatcher(None, later, earlier, autojunk=False).ratio() >= ALIKE


def takes_back(later: str, earlier: str) -> bool:
    """Whether the later text is only what is left of the earlier one while the box is being emptied."""
    later, earlier = _fold(later), _fold(earlier)
    return later != earlier and earlier.startswith(later)


def _completes_masked(later: str, earlier: str) -> bool:
    for masked in MASKED.finditer(later):
        head = later[: masked.start()]
        rest = earlier.removeprefix(head)
        if earlier.startswith(head) and rest and len(rest) <= 64 and rest.count(" ") <= 5 and (head or re.search(r"[\d@_-]", rest)):
            return True
    return False


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
