"""The containers of Markdown as real knowledge bases write them: list items, quotes, callouts, fences, and where each ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.literals import BLOCK_TAGS, HIDDEN_TAGS

FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})[ ]*(.*?)[ ]*$")
ITEM = re.compile(r"( {0,3})([-*+]|\d{1,9}[.)])(?:( +)(.*)|)$")
QUOTE = re.compile(r" {0,3}>")
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
RULE = re.compile(r" {0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)[ ]*$")
TABLE_RULE = re.compile(r" {0,3}\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$")
FOOTNOTE = re.compile(r" {0,3}(\[\^[^\]\s]+\]:)[ ]*(.*)$")
DIRECTIVE = re.compile(r" {0,3}(:{3,})[ ]*(\{?[A-Za-z][\w-]*\}?)[ ]*(.*?)[ ]*$")
DIRECTIVE_END = re.compile(r" {0,3}(:{3,})[ ]*$")
BANG = re.compile(r" {0,3}(?:!!!|\?\?\?\+?)[ ]+([A-Za-z][\w-]*(?:[ ]+[A-Za-z][\w-]*)*)?[ ]*(?:\"(.*)\")?[ ]*$")
TAB = re.compile(r" {0,3}===[!+]?[ ]+\"(.*)\"[ ]*$")
PLUS = re.compile(r" {0,3}\+\+\+[ ]*(\S.*)$")
PLUS_END = re.compile(r" {0,3}\+\+\+[ ]*$")
HIGHLIGHT = re.compile(r" {0,3}\{%-?[ ]*highlight[ ]+([\w+#-]+)?.*?%\}[ ]*$")
HIGHLIGHT_END = re.compile(r" {0,3}\{%-?[ ]*endhighlight[ ]*-?%\}[ ]*$")
CALLOUT = re.compile(r"[ ]*\[!([A-Za-z][\w-]*)(?:[ ]+([^\]]*))?\][+-]?[ ]*(?!\()(.*)$")
HTML = re.compile(r" {0,3}</?([A-Za-z][A-Za-z0-9-]*)(?=[\s/>]|$)")


@dataclass(frozen=True)
class Gathered:
    """The lines inside a container, without its marks, and the number of the first line behind it."""

    lines: list[str]
    end: int


def indent_of(line: str) -> int:
    """Leading spaces; tabs are expanded before."""
    return len(line) - len(line.lstrip(" "))


def starts_block(line: str, *, in_paragraph: bool = False) -> bool:
    """Whether `line` begins something other than a paragraph; fewer things may interrupt one."""
    if indent_of(line) >= 4:
        return False
    item = ITEM.match(line)
    if item and (not in_paragraph or (item.group(4) and (not item.group(2)[0].isdigit() or int(item.group(2)[:-1]) == 1))):
        return True
    if any(kind.match(line) for kind in (FENCE, QUOTE, HEADING, RULE, DIRECTIVE, DIRECTIVE_END, BANG, TAB, HIGHLIGHT, FOOTNOTE)):
        return True
    if line.lstrip().startswith("<!--"):
        return True
    html = HTML.match(line)
    return bool(html) and html.group(1).lower() in BLOCK_TAGS | HIDDEN_TAGS


def starts_table(lines: list[str], at: int) -> bool:
    """Whether `at` is a table's header: cells, with a row of dashes below."""
    rule = lines[at + 1] if at + 1 < len(lines) else ""
    return "|" in lines[at] and "-" in rule and bool(TABLE_RULE.match(rule))


def gather_fence(lines: list[str], start: int) -> Gathered:
    """The code of the fence that opens at `start`; an unclosed fence runs to the end."""
    opening = FENCE.match(lines[start])
    indent, mark = len(opening.group(1)), opening.group(2)
    end = start + 1
    while end < len(lines):
        line = lines[end]
        stripped = line.strip(" ")
        if indent_of(line) < 4 and len(stripped) >= len(mark) and not stripped.strip(mark[0]):
            return Gathered([_outdent(inner, indent) for inner in lines[start + 1 : end]], end + 1)
        end += 1
    return Gathered([_outdent(inner, indent) for inner in lines[start + 1 :]], end)


def gather_item(lines: list[str], start: int) -> Gathered:
    """The content of the list item at `start`, its continuation lines outdented."""
    item = ITEM.match(lines[start])
    width = len(item.group(1)) + len(item.group(2))
    # Five or more spaces behind the marker are one space and indented code.
    gap = len(item.group(3) or " ")
    offset = width + (gap if gap <= 4 and item.group(4) else 1)
    first = lines[start][offset:] if item.group(4) else ""
    return _gather_indented(lines, start + 1, offset, [first], beside=item.group(2)[-1])


def gather_indented(lines: list[str], start: int, first: list[str]) -> Gathered:
    """Lines indented by four below a mark on the line before `start`, outdented; `first` is what stands behind the mark."""
    return _gather_indented(lines, start, 4, first)


def _gather_indented(lines: list[str], start: int, offset: int, first: list[str], *, beside: str = "") -> Gathered:
    inside = list(first)
    fence = FENCE.match(first[0]) if first else None
    end = start
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            # An item may begin with one blank line, not with two.
            if len(inside) == 1 and not inside[0].strip():
                break
            inside.append("")
        elif indent_of(line) >= offset:
            inside.append(line[offset:])
            fence = _follow_fence(fence, inside[-1])
        elif _begins_item(line, beside):
            # Only a new list must start with 1 to interrupt a paragraph; the next item of this one may have any number.
            break
        elif first and not fence and _goes_on(inside[-1], line):
            inside.append(line.lstrip())
        else:
            break
        end += 1
    while inside and not inside[-1].strip():
        inside.pop()
    return Gathered(inside, end)


def _begins_item(line: str, mark: str) -> bool:
    item = ITEM.match(line)
    return bool(item) and item.group(2)[-1] == mark


def _follow_fence(fence: re.Match[str] | None, line: str) -> re.Match[str] | None:
    if not fence:
        return FENCE.match(line)
    stripped = line.strip(" ")
    closes = len(stripped) >= len(fence.group(2)) and not stripped.strip(fence.group(2)[0])
    return None if closes else fence


def _goes_on(above: str, line: str) -> bool:
    """Whether `line`, though less indented, continues the paragraph that `above` belongs to."""
    ended = not above.strip() or HEADING.match(above) or RULE.match(above) or FENCE.match(above)
    return not ended and not starts_block(line, in_paragraph=True)


def gather_quote(lines: list[str], start: int) -> Gathered:
    """The content of the quote at `start` without its marks, lazy lines included."""
    inside: list[str] = []
    end = start
    while end < len(lines):
        line = lines[end]
        if QUOTE.match(line):
            content = line.lstrip(" ")[1:]
            inside.append(content.removeprefix(" "))
        elif not line.strip() or not inside or not inside[-1].strip() or starts_block(line, in_paragraph=True):
            break
        else:
            inside.append(line.lstrip())
        end += 1
    return Gathered(inside, end)


def gather_directive(lines: list[str], start: int) -> Gathered:
    """The lines between `::: name` at `start` and its `:::`, to the end when it is never closed."""
    colons = len(DIRECTIVE.match(lines[start]).group(1))
    open_marks = [colons]
    end = start + 1
    fence = None
    while end < len(lines):
        line = lines[end]
        was, fence = fence, _follow_fence(fence, line)
        if was or fence:
            end += 1
            continue
        closing = DIRECTIVE_END.match(line)
        if closing:
            if len(closing.group(1)) >= colons and (len(open_marks) == 1 or len(closing.group(1)) > open_marks[-1]):
                return Gathered(lines[start + 1 : end], end + 1)
            if len(open_marks) > 1:
                open_marks.pop()
        elif opening := DIRECTIVE.match(line):
            open_marks.append(len(opening.group(1)))
        end += 1
    return Gathered(lines[start + 1 :], end)


def gather_until(lines: list[str], start: int, closing: re.Pattern[str]) -> Gathered | None:
    """The lines between `start` and the first that `closing` matches, or None when none does."""
    fence = None
    for end in range(start + 1, len(lines)):
        was, fence = fence, _follow_fence(fence, lines[end])
        if not was and not fence and closing.match(lines[end]):
            return Gathered(lines[start + 1 : end], end + 1)
    return None


def gather_html(lines: list[str], start: int, name: str) -> Gathered | None:
    """The lines from `start` to the one with the matching `</name>`, or None when there is none."""
    tag = re.compile(rf"<(/?){re.escape(name)}(?=[\s/>]|$)", re.IGNORECASE)
    depth = 0
    for end in range(start, len(lines)):
        for match in tag.finditer(lines[end]):
            depth += -1 if match.group(1) else 1
            if depth <= 0:
                return Gathered(lines[start : end + 1], end + 1)
    return None


def _outdent(line: str, indent: int) -> str:
    return line[min(indent, indent_of(line)) :]
