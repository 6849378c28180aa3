"""One article that came as Markdown: its text stays as its author wrote it, but for where its links and images lead."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from kb.frontmatter import read_front_matter
from kb.headings import plain_words
from kb.image_content import ImageError
from kb.importing.converting import Surroundings, shorten
from kb.importing.incoming import Incoming
from kb.importing.report import Changes
from kb.relative_links import rewrite_targets

_IMAGES = frozenset(".png .jpg .jpeg .gif .webp .avif .svg .bmp .tif .tiff".split())
_UNSPOKEN = re.compile(r"!\[[^\]]*\]\([^)]*\)|</?[A-Za-z][^<>]*>")
"""Images and tags, which say nothing in a summary."""
_NO_PARAGRAPH = re.compile(r"\s*(?:[#>|+<:=!?\[{-]|\*\s|\d+[.)]\s|```|~~~|import |export )")


def convert_markdown(incoming: Incoming, around: Surroundings, changes: Changes) -> tuple[str, str]:
    """(The text with its own front matter, summary). Raises FrontMatterFault when that is broken."""
    front = read_front_matter(incoming.body)
    head = incoming.body[: len(incoming.body) - len(front.body)]
    if (own := front.extra.get("source")) and own != incoming.source:
        changes.note(f"front matter field source was {str(own)[:80]!r}; it says now where the article came from", 1)
    stored: dict[str, str] = {}

    def write(target: str, at: int) -> str:
        line = front.body_line + front.body.count("\n", 0, at)
        if target not in stored:
            stored[target] = _lead(target, incoming, around, changes, line)
        return stored[target]

    return head + rewrite_targets(front.body, write), shorten(first_paragraph(front.body))


def first_paragraph(body: str) -> str:
    """The words of the first paragraph; '' without one."""
    fenced = False
    for block in re.split(r"\n[ \t]*\n", body):
        fences = len(re.findall(r"^[ \t]*(?:```|~~~)", block, re.MULTILINE))
        if not fenced and not fences and block.strip() and not _NO_PARAGRAPH.match(block):
            return plain_words(_UNSPOKEN.sub("", " ".join(block.split())))
        fenced ^= fences % 2 == 1
    return ""


def _lead(target: str, incoming: Incoming, around: Surroundings, changes: Changes, line: int) -> str:
    """What stands in the place of a link's or an image's address."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return target
    image = PurePosixPath(parts.path).suffix.lower() in _IMAGES
    if parts.scheme or parts.netloc:
        if image:
            changes.note(f"image of another server left as a link: {target[:120]}", line)
        return target
    if not parts.path or "{" in target:
        return target
    if image:
        return _store(target, incoming, around, changes, line)
    place = around.lead(incoming.follow(target))
    if place is None:
        changes.note(f"link leads to nothing that is imported: {target[:120]}", line)
        return target
    # The section's name stays as written: a Markdown file's headings keep theirs.
    return place.split("#", 1)[0] + (f"#{parts.fragment}" if parts.fragment else "")


def _store(target: str, incoming: Incoming, around: Surroundings, changes: Changes, line: int) -> str:
    picture = incoming.find_picture(target)
    if picture.content is None:
        changes.note(f"image left out, it is not part of the source: {target[:120]}", line)
        return target
    try:
        return around.store(picture.name, picture.content)
    except ImageError as fault:
        changes.note(f"image left out: {fault}", line)
        return target
