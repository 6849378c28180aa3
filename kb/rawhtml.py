"""HTML that authors write between their Markdown: which lines of it stay HTML, and where Markdown goes on."""

from __future__ import annotations

import re

from kb import containers as c
from kb.literals import HIDDEN_TAGS, INLINE_TAGS, TAG, escape_words

# Their content is HTML down to the closing tag, blank lines included; in every other tag Markdown goes on.
_WHOLE = frozenset({"table", "pre", "ul", "ol", "dl"}) | HIDDEN_TAGS
_LEADING_TAGS = re.compile(rf"[ ]*(?:{TAG.pattern}[ ]*)+")


def read_html(lines: list[str], at: int, live: frozenset[str]) -> tuple[str, str, int] | None:
    """(HTML, Markdown behind it on its last line, line behind it) when line `at` begins with live block tags, else None."""
    opening = c.HTML.match(lines[at])
    name = opening.group(1).lower() if opening else ""
    if name not in live:
        return None
    gathered = c.gather_html(lines, at, name) if name in _WHOLE else None
    if gathered:
        return escape_words("\n".join(gathered.lines), live), "", gathered.end
    leading = _LEADING_TAGS.match(lines[at])
    names = {tag.group(1).lower() for tag in TAG.finditer(leading.group())} if leading else set()
    if not names or names - live or names <= INLINE_TAGS:
        return None
    return leading.group().strip(), lines[at][leading.end() :], at + 1


def skip_comment(lines: list[str], at: int) -> tuple[str, int] | None:
    """(Text behind it on its last line, line behind it) when a closed comment begins line `at` and no words stand before
    its end there, else None."""
    if not lines[at].lstrip().startswith("<!--"):
        return None
    end = next((number for number in range(at, len(lines)) if "-->" in lines[number]), None)
    if end is None:
        return None
    rest = re.sub(r"^.*?-->", "", lines[end], count=1)
    return rest, end + 1
