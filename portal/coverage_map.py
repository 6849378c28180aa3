"""The coverage map as shapes: a tile for each topic, as large as its demand and coloured by how much of it was answered. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from feedback.coverage import Coverage, TopicFigures
from feedback.intervals import Share
from portal.figure_words import say_cost, say_interval, say_number, say_share
from portal.messages import Messages
from portal.tile_labels import LINE, measure, wrap
from portal.topic_rows import is_missing
from portal.treemap import Box, squarify_groups

PAD = 6
HEAD = 22
"""Pixels: from a tile's edge to its words; the height of the strip with a category's name."""
BOLD = 1.15
"""Figures are set bold, so many times as wide."""
SMALLEST = 44 * 44
"""Square pixels: a smaller tile no finger would hit."""

STEPS = ((0.2, "#a34a04", "#ffffff"), (0.4, "#ee9a3a", "#221300"), (0.6, "#efe0b4", "#221c08"), (0.8, "#86b8de", "#04192b"), (1.0, "#1f5f9e", "#ffffff"))
"""Answered up to this share: fill and ink. Orange to blue, which colour-blind people tell apart, dark at both ends."""
NEUTRAL = ("#9aa1b0", "#14171f")
"""Demand that belongs to no topic."""


@dataclass(frozen=True)
class Tile:
    """One rectangle. `lines` and `figures` are the words in it, '' where they do not fit; `href` where a click leads."""

    box: Box
    name: str
    lines: str
    figures: str
    fill: str
    ink: str
    href: str
    requests: str
    answered: str
    interval: str
    cost: str


@dataclass(frozen=True)
class CoverageMap:
    """Tiles, and the categories' strips as (box, name)."""

    width: float
    height: float
    tiles: tuple[Tile, ...]
    heads: tuple[tuple[Box, str], ...]


@dataclass(frozen=True)
class _Piece:
    name: str
    share: Share
    href: str
    colours: tuple[str, str]
    cost: str = ""


def draw_map(
    coverage: Coverage, t: Messages, *, width: float, height: float, titles: Mapping[str, str], link: Callable[[TopicFigures], str], rest: str
) -> CoverageMap:
    """The map of coverage that holds a request, in pixels. Topics whose tile would be too small share one with the others of their category,
    which leads to `rest`. `titles` are the categories' names."""
    fewest = coverage.requests * SMALLEST / (width * height)
    groups = _group(coverage, t, fewest=fewest, titles=titles, link=link, rest=rest)
    laid = squarify_groups([[piece.share.whole for piece in pieces] for _, pieces in groups], Box(0, 0, width, height), head=HEAD)
    tiles = tuple(_tile(box, piece, t) for (_, boxes), (_, pieces) in zip(laid, groups, strict=True) for box, piece in zip(boxes, pieces, strict=True))
    heads = tuple(_head(box, boxes, name) for (box, boxes), (name, _) in zip(laid, groups, strict=True))
    return CoverageMap(width, height, tiles, tuple(head for head in heads if head[1]))


def colours_of(share: Share) -> tuple[str, str]:
    """Fill and ink of a share of something."""
    return next((fill, ink) for most, fill, ink in STEPS if share.value <= most)


def _group(
    coverage: Coverage, t: Messages, *, fewest: float, titles: Mapping[str, str], link: Callable[[TopicFigures], str], rest: str
) -> list[tuple[str, list[_Piece]]]:
    """Category's name and its pieces, the largest first; what belongs to no topic last."""
    categories: dict[str, list[TopicFigures]] = defaultdict(list)
    for topic in coverage.topics:
        if topic.requests:
            categories[topic.category].append(topic)
    groups = []
    for category, topics in sorted(categories.items(), key=lambda each: -sum(topic.requests for topic in each[1])):
        small = [topic for topic in topics if topic.requests < fewest]
        single = [topic for topic in topics if topic.requests >= fewest or len(small) == 1]
        pieces = [_Piece(topic.name(t.lang), topic.answered_share, link(topic), colours_of(topic.answered_share), _cost_of(topic, t)) for topic in single]
        if len(small) > 1:
            share = Share(sum(topic.answered for topic in small), sum(topic.requests for topic in small))
            pieces.append(_Piece(t.counted("coverage_more", len(small)), share, rest, colours_of(share)))
        groups.append((titles.get(category, category) or t("coverage_no_article"), pieces))
    if coverage.unplaced:
        share = Share(coverage.unplaced_answered, coverage.unplaced)
        groups.append((t("coverage_unplaced"), [_Piece(t("coverage_unplaced_tile"), share, "", NEUTRAL)]))
    return groups


def _cost_of(topic: TopicFigures, t: Messages) -> str:
    return say_cost(t, topic.cost) if is_missing(topic) else ""


def _tile(box: Box, piece: _Piece, t: Messages) -> Tile:
    room, rows = box.width - 2 * PAD, int((box.height - 2 * PAD) // LINE)
    figures = next((words for words in _ways(piece.share) if BOLD * measure(words) <= room), "") if rows else ""
    lines = wrap(piece.name, width=room, lines=min(rows - bool(figures), 4))
    fill, ink = piece.colours
    return Tile(
        box, piece.name, "\n".join(lines), figures, fill, ink, piece.href,
        requests=say_number(piece.share.whole), answered=say_share(t, piece.share), interval=say_interval(piece.share), cost=piece.cost,
    )  # fmt: skip


def _ways(share: Share) -> Sequence[str]:
    """How a tile says its figures, the longest first."""
    return (f"{share.part}/{share.whole}",) if share.is_few else (f"{share.value:.0%} · {say_number(share.whole)}", f"{share.value:.0%}")


def _head(box: Box, boxes: Sequence[Box], name: str) -> tuple[Box, str]:
    """The strip above a group's tiles; without a name where there is none."""
    strip = boxes[0].top - box.top if boxes else 0.0
    shown = wrap(name, width=box.width - 4, lines=1) if strip else []
    return Box(box.left, box.top, box.width, strip), "".join(shown)
