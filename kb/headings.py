"""The first heading of Markdown source, as plain words: an article's title when its front matter names none."""

from __future__ import annotations

import html
import re

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:=+|-{2,})[ \t]*")
_INLINE = (
    (re.compile(r"<!--.*?-->"), ""),
    (re.compile(r"\s*\{:?\s*[#.][^{}]*\}\s*$"), ""),
    (re.compile(r"\[!(?:DNL|UICONTROL)\s+([^\]]*)\]"), r"\1"),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)"), r"\1"),
    (re.compile(r"</?(?:a|b|br|code|em|i|kbd|mark|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.IGNORECASE), ""),
    (re.compile(r"(\*\*|__|~~|`)(.+?)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def first_heading(markdown: str) -> str:
    """The words of the first heading outside code, without markup; '' when there is none."""
    fence = ""
    above = ""
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence) and not line.strip(" `~"):
                fence = ""
            continue
        if mark:
            fence, above = mark.group(1), ""
            continue
        heading = _ATX.fullmatch(line)
        if heading and heading.group(1):
            return plain_words(heading.group(1))
        if above and _UNDERLINE.fullmatch(line):
            return plain_words(above)
        # Lists, quotes and tables over a rule are not headings.
        above = "" if re.match(r"\s*(?:[-*+>|:]|\d+[.)]\s|$)|[ ]{4}", line) else line.strip()
    return ""


def plain_words(markdown: str) -> str:
    """One line of Markdown without its inline markup."""
    for pattern, replacement in _INLINE:
        markdown = pattern.sub(replacement, markdown)
    return " ".join(re.sub("[\u200b\u2060\ufeff]", "", html.unescape(markdown)).split())
