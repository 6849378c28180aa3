"""A report as text: for the terminal, and as Markdown in which no word of a customer is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portal.messages import Messages
from portal.report_sections import EVERYTHING, list_tables, say_headline, say_selection, say_title
from portal.report_tables import Table
from portal.reporting import Report
from portal.terminal import make_harmless, measure_columns

IN_TERMINAL = ("targets", "weeks", "missing", "effects", "articles")
WIDEST = 44
"""Columns of a terminal that what a row is about may take."""
# Sentences and lists stand on a line of their own below their row.
_WIDE = 32
# Of what begins markup within a line; no text of anybody begins one.
_MARKUP = re.compile(r"([\\`*_{}\[\]#])")
# Not every reader of Markdown knows a backslash before these.
_ENTITIES = str.maketrans({sign: f"&#{ord(sign)};" for sign in "|~$"})
# What Markdown readers make links of without being asked: https://…, www.…, a@b.cd, evil.example, @name. An invisible sign that joins words takes the place between.
_LINKS = re.compile(r"(?<=\w)(?=://)|(?<=@)(?=\w)|(?<=\w\.)(?=[^\W\d_])|(?<=mailto:)", re.I)
_JOINER = "\u2060"


def write_lines(t: Messages, report: Report) -> Iterator[tuple[str, dict[str, object]]]:
    """(line, how click.style paints it), without signs that could move a cursor."""
    for line, style in _compose_lines(t, report):
        yield make_harmless(line).replace("\n", " "), style


def _compose_lines(t: Messages, report: Report) -> Iterator[tuple[str, dict[str, object]]]:
    if report.simulated:
        yield t("demonstration"), {"fg": "yellow", "bold": True}
    yield say_title(t, report), {"bold": True}
    yield say_selection(t, report), {"dim": True}
    for sentence in say_headline(t, report):
        yield sentence, {}
    for table in list_tables(t, report, IN_TERMINAL):
        yield "", {}
        yield table.title, {"bold": True}
        yield from _align(table) if table.rows else [(table.empty, {})]


def write_plain(t: Messages, report: Report) -> str:
    """The same lines as a text file."""
    return "".join(f"{line}\n" for line, _ in write_lines(t, report))


def write_markdown(t: Messages, report: Report) -> str:
    """The report as Markdown."""
    lines = [f"> **{escape_markdown(t('demonstration'))}**", ""] if report.simulated else []
    lines += [f"# {escape_markdown(say_title(t, report))}", "", escape_markdown(say_selection(t, report)), ""]
    lines += [f"- {escape_markdown(sentence)}" for sentence in say_headline(t, report)]
    for table in list_tables(t, report, EVERYTHING):
        lines += ["", f"## {escape_markdown(table.title)}", "", *(_write_rows(table) if table.rows else [escape_markdown(table.empty)])]
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    """The text as one line of Markdown that shows it: no HTML, no markup, no link, no cell of a table ends."""
    line = _LINKS.sub(_JOINER, " ".join(make_harmless(text).split()))
    escaped = _MARKUP.sub(r"\\\1", line.replace("&", "&amp;"))
    return escaped.replace("<", "&lt;").replace(">", "&gt;").translate(_ENTITIES)


def _write_rows(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    written = ["| " + " | ".join(escape_markdown(cell) for cell in row) + " |" for row in rows]
    return [written[0], "|" + "---|" * len(table.head), *written[1:]]


def _align(table: Table) -> Iterator[tuple[str, dict[str, object]]]:
    """The table with its columns under each other; a column of long texts goes below each row."""
    below = [place for place in range(1, len(table.head)) if max(measure_columns(row[place]) for row in table.rows) > _WIDE]
    beside = [place for place in range(len(table.head)) if place not in below]
    rows = [[_clip(" ".join(make_harmless(row[place]).split())) for place in beside] for row in (table.head, *table.rows)]
    widths = [max(measure_columns(row[place]) for row in rows) for place in range(len(beside))]
    yield _pad(rows[0], widths), {"dim": True}
    for told, row in zip(rows[1:], table.rows, strict=True):
        yield _pad(told, widths), {}
        for place in below:
            yield f"    {table.head[place]}: {row[place]}", {"dim": True}


def _pad(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - measure_columns(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _clip(text: str) -> str:
    if measure_columns(text) <= WIDEST:
        return text
    while measure_columns(text) >= WIDEST:
        text = text[:-1]
    return text + "…"
