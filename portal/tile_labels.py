"""Words that fit into a tile: broken into lines by an estimate of their width, because only the browser knows the font. Pure."""

from __future__ import annotations

import re
import unicodedata

SIZE = 13
LINE = 16
"""Size and distance of lines, in pixels."""

# What may not be parted: a word with what follows it, or one character of a script that has no spaces; a line begins with no closing mark.
_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECE = re.compile(rf"[{_WIDE}][，。！？、；：）》」』】”’?!,.;:)]*|[^\s{_WIDE}]+|\s+")


def measure(text: str) -> float:
    """About how many pixels wide the text is; rather too many."""
    return SIZE * sum(_em(character) for character in text)


def wrap(text: str, *, width: float, lines: int) -> list[str]:
    """The text in so many lines at most, each no wider than `width`; what does not fit ends in an ellipsis. Empty where not even that fits."""
    if lines < 1 or width < 3 * SIZE or not text.strip():
        return []
    found = [""]
    for piece in _PIECE.findall(" ".join(text.split())):
        if found[-1] and measure(found[-1] + piece) > width:
            found.append("")
        found[-1] += piece if found[-1] else piece.lstrip()
    found = [line.rstrip() for line in found if line.strip()]
    # A word that is wider than the tile ends the label: half of it on the next line would read as another word.
    end = next((place for place, line in enumerate(found) if measure(line) > width), len(found) - 1)
    end = min(end, lines - 1)
    return found if end == len(found) - 1 and measure(found[-1]) <= width else [*found[:end], _cut(found[end], width)]


def _cut(line: str, width: float) -> str:
    while line and measure(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "iljtfr.,:;'|!()[] ":
        return 0.36
    return 0.9 if character in "mwMW@%…·" else 0.7 if character.isupper() else 0.58
