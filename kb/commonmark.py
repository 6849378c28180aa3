"""Rewrites Markdown of any flavour into the form that Python-Markdown reads the way its authors saw it.

Authors write for viewers that follow CommonMark: a list needs no blank line before it, nests by two or three spaces, and
holds fenced code. Python-Markdown wants blank lines and steps of four. Code, raw HTML and callouts are stored away as
finished HTML, so that nothing in them is read as Markdown twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from kb import containers as c
from kb.callouts import LOOKS, Callout, find_callout
from kb.highlighting import highlight_code
from kb.literals import find_live_tags, keep_markup
from kb.paragraphs import TAB_LINE, read_leaf, shows_nothing, write_heading
from kb.rawhtml import read_html, skip_comment
from kb.source import read_source, without_code

MAX_NESTING = 30
_TASK = re.compile(r"\[([ xX])\][ ]+(?=\S)")


class NestedTooDeep(ValueError):
    """Containers within containers beyond any article that a person writes."""


class CommonMarkPreprocessor(Preprocessor):
    """Puts the rewriting in front of Python-Markdown's own readers."""

    def __init__(self, markdown: Markdown, lang: str) -> None:
        super().__init__(markdown)
        self.lang = lang

    def run(self, lines: list[str]) -> list[str]:
        return CommonMark(self.md.htmlStash.store, self.lang).rewrite("\n".join(lines))


@dataclass
class _Block:
    lines: list[str]
    glued: bool = False
    """No blank line before it: a tight list below its item's text."""


@dataclass(frozen=True)
class CommonMark:
    """Rewrites lines; `store` takes finished HTML and returns the placeholder that stands for it."""

    store: Callable[[str], str]
    lang: str
    live: frozenset[str] = field(default=frozenset())

    def rewrite(self, source: str) -> list[str]:
        """The lines for Python-Markdown. Raises NestedTooDeep."""
        lines = read_source(source)
        writer = CommonMark(self.store, self.lang, find_live_tags(without_code(lines)))
        return writer._join(writer._blocks(lines, 0))

    def _join(self, blocks: list[_Block], *, tight: bool = False) -> list[str]:
        joined: list[str] = []
        for number, block in enumerate(blocks):
            if joined and not (tight and number == 1 and block.glued):
                joined.append("")
            joined += block.lines
        return joined

    def _blocks(self, lines: list[str], depth: int) -> list[_Block]:
        if depth > MAX_NESTING:
            raise NestedTooDeep(f"lists and quotes are nested more than {MAX_NESTING} deep")
        blocks: list[_Block] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            found, end = self._block(lines, at, depth)
            glued = at > 0 and bool(lines[at - 1].strip())
            for number, block in enumerate(found):
                block.glued = block.glued and glued and number == 0 and bool(blocks)
                blocks.append(block)
            at = end
        return blocks

    def _block(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        """The blocks that the one at `at` becomes, and the line behind it."""
        line = lines[at]
        if c.indent_of(line) >= 4:
            return self._indented_code(lines, at)
        if shows_nothing(line):
            return [], at + 1
        for read in (self._comment, self._code, self._callout, self._html):
            found = read(lines, at, depth)
            if found:
                return found
        if c.RULE.match(line):
            return [_Block(["* * *"])], at + 1
        heading = c.HEADING.match(line)
        if heading:
            return _some(write_heading(len(heading.group(1)), heading.group(2) or "", self.live)), at + 1
        if c.QUOTE.match(line):
            return self._quote(lines, at, depth)
        if c.ITEM.match(line):
            return self._list(lines, at, depth)
        footnote = c.FOOTNOTE.match(line)
        if footnote:
            gathered = c.gather_indented(lines, at + 1, [footnote.group(2)])
            inner = self._join(self._blocks(gathered.lines, depth + 1))
            return [_Block(_hang(f"{footnote.group(1)} ", inner))], gathered.end
        tab = TAB_LINE.match(line)
        if tab:
            return self._titled(tab.group(1)), at + 1
        leaf, end = read_leaf(lines, at, self.live)
        return _some(leaf), end

    def _indented_code(self, lines: list[str], at: int) -> tuple[list[_Block], int]:
        end = at
        while end < len(lines) and (not lines[end].strip() or c.indent_of(lines[end]) >= 4):
            end += 1
        code = "\n".join(line[4:] for line in lines[at:end]).rstrip()
        return [self._stored(highlight_code(code))], end

    def _comment(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        found = skip_comment(lines, at)
        return ([], _read_on(lines, *found)) if found else None

    def _code(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        fence = c.FENCE.match(lines[at])
        if fence:
            gathered = c.gather_fence(lines, at)
            return [self._stored(highlight_code("\n".join(gathered.lines), fence.group(3)))], gathered.end
        liquid = c.HIGHLIGHT.match(lines[at])
        closed = c.gather_until(lines, at, c.HIGHLIGHT_END) if liquid else None
        if closed:
            return [self._stored(highlight_code("\n".join(closed.lines), liquid.group(1) or ""))], closed.end
        return None

    def _callout(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        found = find_callout(lines, at, self.lang)
        return (self._framed(found, depth), found.end) if found else None

    def _framed(self, callout: Callout, depth: int) -> list[_Block]:
        inner = self._blocks(callout.lines, depth + 1)
        if callout.kind in ("group", "tab"):
            return [*(self._titled(callout.title) if callout.title else []), *inner]
        words = keep_markup(callout.title, self.live)
        if callout.kind == "details":
            head = f"{self.store('<details><summary>')}{words}{self.store('</summary>')}"
            return [_Block([head]), *inner, self._stored("</details>")]
        look = callout.kind if callout.kind in LOOKS else "note"
        head = [_Block([f"{self.store('<span class=admonition-title>')}{words}{self.store('</span>')}"])] if words else []
        return [self._stored(f'<div class="admonition {look}">'), *head, *inner, self._stored("</div>")]

    def _html(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        found = read_html(lines, at, self.live)
        return ([self._stored(found[0])], _read_on(lines, *found[1:])) if found else None

    def _quote(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        gathered = c.gather_quote(lines, at)
        inner = self._join(self._blocks(gathered.lines, depth + 1))
        return [_Block([f"> {line}".rstrip() for line in inner])] if inner else [], gathered.end

    def _list(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        mark = c.ITEM.match(lines[at]).group(2)
        items: list[list[str]] = []
        loose = False
        while at < len(lines):
            item = c.ITEM.match(lines[at])
            if not item or item.group(2)[-1] != mark[-1] or c.RULE.match(lines[at]):
                break
            gathered = c.gather_item(lines, at)
            at = gathered.end
            inside = [_TASK.sub(_box, line, count=1) if number == 0 else line for number, line in enumerate(gathered.lines)]
            inner = self._join(self._blocks(inside, depth + 1), tight=True) or [self.store("")]
            items.append(_hang(f"{item.group(2)[:-1]}. " if mark[0].isdigit() else "-   ", inner))
            loose = loose or "" in inner or (not lines[at - 1].strip() and at < len(lines) and bool(c.ITEM.match(lines[at])))
        joined = items[0]
        for item_lines in items[1:]:
            joined = joined + ([""] if loose else []) + item_lines
        return [_Block(joined, glued=not loose)], at

    def _stored(self, html: str) -> _Block:
        return _Block([self.store(html)])

    def _titled(self, title: str) -> list[_Block]:
        return [_Block([f"{self.store('<span class=tab-title>')}{keep_markup(title, self.live)}{self.store('</span>')}"])]


def _some(lines: list[str]) -> list[_Block]:
    return [_Block(lines)] if lines else []


def _read_on(lines: list[str], rest: str, end: int) -> int:
    """The line to read next: the last one again, with what is left of it, unless nothing is."""
    if not rest.strip():
        return end
    lines[end - 1] = rest
    return end - 1


def _hang(mark: str, lines: list[str]) -> list[str]:
    return [mark + lines[0] if lines else mark, *(f"    {line}" if line else "" for line in lines[1:])]


def _box(match: re.Match[str]) -> str:
    return "☐ " if match.group(1) == " " else "☑ "
