"""Blocks of clean HTML to the Markdown that kb reads: MkDocs callouts, fences that hold their code, tables whose cells stay whole."""

from __future__ import annotations

import re

import nh3
from bs4 import BeautifulSoup, NavigableString, Tag
from markdownify import ATX, MarkdownConverter

from kb.importing.escaping import escape_text, fence_of, guard_line, write_address

_KEPT = {
    "p": set(), "h1": {"data-kb-anchor"}, "h2": {"data-kb-anchor"}, "h3": {"data-kb-anchor"}, "h4": {"data-kb-anchor"},
    "h5": {"data-kb-anchor"}, "h6": {"data-kb-anchor"}, "ul": {"data-kb-tight"}, "ol": {"data-kb-tight", "start"},
    "li": {"data-kb-task"}, "blockquote": {"data-kb-box", "data-kb-title"}, "pre": {"data-kb-language"},
    "table": set(), "tr": set(), "td": set(), "th": set(), "hr": set(), "br": set(), "img": {"src", "alt"},
    "a": {"href", "data-kb-anchor"}, "b": set(), "strong": set(), "i": set(), "em": set(), "code": set(), "tt": set(), "kbd": set(),
    "samp": set(), "sub": set(), "sup": set(), "del": set(), "s": set(), "strike": set(), "mark": set(), "q": set(),
    "kb-note": {"data-kb-name"}, "kb-noted": {"data-kb-name"},
}  # fmt: skip
_GATE = nh3.Cleaner(
    tags=set(_KEPT), attributes=_KEPT, link_rel=None, url_schemes={"http", "https", "mailto", "tel"},
    clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math"},
)  # fmt: skip
_BOLD = {"h1", "h2", "h3", "h4", "h5", "h6", "th"}
"""What is bold without being marked."""
_EMPHASIS = "emphasis"
_AUTOLINK = re.compile(r"https?://[^\s<>*_`\[\]\\]+")


def write_markdown(html: str) -> str:
    """Markdown of the HTML that `kb.importing.blocks` makes. What is not one of its elements is dropped, whatever came before."""
    soup = BeautifulSoup(_GATE.clean(html), "html.parser")
    text = _Writer(heading_style=ATX, bullets="-", wrap=True, wrap_width=None, sub_symbol="<sub>", sup_symbol="<sup>").convert_soup(soup)
    return text.strip("\n") + "\n"


class _Writer(MarkdownConverter):
    """What kb's Markdown has and the library does not know, or escapes too little."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return escape_text(text)

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        text = super().process_text(el, parent_tags)
        link = el.next_sibling
        # An exclamation mark before a link would make an image of it.
        before_link = text.endswith("!") and isinstance(link, Tag) and (link.name == "a" or link.find("a") is not None)
        return text[:-1] + "\\!" if before_link else text

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        lines = [guard_line(line.lstrip(" ")) for line in text.strip(" \n").split("\n")]
        written = "\n".join(lines).rstrip()
        if not written:
            return ""
        item = el.parent if el.parent is not None and el.parent.name == "li" else None
        if item is not None and el.find_previous_sibling() is None and item.get("data-kb-task"):
            written = ("[x] " if item["data-kb-task"] == "done" else "[ ] ") + written
        return f"{written}\n" if item is not None and item.parent.get("data-kb-tight") else f"\n\n{written}\n\n"

    def convert_blockquote(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = text.strip("\n")
        kind = el.get("data-kb-box")
        if not kind:
            return "\n\n" + "\n".join(f"> {line}".rstrip() for line in text.split("\n")) + "\n\n" if text else ""
        title = " ".join(escape_text(el.get("data-kb-title") or "").split())
        head = ("??? note" if title else "??? details") if kind == "details" else f"!!! {kind}"
        # Two quotes alone would say that there is no title.
        title = title.replace('"', r"\"") if not title.strip('"') else title
        head += f' "{title}"' if title else ""
        return "\n\n" + "\n".join([head, *(f"    {line}" if line else "" for line in text.split("\n"))]) + "\n\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        code = el.get_text().strip("\n")
        fence = fence_of(code, least=3)
        return f"\n\n{fence}{el.get('data-kb-language') or ''}\n{code}\n{fence}\n\n"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags or not text.strip():
            return text
        code = text.strip()
        fence = fence_of(code, least=1)
        inner = f" {code} " if code[0] == "`" or code[-1] == "`" else code
        return (" " if text[0] == " " else "") + fence + inner + fence + (" " if text[-1] == " " else "")

    convert_tt = convert_samp = convert_code

    def convert_kbd(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"<kbd>{escape_text(text.strip())}</kbd>" if text.strip() and "_noformat" not in parent_tags else text

    def convert_mark(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"<mark>{text}</mark>" if text.strip() and "_noformat" not in parent_tags else text

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if el.get("data-kb-anchor"):
            return f'<a id="{el["data-kb-anchor"]}"></a>{text}'
        href = el.get("href")
        if not href or not text.strip() or "_noformat" in parent_tags or "a" in parent_tags:
            return text
        if el.get_text() == href and _AUTOLINK.fullmatch(href):
            return f"<{href}>"
        lead, trail = " " if text[0].isspace() else "", " " if text[-1].isspace() else ""
        return f"{lead}[{text.strip()}]({write_address(href)}){trail}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt = escape_text(" ".join((el.get("alt") or "").split()))
        return f"![{alt}]({write_address(el.get('src') or '')})" if el.get("src") else alt

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "td" in parent_tags or "th" in parent_tags:
            return "<br>"
        return " " if "_inline" in parent_tags else "  \n"

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasise(el, text, parent_tags, own=("em", "i"), single=True)

    convert_i = convert_em

    def convert_strong(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _emphasise(el, text, parent_tags, own=("strong", "b"), single=False)

    convert_b = convert_strong

    convert_strike = MarkdownConverter.convert_del

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:
        words = " ".join(text.split())
        words = re.sub(r"(#+)$", lambda hashes: "\\#" * len(hashes.group()), words)
        anchor = f" {{#{el['data-kb-anchor']}}}" if el.get("data-kb-anchor") else ""
        return f"\n\n{'#' * n} {words}{anchor}\n\n" if words else ""

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        rule = "|" + "---|" * len(el.find_all(["td", "th"])) + "\n" if el.find_previous_sibling("tr") is None else ""
        return f"|{text}\n{rule}"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        # Bars among the words are escaped already, and those in code are no borders.
        return f" {' '.join(text.split())} |"

    convert_th = convert_td


def _emphasise(el: Tag, text: str, parent_tags: set[str], *, own: tuple[str, str], single: bool) -> str:
    inner = text.strip()
    if not inner or "_noformat" in parent_tags or parent_tags & set(own) or (not single and parent_tags & _BOLD):
        return text
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    before, after = _beside(el.previous_sibling, -1), _beside(el.next_sibling, 0)
    touched = _is_word(before) or _is_word(after)
    if before == _EMPHASIS or after == _EMPHASIS or (touched and (inner[0] in "*_" or inner[-1] in "*_")):
        # Runs of asterisks that touch are read as one, in a way that no two readers share; tags are read alike by all.
        return f"{lead}<{own[0]}>{inner}</{own[0]}>{trail}"
    mark = ("*" if touched else "_") if single else "**"
    return f"{lead}{mark}{inner}{mark}{trail}"


def _beside(node: object, index: int) -> str:
    """The sign that stands next to an element; a word for emphasis that does, '' for nothing."""
    if isinstance(node, Tag):
        return _EMPHASIS if node.name in ("em", "i", "strong", "b") else ""
    return str(node)[index : index + 1 or None] if isinstance(node, NavigableString) else ""


def _is_word(sign: str) -> bool:
    return len(sign) == 1 and (sign.isalnum() or sign == "_")
