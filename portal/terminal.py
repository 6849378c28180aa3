"""Writing to a terminal: colour only on one, Chinese wrapped by its width, JSON as it is, a bar while indexing."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

PASSAGE_SIGNS = 280
"""So much of a passage is shown: enough to judge it, three lines or so."""


def print_json(value: object) -> None:
    """Write the value as JSON that a person can read too."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def open_console() -> TerminalConsole:
    """A console on standard output; rich is imported here because `kb --help` does without it."""
    from rich.console import Console

    return TerminalConsole(Console(highlight=False, soft_wrap=False))


class TerminalConsole:
    """Lines and passages of text that others wrote: no markup in it is obeyed, no control character gets through."""

    def __init__(self, console) -> None:
        self._console = console

    def line_of(self, text: str, *, style: str = "", marked: tuple[str, ...] = (), indent: int = 0) -> None:
        """One line in a style, never wrapped: ids must stay whole to be copied."""
        self._console.print(self._text(" " * indent + text, style, marked), soft_wrap=True)

    def passage(self, text: str, *, marked: tuple[str, ...]) -> None:
        """The start of a passage, indented and wrapped."""
        from rich.padding import Padding

        words = " ".join(text.split())
        short = words if len(words) <= PASSAGE_SIGNS else words[:PASSAGE_SIGNS].rstrip() + "…"
        self._console.print(Padding(self._text(short, "", marked), (0, 0, 0, 2), expand=False))

    def _text(self, text: str, style: str, marked: tuple[str, ...]):
        from rich.text import Text

        drawn = Text(make_harmless(text), style=style)
        drawn.highlight_words([word for word in marked if word], style="bold green", case_sensitive=False)
        return drawn


def make_harmless(text: str) -> str:
    """The text without control and format characters: an article may not move the cursor or colour the terminal."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf"))


@contextmanager
def show_progress(title: str, stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """A function that takes (done, total) and draws a bar on a terminal; elsewhere it draws nothing."""
    if not stream.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
