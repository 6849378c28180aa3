"""What is different between two versions of a text, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT_LINES = 3
_MANY_LINES = 2000
"""From here on, lines that stand on every page of the text are no place to start comparing: exactness would take minutes."""


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference."""

    kind: str
    """'same', 'added', 'removed', or 'skip' for lines left out because nothing near them changed."""
    text: str
    """The line; of a 'skip', the number of lines left out."""


def unified_diff(old: str, new: str) -> tuple[DiffLine, ...]:
    """The lines of both texts in order, those removed before those added; () when the texts are the same.

    A line break at the very end makes no difference.
    """
    before, after = _lines(old), _lines(new)
    matcher = SequenceMatcher(None, before, after, autojunk=max(len(before), len(after)) > _MANY_LINES)
    lines: list[DiffLine] = []
    reached = 0
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        lines += _skip(group[0][1] - reached)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [DiffLine("same", line) for line in before[i1:i2]]
                continue
            lines += [DiffLine("removed", line) for line in before[i1:i2]]
            lines += [DiffLine("added", line) for line in after[j1:j2]]
        reached = group[-1][2]
    return (*lines, *_skip(len(before) - reached)) if lines else ()


def _skip(count: int) -> list[DiffLine]:
    return [DiffLine("skip", str(count))] if count else []


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []
