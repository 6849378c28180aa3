"""Callouts, folds and tabs as each tool writes them, found and taken apart: one meaning behind eight notations."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kb import containers as c
from kb.literals import ATTRIBUTES

_LABELS = {
    "note": ("Note", "说明"),
    "info": ("Info", "信息"),
    "tip": ("Tip", "提示"),
    "hint": ("Tip", "提示"),
    "success": ("Success", "成功"),
    "important": ("Important", "重要"),
    "warning": ("Warning", "警告"),
    "caution": ("Caution", "小心"),
    "danger": ("Danger", "危险"),
    "error": ("Error", "错误"),
    "example": ("Example", "示例"),
    "question": ("Question", "问题"),
    "abstract": ("Summary", "摘要"),
    "availability": ("Availability", "可用范围"),
    "prerequisites": ("Prerequisites", "前提条件"),
    "morelikethis": ("See also", "另请参阅"),
    "details": ("Details", "详情"),
}
LOOKS = frozenset(_LABELS) - {"details"}
_SAME = {
    "attention": "warning",
    "bug": "danger",
    "failure": "danger",
    "summary": "abstract",
    "tldr": "abstract",
    "faq": "question",
    "begintabs": "group",
    "endtabs": "group",
    "code-group": "group",
    "code-tabs": "group",
    "tabs": "group",
    "tab-set": "group",
    "v-pre": "group",
    "raw": "group",
    "left": "group",
    "center": "group",
    "right": "group",
}
_INLINE_SPANS = ("DNL", "UICONTROL", "BADGE", "VIDEO")


@dataclass(frozen=True)
class Callout:
    """A container with a meaning, and the number of the line behind it."""

    kind: str
    """A look of LOOKS or an author's own word, 'details' (folded), 'tab', or 'group' (no frame of its own)."""
    title: str
    """Markdown, or '' when the author wants none."""
    lines: list[str]
    end: int


def find_callout(lines: list[str], at: int, lang: str) -> Callout | None:
    """The callout that starts at line `at`, titled in the article's language when its author gave no title, else None."""
    for find in (_find_directive, _find_bang, _find_tab, _find_fold, _find_quoted):
        found = find(lines, at)
        if found:
            kind = _SAME.get(found.kind.lower(), found.kind.lower())
            title = found.title.strip()
            if title == _UNTITLED:
                title = ""
            elif not title and kind not in ("group", "tab"):
                title = _label(kind, lang)
            return replace(found, kind=kind, title=title)
    return None


_UNTITLED = '""'


def _label(kind: str, lang: str) -> str:
    labels = _LABELS.get(kind)
    return labels[lang == "zh"] if labels else kind.replace("_", " ").replace("-", " ").capitalize()


def _find_directive(lines: list[str], at: int) -> Callout | None:
    """`::: tip Title` (VuePress), `:::note[Title]` (Docusaurus), to `:::`."""
    opening = c.DIRECTIVE.match(lines[at])
    if not opening:
        return None
    gathered = c.gather_directive(lines, at)
    title = ATTRIBUTES.sub("", opening.group(3)).strip()
    bracketed = re.fullmatch(r"\[(.*)\]", title)
    return Callout(opening.group(2).strip("{}"), bracketed.group(1) if bracketed else title, gathered.lines, gathered.end)


def _find_bang(lines: list[str], at: int) -> Callout | None:
    """`!!! note "Title"` and `??? note "Title"` (MkDocs), with indented content."""
    opening = c.BANG.match(lines[at])
    if not opening or not (opening.group(1) or opening.group(2)):
        return None
    gathered = c.gather_indented(lines, at + 1, [])
    kind = (opening.group(1) or "note").split()[0]
    title = _UNTITLED if opening.group(2) == "" else opening.group(2) or ""
    if lines[at].lstrip().startswith("?"):
        return Callout("details", title or kind.capitalize(), gathered.lines, gathered.end)
    return Callout(kind, title, gathered.lines, gathered.end)


def _find_tab(lines: list[str], at: int) -> Callout | None:
    """`=== "Title"` (MkDocs), with indented content."""
    opening = c.TAB.match(lines[at])
    if not opening:
        return None
    gathered = c.gather_indented(lines, at + 1, [])
    return Callout("tab", opening.group(1), gathered.lines, gathered.end)


def _find_fold(lines: list[str], at: int) -> Callout | None:
    """`+++Title` to `+++` (Adobe)."""
    opening = c.PLUS.match(lines[at])
    gathered = c.gather_until(lines, at, c.PLUS_END) if opening else None
    return Callout("details", opening.group(1), gathered.lines, gathered.end) if gathered else None


def _find_quoted(lines: list[str], at: int) -> Callout | None:
    """`>[!NOTE]` (Adobe, GitHub, Obsidian), as the first line of a quote."""
    if not c.QUOTE.match(lines[at]) or "[!" not in "".join(lines[at : at + 3]):
        return None
    gathered = c.gather_quote(lines, at)
    first = next((number for number, line in enumerate(gathered.lines) if line.strip()), None)
    opening = c.CALLOUT.match(gathered.lines[first]) if first is not None else None
    if not opening or opening.group(1) in _INLINE_SPANS:
        return None
    title = " ".join(filter(None, (opening.group(2), opening.group(3))))
    return Callout(opening.group(1), title, gathered.lines[first + 1 :], gathered.end)
