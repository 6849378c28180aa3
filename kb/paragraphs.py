"""The leaves of Markdown: headings, paragraphs and tables, guarded against what only Python-Markdown would read into them."""

from __future__ import annotations

import re

from kb import containers as c
from kb.literals import ATTRIBUTES, keep_markup

TAB_LINE = re.compile(r"@tab(?::active)?[ ]+(.+)$")
_TOC = re.compile(r"[ ]*(?:\[\[toc\]\]|\[\[_toc_\]\]|\[toc\]|\$\{toc\}|\{:toc\})[ ]*$", re.IGNORECASE)
_KRAMDOWN = re.compile(r"[ ]*\{::?[^{}]*\}[ ]*$")


def shows_nothing(line: str) -> bool:
    """Whether the line only asks for a table of contents or carries attributes for its neighbours."""
    return bool(_TOC.match(line) or _KRAMDOWN.match(line) or ATTRIBUTES.fullmatch(line.strip()))


def write_heading(level: int, text: str, live: frozenset[str]) -> list[str]:
    """The heading's line; none when it shows nothing."""
    words = keep_markup(f"# {text}", live)[2:]
    return [f"{'#' * level} {words}"] if words.strip() else []


def read_leaf(lines: list[str], at: int, live: frozenset[str]) -> tuple[list[str], int]:
    """The table, underlined heading or paragraph that begins at `at`, rewritten, and the line behind it."""
    if c.starts_table(lines, at):
        end = at + 1
        while end < len(lines) and lines[end].strip() and ("|" in lines[end] or not c.starts_block(lines[end])):
            end += 1
        return keep_markup("\n".join(line.strip() for line in lines[at:end]), live).split("\n"), end
    end = at + 1
    while end < len(lines) and _goes_on(lines, end):
        end += 1
    if end < len(lines) and c.UNDERLINE.match(lines[end]):
        title = " ".join(line.strip() for line in lines[at:end])
        return write_heading(1 if "=" in lines[end] else 2, title, live), end + 1
    text = keep_markup("\n".join(line.lstrip() for line in lines[at:end]), live)
    return [_guard(line) for line in text.split("\n")] if text.strip() else [], end


def _goes_on(lines: list[str], at: int) -> bool:
    line = lines[at]
    if not line.strip() or c.UNDERLINE.match(line) or c.starts_block(line, in_paragraph=True) or c.starts_table(lines, at):
        return False
    return not (_TOC.match(line) or _KRAMDOWN.match(line) or c.PLUS_END.match(line) or TAB_LINE.match(line))


def _guard(line: str) -> str:
    """A line that Python-Markdown, but no CommonMark viewer, would take for a heading or a list item."""
    if re.match(r"#{1,6}[^#\s]|#{7,}|[+*-]\s|=+$", line):
        return f"\\{line}"
    return re.sub(r"^(\d+)([.)]\s)", r"\1\\\2", line)
