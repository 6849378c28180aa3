"""Rewrites Markdown of any flavour into the form that Python-Markdown reads the way its authors saw it.

Authors write for viewers that follow CommonMark: a list needs no blank line before it, nests by two or three spaces, and
holds fenced code. Python-Markdown wants blank lines and steps of four. Code, raw HTML and callouts are stored away as
finished HTML, so that nothing in them is read as Markdown twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from markdown import Markdown
from markdown.preprocessors import Preprocessor

from kb import containers as c
from kb.highlighting import highlight_code
from kb.literals import ATTRIBUTES, HIDDEN_TAGS, TAG, escape_words, find_live_tags, keep_markup

MAX_NESTING = 30
# Their content is HTML down to the closing tag, blank lines included; in every other tag Markdown goes on.
_RAW = frozenset({"table", "pre", "ul", "ol", "dl"}) | HIDDEN_TAGS
_LEADING_TAGS = re.compile(rf"[ ]*(?:{TAG.pattern}[ ]*)+")
_CODE = re.compile(r"^[ ]*(`{3,}|~{3,}).*?^[ >]*\1[^\n]*$|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
_TOC = re.compile(r"[ ]*(?:\[\[toc\]\]|\[\[_toc_\]\]|\[toc\]|\$\{toc\}|\{:toc\})[ ]*$", re.IGNORECASE)
_KRAMDOWN = re.compile(r"[ ]*\{::?[^{}]*\}[ ]*$")
_RAW_LIQUID = re.compile(r"\{%-?[ ]*(?:raw|endraw)[ ]*-?%\}")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\x02\x03]")
_TASK = re.compile(r"\[([ xX])\][ ]+(?=\S)")
_TAB_LINE = re.compile(r"@tab(?::active)?[ ]+(.+)$")
_LABELS = {
    "note": ("Note", "说明"), "info": ("Info", "信息"), "tip": ("Tip", "提示"), "hint": ("Tip", "提示"), "success": ("Success", "成功"),
    "important": ("Important", "重要"), "warning": ("Warning", "警告"), "caution": ("Caution", "小心"), "danger": ("Danger", "危险"),
    "error": ("Error", "错误"), "example": ("Example", "示例"), "question": ("Question", "问题"), "abstract": ("Summary", "摘要"),
    "availability": ("Availability", "可用范围"), "prerequisites": ("Prerequisites", "前提条件"), "details": ("Details", "详情"),
    "morelikethis": ("See also", "另请参阅"),
}  # fmt: skip
ADMONITIONS = frozenset(_LABELS)
_SAME = {"attention": "warning", "bug": "danger", "failure": "danger", "summary": "abstract", "tldr": "abstract", "faq": "question"}


class NestedTooDeep(ValueError):
    """Containers within containers beyond any article that a person writes."""


class CommonMarkPreprocessor(Preprocessor):
    """Puts the rewriting in front of Python-Markdown's own readers."""

    def __init__(self, markdown: Markdown, lang: str) -> None:
        super().__init__(markdown)
        self.lang = lang

    def run(self, lines: list[str]) -> list[str]:
        return CommonMark(self.md.htmlStash.store, self.lang).rewrite("\n".join(lines))


@dataclass
class _Block:
    lines: list[str]
    glued: bool = False
    """No blank line before it: a tight list below its item's text."""


@dataclass(frozen=True)
class CommonMark:
    """Rewrites lines; `store` takes finished HTML and returns the placeholder that stands for it."""

    store: Callable[[str], str]
    lang: str
    live: frozenset[str] = field(default=frozenset())

    def rewrite(self, source: str) -> list[str]:
        """The lines for Python-Markdown. Raises NestedTooDeep."""
        text = _RAW_LIQUID.sub("", _INVISIBLE.sub("", source))
        writer = CommonMark(self.store, self.lang, find_live_tags(_CODE.sub("", text)))
        return writer._join(writer._blocks(text.expandtabs(4).split("\n"), 0))

    def _join(self, blocks: list[_Block], *, tight: bool = False) -> list[str]:
        joined: list[str] = []
        for number, block in enumerate(blocks):
            if joined and not (tight and number == 1 and block.glued):
                joined.append("")
            joined += block.lines
        return joined

    def _blocks(self, lines: list[str], depth: int) -> list[_Block]:
        if depth > MAX_NESTING:
            raise NestedTooDeep(f"lists and quotes are nested more than {MAX_NESTING} deep")
        blocks: list[_Block] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            found, end = self._block(lines, at, depth)
            glued = at > 0 and bool(lines[at - 1].strip())
            for number, block in enumerate(found):
                block.glued = block.glued and glued and number == 0 and bool(blocks)
                blocks.append(block)
            at = end
        return blocks

    def _block(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        """The blocks that the one at `at` becomes, and the line behind it."""
        line = lines[at]
        if c.indent_of(line) >= 4:
            return self._indented_code(lines, at)
        if _TOC.match(line) or _KRAMDOWN.match(line) or ATTRIBUTES.fullmatch(line.strip()):
            return [], at + 1
        for read in (self._comment, self._code, self._callout, self._html):
            found = read(lines, at, depth)
            if found:
                return found
        if c.RULE.match(line):
            return [_Block(["* * *"])], at + 1
        heading = c.HEADING.match(line)
        if heading:
            return self._heading(len(heading.group(1)), heading.group(2) or ""), at + 1
        if c.QUOTE.match(line):
            return self._quote(lines, at, depth)
        if c.ITEM.match(line):
            return self._list(lines, at, depth)
        footnote = c.FOOTNOTE.match(line)
        if footnote:
            gathered = c.gather_indented(lines, at + 1, [footnote.group(2)])
            inner = self._join(self._blocks(gathered.lines, depth + 1))
            return [_Block(_hang(f"{footnote.group(1)} ", inner))], gathered.end
        return self._paragraph(lines, at, depth)

    def _heading(self, level: int, text: str) -> list[_Block]:
        words = keep_markup(f"# {text}", self.live)[2:]
        return [_Block([f"{'#' * level} {words}"])] if words.strip() else []

    def _indented_code(self, lines: list[str], at: int) -> tuple[list[_Block], int]:
        end = at
        while end < len(lines) and (not lines[end].strip() or c.indent_of(lines[end]) >= 4):
            end += 1
        code = "\n".join(line[4:] for line in lines[at:end]).rstrip()
        return [self._stored(highlight_code(code))], end

    def _comment(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        if not lines[at].lstrip().startswith("<!--"):
            return None
        end = next((number for number in range(at, len(lines)) if "-->" in lines[number]), None)
        if end is None:
            return None
        if end == at:
            rest = re.sub(r"<!--.*?-->", "", lines[at])
            if not rest.strip():
                return [], end + 1
            return None  # Words stand beside the comment: a paragraph, from which it vanishes.
        lines[end] = lines[end].split("-->", 1)[1]
        return [], end

    def _code(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        fence = c.FENCE.match(lines[at])
        if fence:
            gathered = c.gather_fence(lines, at)
            return [self._stored(highlight_code("\n".join(gathered.lines), fence.group(3)))], gathered.end
        liquid = c.HIGHLIGHT.match(lines[at])
        closed = c.gather_until(lines, at, c.HIGHLIGHT_END) if liquid else None
        if closed:
            return [self._stored(highlight_code("\n".join(closed.lines), liquid.group(1) or ""))], closed.end
        return None

    def _callout(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        directive = c.DIRECTIVE.match(lines[at])
        if directive:
            gathered = c.gather_directive(lines, at)
            title = directive.group(3)
            return self._admonition(directive.group(2).strip("{}"), ATTRIBUTES.sub("", title).strip().strip("[]"), gathered.lines, depth), gathered.end
        bang = c.BANG.match(lines[at])
        if bang and (bang.group(1) or bang.group(2)):
            gathered = c.gather_indented(lines, at + 1, [])
            kind = "details" if lines[at].lstrip().startswith("?") else (bang.group(1) or "note").split()[0]
            title = bang.group(2) if bang.group(2) is not None else self._label((bang.group(1) or "note").split()[0])
            return self._admonition(kind, title, gathered.lines, depth, bare=bang.group(2) == ""), gathered.end
        tab = c.TAB.match(lines[at])
        if tab:
            gathered = c.gather_indented(lines, at + 1, [])
            return self._tab(tab.group(1), gathered.lines, depth), gathered.end
        plus = c.PLUS.match(lines[at])
        closed = c.gather_until(lines, at, c.PLUS_END) if plus else None
        if closed:
            return self._admonition("details", plus.group(1), closed.lines, depth), closed.end
        return None

    def _html(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int] | None:
        opening = c.HTML.match(lines[at])
        name = opening.group(1).lower() if opening else ""
        if name not in self.live:
            return None
        if name in _RAW:
            gathered = c.gather_html(lines, at, name)
            if gathered:
                return [self._stored(escape_words("\n".join(gathered.lines), self.live))], gathered.end
        leading = _LEADING_TAGS.match(lines[at])
        if not leading or any(tag.group(1).lower() not in self.live for tag in TAG.finditer(leading.group())):
            return None
        if all(tag.group(1).lower() in _INLINE_START for tag in TAG.finditer(leading.group())):
            return None
        # The tags are finished HTML; whatever stands behind them is Markdown again.
        lines[at] = lines[at][leading.end() :]
        return [self._stored(leading.group().strip())], at + (not lines[at].strip())

    def _quote(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        gathered = c.gather_quote(lines, at)
        first = next((number for number, line in enumerate(gathered.lines) if line.strip()), None)
        callout = c.CALLOUT.match(gathered.lines[first]) if first is not None else None
        if not callout or callout.group(1) in ("DNL", "UICONTROL", "BADGE", "VIDEO"):
            inner = self._join(self._blocks(gathered.lines, depth + 1))
            return [_Block([f"> {line}".rstrip() for line in inner])] if inner else [], gathered.end
        kind, rest = callout.group(1).lower(), gathered.lines[first + 1 :]
        title = " ".join(filter(None, (callout.group(2), callout.group(3)))).strip()
        if kind in ("begintabs", "endtabs", "tabs"):
            return self._blocks(rest, depth + 1), gathered.end
        if kind == "tab":
            return self._tab(title, rest, depth), gathered.end
        return self._admonition(kind, title, rest, depth), gathered.end

    def _list(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        mark = c.ITEM.match(lines[at]).group(2)
        items: list[list[str]] = []
        loose = False
        while at < len(lines):
            item = c.ITEM.match(lines[at])
            if not item or item.group(2)[-1] != mark[-1] or c.RULE.match(lines[at]):
                break
            gathered = c.gather_item(lines, at)
            inner = self._join(self._blocks([_TASK.sub(_box, gathered.lines[0], count=1), *gathered.lines[1:]] if gathered.lines else [], depth + 1), tight=True)
            number = f"{item.group(2)[:-1]}." if item.group(2)[0].isdigit() else "-"
            items.append(_hang(f"{number} ".ljust(4) if number == "-" else f"{number} ", inner or [self.store("")]))
            loose = loose or "" in inner or (gathered.end < len(lines) and not lines[gathered.end - 1].strip() and bool(c.ITEM.match(lines[gathered.end])))
            at = gathered.end
        if not items:
            return self._paragraph(lines, at, depth)
        joined = items[0]
        for item_lines in items[1:]:
            joined = joined + ([""] if loose else []) + item_lines
        # Python-Markdown would go on with the list above when another kind of list follows it directly.
        return [_Block(joined, glued=not loose)], at

    def _paragraph(self, lines: list[str], at: int, depth: int) -> tuple[list[_Block], int]:
        end = at + 1
        if _is_table(lines, at):
            while end < len(lines) and lines[end].strip() and ("|" in lines[end] or not c.starts_block(lines[end])):
                end += 1
            rows = keep_markup("\n".join(line.strip() for line in lines[at:end]), self.live)
            return [_Block(rows.split("\n"))], end
        while end < len(lines) and lines[end].strip() and not c.starts_block(lines[end], in_paragraph=True) and not _is_table(lines, end):
            underline = c.UNDERLINE.match(lines[end])
            if underline:
                break
            if _TOC.match(lines[end]) or _KRAMDOWN.match(lines[end]) or c.PLUS_END.match(lines[end]) or _TAB_LINE.match(lines[end]):
                break
            end += 1
        underline = c.UNDERLINE.match(lines[end]) if end < len(lines) else None
        if underline:
            return self._heading(1 if "=" in lines[end] else 2, " ".join(line.strip() for line in lines[at:end])), end + 1
        tab = _TAB_LINE.match(lines[at])
        if tab:
            return self._titled(tab.group(1)), at + 1
        text = keep_markup("\n".join(line.lstrip() for line in lines[at:end]), self.live)
        return [_Block([_guard(line) for line in text.split("\n")])] if text.strip() else [], end

    def _stored(self, html: str) -> _Block:
        return _Block([self.store(html)])

    def _label(self, kind: str) -> str:
        labels = _LABELS.get(_SAME.get(kind.lower(), kind.lower()))
        return labels[self.lang == "zh"] if labels else kind.replace("_", " ").replace("-", " ").capitalize()

    def _titled(self, title: str) -> list[_Block]:
        return [_Block([f"{self.store('<span class=tab-title>')}{keep_markup(title, self.live)}{self.store('</span>')}"])]

    def _tab(self, title: str, lines: list[str], depth: int) -> list[_Block]:
        return [*self._titled(title), *self._blocks(lines, depth + 1)]

    def _admonition(self, kind: str, title: str, lines: list[str], depth: int, *, bare: bool = False) -> list[_Block]:
        kind = _SAME.get(kind.lower(), kind.lower())
        inner = self._blocks(lines, depth + 1)
        if kind in ("code-group", "code-tabs", "tabs", "tab-set", "v-pre", "raw", "center", "left", "right"):
            return [*(self._titled(title) if title else []), *inner]
        words = keep_markup(title or self._label(kind), self.live)
        if kind == "details":
            head = f"{self.store('<details><summary>')}{words}{self.store('</summary>')}"
            return [_Block([head]), *inner, self._stored("</details>")]
        look = kind if kind in ADMONITIONS else "note"
        head = f"{self.store('<span class=admonition-title>')}{words}{self.store('</span>')}"
        return [self._stored(f'<div class="admonition {escape(look)}">'), *([] if bare else [_Block([head])]), *inner, self._stored("</div>")]


_INLINE_START = frozenset("a abbr b bdi bdo big br cite code data del dfn em font i img ins kbd mark q s samp small span strike strong sub sup tt u var wbr".split())


def _is_table(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and "|" in lines[at] and "|" in lines[at + 1] + "|" * ("-" in lines[at + 1]) and bool(c.TABLE_RULE.match(lines[at + 1]))


def _hang(mark: str, lines: list[str]) -> list[str]:
    return [mark + lines[0] if lines else mark, *(f"    {line}" if line else "" for line in lines[1:])]


def _box(match: re.Match[str]) -> str:
    return "☐ " if match.group(1) == " " else "☑ "


def _guard(line: str) -> str:
    """A paragraph's line that Python-Markdown, but no CommonMark viewer, would take for a heading or a list item."""
    if re.match(r"#{1,6}[^#\s]|#{7,}|[+*-]\s|=+$", line):
        return f"\\{line}"
    return re.sub(r"^(\d+)([.)]\s)", r"\1\\\2", line)
