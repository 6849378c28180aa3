"""A treemap's rectangles: areas in proportion to weights, in groups. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDS = 12


@dataclass(frozen=True)
class Box:
    """A rectangle; `top` counts downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    def below(self, height: float) -> Box:
        """What is left of it below a strip of that height."""
        return Box(self.left, self.top + height, self.width, self.height - height)


def squarify(weights: Sequence[float], box: Box) -> list[Box]:
    """A box for each weight, in their order, which together fill `box`; areas are in proportion to the weights, which are above 0.

    Shapes are kept near squares, the more so if the largest come first: boxes lie in rows along the shorter side, a row growing as long as
    its worst ratio of sides gets better (Bruls, Huizing and van Wijk 2000, Squarified Treemaps, section 3).
    """
    scale = box.area / sum(weights) if weights else 0.0
    areas, boxes = [weight * scale for weight in weights], []
    while areas:
        row = _next_row(areas, min(box.width, box.height))
        placed, box = _lay(row, box)
        boxes += placed
        areas = areas[len(row) :]
    return boxes


def squarify_groups(groups: Sequence[Sequence[float]], box: Box, *, head: float) -> list[tuple[Box, list[Box]]]:
    """For each group its box, and in it, below a strip `head` high, a box for each of its weights. A group too flat for a strip has none.

    Weights of all groups have areas in proportion, mostly exactly and at worst within a tenth: a group gets its strip on top of what its
    weights are worth. How wide its strip is depends on where it lies, so the areas are found in rounds.
    """
    if not groups:
        return []
    totals = [sum(weights) for weights in groups]
    areas, rounds = [total * box.area / sum(totals) for total in totals], []
    for _ in range(_ROUNDS):
        boxes = squarify(areas, box)
        strips = [_strip(one, head) * one.width for one in boxes]
        per_weight = [(one.area - strip) / total for one, strip, total in zip(boxes, strips, totals, strict=True)]
        rounds.append((max(per_weight) / min(per_weight), boxes))
        worth = (box.area - sum(strips)) / sum(totals)
        areas = [(area + total * worth + strip) / 2 for area, total, strip in zip(areas, totals, strips, strict=True)]
    # Where a group changes its place from round to round, they do not settle: the round that is nearest to proportion is taken.
    boxes = min(rounds, key=lambda each: each[0])[1]
    return [(one, squarify(weights, one.below(_strip(one, head)))) for one, weights in zip(boxes, groups, strict=True)]


def _strip(box: Box, head: float) -> float:
    return head if box.height >= 3 * head else 0.0


def _next_row(areas: Sequence[float], side: float) -> list[float]:
    """The first of the areas that make up the next row along `side`."""
    row = [areas[0]]
    for area in areas[1:]:
        if _worst([*row, area], side) > _worst(row, side):
            break
        row.append(area)
    return row


def _worst(row: Sequence[float], side: float) -> float:
    """The largest ratio of sides in a row along `side`."""
    depth = sum(row) / side
    return max(max(depth * depth / area, area / (depth * depth)) for area in row)


def _lay(row: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """The row's boxes along the shorter side of `box`, and what is left of it."""
    upright = box.width >= box.height
    side = box.height if upright else box.width
    depth, start, boxes = sum(row) / side, 0.0, []
    for area in row:
        length = area / depth
        boxes.append(
            Box(box.left, box.top + start, depth, length) if upright else Box(box.left + start, box.top, length, depth)
        )
        start += length
    rest = Box(box.left + depth, box.top, box.width - depth, box.height) if upright else box.below(depth)
    return boxes, rest
