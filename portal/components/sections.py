"""Section links: a small # beside each heading of an article whose address can be copied."""

from __future__ import annotations

import re

from markupsafe import Markup

from portal.drawing import fill
from portal.messages import Messages

HEADING = re.compile(r'(<h([2-6])\b[^>]*\bid="([^"]+)"[^>]*>)(.*?)</h\2>', re.DOTALL)


def add_section_links(html: str, t: Messages) -> str:
    """`html`, which is an article's sanitised page, with a link to itself in each heading that has an id."""

    def linked(match: re.Match[str]) -> str:
        opening, level, anchor, words = match.groups()
        name = Markup(words).striptags()
        link = fill("section_link", label=t("copy_section", section=name), anchor=Markup(anchor))
        return f"{opening}{words}{link.strip()}</h{level}>"

    return HEADING.sub(linked, html)
