"""Links of an article that moves: what is written relative to its folder is written anew, so that it leads where it led."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from kb.links import is_external

_PLACES = re.compile(
    # Code: a fenced block to its end, or words between back ticks, which no blank line parts.
    r"(?P<code>^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ >]*(?P=fence)[`~]*[ ]*$|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:[^\n]|\n(?![ \t]*\n))*?(?<!`)(?P=ticks)(?!`))"
    # [words](target "title") and ![words](target)
    + r"|(?P<inline>\]\(\s*<?)(?P<a>(?<=<)[^<>\n]+|(?:\\.|[^\s()<>\\]|\((?:\\.|[^\s()<>\\])*\))+)"
    # [name]: target, but not [^1]: words of a footnote
    + r"|(?P<reference>^[ >]{0,12}\[(?!\^)[^\]\n]+\]:[ \t]*<?)(?P<b>(?<=<)[^<>\n]+|[^\s<>]+)"
    # <a href="target">, <img src="target">
    + r"|(?P<tag><(?:a|img)\b[^<>]*?\s(?:href|src)\s*=\s*[\"'])(?P<c>[^\"'<>]+)",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


def move_links(body: str, *, old: str, new: str) -> str:
    """`body` of the article `old` as it has to read under the id `new`. Code, and links that are not relative, stay as they are."""
    return rewrite_targets(body, lambda target, at: _move(target, old, new))


def rewrite_targets(body: str, write: Callable[[str, int], str]) -> str:
    """`body` with the address of every link and image outside of code as `write` has it, which is given the address and its place."""

    def write_match(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        lead = match["inline"] or match["reference"] or match["tag"]
        return lead + write(match["a"] or match["b"] or match["c"], match.start() + len(lead))

    return _PLACES.sub(write_match, body)


def _move(target: str, old: str, new: str) -> str:
    path, tail = re.fullmatch(r"([^?#]*)(.*)", target, re.DOTALL).groups()
    if not path or path.startswith("/") or is_external(path) or "{" in path:
        return target
    before, after = posixpath.dirname(old), posixpath.dirname(new)
    place = posixpath.normpath(posixpath.join(before, path))
    if place.startswith(".."):
        return target  # It led out of the folder and was dropped; there is no place to keep.
    stem, suffix = posixpath.splitext(place)
    if stem == old and suffix.lower() in (".md", ".markdown", ".html", ".htm"):
        place = new + suffix
    elif before == after:
        return target
    moved = posixpath.relpath(place, after or ".") + ("/" if path.endswith("/") else "")
    return moved + tail
