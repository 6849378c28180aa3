"""An article's Markdown read for the places of its headings, links and images: quickly and about right, because the rendered page decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from markdown.extensions.toc import slugify_unicode

from kb.headings import plain_words

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})(?=[^`\n]*$)")
_CLOSING = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_HEADING = re.compile(r"[ >]*(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"[ >]{0,3}(=+|-{2,})[ \t]*$")
_NO_TITLE = re.compile(r"[ >]*(?:[-*+>|:#]|\d+[.)]\s|$)|[ ]{4}")
_NAMED = re.compile(r"\{:?[^{}]*?#([^\s{}.]+)[^{}]*\}[ \t]*$")
_ID = re.compile(r"<[A-Za-z][^<>]*?\bid=[\"']?([^\s\"'<>]+)")
_TARGET = r"(<[^<>\n]*>|(?:[^\s()\\]|\\.|\([^\s()]*\))*)"
_LINK = re.compile(rf"\]\([ \t\n]*{_TARGET}(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t\n]*\)")
_DEFINITION = re.compile(r"^[ >]{0,3}\[(?!\^)([^\[\]\n]+)\]:[ \t]*(<[^<>\n]*>|\S+)", re.MULTILINE)
_TAG = re.compile(r"<(a|img)\s[^<>]*?\b(href|src)=(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class SourceHeading:
    """A heading as written: the line of the file, its level, its plain words ('' when it has none), and the section address it will have."""

    line: int
    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class SourceLink:
    """A link or an image as written: the line of the file and its address. `kind` is 'link', 'image' or, of a definition that either can use, 'any'."""

    line: int
    address: str
    kind: str


@dataclass(frozen=True)
class Source:
    """What one article's Markdown holds, in order. `anchors` are the places in it that a link can name."""

    headings: tuple[SourceHeading, ...]
    links: tuple[SourceLink, ...]
    anchors: frozenset[str]


def read_source(body: str, *, first_line: int = 1) -> Source:
    """The headings and links of Markdown outside its code and comments; `first_line` is the line of the file on which `body` starts."""
    body = body.expandtabs(4)
    text = blank_code(body)
    headings = _find_headings(text, body, first_line)
    anchors = {heading.anchor for heading in headings} | set(_ID.findall(text))
    return Source(headings, _find_links(text, first_line), frozenset(anchors))


def blank_code(body: str) -> str:
    """The text with code and comments as spaces, so that every character keeps its line."""
    lines = body.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        if fence:
            closing = _CLOSING.match(line)
            if closing and closing.group(1).startswith(fence):
                fence = ""
            lines[number] = ""
        elif ("```" in line or "~~~" in line) and (opening := _FENCE.match(line)):
            fence, lines[number] = opening.group(1), ""
    text = "\n".join(lines)
    if "<!--" in text:
        text = _COMMENT.sub(_blank, text)
    return _SPAN.sub(_blank, text) if "`" in text else text


def find_line(text: str, body: str, *, first_line: int = 1, near: str = "") -> int | None:
    """The line of Markdown on which `text`, as a page shows it, stands or begins, one with `near` in it if there is one; None when it is nowhere."""
    wanted, nearby = _letters(text), _letters(near)
    best, found = (0, 0), None
    for number, line in enumerate(body.split("\n"), first_line):
        letters = _letters(plain_words(line))
        # A paragraph's sentences run over lines, and a line holds several of them.
        common = len(letters) if letters and letters in wanted else len(wanted) if wanted and wanted in letters else 0
        if not common and nearby and nearby in letters:
            common = _overlap(letters, wanted)
        score = (int(bool(common and nearby and nearby in letters)), common)
        if common and score > best:
            best, found = score, number
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _overlap(line: str, text: str) -> int:
    """Letters that end the line and begin the text, or the other way round, if at least eight."""
    for one, other in ((line, text), (text, line)):
        for size in range(min(len(one), len(other)), 7, -1):
            if one.endswith(other[:size]):
                return size
    return 0


def _blank(match: re.Match[str]) -> str:
    return "".join("\n" if sign == "\n" else "\x00" for sign in match.group())


def _find_headings(text: str, body: str, first_line: int) -> tuple[SourceHeading, ...]:
    """The headings of the body, where `text`, the same without code, says that there are some."""
    found: list[SourceHeading] = []
    times: dict[str, int] = {}
    above = ""
    for number, (line, written) in enumerate(zip(text.split("\n"), body.split("\n"), strict=True), first_line):
        level, words = 0, ""
        if "#" in line and (mark := _HEADING.match(line)):
            level, words = len(mark.group(1)), (_HEADING.match(written) or mark).group(2) or ""
        elif above and (underline := _UNDERLINE.match(line)):
            level, words, number = 1 if "=" in underline.group(1) else 2, above, number - 1
        above = "" if level or _NO_TITLE.match(line) else written.strip()
        if level:
            named, shown = _NAMED.search(words), plain_words(words)
            anchor = named.group(1) if named else slugify_unicode(shown, "-") or "section"
            times[anchor] = times.get(anchor, 0) + 1
            found.append(SourceHeading(number, level, shown, anchor if times[anchor] == 1 else f"{anchor}-{times[anchor]}"))
    return tuple(found)


def _find_links(text: str, first_line: int) -> tuple[SourceLink, ...]:
    found: list[tuple[int, str, str]] = []
    for match in _LINK.finditer(text) if "](" in text else ():
        found.append((match.start(1), match.group(1), "image" if _is_image(text, match.start()) else "link"))
    for match in _DEFINITION.finditer(text) if "]:" in text else ():
        found.append((match.start(2), match.group(2), "any"))
    for match in _TAG.finditer(text) if "<" in text else ():
        kind = {("a", "href"): "link", ("img", "src"): "image"}.get((match.group(1).lower(), match.group(2).lower()))
        if kind:
            found.append((match.start(), next(filter(None, match.groups()[2:]), ""), kind))
    found.sort()
    links, line, at = [], first_line, 0
    for start, address, kind in found:
        line, at = line + text.count("\n", at, start), start
        links.append(SourceLink(line, _ESCAPED.sub(r"\1", unescape(address.strip("<>").strip())), kind))
    return tuple(links)


def _is_image(text: str, closing: int) -> bool:
    """Whether the bracket that closes at this place was opened by `![`."""
    depth = 0
    for at in range(closing, max(-1, closing - 2000), -1):
        if text[at] == "]" and text[at - 1 : at] != "\\":
            depth += 1
        elif text[at] == "[" and text[at - 1 : at] != "\\":
            depth -= 1
            if depth == 0:
                return at > 0 and text[at - 1] == "!"
    return False
