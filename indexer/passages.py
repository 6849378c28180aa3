"""Cut an article into passages: pieces that follow its headings, fit the model, and never cut code, a table row or a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kb.blocks import Block

CountTokens = Callable[[Sequence[str]], list[int]]

# A section shorter than this share of a passage shares one with the section after it.
_SMALL = 0.4
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?;:])\s+|\n")


@dataclass(frozen=True)
class Unit:
    """What is never cut: a block, or one sentence of a long paragraph. `tokens` is its length in the model's tokens."""

    kind: str
    text: str
    html: str
    group: int
    tokens: int


@dataclass(frozen=True)
class Passage:
    """A piece of an article: (article id, position) names it. `headings` lead to it, outermost first, the title left out."""

    article: str
    position: int
    headings: tuple[str, ...]
    anchor: str
    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        return "\n".join(unit.text for unit in self.units)


def split_article(article_id: str, blocks: Sequence[Block], *, max_tokens: int, count_tokens: CountTokens) -> list[Passage]:
    """The passages of an article in reading order; every word of every block is in one of them, in order.

    A passage is at most `max_tokens` long unless a single unit is longer. A table cut in two repeats its header row.
    """
    units = _measure(blocks, max_tokens, count_tokens)
    passages: list[Passage] = []
    for headings, anchor, run in _pack(units, max_tokens):
        passages.append(Passage(article_id, len(passages), headings, anchor, tuple(run)))
    return passages


def windows(text: str, *, max_tokens: int, count_tokens: CountTokens) -> list[str]:
    """The text as one piece, or cut at line ends (then at spaces, then anywhere) into pieces of at most `max_tokens`: for embedding, not for showing."""
    if count_tokens([text])[0] <= max_tokens:
        return [text]
    for separator in ("\n", " "):
        parts = text.split(separator)
        if len(parts) > 1:
            lengths = count_tokens(parts)
            if max(lengths) <= max_tokens:
                return [separator.join(run) for run in _fill(parts, lengths, max_tokens)]
            return [piece for part in parts if part.strip() for piece in windows(part, max_tokens=max_tokens, count_tokens=count_tokens)]
    half = len(text) // 2
    return [piece for part in (text[:half], text[half:]) for piece in windows(part, max_tokens=max_tokens, count_tokens=count_tokens)]


def _fill(parts: Sequence[str], lengths: Sequence[int], limit: int) -> Iterator[list[str]]:
    run, used = [], 0
    for part, length in zip(parts, lengths, strict=True):
        if run and used + length > limit:
            yield run
            run, used = [], 0
        run.append(part)
        used += length
    if run:
        yield run


def _measure(blocks: Sequence[Block], max_tokens: int, count_tokens: CountTokens) -> list[tuple[Block, list[Unit]]]:
    """Each block with its units: itself, or its sentences when it is a paragraph too long for one passage."""
    if not blocks:
        return []
    measured = []
    for block, tokens in zip(blocks, count_tokens([block.text for block in blocks]), strict=True):
        whole = Unit(block.kind, block.text, block.html, block.group, tokens)
        if tokens <= max_tokens or block.kind in {"code", "row", "heading"}:
            measured.append((block, [whole]))
            continue
        sentences = [part for part in _SENTENCE_END.split(block.text) if part and part.strip()]
        counts = count_tokens(sentences)
        measured.append((block, [Unit(block.kind, s, "", block.group, n) for s, n in zip(sentences, counts, strict=True)]))
    return measured


def _pack(measured: list[tuple[Block, list[Unit]]], max_tokens: int) -> Iterator[tuple[tuple[str, ...], str, list[Unit]]]:
    """(heading path, anchor, units) of each passage."""
    path: list[tuple[int, str]] = []
    run: list[Unit] = []
    header: Unit | None = None
    at: tuple[tuple[str, ...], str] = ((), "")
    for block, units in measured:
        small = sum(unit.tokens for unit in run) < _SMALL * max_tokens
        if block.kind == "heading":
            if _has_body(run) and not small:
                yield *at, run
                run = []
            path = [(level, text) for level, text in path if level < block.level] + [(block.level, block.text)]
        if block.kind == "row" and (header is None or header.group != block.group):
            header = units[0]
        for unit in units:
            if _has_body(run) and sum(each.tokens for each in run) + unit.tokens > max_tokens:
                body, carried = _without_last_headings(run)
                yield *at, body
                run = carried
                if unit.kind == "row" and header is not None and header is not unit and header.group == unit.group:
                    run.append(header)
                at = (tuple(text for _, text in path), block.anchor)
            if not run:
                at = (tuple(text for _, text in path), block.anchor)
            run.append(unit)
    if run:
        yield *at, run


def _without_last_headings(run: list[Unit]) -> tuple[list[Unit], list[Unit]]:
    """A heading stays with the text below it."""
    end = len(run)
    while run[end - 1].kind == "heading":
        end -= 1
    return run[:end], run[end:]


def _has_body(run: list[Unit]) -> bool:
    """A passage of nothing but headings waits for the text below them."""
    return any(unit.kind != "heading" for unit in run)
