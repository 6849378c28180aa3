"""Inline text in which only what is markup stays markup: other tags, braces and vendors' spans become the words they show."""

from __future__ import annotations

import re

INLINE_TAGS = frozenset(
    "a abbr b bdi bdo big br center cite code data del dfn em font hr i img ins kbd mark nobr q rp rt ruby s samp small span strike strong"
    " sub sup time tt u var wbr".split()
)
BLOCK_TAGS = frozenset(
    "address article aside blockquote caption col colgroup dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6"
    " header li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
HIDDEN_TAGS = frozenset("script style template noscript svg math object embed iframe video audio canvas form textarea select".split())
VOID_TAGS = frozenset("br col hr img wbr".split())

TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)((?:\s+|(?<=[\"']))(?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*)?/?>")
_AUTOLINK = re.compile(r"<(?:https?://[^\s<>]+|mailto:[^\s<>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>", re.IGNORECASE)
_TARGET = re.compile(r"<[^<>\n]*>(?=\)| )")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ATTRIBUTE = r"""(?:[#.][^\s{}"'=<>#.]+|[A-Za-z][\w-]*=(?:"[^"{}\n]*"|'[^'{}\n]*'|[^\s{}"'<>]+))"""
ATTRIBUTES = re.compile(r"\{:?[ \t]*" + _ATTRIBUTE + r"(?:[ \t]*" + _ATTRIBUTE + r")*[ \t]*\}")
_TICKS = re.compile("`+")
_SPECIAL = re.compile(r"[\\`<{&\[]")
_VENDOR_SPAN = re.compile(r"\[!([A-Z]{2,})[ \t]+([^\[\]]*)\]")
_VENDOR_LINK = re.compile(r"\[!(?:VIDEO|IMAGE|EMBED)\]\(([^()\s]+)\)")
_ZERO_WIDTH = re.compile(r"&(?:#x(?:200b|2060|feff);|#(?:8203|8288|65279);|ZeroWidthSpace;|NoBreak;)", re.IGNORECASE)


def find_live_tags(text: str) -> frozenset[str]:
    """Names of the tags in `text` that can be HTML: known, and closed somewhere unless they need no closing.

    `<table>` in `SELECT * FROM <table>` has no closing tag, so it is a word that the reader must see."""
    opened, closed = set(), set()
    for match in TAG.finditer(text):
        (closed if match.group().startswith("</") else opened).add(match.group(1).lower())
    known = INLINE_TAGS | BLOCK_TAGS | HIDDEN_TAGS
    # A closing tag without an opening one shows nothing in any viewer, so it stays a tag, which the parser drops.
    orphans = {name for name in closed - opened if name in known}
    optional = {"p", "li", "td", "th", "tr", "dt", "dd"} if closed & {"table", "ul", "ol", "dl", "div", "p"} else set()
    return frozenset(name for name in opened & known if name in VOID_TAGS or name in closed or name in optional) | orphans


def keep_markup(text: str, live: frozenset[str]) -> str:
    """`text` of one paragraph, heading or table as Markdown whose only HTML is `live` tags and autolinks."""
    if "[!" in text:
        text = _VENDOR_LINK.sub(r"[\1](\1)", text)
    pieces: list[str] = []
    at = 0
    closers = _positions_of_ticks(text)
    while match := _SPECIAL.search(text, at):
        start = match.start()
        pieces.append(text[at:start])
        shown, at = _read_special(text, start, live, closers)
        pieces.append(shown)
    pieces.append(text[at:])
    return "".join(pieces)


def escape_words(raw: str, live: frozenset[str]) -> str:
    """A block of raw HTML in which comments vanish and tags that are not `live` show as words."""
    raw = _COMMENT.sub("", raw)
    if not raw.lstrip().lower().startswith("<pre"):
        raw = _ZERO_WIDTH.sub("", _VENDOR_SPAN.sub(r"\2", raw))
    return re.sub(r"<", lambda match: "<" if _is_live(raw, match.start(), live) else "&lt;", raw)


def _read_special(text: str, start: int, live: frozenset[str], closers: dict[int, list[int]]) -> tuple[str, int]:
    """What stands for the special character at `start`, and where to go on."""
    character = text[start]
    if character == "\\":
        return text[start : start + 2], start + 2
    if character == "`":
        width = _TICKS.match(text, start).end() - start
        end = _next_closer(closers, width, start)
        return (text[start:end], end) if end else (text[start : start + width], start + width)
    if character == "<":
        comment = _COMMENT.match(text, start)
        if comment:
            return "", comment.end()
        link = (_TARGET if text[max(0, start - 2) : start] == "](" else _AUTOLINK).match(text, start)
        if link:
            return link.group(), link.end()
        tag = TAG.match(text, start)
        return (tag.group(), tag.end()) if tag and _is_live(text, start, live) else ("&lt;", start + 1)
    if character == "&":
        zero = _ZERO_WIDTH.match(text, start)
        return ("", zero.end()) if zero else ("&", start + 1)
    if character == "[":
        span = _VENDOR_SPAN.match(text, start)
        if not span:
            return "[", start + 1
        after = ATTRIBUTES.match(text, span.end())
        return keep_markup(span.group(2), live), after.end() if after else span.end()
    # A brace: attributes only straight behind something that can carry them, else words (`{{ name }}`, `{"json": 1}`).
    attributes = ATTRIBUTES.match(text, start)
    if attributes and (start == 0 or text[start - 1] in ")]`*_\n" or (text[start - 1] in " \t" and _is_heading(text, attributes.end()))):
        return attributes.group(), attributes.end()
    return "&#123;", start + 1


def _is_heading(text: str, end: int) -> bool:
    return text.startswith("#") and not text[end:].strip("# \t")


def _is_live(text: str, start: int, live: frozenset[str]) -> bool:
    tag = TAG.match(text, start)
    return bool(tag) and tag.group(1).lower() in live


def _positions_of_ticks(text: str) -> dict[int, list[int]]:
    """Runs of backticks by width, last first: popping finds each span's end in linear time."""
    found: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        found.setdefault(len(run.group()), []).append(run.start())
    for starts in found.values():
        starts.reverse()
    return found


def _next_closer(closers: dict[int, list[int]], width: int, start: int) -> int | None:
    starts = closers.get(width, [])
    while starts and starts[-1] <= start:
        starts.pop()
    return starts[-1] + width if starts else None
