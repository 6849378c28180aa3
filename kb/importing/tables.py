"""Tables as Markdown has them: one head, one line a row, no merged cells, and in a cell only words."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import lxml.html

from kb.errors import ArticleError
from kb.importing.markup import words_of
from kb.importing.report import Changes

MAX_COLUMNS = 60
MAX_CELLS = 20_000
Blocks = list[lxml.html.HtmlElement]


def read_table(table: lxml.html.HtmlElement, read: Callable[[lxml.html.HtmlElement], Blocks], changes: Changes) -> Blocks:
    """The table without what Markdown lacks, its caption before it. A table of one cell is a frame, of which the content is kept.

    Raises ArticleError when merged cells claim more room than any table that a person reads."""
    rows = [row for row in table.iter("tr") if _table_of(row) is table]
    blocks = [block for caption in table.findall("caption") for block in read(caption)]
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    if len(cells) <= 1:
        # Words outside of cells are shown by browsers too, so they are kept.
        return blocks + read(cells[0] if cells else table)
    grid = _lay_out(rows, table, changes)
    upright = not _is_head(rows[0]) and all(row[0] is not None and row[0].tag == "th" for row in grid)
    if upright:
        # Its heads are at the side; Markdown has them at the top only, so that line stays empty.
        grid.insert(0, [None] * len(grid[0]))
    elif not _is_head(rows[0]) and len(grid) > 1:
        changes.note("table without a head: its first row became the head", table.sourceline)
    made = lxml.html.Element("table")
    # A merged cell is read once and written several times.
    cells = dict.fromkeys(cell for row in grid for cell in row if cell is not None)
    inside = {cell: _lines(read(cell), changes, cell.sourceline) for cell in cells}
    for number, row in enumerate(grid):
        line = lxml.html.Element("tr")
        made.append(line)
        for column, cell in enumerate(row):
            line.append(_write_cell("td" if number else "th", inside.get(cell, []), bold=upright and not column))
    return [*blocks, made] if words_of(made) or made.find(".//img") is not None else blocks


def _table_of(row: lxml.html.HtmlElement) -> lxml.html.HtmlElement | None:
    return next(row.iterancestors("table"), None)


def _is_head(row: lxml.html.HtmlElement) -> bool:
    return row.getparent().tag == "thead" or all(cell.tag == "th" for cell in row)


def _lay_out(rows: Blocks, table: lxml.html.HtmlElement, changes: Changes) -> list[list[lxml.html.HtmlElement | None]]:
    """Rows of cells, all of one length. A cell over several rows stands in each; one over several columns in its first."""
    grid: dict[tuple[int, int], lxml.html.HtmlElement | None] = {}
    merged = False
    for at, row in enumerate(rows):
        column = 0
        for cell in [cell for cell in row if cell.tag in ("td", "th")]:
            while (at, column) in grid:
                column += 1
            down, across = _span(cell, "rowspan", len(rows) - at), _span(cell, "colspan", MAX_COLUMNS)
            merged = merged or down > 1 or across > 1
            if column + across > MAX_COLUMNS or len(grid) + down * across > MAX_CELLS:
                fact = f"table is wider than {MAX_COLUMNS} columns or larger than {MAX_CELLS} cells; split it into smaller ones"
                raise ArticleError(changes.file, table.sourceline if changes.has_lines else None, fact)
            for below in range(down):
                for right in range(across):
                    grid.setdefault((at + below, column + right), None if right else cell)
            column += across
    if merged:
        changes.note("table with merged cells flattened", table.sourceline)
    width = max((column for _, column in grid), default=-1) + 1
    used = sorted({row for row, _ in grid})
    return [[grid.get((row, column)) for column in range(width)] for row in used]


def _span(cell: lxml.html.HtmlElement, name: str, most: int) -> int:
    written = (cell.get(name) or "").strip()
    number = int(written) if written.isascii() and written.isdigit() and len(written) <= 5 else 1
    # rowspan="0" reaches to the last row.
    return max(1, min(number or most, most))


def _write_cell(tag: str, lines: Blocks, *, bold: bool) -> lxml.html.HtmlElement:
    made = lxml.html.Element(tag)
    for number, line in enumerate(lines):
        if number:
            made.append(lxml.html.Element("br"))
        copied = deepcopy(line)
        copied.tag = "strong" if bold and copied.tag == "span" else copied.tag
        made.append(copied)
    return made


def _lines(blocks: Blocks, changes: Changes, line: int | None) -> Blocks:
    """The blocks of a cell as inline elements, one for each line of the cell."""
    lines: Blocks = []
    for block in blocks:
        if block.tag in ("ul", "ol"):
            changes.note("list in a table cell became lines of the cell", line)
            for number, item in enumerate(block, start=int(block.get("start") or 1)):
                inner = _lines(list(item), changes, line)
                mark = "• " if block.tag == "ul" else f"{number}) "
                lines += [_span_of(mark, inner[0]), *inner[1:]] if inner else []
        elif block.tag == "pre":
            changes.note("code block in a table cell became lines of the cell", line)
            for text in (block.text or "").split("\n"):
                code = lxml.html.Element("code")
                code.text = text
                lines += [code] if text.strip() else []
        elif block.tag == "table":
            changes.note("table in a table cell became lines of the cell", line)
            lines += [_span_of(" – ".join(filter(None, map(words_of, row)))) for row in block]
        elif block.tag == "blockquote":
            title = block.get("data-kb-title") or ""
            lines += [*([_span_of(title)] if title else []), *_lines(list(block), changes, line)]
        elif block.tag != "hr":
            block.tag = "span" if block.tag == "p" else "strong"
            lines.append(block)
    return lines


def _span_of(text: str, inner: lxml.html.HtmlElement | None = None) -> lxml.html.HtmlElement:
    span = lxml.html.Element("span")
    span.text = text
    if inner is not None:
        span.append(inner)
    return span
