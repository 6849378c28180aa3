"""Writing to a terminal: colour only on one, Chinese wrapped by its width, JSON as it is, a bar while indexing."""

from __future__ import annotations

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import click

WIDEST = 100
# What a line may be broken after: a Chinese or Japanese sign with the punctuation that must not begin a line, a word, a space.
WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
PIECES = re.compile(rf"[{WIDE}][，。；：、！？）》」』”…]*|\s+|[^\s{WIDE}]+")


def print_json(value: object) -> None:
    """Write the value as JSON that a person can read too."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_line(text: str, *, marked: Sequence[str] = (), **style: object) -> None:
    """Write one line, never wrapped: an id must stay whole to be copied. `style` is what click.style takes."""
    _write(_paint(make_harmless(text).replace("\n", " "), marked, style))


def print_passage(text: str, *, marked: Sequence[str] = (), lines: int) -> None:
    """Write at most so many lines of a text, indented and wrapped at the terminal's width."""
    width = min(shutil.get_terminal_size().columns, WIDEST) - 2
    wrapped = [line for paragraph in make_harmless(text).split("\n") for line in wrap_text(paragraph, width=width)]
    for number, line in enumerate(wrapped[:lines], start=1):
        _write("  " + _paint(line, marked, {}) + (" …" if number == lines < len(wrapped) else ""))


def wrap_text(text: str, *, width: int) -> list[str]:
    """The text in lines of at most `width` columns, a Chinese sign counting two; a longer word has a line of its own."""
    lines, line, used = [], "", 0
    for piece in PIECES.findall(text.rstrip()):
        needed = measure_columns(piece)
        if line.strip() and used + needed > width:
            lines.append(line.rstrip())
            line, used = "", 0
            if piece.isspace():
                continue
        line, used = line + piece, used + needed
    return [*lines, line.rstrip()] if line.strip() else lines


def measure_columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else not unicodedata.combining(sign) for sign in text)


def make_harmless(text: str) -> str:
    """The text without control and format characters: an article may not move the cursor or colour the terminal."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf"))


@contextmanager
def show_progress(title: str, stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """A function that takes (done, total) and draws a bar on a terminal; elsewhere it draws nothing."""
    if not stream.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=title, file=stream, show_pos=True) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield advance


def _paint(text: str, marked: Sequence[str], style: dict[str, object]) -> str:
    words = sorted({word for word in map(make_harmless, marked) if word.strip()}, key=len, reverse=True)
    if not words:
        return click.style(text, **style)
    # ASCII words are marked whole; Chinese ones have no edges.
    pattern = "|".join(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])" if word.isascii() else re.escape(word) for word in words)
    parts = re.split(f"({pattern})", text, flags=re.I)
    return "".join(
        click.style(part, **{**style, "fg": "green", "bold": True}) if number % 2 else click.style(part, **style)
        for number, part in enumerate(parts)
        if part
    )


def _write(line: str) -> None:
    click.echo(line, color=False if os.environ.get("NO_COLOR") else None)
