"""What every page that kb makes promises: nothing in it acts, nothing is left open, no name is given twice."""

import re
from collections import Counter
from html.parser import HTMLParser

from kb.sanitising import TAGS

ATTRIBUTES = {
    "id", "class", "lang", "dir", "title", "href", "target", "rel", "src", "alt", "width", "height", "loading", "start", "reversed", "type", "value", "colspan", "rowspan",
    "align", "headers", "scope", "span", "open", "datetime", "cite",
}  # fmt: skip
VOID = {"br", "hr", "img", "col", "wbr"}


class Page(HTMLParser):
    """Reads a page as its signs stand there, without mending anything: what is live, and what is left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.crossed = False
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed = True

    def handle_comment(self, data):
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def misdeeds(html: str) -> list[str]:
    """What the page does that no page may."""
    page = Page(html)
    found = [f"holds <!{other}" for other in page.other]
    if page.crossed or page.open:
        found.append(f"tags cross or stay open: {page.open}")
    for tag, attributes in page.seen:
        found += [f"<{tag}>"] if tag not in TAGS else []
        found += [f"{tag} {name}" for name in attributes if name not in ATTRIBUTES]
        found += [f"{tag} {name}={attributes[name]!r}" for name in ("href", "cite") if name in attributes and not is_harmless(attributes[name])]
        if leads_out(attributes.get("href") or "") and "noopener" not in (attributes.get("rel") or ""):
            found.append(f"leads out unmarked: {attributes}")
        if "src" in attributes and not attributes["src"].startswith("/media/"):
            found.append(f"src={attributes['src']!r}")
    ids = Counter(attributes["id"] for _, attributes in page.seen if "id" in attributes)
    return found + [f"id {name!r} {times} times" for name, times in ids.items() if times > 1]


def is_harmless(address: str) -> bool:
    """Whether a browser that follows it can run nothing: a web page, a message, a call, or a place on this host."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", address), re.I)
    return scheme is None or scheme[1].lower() in ("http", "https", "mailto", "tel")


def leads_out(address: str) -> bool:
    """Whether it names another host: browsers drop control characters, and read a backslash as a slash."""
    return re.match(r"(?:https?:)?//", re.sub(r"[\x00-\x20]", "", address).replace("\\", "/"), re.I) is not None
