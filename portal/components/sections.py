"""An article's page made ready for hands and keyboards: links to its sections, and wide parts that scroll by keyboard."""

from __future__ import annotations

import re

from markupsafe import Markup

from portal.drawing import fill
from portal.messages import Messages

HEADING = re.compile(r'(<h([2-6])\b[^>]*\bid="([^"]+)"[^>]*>)(.*?)</h\2>', re.DOTALL)


def equip_article(html: str, t: Messages) -> str:
    """`html`, which is an article's sanitised page, with a link to itself in each heading that has an id; code and tables take focus."""

    def linked(match: re.Match[str]) -> str:
        opening, level, anchor, words = match.groups()
        # Both are parts of a page that is sanitised, and stay what they are there.
        name = Markup(words).striptags()  # noqa: S704
        link = fill("section_link", label=t("copy_section", section=name), anchor=Markup(anchor))  # noqa: S704
        return f"{opening}{words}{link.strip()}</h{level}>"

    return scroll_by_keyboard(HEADING.sub(linked, html))


def scroll_by_keyboard(html: str) -> str:
    """Code and tables of sanitised `html`, where every `<` of the text is escaped, in a frame that the Tab key reaches."""
    html = html.replace("<pre>", '<pre tabindex="0">')
    return html.replace("<table>", '<div class="kb-scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
